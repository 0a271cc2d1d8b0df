"""Reading and writing a store that may be gone for a while: nothing of a job is lost by that."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.store.store import Overtaken, StoreGone

__all__ = ["insisted"]

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds between tries."""

log = logging.getLogger("gateway.jobs")


async def insisted(work: Callable[[], Awaitable[T]]) -> T:
    """What it gives once the store is there. Everything a job asks of the store can be asked again.

    Raises Overtaken.
    """
    pause = FIRST_PAUSE
    while True:
        try:
            return await work()
        except Overtaken:
            raise
        except StoreGone as error:
            log.warning("a job waits for the store: %s", error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
