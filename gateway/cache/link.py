"""The way to the Redis that replicas share: while it is gone nobody waits for it, and it comes back by itself."""

import asyncio
import logging
import random
from asyncio import Future, TaskGroup, get_running_loop, timeout
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from hashlib import sha1
from typing import Any, Protocol

from redis.asyncio import Connection, ConnectionPool
from redis.exceptions import NoScriptError, RedisError, ResponseError

from gateway.cache.connections import Call, Part, call_on, connected
from gateway.cache.lanes import BOUND, Lanes
from gateway.cache.patience import Patience
from gateway.replicas import Gone

__all__ = ["ATTEMPT", "Companion", "Link"]

LANES = 4
"""Connections that questions go over."""
ATTEMPT = 1.0
"""Seconds that each step of coming back may take: nobody waits for it."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two attempts: twice as long each time, up to the longest."""
STEADY = 2.0
"""Seconds after which a link that is up has come back for good."""
PULSE = 1.0
"""Seconds between two looks whether Redis is still there, also when nobody asks."""
MOST_COMPLAINTS = 16
"""Different refusals that are logged between two times that the link comes up."""

PROBE = "return redis.call('SET', KEYS[1], '1', 'PX', 1000)"
"""Asked before the link is up and at every look: it shows that scripts run, and that Redis can be written to."""

log = logging.getLogger(__name__)


class Companion(Protocol):
    """Something that goes on as long as the link is up, on a connection of its own."""

    async def prepare(self, call: Call) -> None:
        """Before the link is up, each time. Where this fails the link stays down."""

    async def follow(self, call: Call) -> None:
        """While the link is up; cancelled when it goes. Where this fails the link goes down."""


