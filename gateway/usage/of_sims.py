"""Usage of SIMs: each one's own records, for many SIMs at once."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.account import OpenAccount
from gateway.batch.plan import ListRead, Planner
from gateway.page import Page, PageRequest
from gateway.usage.rows import all_rows, split
from gateway.usage.spans import aligned, month_of
from gateway.usage.sums import grouped, nothing, total
from gateway.where import OfSim, UsageWhere
from schema.context import Answers
from schema.errors import GatewayError, ScanLimit, Unsupported
from schema.ids import Key
from schema.usage import Granularity, UsageGroup, UsageRecord, UsageSpan, ZoneUsage

__all__ = ["SimUsage"]

MAX_CALLS = 1000
"""Calls that usage of one page of SIMs may take where it must be asked SIM by SIM."""
Told = list[UsageRecord] | GatewayError | None
"""A SIM's records, why they could not be had, or None where they are unknown."""


class SimUsage:
    """Answers the usage relations of SIMs, for one request."""

    def __init__(self, planner: Planner, now: Callable[[], datetime]) -> None:
        self._planner = planner
        self._calls = planner.calls
        self._now = now

    async def of_sims(self, sims: Sequence[Key], asked: UsageSpan) -> Answers[list[UsageRecord]]:
        """Each SIM's records. None where the provider tells no usage by span at all."""
        month = month_of(self._now())
        span = aligned((asked.since or month[0], asked.until or month[1]), asked.granularity)
        where = UsageWhere(*span, asked.granularity)
        by_account = {name: [sim for sim in sims if sim.account == name] for name in {sim.account for sim in sims}}
        found = await asyncio.gather(*(self._of_account(name, keys, where) for name, keys in by_account.items()))
        answers = {sim: answer for each in found for sim, answer in each.items()}
        return [answers[sim] for sim in sims]

    async def _of_account(self, name: str, sims: list[Key], where: UsageWhere) -> dict[Key, Any]:
        account = self._calls.accounts[name]
        if not account.provider.supports("list_usage"):
            return dict.fromkeys(sims)
        try:
            spans = len(split(account, where))
            read = await self._read_by_sim(account, where, len(set(sims)))
        except GatewayError as error:
            return dict.fromkeys(sims, error)
        if isinstance(read, GatewayError):
            return dict.fromkeys(sims, read)
        answers: dict[Key, Any] = {}
        if read is not None:
            answers = _shared_out(account, sims, read, where) if read.is_whole else {}
        missing = [sim for sim in dict.fromkeys(sims) if sim not in answers]
        if len(missing) * spans > MAX_CALLS:
            limit = ScanLimit(f"more than {MAX_CALLS} calls; ask for fewer SIMs or a shorter span")
            return answers | dict.fromkeys(missing, limit.at(name, "list_usage"))
        found = await asyncio.gather(*(self._of_sim(account, sim, where) for sim in missing))
        return answers | dict(zip(missing, found, strict=True))

    async def _read_by_sim(
        self, account: OpenAccount, where: UsageWhere, sims: int
    ) -> ListRead[UsageRecord] | GatewayError | None:
        """The account's usage by SIM in as many lists as the span needs, where that is fewer calls and possible."""
        by_sim = replace(where, group=UsageGroup.SIM)
        reads = [
            await self._planner.read_list(
                account.name, "list_usage", piece, sims, shape=where.granularity.name, of_shown=True
            )
            for piece in split(account, by_sim)
        ]
        if any(isinstance(read, Unsupported) for read in reads) or None in reads:
            return None
        whole = ListRead[UsageRecord]([], is_whole=True)
        for read in reads:
            if isinstance(read, GatewayError):
                return read
            if read is not None:
                old = whole.in_place_of or read.in_place_of
                whole = ListRead(whole.items + read.items, whole.is_whole and read.is_whole, old)
        return whole

    async def _of_sim(self, account: OpenAccount, sim: Key, where: UsageWhere) -> Told:
        try:
            rows = await all_rows(self._calls, account, replace(where, sim_id=sim.native_id))
        except GatewayError as error:
            return error
        return _told(account, sim, rows, where)

    async def cycle_of(self, sims: Sequence[Key]) -> Answers[UsageRecord]:
        """Each SIM's usage in its running billing cycle."""

        async def of(sim: Key) -> UsageRecord | GatewayError | None:
            if not self._calls.accounts[sim.account].provider.supports("load_cycle_usage"):
                return None
            told: UsageRecord | GatewayError | None = await self._calls.try_ask(
                sim.account, "load_cycle_usage", sim.native_id
            )
            return told

        return await asyncio.gather(*(of(sim) for sim in sims))

    async def zones_of(self, sims: Sequence[Key]) -> Answers[list[ZoneUsage]]:
        """Each SIM's usage by rating zone."""

        async def of(sim: Key) -> list[ZoneUsage] | GatewayError | None:
            provider = self._calls.accounts[sim.account].provider
            if not provider.supports("list_zone_usage"):
                return None
            request = PageRequest(provider.most_rows("list_zone_usage"))
            page: Page[ZoneUsage] | GatewayError = await self._calls.try_ask(
                sim.account, "list_zone_usage", OfSim(sim.native_id), request
            )
            if isinstance(page, GatewayError):
                return page
            return page.items or page.in_place_of or []

        return await asyncio.gather(*(of(sim) for sim in sims))


def _shared_out(
    account: OpenAccount, sims: list[Key], read: ListRead[UsageRecord], where: UsageWhere
) -> dict[Key, Told]:
    """Each SIM's part of a whole list. That an old list leaves a SIM out is as old as the list."""
    rows = {group[0].sim_id: group for group in grouped(read.items, lambda record: record.sim_id)}
    old = next((record for record in read.items if record.stale), None)

    def part(sim: Key) -> Told:
        told = _told(account, sim, rows.get(sim.native_id, []), where)
        if told is None or sim.native_id in rows:
            return told
        if old is None or not told:
            return read.in_place_of or told
        return [replace(each, as_of=old.as_of, stale=True, stale_reason=old.stale_reason) for each in told]

    return {sim: part(sim) for sim in sims}


def _told(account: OpenAccount, sim: Key, rows: list[UsageRecord], where: UsageWhere) -> list[UsageRecord] | None:
    if not rows and not account.provider.absent_usage_is_zero:
        return None
    if where.granularity is not Granularity.ALL:
        return sorted(rows, key=lambda row: str(row.period_start))
    span = (where.since, where.until)
    record = total(rows, span) if rows else nothing(sim.account, sim.native_id, span)
    record.sim_id = sim.native_id
    return [record]
