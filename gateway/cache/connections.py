"""Single connections to Redis, and what goes over them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from redis.asyncio import Connection, ConnectionPool
from redis.exceptions import NoPermissionError, OutOfMemoryError, ReadOnlyError, RedisError, ResponseError

__all__ = ["Call", "Command", "Part", "ask_all", "call_on", "connected"]

LEAVE = 0.1
"""Seconds that the other side has to take leave."""

USELESS = (ReadOnlyError, OutOfMemoryError, NoPermissionError)
"""Refusals that say nothing about the command but that no other would fare better."""

Part = str | int | float | bytes
"""A word of a command."""
Command = tuple[Part, ...]
Call = Callable[..., Awaitable[Any]]
"""One command: `call("GET", key)`. Any: each command has its own answer."""


@asynccontextmanager
async def connected(pool: ConnectionPool, count: int, within: float) -> AsyncIterator[list[Connection]]:
    """So many connections made as the pool makes them, all within so many seconds. Raises RedisError or OSError."""
    connections: list[Connection] = [
        pool.make_connection()  # type: ignore[no-untyped-call]  # redis tells no types here
        for _ in range(count)
    ]
    try:
        async with asyncio.timeout(within):
            for connection in connections:
                await connection.connect()  # type: ignore[no-untyped-call]  # nor here
        yield connections
    finally:
        await asyncio.gather(*map(_close, connections))


def call_on(connection: Connection) -> Call:
    """Commands one by one, for as long as each takes. Raises RedisError or OSError."""

    async def call(*command: Part) -> Any:  # Any: see Call
        await connection.send_command(*command, check_health=False)
        return await connection.read_response()

    return call


async def ask_all(connection: Connection, commands: Sequence[Command]) -> AsyncGenerator[Any, None]:
    """Commands in one round trip: the answer to each, in their order; the refusal of one is its answer, a
    ResponseError. Raises RedisError or OSError when the server can be used no more. Any: see Call."""
    await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
    for _ in commands:
        try:
            answer = await connection.read_response()
        except USELESS:
            raise
        except ResponseError as error:
            answer = error
        yield answer


async def _close(connection: Connection) -> None:
    with suppress(RedisError, OSError):
        async with asyncio.timeout(LEAVE):
            await connection.disconnect()
