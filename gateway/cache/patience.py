"""A time limit for answers from outside, which does not blame the other side for a pause of our own."""

from asyncio import Handle, Timeout, get_running_loop, timeout
from types import TracebackType

__all__ = ["Patience"]

TURNS = 5
"""Turns of the event loop that what has arrived takes to be read."""


class Patience:
    """Like `asyncio.timeout_at`, but what has arrived by then is read before the limit is said to be over.

    A loop that was busy finds the answer and the end of the time at once; a plain timeout would then take its own
    pause for the other side's silence.
    """

    def __init__(self, until: float) -> None:
        self._until = until
        self._limit: Timeout = timeout(None)
        self._next: Handle

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()
        self._next = get_running_loop().call_at(self._until, self._over, TURNS)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raises TimeoutError where the time was over."""
        self._next.cancel()
        await self._limit.__aexit__(kind, error, trace)

    def _over(self, turns: int) -> None:
        loop = get_running_loop()
        if turns:
            self._next = loop.call_soon(self._over, turns - 1)
        else:
            self._limit.reschedule(loop.time())
