"""What was used in the last minute, second by second: a bounded book for each thing that is counted."""

from array import array

__all__ = ["MINUTE", "SPAN", "Window"]

MINUTE = 60
"""Seconds in which no more than so much may be used."""
SPAN = MINUTE + 1
"""Whole seconds that are counted: a minute that ends in the middle of one begins in the middle of another."""

_EMPTY = array("Q", bytes(8 * SPAN))


class Window:
    """A count for each of the last seconds; what was used in one comes free when a minute after it is over.

    So in no minute, whenever it begins, is more used than allowed, and what is used is counted a second too long at
    most. Call `advance` before all else.
    """

    __slots__ = ("_counts", "_second", "used")

    def __init__(self, now: float) -> None:
        self._counts = _EMPTY[:]
        self._second = int(now)
        self.used = 0

    @property
    def second(self) -> int:
        """In which what is used now is counted."""
        return self._second

    def advance(self, now: float) -> None:
        """Let go of what was used more than a minute ago. A clock that goes back stands still here."""
        for second in range(max(self._second, int(now) - SPAN) + 1, int(now) + 1):
            self.used -= self._counts[second % SPAN]
            self._counts[second % SPAN] = 0
        self._second = max(self._second, int(now))

    def add(self, count: int) -> None:
        """Use something."""
        self._counts[self._second % SPAN] += count
        self.used += count

    def give_back(self, second: int, count: int) -> None:
        """Something that was counted in this second was not used; where that is over it is free already."""
        if second <= self._second - SPAN:
            return
        back = min(count, self._counts[second % SPAN])
        self._counts[second % SPAN] -= back
        self.used -= back

    def wait(self, now: float, limit: int, want: int) -> float:
        """Seconds until so much more can be used within the limit; 0 where it can be now."""
        missing = self.used + want - limit
        if missing <= 0:
            return 0.0
        for second in range(self._second - SPAN + 1, self._second + 1):
            missing -= self._counts[second % SPAN]
            if missing <= 0:
                return second + SPAN - now
        return float(SPAN)

    def free_in(self, now: float) -> float:
        """Seconds until all is free again, if nothing more is used."""
        for second in range(self._second, self._second - SPAN, -1):
            if self._counts[second % SPAN]:
                return second + SPAN - now
        return 0.0
