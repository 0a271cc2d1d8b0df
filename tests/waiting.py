"""Waiting in a test until something is so, which only a failing test does for long; and trying it once more."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from tests.command_line import PATIENCE

__all__ = ["in_some_round", "until", "until_true"]

T = TypeVar("T")

STEP = 0.01
ROUNDS = 5


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


async def in_some_round(attempt: Callable[[], Awaitable[T]]) -> T:
    """What comes of the first attempt whose assertions hold; where none does, the failure of the last.

    For what holds only while the machine does not stand still, and not for what must hold always.
    """
    for _ in range(ROUNDS - 1):
        with suppress(AssertionError):
            return await attempt()
    return await attempt()
