"""The store that a configuration asks for, opened and closed."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.store.redis import RedisStore
from gateway.store.sqlite import SqliteStore
from gateway.store.store import Store

__all__ = ["StoreOptions", "opened_store"]


@dataclass(frozen=True)
class StoreOptions:
    """A Redis by its URL, with the file of the authority that vouches for it and what stands before its keys; else
    the folder of the embedded store; without both one that is gone at the end. The URL may hold a password."""

    folder: Path | None = None
    redis: str | None = field(default=None, repr=False)
    redis_ca: str | None = None
    prefix: str = "sim-gateway"


@asynccontextmanager
async def opened_store(options: StoreOptions, now: Callable[[], float]) -> AsyncIterator[Store]:
    """The store, open. `now` is seconds since 1970, UTC.

    Raises StoreGone where the embedded one cannot be used. A Redis that is not there raises nothing here: it may come
    later, and what only reads goes on without it.
    """
    store: RedisStore | SqliteStore
    if options.redis is not None:
        store = RedisStore(options.redis, now, ca=options.redis_ca, prefix=options.prefix)
        await store.open()
        try:
            yield store
        finally:
            await store.aclose()
    elif options.folder is not None:
        async with _embedded(options.folder, now) as store:
            yield store
    else:
        with TemporaryDirectory(prefix="sim-gateway-", ignore_cleanup_errors=True) as folder:
            async with _embedded(Path(folder), now) as store:
                yield store


@asynccontextmanager
async def _embedded(folder: Path, now: Callable[[], float]) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(folder, now)
    await store.open()
    try:
        yield store
    finally:
        await store.aclose()
