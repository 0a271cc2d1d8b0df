"""Finding out, from the start and from time to time, what came of writes that dead processes have left."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.store.store import LEASE, StoreGone
from gateway.writes.writer import Writer

__all__ = ["mending"]

log = logging.getLogger("gateway.writes")


@asynccontextmanager
async def mending(writer: Writer, pause: float = LEASE) -> AsyncIterator[None]:
    """For the length of the block; `pause` is in seconds."""
    task = asyncio.create_task(_mend(writer, pause))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _mend(writer: Writer, pause: float) -> None:
    while True:
        try:
            await writer.mend()
        except StoreGone:
            log.debug("the store is gone; what was left behind is looked at later")
        except Exception:
            log.exception("a mistake of ours: what was left behind is not looked at")
        await asyncio.sleep(pause)
