"""Links to a Redis for a test, and somebody who does at that Redis what no link would."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from gateway.cache.stores import RedisLink
from gateway.replicas import Gone

__all__ = ["ECHO", "PATIENT", "do", "is_gone", "linked", "until"]

PATIENT = 30.0
"""Seconds to wait for an answer where the test is not about waiting: the machine may pause."""
ECHO = "return ARGV[1]"


@asynccontextmanager
async def linked(
    url: str, bound: float = PATIENT, *, is_there: bool = True, **options: Any
) -> AsyncIterator[RedisLink]:
    """An open link, closed afterwards. It is up, unless its Redis is not there. Any: as the link takes them."""
    link = RedisLink(url, bound=bound, **options)
    await link.open()
    try:
        if is_there:
            await until(lambda: link.is_up)  # the first attempt fails where the machine stands still
        yield link
    finally:
        await link.aclose()


async def do(url: str, *command: Any) -> Any:
    """One command by a client that has nothing to do with us. Any: each command has its own words and answer."""
    async with Redis.from_url(url) as client:
        return await client.execute_command(*command)


async def until(is_so: Callable[[], bool | Awaitable[bool]], seconds: float = 60.0) -> None:
    """Until it is so; TimeoutError if it does not become so."""
    async with asyncio.timeout(seconds):
        while True:
            told = is_so()
            if told if isinstance(told, bool) else await told:
                return
            await asyncio.sleep(0.01)


async def is_gone(link: RedisLink) -> bool:
    """Whether asking finds nobody."""
    try:
        await link.run(ECHO, [], ["x"])
    except Gone:
        return True
    return False
