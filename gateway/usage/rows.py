"""Usage rows of one account: a span in legal calls, every page of each, of the fleets that may be seen."""

import asyncio
from dataclasses import replace

from gateway.account import OpenAccount
from gateway.calls import Calls
from gateway.page import Page, PageRequest
from gateway.reach.within import within
from gateway.usage.spans import pieces
from gateway.where import UsageWhere
from schema.errors import Invalid, ScanLimit
from schema.usage import UsageGroup, UsageRecord

__all__ = ["MAX_PAGES", "MAX_SPANS", "all_rows", "is_one_call", "nameless", "split"]

MAX_PAGES = 20
"""Provider pages read for one sum of one account; with more the account is left out, never half counted."""
MAX_SPANS = 24
"""Calls that one span may be cut into; the longest history of any provider here, 18 months, takes 18."""


def split(account: OpenAccount, where: UsageWhere) -> list[UsageWhere]:
    """The same question in spans that the provider takes. Raises Invalid where they would be too many."""
    longest = account.provider.usage_span(where)
    if longest is not None and (where.until - where.since) / longest > MAX_SPANS:
        raise Invalid(
            f"since, until: more than {MAX_SPANS} calls of {longest.days} days each; ask for a shorter span",
            path=["since", "until"],
        ).at(account.name, "list_usage")
    spans = pieces((where.since, where.until), longest)
    return [replace(where, since=since, until=until) for since, until in spans]


def is_one_call(account: OpenAccount, where: UsageWhere) -> bool:
    """Whether the provider takes the whole span at once."""
    longest = account.provider.usage_span(where)
    return longest is None or where.until - where.since <= longest


async def all_rows(calls: Calls, account: OpenAccount, where: UsageWhere) -> list[UsageRecord]:
    """Every row of a span. Raises GatewayError when one call of it fails: a part of a sum is no sum."""
    fleets = calls.fleets(account.name)
    pieces = [piece for each in within(where, fleets) for piece in split(account, each)]
    found = await asyncio.gather(*(_piece(calls, account, piece) for piece in pieces))
    rows = [row for rows in found for row in rows]
    return rows if fleets is None else nameless(rows, where)


def nameless(rows: list[UsageRecord], where: UsageWhere) -> list[UsageRecord]:
    """The rows without a fleet that only we asked about: a part of a sum must not give its name to the whole."""
    if where.fleet_id is not None or where.group is UsageGroup.FLEET:
        return rows
    return [row if row.fleet_id is None else replace(row, fleet_id=None) for row in rows]


async def _piece(calls: Calls, account: OpenAccount, where: UsageWhere) -> list[UsageRecord]:
    request = PageRequest(account.provider.most_rows("list_usage"))
    rows: list[UsageRecord] = []
    for _ in range(MAX_PAGES):
        page: Page[UsageRecord] = await calls.ask(account.name, "list_usage", where, request)
        rows += page.items
        if page.in_place_of is not None and not page.items:
            raise page.in_place_of  # that there was nothing once says nothing of now
        if page.broken is not None:
            raise page.broken.at(account.name, "list_usage")
        if page.next is None:
            return rows
        request = PageRequest(request.size, page.next)
    raise ScanLimit(f"the sum needs more than {MAX_PAGES} pages; ask for a shorter span or fewer groups").at(
        account.name, "list_usage"
    )
