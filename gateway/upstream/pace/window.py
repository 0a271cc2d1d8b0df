"""The exact guard: in any window of time no more calls arrive than allowed."""

from collections import deque

__all__ = ["Window"]


class Window:
    """The calls that run, and those that ended less than a window ago.

    A place in the window is free again one window after the call that held it *ended*: the provider counts when
    calls arrive, which is some time between our beginning and our end, so this is never faster than allowed.
    """

    __slots__ = ("_ended", "running", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.running = 0
        self._ended: deque[float] = deque()

    def begin(self) -> None:
        self.running += 1

    def end(self, now: float) -> None:
        self.running -= 1
        self._ended.append(now)

    def undo(self) -> None:
        """A call that never began."""
        self.running -= 1

    def used(self, now: float) -> int:
        """Places that are not free."""
        self._forget(now)
        return self.running + len(self._ended)

    def wait(self, now: float, calls: int, ahead: int = 0) -> float:
        """Seconds until one of `calls` places can be free, after `ahead` others have taken theirs. What depends on a
        call that still runs cannot be free before a whole window is over."""
        missing = self.used(now) + ahead + 1 - calls
        if missing <= 0:
            return 0.0
        return self._ended[missing - 1] + self.seconds - now if missing <= len(self._ended) else self.seconds

    def free_in(self, now: float) -> float:
        """Seconds until every place is free again, if nothing more is asked."""
        return max(0.0, self._ended[-1] + self.seconds - now) if self._ended else 0.0

    def _forget(self, now: float) -> None:
        while self._ended and self._ended[0] + self.seconds <= now:
            self._ended.popleft()
