"""`sim-gateway check`: is the configuration right, does every account answer, can changes be written down, and is Redis
there if it is to be?"""

import argparse
import asyncio
import logging.config
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from gateway.account import OpenAccount
from gateway.audit.log import AUDIT_FILE, AuditGone, AuditLog
from gateway.cache.options import CacheOptions
from gateway.cache.stores import RedisLink
from gateway.commands.application import cache_options, store_options
from gateway.commands.arguments import add_config, add_log_format, read_config_file
from gateway.config import Config
from gateway.deadline import AccountTime, Deadline
from gateway.logs import log_config
from gateway.opening import open_accounts
from gateway.page import PageRequest
from gateway.registry import platforms
from gateway.store.opening import StoreOptions, opened_store
from gateway.store.records import Stage, WriteRecord
from gateway.store.store import StoreGone
from gateway.upstream.errand import ERRAND, Errand
from gateway.where import CommandWhere, EventWhere, FleetWhere, NetworkWhere, SimWhere, Where
from schema.errors import GatewayError, Unsupported

__all__ = ["Finding", "add", "find_out", "run"]

TRIES: tuple[tuple[str, Where], ...] = (
    ("list_sims", SimWhere()),
    ("list_fleets", FleetWhere()),
    ("list_rate_plans", Where()),
    ("list_events", EventWhere()),
    ("list_sms_commands", CommandWhere()),
    ("list_networks", NetworkWhere()),
)
"""Operations that need no id, the first one that an account has is tried for one row."""

ALL_TOGETHER = 120.0
"""Seconds; each account also has its own time limit, 60 at most."""


@dataclass(frozen=True)
class Finding:
    """What came of trying an account, Redis or the store: those are named `[cache]` and `[store]`. `said` is for the
    operator."""

    name: str
    kind: str
    said: str
    is_good: bool = True

    def __str__(self) -> str:
        return f"{self.name}  {self.kind}  {self.said}"


def add(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_log_format(parser)


def run(args: argparse.Namespace) -> int:
    """Say what was found; 1 when an account, Redis or the store failed."""
    config = read_config_file(args.config)
    logging.config.dictConfig(log_config(args.log_format))
    findings = asyncio.run(find_out(config))
    for finding in findings:
        print(finding)
    return 0 if all(finding.is_good for finding in findings) else 1


async def find_out(config: Config) -> list[Finding]:
    """Try Redis, then every account and the store once, all at the same time, within the limits that replicas keep
    together."""
    async with _linked(cache_options(config.cache)) as (link, findings):
        accounts = open_accounts(config.accounts, platforms(), scripts=link)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(_try(account)) for account in accounts.by_name.values()]
                stored = group.create_task(_try_store(store_options(config.store)))
        finally:
            await accounts.aclose()
    return [*(task.result() for task in tasks), *findings, stored.result()]


@asynccontextmanager
async def _linked(options: CacheOptions) -> AsyncIterator[tuple[RedisLink | None, list[Finding]]]:
    """The link to Redis if it can be used, and what came of making it, if there is to be one."""
    if options.redis is None:
        yield None, []
        return
    clock = asyncio.get_running_loop().time
    link, began = RedisLink(options.redis, ca=options.redis_ca, prefix=options.prefix), clock()
    await link.open()
    said = (
        f"ok ({(clock() - began) * 1000:.0f} ms)" if link.is_up else "UNAVAILABLE: it cannot be used; the log says why"
    )
    try:
        yield (link if link.is_up else None), [Finding("[cache]", "redis", said, is_good=link.is_up)]
    finally:
        await link.aclose()


async def _try_store(options: StoreOptions) -> Finding:
    """Open it and the audit log as the gateway does, and write something down that is taken back at once."""
    kind = "sqlite" if options.redis is None else "redis"
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        async with opened_store(options, time.time) as store:
            record = _nothing(uuid4().hex, time.time())
            await store.claim(record)
            await store.release(record.id, record.owner)
        if options.folder is not None:
            async with aclosing(AuditLog(options.folder / AUDIT_FILE)) as audit:
                await audit.open()
    except StoreGone as error:
        return Finding("[store]", kind, f"UNAVAILABLE: {error.message}", is_good=False)
    except AuditGone as error:
        return Finding("[store]", "audit log", f"UNAVAILABLE: {error}", is_good=False)
    return Finding("[store]", kind, f"ok ({(clock() - began) * 1000:.0f} ms)")


def _nothing(id: str, now: float) -> WriteRecord:
    """A write that nobody ordered and nobody does."""
    return WriteRecord(
        id=id,
        fingerprint="",
        likeness=f"check:{id}",
        account="",
        operation="",
        write=b"",
        caller="",
        owner=id,
        stage=Stage.CLAIMED,
        began=now,
    )


async def _try(account: OpenAccount) -> Finding:
    """Within its time limit, its first operation that works without an id."""
    clock = asyncio.get_running_loop().time
    time = AccountTime(account.time_limit, Deadline(ALL_TOGETHER, clock), clock)
    for operation, where in TRIES:
        if not account.provider.supports(operation):
            continue
        began = clock()
        problem = await _problem(account, operation, where, time)
        if isinstance(problem, Unsupported):
            continue
        said = "ok" if problem is None else f"{problem.code.value}: {problem.message}"
        how = f"({operation}, {(clock() - began) * 1000:.0f} ms)"
        return Finding(account.name, account.provider_name, f"{said} {how}", is_good=problem is None)
    return Finding(account.name, account.provider_name, "not tried: it has no operation that needs no id")


async def _problem(account: OpenAccount, operation: str, where: Where, time: AccountTime) -> GatewayError | None:
    """Why the account did not answer; None where it did."""
    try:
        async with time.spending() as end:
            ERRAND.set(Errand(until=end))
            await account.ask(operation, (where, PageRequest(1)))
    except GatewayError as error:
        return error
    return None
