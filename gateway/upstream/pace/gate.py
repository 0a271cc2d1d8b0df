"""Whether one more call may begin in this process: all guards of an account together, with no clock of their own."""

from math import inf

from gateway.upstream.pace.bucket import Bucket
from gateway.upstream.pace.limits import Limits
from gateway.upstream.pace.throttle import Throttle
from gateway.upstream.pace.window import Window

__all__ = ["RAISED_EVERY", "Gate", "Hold", "period_of"]

RAISED_EVERY = 10.0
"""Seconds between two steps up after throttling, where no window is counted."""


def period_of(limits: Limits) -> float:
    """Seconds without a complaint after which a throttled account is asked a little more."""
    return RAISED_EVERY if limits.calls is None else limits.window


class Hold:
    """What this process may use at most in the first time alone, when others' calls of before still count."""

    __slots__ = ("calls", "calls_until", "concurrency", "concurrency_until")

    def __init__(self, calls: int, calls_until: float, concurrency: int, concurrency_until: float) -> None:
        self.calls = calls
        self.calls_until = calls_until
        self.concurrency = concurrency
        self.concurrency_until = concurrency_until


class Gate:
    """Counts this process' calls, always, and says when the next may begin, by the limits it has now."""

    def __init__(self, limits: Limits, throttle: Throttle, now: float) -> None:
        self._throttle = throttle
        self._window = Window(limits.window)
        self._bucket = Bucket(limits.rate, limits.most_together, now)
        self._limits: Limits | None = limits
        self._hold: Hold | None = None
        self._factor = 1.0
        self._calls = limits.calls
        self._concurrency = limits.concurrency

    @property
    def is_closed(self) -> bool:
        """Whether this process has no part of the account at all."""
        return self._limits is None

    @property
    def running(self) -> int:
        return self._window.running

    def enter(self, now: float) -> bool:
        """Begin a call, if one may begin now."""
        if self.is_full(now) or self.wait(now) > 0:
            return False
        self._bucket.take(now)
        self._window.begin()
        return True

    def admit(self) -> None:
        """Begin a call that somebody else has allowed."""
        self._window.begin()

    def leave(self, now: float) -> None:
        """A call has ended."""
        if self._calls is None:
            self._window.undo()
        else:
            self._window.end(now)

    def give_back(self, now: float) -> None:
        """A call never began, and its place was not used."""
        self._window.undo()
        self._bucket.put_back(now)

    def is_full(self, now: float) -> bool:
        """Whether as many run as may run at once, so that somebody has to leave first."""
        self._adjust(now)
        hold = self._hold
        if hold is not None and now < hold.concurrency_until and self._window.running >= hold.concurrency:
            return True
        return self._window.running >= self._concurrency

    def wait(self, now: float, ahead: int = 0) -> float:
        """Seconds before which no call can begin, after `ahead` others have begun; how long calls take not counted."""
        self._adjust(now)
        pause = self._throttle.pause(now)
        if self._calls is None:
            return pause
        seconds = max(pause, self._bucket.wait(now, ahead), self._window.wait(now, self._calls, ahead))
        hold = self._hold
        if hold is not None and now < hold.calls_until:
            seconds = max(seconds, min(self._window.wait(now, hold.calls, ahead), hold.calls_until - now))
        return seconds

    def held_for(self, now: float) -> float:
        """Seconds until a full gate has more room without anybody leaving; infinite where it never has."""
        hold = self._hold
        return hold.concurrency_until - now if hold is not None and now < hold.concurrency_until else inf

    def used(self, now: float) -> int:
        """Places of the window that are not free."""
        return self._window.used(now)

    def remaining(self, now: float) -> int | None:
        """Calls of the window that are left; None where only concurrency is limited."""
        self._adjust(now)
        return None if self._calls is None else max(0, self._calls - self.used(now))

    def free_in(self, now: float) -> float:
        """Seconds until every place of the window is free again, if nothing more is asked."""
        return self._window.free_in(now)

    def change(self, limits: Limits | None, now: float, tokens: float | None = None, hold: Hold | None = None) -> None:
        """Go on with other limits (None: with none at all), at most so many tokens, and a hold for the first time."""
        self._limits, self._hold = limits, hold
        self._apply(self._throttle.factor(now), now, tokens)

    def _adjust(self, now: float) -> None:
        if self._factor == 1 and self._throttle.is_calm(now):
            return
        factor = self._throttle.factor(now)
        if factor != self._factor:
            self._apply(factor, now, None)

    def _apply(self, factor: float, now: float, tokens: float | None) -> None:
        self._factor = factor
        limits = self._limits
        if limits is None:
            self._concurrency = 0
            return
        if limits.calls is None:
            self._concurrency = max(1, int(limits.concurrency * factor))
            return
        self._concurrency = limits.concurrency
        self._calls = max(1, int(limits.calls * factor))
        self._bucket.change(limits.rate * factor, max(1.0, limits.most_together * factor), now, tokens)
