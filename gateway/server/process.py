"""What lives as long as the process: accounts, cache, the store of writes and, where replicas share one, the link to
Redis."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from gateway.audit.log import AUDIT_FILE, AuditLog
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
from gateway.jobs.jobs import Jobs
from gateway.jobs.parts import Parts
from gateway.lists.cursor import Sealer
from gateway.opening import Accounts
from gateway.replicas import Scripts
from gateway.store.beating import beating
from gateway.store.opening import StoreOptions, opened_store
from gateway.store.store import Store
from gateway.writes.inputs import Rules
from gateway.writes.ledger import Ledger
from gateway.writes.mending import mending
from gateway.writes.writer import Writer
from schema.account import Health

__all__ = ["Open", "ProcessOptions", "opened"]

Open = Callable[[Scripts | None], Accounts]
"""Opens the accounts, given what their limits are shared through."""


@dataclass(frozen=True)
class ProcessOptions:
    """What is configured of it."""

    cache: CacheOptions = CacheOptions()  # noqa: RUF009  frozen
    store: StoreOptions = StoreOptions()  # noqa: RUF009  frozen
    rules: Rules = Rules()  # noqa: RUF009  frozen


@asynccontextmanager
async def opened(
    options: ProcessOptions, open_: Open, sealer: Sealer, now: Callable[[], datetime]
) -> AsyncIterator[Process]:
    """Everything opened, and closed in the other order: first what asks, then what is asked. Jobs that were left behind
    are taken up when they are started, which is not yet."""
    async with AsyncExitStack() as stack:
        store, audit = await _written_down(options.store, now, stack)
        link = await _linked(options.cache, stack)
        accounts = open_(link)
        stack.push_async_callback(accounts.aclose)
        cache = await _remembering(options.cache, accounts, link, now, stack)
        writer = Writer(accounts.by_name, cache, Ledger(store, audit, now), uuid4().hex)
        heart = await stack.enter_async_context(beating(store, writer.owner))
        stack.push_async_callback(writer.aclose)  # before it counts as gone: what ends then is not taken over
        await stack.enter_async_context(mending(writer))
        jobs = Jobs(Parts(store, writer, accounts.by_name, now, random.random))
        stack.push_async_callback(jobs.aclose)
        yield Process(
            accounts=accounts.by_name,
            cache=cache,
            learned=Learned(),
            sealer=sealer,
            now=now,
            health=partial(_health, link),
            is_store_there=lambda: heart.is_heard,
            writer=writer,
            jobs=jobs,
            rules=options.rules,
            scripts=link,
        )


async def _written_down(
    options: StoreOptions, now: Callable[[], datetime], stack: AsyncExitStack
) -> tuple[Store, AuditLog]:
    folder = stack.enter_context(_folder(options.folder))
    store = await stack.enter_async_context(opened_store(replace(options, folder=folder), lambda: now().timestamp()))
    audit = AuditLog(folder / AUDIT_FILE)
    stack.push_async_callback(audit.aclose)
    await audit.open()
    return store, audit


@contextmanager
def _folder(configured: Path | None) -> Iterator[Path]:
    """The configured one, or one that is gone at the end."""
    if configured is not None:
        yield configured
        return
    with TemporaryDirectory(prefix="sim-gateway-", ignore_cleanup_errors=True) as made:
        yield Path(made)


async def _linked(options: CacheOptions, stack: AsyncExitStack) -> RedisLink | None:
    if options.redis is None:
        return None
    link = RedisLink(options.redis, ca=options.redis_ca, prefix=options.prefix)
    stack.push_async_callback(link.aclose)
    await link.open()
    return link


async def _remembering(
    options: CacheOptions,
    accounts: Accounts,
    link: RedisLink | None,
    now: Callable[[], datetime],
    stack: AsyncExitStack,
) -> Cache:
    together = None if link is None else Together(SharedEntries(link), _labels(accounts))
    memory = BoundedMemory(max_entries=options.max_entries, max_bytes=options.max_bytes)
    cache = Cache(Shelf(memory, _windows(options, accounts), now), together)
    stack.push_async_callback(cache.aclose)
    if together is not None:
        await together.follow(cache.drop, cache.drop_all)
        stack.push_async_callback(together.aclose)
    return cache


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
