"""Questions to Redis: those of one moment go in one round trip, and none waits long."""

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import Iterable
from contextlib import aclosing
from typing import Any, NamedTuple

from redis.asyncio import Connection
from redis.exceptions import ResponseError

from gateway.cache.connections import Command, Part, ask_all
from gateway.cache.patience import Patience
from gateway.replicas import Gone

__all__ = ["BOUND", "Lanes"]

BOUND = 0.05
"""Seconds that an answer may take."""
MOST_AT_ONCE = 256
"""Questions in one round trip."""
MOST_WAITING = 10_000
"""Questions that wait for a connection to be free; there is no answer to one more."""


class _Asked(NamedTuple):
    command: Command
    answer: Future[Any]  # each command has its own
    since: float


class Lanes:
    """Each lane is one connection, which carries one round trip at a time; whatever is asked meanwhile goes next."""

    def __init__(self, bound: float = BOUND) -> None:
        self.is_open = False
        self._bound = bound
        self._waiting: deque[_Asked] = deque()
        self._idle: list[Future[None]] = []

    async def ask(self, *command: Part) -> Any:  # Any: each command has its own answer
        """The answer to one command. Raises Gone when there is none in time, and ResponseError where it is refused."""
        if not self.is_open or len(self._waiting) >= MOST_WAITING:
            raise Gone
        loop = get_running_loop()
        asked = _Asked(command, loop.create_future(), loop.time())
        self._waiting.append(asked)
        if len(self._waiting) == 1:
            self._wake()
        return await asked.answer

    def open(self) -> None:
        """Let questions come."""
        self.is_open = True

    def close(self) -> None:
        """From now on nobody waits; who did is told."""
        self.is_open = False
        _tell_gone(self._waiting)
        self._waiting.clear()

    async def serve(self, connection: Connection) -> None:
        """Be a lane, until cancelled. Raises RedisError or OSError when there is no answer in time."""
        while True:
            batch = self._next()
            if batch:
                await self._carry(connection, batch)
            else:
                await self._rest()

    async def _carry(self, connection: Connection, batch: list[_Asked]) -> None:
        """One round trip."""
        # Our own pauses before this are not the server's: it has at least half of the time.
        until = max(batch[0].since + self._bound, get_running_loop().time() + self._bound / 2)
        try:
            async with Patience(until), aclosing(ask_all(connection, [asked.command for asked in batch])) as answers:
                waiting = iter(batch)
                async for answer in answers:
                    _tell(next(waiting).answer, answer)
        finally:
            _tell_gone(batch)

    def _next(self) -> list[_Asked]:
        """Those who go next; who has left meanwhile stays behind."""
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
        if self._waiting:
            self._wake()
        return [asked for asked in batch if not asked.answer.done()]

    async def _rest(self) -> None:
        woken: Future[None] = get_running_loop().create_future()
        self._idle.append(woken)
        try:
            await woken
        finally:
            if woken in self._idle:
                self._idle.remove(woken)

    def _wake(self) -> None:
        """One is enough: it takes all who come until it runs. One that is being ended takes nothing more."""
        while self._idle:
            woken = self._idle.pop()
            if not woken.done():
                woken.set_result(None)
                return


def _tell(asker: Future[Any], answer: Any) -> None:  # Any: each command has its own answer
    if asker.done():
        return
    if isinstance(answer, ResponseError):
        asker.set_exception(answer)
    else:
        asker.set_result(answer)


def _tell_gone(askers: Iterable[_Asked]) -> None:
    for asked in askers:
        if not asked.answer.done():
            asked.answer.set_exception(Gone())
