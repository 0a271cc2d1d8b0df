"""Lines for the log about those who are not let in: a few a second, however many come."""

import logging
from collections.abc import Callable

__all__ = ["Complaints"]

MOST_A_SECOND = 5

log = logging.getLogger("gateway.auth")


class Complaints:
    """Tells some of what it is told, and then how many it did not. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._second = -1
        self._told = 0
        self._untold = 0

    def tell(self, reason: str) -> None:
        """Log why somebody was not let in."""
        second = int(self._clock())
        if second != self._second:
            self._second, self._told = second, 0
        if self._told == MOST_A_SECOND:
            self._untold += 1
            return
        self._told += 1
        before, self._untold = self._untold, 0
        log.warning("not let in: %s%s", reason, f" (and {before} more before)" if before else "")
