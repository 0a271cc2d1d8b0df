"""How the store talks to Redis: a few connections, five seconds for an answer, and nothing is asked twice."""

import asyncio
import logging
from asyncio import Task
from collections.abc import Awaitable, Coroutine
from hashlib import sha1
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as NotConnected

from gateway.store.store import StoreGone

__all__ = ["Part", "RedisCalls"]

MOST_CONNECTIONS = 16
PATIENCE = 5.0
"""Seconds for a connection, for an answer, and for a connection to be free."""
GLANCE = 1.0
"""Seconds for a look at how Redis is set up."""
MOST_COMPLAINTS = 16
"""Different refusals that are logged."""

Part = str | int | float | bytes
"""A word of a command."""
T = TypeVar("T")

REASONS: tuple[tuple[type[Exception], str], ...] = (
    (OutOfMemoryError, "Redis has no memory left"),
    (ReadOnlyError, "Redis can only be read"),
    (NoPermissionError, "Redis does not allow it"),
    (AuthenticationError, "Redis does not let the gateway in"),
    (ResponseError, "Redis refused a command"),
    (NotConnected, "Redis cannot be reached"),
    (OSError, "Redis cannot be reached"),
)
NO_ANSWER = "Redis does not answer"

log = logging.getLogger(__name__)


class RedisCalls:
    """Commands and scripts. `prefix` stands before every key. Raises ValueError for what is no URL of a Redis."""

    def __init__(self, url: str, *, ca: str | None, prefix: str) -> None:
        self.prefix = f"{prefix}:store:"
        tls = {"ssl_ca_certs": ca} if url.startswith("rediss:") else {}
        self._pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
            url,
            max_connections=MOST_CONNECTIONS,
            timeout=PATIENCE,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            **tls,
        )
        place = self._pool.connection_kwargs
        self._name = f"Redis at {place.get('host', 'localhost')}:{place.get('port', 6379)}"
        self._redis = Redis(connection_pool=self._pool)
        self._under_way: set[Task[Any]] = set()  # Any: each has its own answer
        self._is_closed = False
        self._complaints: set[str] = set()

    async def run(self, script: str, *args: Part) -> Any:  # Any: each script has its own answer
        """The script's answer. Raises StoreGone, and then nobody knows whether it happened."""
        return await self._whole(self._run(script, args))

    async def call(self, *command: Part) -> Any:  # Any: each command has its own answer
        """The answer to one command. Raises StoreGone, as above."""
        return await self._whole(self._call(*command))

    async def look(self) -> None:
        """Warn once of a Redis that may lose what it was told. One that is not there, or does not tell, is let be."""
        try:
            async with asyncio.timeout(GLANCE):
                saves = await self._setting("appendonly")
                policy, memory = await self._setting("maxmemory-policy"), await self._setting("maxmemory")
        except (RedisError, OSError):
            return
        if saves == b"no":
            log.warning(
                "%s keeps no log (appendonly no): what is to be done once may be done twice after it", self._name
            )
        if policy not in (None, b"noeviction") and memory not in (None, b"0"):
            log.warning("%s drops what it likes when memory is short: give it maxmemory-policy noeviction", self._name)

    async def aclose(self) -> None:
        """What is under way ends first."""
        self._is_closed = True
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._redis.aclose()
        await self._pool.disconnect()

    async def _whole(self, asking: Coroutine[Any, Any, T]) -> T:  # Any: what coroutines have
        """Whoever is cancelled waits for the end: whoever tidies up after it comes behind it."""
        if self._is_closed:
            asking.close()
            raise StoreGone("the store is closed")
        task = asyncio.create_task(self._safely(asking))
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError:
            await asyncio.wait((task,))
            raise
        return task.result()

    def _ended(self, task: Task[Any]) -> None:  # Any: as above
        self._under_way.discard(task)
        task.exception()  # nobody may be left to look at it

    async def _safely(self, asking: Awaitable[T]) -> T:
        try:
            return await asking
        except (RedisError, OSError) as error:
            if isinstance(error, ResponseError):
                self._complain(error)
            reason = next((words for kind, words in REASONS if _is(error, kind)), NO_ANSWER)
            raise StoreGone(f"the store cannot be used: {reason}") from error

    async def _run(self, script: str, args: tuple[Part, ...]) -> Any:  # Any: as above
        digest = sha1(script.encode(), usedforsecurity=False).hexdigest()
        try:
            return await self._call("EVALSHA", digest, 1, self.prefix, *args)
        except NoScriptError:  # it was not run
            return await self._call("EVAL", script, 1, self.prefix, *args)

    async def _call(self, *command: Part) -> Any:  # Any: as above
        return await self._redis.execute_command(*command)  # type: ignore[no-untyped-call]  # redis tells no types here

    async def _setting(self, name: str) -> bytes | None:
        try:
            told = await self._redis.config_get(name)
        except ResponseError:
            return None
        value = next(iter(told.values()), None)
        return value.encode() if isinstance(value, str) else value

    def _complain(self, error: ResponseError) -> None:
        """Log what is a mistake of ours or of whoever set it up, once and not each time."""
        if str(error) not in self._complaints and len(self._complaints) < MOST_COMPLAINTS:
            self._complaints.add(str(error))
            log.error("%s refused a command: %s", self._name, str(error)[:200])


def _is(error: Exception, kind: type[Exception]) -> bool:
    """The system's timeout is an OSError, and not one of not being reached."""
    return isinstance(error, kind) and not isinstance(error, TimeoutError)
