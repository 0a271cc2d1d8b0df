"""How long a request may take, and how much of that each account may use up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from schema.errors import TimedOut

__all__ = ["AccountTime", "Deadline", "DeadlineOver"]

Clock = Callable[[], float]


class DeadlineOver(TimedOut):
    """The request's own time is over, which says nothing about the account."""


class Deadline:
    """The moment by which a request must have its answer."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self.at = clock() + seconds
        self.seconds = seconds


class AccountTime:
    """The time one account may hold up one request: it runs only while a call to the account is under way.

    So a slow account delays an answer by no more than its limit, and an account that answered quickly does not pay
    for the slow one that kept the request waiting.
    """

    def __init__(self, limit: float, deadline: Deadline, clock: Clock) -> None:
        self._limit = limit
        self._left = limit
        self._deadline = deadline
        self._clock = clock
        self._under_way = 0
        self._since = 0.0

    @asynccontextmanager
    async def spending(self) -> AsyncIterator[float]:
        """Run a call within what is left; given is when that ends, in the event loop's time.

        Raises TimedOut, saying which limit ended it.
        """
        if self._under_way == 0:
            self._since = self._clock()
        own_end = self._since + self._left
        self._under_way += 1
        try:
            end = min(own_end, self._deadline.at)
            async with asyncio.timeout_at(end):
                yield end
        except TimeoutError:
            raise self._timed_out(own_end) from None
        finally:
            self._under_way -= 1
            if self._under_way == 0:
                self._left -= self._clock() - self._since

    def _timed_out(self, own_end: float) -> TimedOut:
        if own_end <= self._deadline.at:
            return TimedOut(f"the account did not answer within its {self._limit:g} s of this request")
        return DeadlineOver(f"the request's {self._deadline.seconds:g} s are over")
