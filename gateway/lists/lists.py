"""The root lists: a filter, some accounts, one connection."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from gateway.account import OpenAccount
from gateway.calls import Calls
from gateway.kinds import LISTS
from gateway.lists.conditions import check_lengths, chosen, condition, is_named
from gateway.lists.cursor import Positions, Sealer, fingerprint
from gateway.lists.merge import Listing, When, merge
from gateway.lists.source import Source
from gateway.lookup import find_by_iccid
from gateway.page import Page, PageRequest
from gateway.reach.within import within
from gateway.where import FleetWhere, SimWhere, Where
from schema.command import Command
from schema.connection import Connection, Edge, PageInfo, Problem, page_size
from schema.errors import GatewayError, Unsupported
from schema.event import SimEvent
from schema.filters import AccountFilter

__all__ = ["Lists", "call_source", "connection"]

T = TypeVar("T")
FEW_ROWS = 50
MOST_LOOKED_UP = 200
"""Rows of a page each of which may have to be looked up before it is known whether the caller may see it."""
BEFORE_EVERYTHING = datetime(1, 1, 1, tzinfo=UTC)

NEWEST_BY: Mapping[type, When] = {
    Command: lambda command: command.created_at or BEFORE_EVERYTHING,
    SimEvent: lambda event: event.occurred_at,
}
"""The lists that are merged by time; the others take turns."""


class Lists:
    """Answers the root lists of one request."""

    def __init__(self, calls: Calls, sealer: Sealer) -> None:
        self._calls = calls
        self._sealer = sealer

    async def page(self, kind: type[T], filter: AccountFilter, first: int | None, after: str | None) -> Connection[T]:
        """One page over all chosen accounts, with the problems of those that could not answer."""
        wanted = page_size(first)
        check_lengths(filter)
        question = fingerprint(kind.__name__, filter)
        begun = self._sealer.read(question, after) if after else Positions()
        accounts, problems = chosen(self._calls.accounts, filter)
        sources: list[Source[T]] = []
        for account in accounts:
            where = condition(filter, account.name)
            if where is None:
                continue
            able = [each for each in LISTS[kind] if account.provider.supports(each)]
            wheres = within(where, self._calls.fleets(account.name))
            sources += [call_source(self._calls, account, each, one, wanted) for each in able for one in wheres]
            if not able and is_named(filter):
                problems.append(_unable(account, LISTS[kind][0]))
        listing = await merge(sources, begun, wanted, newest_by=NEWEST_BY.get(kind))
        listing.problems[:0] = problems
        return connection(listing, partial(self._sealer.write, question), is_start=not after)


def call_source(calls: Calls, account: OpenAccount, operation: str, where: Where, wanted: int) -> Source[Any]:
    """A list operation of an account as a source; what its provider does not filter by is filtered here."""
    if isinstance(where, SimWhere) and where.iccids and account.provider.supports("find_sim_by_iccid"):
        return _lookups(calls, account, where)
    is_sifted = calls.fleets(account.name) is not None
    leaves_some = account.provider.leaves_some(operation, where) or (is_sifted and isinstance(where, FleetWhere))
    most = account.provider.most_rows(operation)
    if is_sifted and not isinstance(where, SimWhere | FleetWhere):
        most = min(most, MOST_LOOKED_UP)

    async def fetch(request: PageRequest) -> Page[Any]:
        page: Page[Any] = await calls.ask(account.name, operation, where, request)
        return page

    return Source(
        _name(account.name, operation, where if is_sifted else None),
        fetch,
        size=most if leaves_some else _rows_to_ask(wanted, most),
        keep=where.matches,
        keeps_all=not leaves_some,
    )


def _name(account: str, operation: str, where: Where | None) -> str:
    """The lists of several fleets are lists of their own."""
    fleet = where.fleet_id if isinstance(where, SimWhere) else None
    return f"{account}/{operation}" if fleet is None else f"{account}/{operation}/{fleet}"


def _rows_to_ask(wanted: int, most: int) -> int:
    """What is wanted, and no less than a few more where rows are cheap: the size of a list's pages stays what the
    first one was, and the next page asked of us may be larger."""
    return min(most, max(wanted, FEW_ROWS)) if most >= FEW_ROWS else max(1, min(wanted, most))


def _lookups(calls: Calls, account: OpenAccount, where: SimWhere) -> Source[Any]:
    """SIMs by ICCID: one lookup each is always fewer calls than reading the account's list to its end."""

    async def fetch(_request: PageRequest) -> Page[Any]:
        found = await asyncio.gather(*(find_by_iccid(calls, account.name, each) for each in sorted(where.iccids)))
        return Page([sim for sim in found if sim is not None])

    return Source(f"{account.name}/find_sim_by_iccid", fetch, size=len(where.iccids), keep=where.matches)


def connection(listing: Listing[T], seal: Callable[[Positions], str], *, is_start: bool) -> Connection[T]:
    """A listing in Relay's form. The count is told where it is known: all lists tell theirs, or all was read."""
    edges = [Edge(node=row.item, place=partial(seal, row.positions)) for row in listing.rows]
    is_all = is_start and not listing.has_more and not listing.problems and not listing.is_partial
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=listing.has_more,
            start_cursor=seal(listing.rows[0].positions) if listing.rows else None,
            end_cursor=seal(listing.positions) if listing.positions.places else None,
        ),
        total_count=len(edges) if is_all else listing.total,
        problems=[Problem.of(error) for error in [*listing.problems, *listing.footnotes]],
    )


def _unable(account: OpenAccount, operation: str) -> GatewayError:
    note = account.provider.notes.get(operation, "the provider's API has no such operation")
    return Unsupported(note).at(account.name, operation)
