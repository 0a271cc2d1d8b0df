"""What lives as long as the process: accounts, cache and, where replicas share one, the link to Redis."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial

from gateway.batch.plan import Learned
from gateway.cache.cache import Cache
from gateway.cache.labels import Labels
from gateway.cache.options import CacheOptions
from gateway.cache.shared import SharedEntries
from gateway.cache.shelf import Shelf
from gateway.cache.stores import BoundedMemory, RedisLink
from gateway.cache.together import Together
from gateway.cache.windows import Windows
from gateway.context import Process
from gateway.lists.cursor import Sealer
from gateway.opening import Accounts
from gateway.replicas import Scripts
from schema.account import Health

__all__ = ["Open", "opened"]

Open = Callable[[Scripts | None], Accounts]
"""Opens the accounts, given what their limits are shared through."""


@asynccontextmanager
async def opened(
    options: CacheOptions, open_: Open, sealer: Sealer, now: Callable[[], datetime]
) -> AsyncIterator[Process]:
    """Everything opened, and closed in the other order: first what asks, then what is asked."""
    async with AsyncExitStack() as stack:
        link = None
        if options.redis is not None:
            link = RedisLink(options.redis, ca=options.redis_ca, prefix=options.prefix)
            stack.push_async_callback(link.aclose)
            await link.open()
        accounts = open_(link)
        stack.push_async_callback(accounts.aclose)
        together = None if link is None else Together(SharedEntries(link), _labels(accounts))
        memory = BoundedMemory(max_entries=options.max_entries, max_bytes=options.max_bytes)
        shelf = Shelf(memory, _windows(options, accounts), now)
        cache = Cache(shelf, together)
        stack.push_async_callback(cache.aclose)
        if together is not None:
            await together.follow(cache.drop, cache.drop_all)
            stack.push_async_callback(together.aclose)
        yield Process(accounts.by_name, cache, Learned(), sealer, now, partial(_health, link))


def _health(link: RedisLink | None) -> dict[str, str]:
    """Which store there is, and how it is doing where it may be gone."""
    if link is None:
        return {"store": "memory"}
    return {"store": "redis", "redis": (Health.UP if link.is_up else Health.DOWN).value}


def _labels(accounts: Accounts) -> Labels:
    return Labels({name: account.label for name, account in accounts.by_name.items()})


def _windows(options: CacheOptions, accounts: Accounts) -> dict[str, Windows]:
    """Each account's own windows before those of all accounts."""
    return {
        name: Windows({**options.fresh, **account.fresh}, {**options.stale, **account.stale})
        for name, account in accounts.by_name.items()
    }
