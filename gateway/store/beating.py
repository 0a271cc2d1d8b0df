"""Saying that this process is alive, for as long as it is."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from gateway.store.store import LEASE, Store, StoreGone

__all__ = ["Heart", "beating"]

PAUSE = LEASE / 3
"""Seconds between two beats: one may be lost."""
PURGING = 3600.0
"""Seconds between two times that what is too old is dropped."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def beating(store: Store, owner: str, pause: float = PAUSE, purging: float = PURGING) -> AsyncIterator["Heart"]:
    """The process of this name is alive from before the block begins until it ends, as far as the store can be
    reached; what is too old is dropped meanwhile. Both times are in seconds."""
    heart = Heart(store, owner)
    await heart.beat()
    tasks = [asyncio.create_task(heart.go_on(pause)), asyncio.create_task(_purge(store, purging))]
    try:
        yield heart
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(StoreGone):
            await store.leave(owner)


class Heart:
    """Says so, and knows whether it was heard."""

    def __init__(self, store: Store, owner: str) -> None:
        self._store = store
        self._owner = owner
        self._is_lost = False

    @property
    def is_heard(self) -> bool:
        """Whether the store could be reached the last time."""
        return not self._is_lost

    async def go_on(self, pause: float) -> None:
        while True:
            await asyncio.sleep(pause)
            await self.beat()

    async def beat(self) -> None:
        """Once. Losing the store and finding it again is logged, each once."""
        try:
            await self._store.beat(self._owner)
        except StoreGone as error:
            if not self._is_lost:
                log.warning("nothing can be changed, as %s", error)
            self._is_lost = True
        except Exception:
            log.exception("a mistake of ours: this process cannot say that it is alive")
        else:
            if self._is_lost:
                log.info("the store is back")
            self._is_lost = False


async def _purge(store: Store, pause: float) -> None:
    while True:
        try:
            await store.purge()
        except StoreGone:
            log.debug("the store is gone; what is too old stays until later")
        except Exception:
            log.exception("a mistake of ours: what is too old stays in the store")
        await asyncio.sleep(pause)
