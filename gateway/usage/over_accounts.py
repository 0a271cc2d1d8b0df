"""Usage over accounts: added up as asked, or told SIM by SIM."""

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import partial

from gateway.account import OpenAccount
from gateway.calls import Calls
from gateway.lists.conditions import check_lengths, chosen, condition, is_named
from gateway.lists.cursor import Place, Positions, Sealer, fingerprint
from gateway.lists.lists import connection
from gateway.lists.merge import Listing, Row, merge
from gateway.lists.source import Source
from gateway.page import Page, PageRequest
from gateway.reach.within import within
from gateway.usage.rows import all_rows, is_one_call, nameless
from gateway.usage.spans import Span, aligned
from gateway.usage.sums import grouped, is_nothing, nothing, total
from gateway.where import SimWhere, UsageWhere
from schema.connection import Connection, page_size
from schema.errors import GatewayError, Unsupported
from schema.sim import Sim
from schema.usage import Granularity, UsageFilter, UsageGroup, UsageRecord

__all__ = ["AccountUsage"]

SIMS_AT_ONCE = 25
"""SIMs asked singly for one page of usage by SIM, where a provider has no list of it."""
IN_MEMORY = "usage"
"""The name in cursors of a list that is added up here."""


class AccountUsage:
    """Answers the root field `usage`, for one request."""

    def __init__(self, calls: Calls, sealer: Sealer) -> None:
        self._calls = calls
        self._sealer = sealer

    async def page(self, filter: UsageFilter, first: int | None, after: str | None) -> Connection[UsageRecord]:
        """One page of usage, added up as asked, with the problems of accounts that are not in it."""
        wanted = page_size(first)
        check_lengths(filter)
        span = aligned((filter.since, filter.until), filter.granularity)
        question = fingerprint("usage", filter)
        begun = self._sealer.read(question, after) if after else Positions()
        accounts, problems = chosen(self._calls.accounts, filter)
        asked: list[tuple[OpenAccount, UsageWhere]] = []
        for account in accounts:
            where = condition(filter, account.name)
            if not isinstance(where, UsageWhere):
                continue
            if account.provider.supports("list_usage"):
                asked.append((account, where))
            elif is_named(filter) or filter.group_by is not UsageGroup.SIM:
                problems.append(_unable(account))
        if filter.group_by is UsageGroup.SIM:
            sources = [self._by_sim(account, where, wanted) for account, where in asked]
            listing = await merge(sources, begun, wanted)
        else:
            listing = await self._added_up(asked, filter, span, begun, wanted)
        listing.problems[:0] = problems
        return connection(listing, partial(self._sealer.write, question), is_start=not after)

    def _by_sim(self, account: OpenAccount, where: UsageWhere, wanted: int) -> Source[UsageRecord]:
        """Usage by SIM as the provider pages it; what it takes several lists to tell is added up first."""
        fleets = self._calls.fleets(account.name)
        wheres = within(where, fleets)
        at_once = len(wheres) == 1 and is_one_call(account, where)
        most = account.provider.most_rows("list_usage")

        async def fetch(request: PageRequest) -> Page[UsageRecord]:
            try:
                if not at_once:
                    rows = await all_rows(self._calls, account, where)
                    return Page(_sums(rows, where.granularity, UsageGroup.SIM, (where.since, where.until)))
                page: Page[UsageRecord] = await self._calls.ask(account.name, "list_usage", wheres[0], request)
            except Unsupported as unsupported:
                return await self._sim_by_sim(account, where, request, unsupported)
            return page if fleets is None else replace(page, items=nameless(page.items, where))

        size = max(1, min(wanted, most)) if at_once else most
        return Source(f"{account.name}/list_usage", fetch, size=size)

    async def _sim_by_sim(
        self, account: OpenAccount, where: UsageWhere, request: PageRequest, unsupported: Unsupported
    ) -> Page[UsageRecord]:
        """A page of SIMs, each asked for its usage: for providers that tell usage of one SIM only."""
        if where.sim_id or where.fleet_id or where.network_id or where.country:
            raise unsupported
        few = PageRequest(min(request.size, SIMS_AT_ONCE), request.token)
        sims: Page[Sim] = await self._calls.ask(account.name, "list_sims", SimWhere(), few)
        singly = [replace(where, group=None, sim_id=sim.native_id) for sim in sims.items]
        found = await asyncio.gather(*(all_rows(self._calls, account, each) for each in singly))
        rows = [row for each in found for row in each if not is_nothing(row)]
        return Page(rows, sims.next, broken=sims.broken, in_place_of=sims.in_place_of)

    async def _added_up(
        self,
        asked: Sequence[tuple[OpenAccount, UsageWhere]],
        filter: UsageFilter,
        span: Span,
        begun: Positions,
        wanted: int,
    ) -> Listing[UsageRecord]:
        found = await asyncio.gather(*(self._try_rows(account, where) for account, where in asked))
        problems = [each for each in found if isinstance(each, GatewayError)]
        rows = [row for each in found if isinstance(each, list) for row in each]
        return _slice(_sums(rows, filter.granularity, filter.group_by, span), begun, wanted, problems)

    async def _try_rows(self, account: OpenAccount, where: UsageWhere) -> list[UsageRecord] | GatewayError:
        if where.group is UsageGroup.ACCOUNT:
            where = replace(where, group=None)
        try:
            rows = await all_rows(self._calls, account, where)
        except GatewayError as error:
            return error.at(account.name, "list_usage")
        if not rows and where.group is None and where.granularity is Granularity.ALL:
            return [nothing(account.name, where.sim_id, (where.since, where.until))]
        return rows


def _sums(rows: list[UsageRecord], granularity: Granularity, group: UsageGroup | None, span: Span) -> list[UsageRecord]:
    """One record for each period and thing told apart, oldest first."""
    is_whole = granularity is Granularity.ALL

    def identity(record: UsageRecord) -> Hashable:
        period = None if is_whole else (record.period_start, record.period_end)
        match group:
            case None:
                return period
            case UsageGroup.COUNTRY:
                return period, record.country
            case _:
                return period, record.account_names, record.sim_id, record.fleet_id, record.network_id

    sums = [total(each, span if is_whole else None) for each in grouped(rows, identity)]
    return sorted(sums, key=lambda record: (str(record.period_start), record.account_names))


def _slice(
    sums: list[UsageRecord], begun: Positions, wanted: int, problems: list[GatewayError]
) -> Listing[UsageRecord]:
    start = begun.places[IN_MEMORY].offset if IN_MEMORY in begun.places else 0

    def behind(count: int) -> Positions:
        return Positions({IN_MEMORY: Place(size=0, offset=start + count)})

    chosen_rows = sums[start : start + wanted]
    rows = [Row(record, behind(index + 1)) for index, record in enumerate(chosen_rows)]
    return Listing(rows, behind(len(rows)), start + wanted < len(sums), problems, total=len(sums))


def _unable(account: OpenAccount) -> GatewayError:
    note = account.provider.notes.get("list_usage", "the provider's API tells no usage by span")
    return Unsupported(note).at(account.name, "list_usage")