class Link:
    """Fulfils `gateway.replicas.Scripts`. It is down until opened, and whenever Redis does not answer in time.

    `name` is what messages call the other end. `bound` is in seconds. `chance` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        pool: ConnectionPool,
        name: str,
        prefix: str,
        bound: float = BOUND,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._pool = pool
        self._name = name
        self._prefix = prefix
        self._chance = chance
        self._bound = bound
        self._lanes = Lanes(bound)
        self._companions: list[Companion] = []
        self._group: TaskGroup
        self._tending: asyncio.Task[None] | None = None
        self._is_ending = False
        self._tried = asyncio.Event()
        self._was_up: bool | None = None
        self._complaints: set[str] = set()

    # --- asking ------------------------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        """Whether Redis answers."""
        return self._lanes.is_open

    def key(self, name: str) -> str:
        """A key's name as it is at Redis: with the deployment's prefix."""
        return f"{self._prefix}:{name}"

    async def run(self, script: str, keys: Sequence[str], args: Sequence[Part]) -> Any:
        """See `Scripts`. Any: each script has its own answer."""
        rest: tuple[Part, ...] = (len(keys), *map(self.key, keys), *args)
        digest = sha1(script.encode(), usedforsecurity=False).hexdigest()
        try:
            return await self._ask("EVALSHA", digest, *rest)
        except NoScriptError:
            return await self._ask("EVAL", script, *rest)

    async def values(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is kept under these keys. Raises Gone."""
        told: list[bytes | None] = await self._ask("MGET", *map(self.key, keys))
        return told

    async def _ask(self, *command: Part) -> Any:  # Any: each command has its own answer
        try:
            return await self._lanes.ask(*command)
        except NoScriptError:
            raise
        except ResponseError as error:
            self._complain(error)
            raise Gone from error

    def _complain(self, error: ResponseError) -> None:
        """Log what is a mistake of ours, once and not at every request."""
        if str(error) not in self._complaints and len(self._complaints) < MOST_COMPLAINTS:
            self._complaints.add(str(error))
            log.error("%s refused a command: %s", self._name, _said(error))

    # --- life --------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Begin, and wait for the first attempt. Raises nothing: without Redis the link is down."""
        self._tending = asyncio.create_task(self._tend())
        await self._tried.wait()

    async def aclose(self) -> None:
        """End everything that was begun."""
        if self._tending is not None:
            self._is_ending = True  # a task group that fails just then swallows the cancellation
            self._tending.cancel()
            await asyncio.gather(self._tending, return_exceptions=True)

    async def join(self, companion: Companion) -> None:
        """Have it go along from now on. When this returns it is prepared, or the link is down."""
        self._companions.append(companion)
        if not self.is_up:
            return
        prepared: Future[None] = get_running_loop().create_future()
        task = self._group.create_task(self._vital(self._take_along(companion, prepared)))
        await asyncio.wait((task, prepared), return_when=asyncio.FIRST_COMPLETED)
        prepared.cancel()

    def leave(self, companion: Companion) -> None:
        """It is not asked along the next time that the link comes back."""
        self._companions.remove(companion)

    async def _tend(self) -> None:
        """Be up, or try to be, until cancelled."""
        clock = get_running_loop().time
        pause = FIRST_PAUSE
        while not self._is_ending:
            since = clock()
            try:
                await self._be_up()
            except Exception as error:  # whatever it was, the link must come back
                self._went(error)
                if self._is_ending:
                    return
            if clock() - since > STEADY:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause * (0.75 + 0.5 * self._chance()))
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _be_up(self) -> None:
        """Connect, and serve until something fails."""
        companions = list(self._companions)
        async with connected(self._pool, LANES + len(companions), ATTEMPT) as connections:
            lanes, others = connections[:LANES], connections[LANES:]
            async with Patience(get_running_loop().time() + self._bound):
                await call_on(lanes[0])("EVAL", PROBE, 1, self.key("probe"))
            calls = [call_on(connection) for connection in others]
            async with timeout(ATTEMPT):
                for companion, call in zip(companions, calls, strict=True):
                    await companion.prepare(call)
            await self._serve(lanes, [each.follow(call) for each, call in zip(companions, calls, strict=True)])

    async def _serve(self, lanes: Sequence[Connection], following: Sequence[Coroutine[Any, Any, None]]) -> None:
        try:
            async with TaskGroup() as self._group:
                self._came()
                for part in (*map(self._lanes.serve, lanes), *following, self._pulse()):
                    self._group.create_task(self._vital(part))
        finally:
            self._lanes.close()

    async def _vital(self, part: Coroutine[Any, Any, None]) -> None:
        """A part without which the link is down, before anybody can notice otherwise."""
        try:
            await part
        except BaseException:
            self._lanes.close()
            raise

    async def _take_along(self, companion: Companion, prepared: Future[None]) -> None:
        async with connected(self._pool, 1, ATTEMPT) as [connection]:
            call = call_on(connection)
            async with timeout(ATTEMPT):
                await companion.prepare(call)
            if not prepared.done():
                prepared.set_result(None)
            await companion.follow(call)

    async def _pulse(self) -> None:
        with suppress(Gone):
            while True:
                await asyncio.sleep(PULSE)
                await self._lanes.ask("EVAL", PROBE, 1, self.key("probe"))

    def _came(self) -> None:
        if self._was_up is False:
            log.info("%s is back", self._name)
        self._was_up = True
        self._complaints.clear()
        self._lanes.open()
        self._tried.set()

    def _went(self, error: Exception) -> None:
        cause = _cause(error)
        is_ours = not isinstance(cause, RedisError | OSError)
        if self._was_up is not False:
            log.warning("%s is gone, this replica goes on alone: %s", self._name, _said(cause))
        if is_ours:
            log.error("a mistake of ours broke the link to %s", self._name, exc_info=error)
        self._was_up = False
        self._tried.set()


def _cause(error: BaseException) -> BaseException:
    """The first of what failed together."""
    return _cause(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def _said(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return (str(error) or type(error).__name__)[:200]
