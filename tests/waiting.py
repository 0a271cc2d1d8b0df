"""Waiting in a test until something is so, which only a failing test does for long."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.command_line import PATIENCE

__all__ = ["until", "until_true"]

STEP = 0.01


async def until(is_so: Callable[[], bool]) -> None:
    """Until it is so; TimeoutError if it does not come about."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110  what is waited for happens in another process or library
            await asyncio.sleep(STEP)


async def until_true(is_so: Callable[[], Awaitable[bool]]) -> None:
    """The same for what must be asked."""
    async with asyncio.timeout(PATIENCE):
        while not await is_so():  # noqa: ASYNC110  as above
            await asyncio.sleep(STEP)
