"""Which SIMs there are. No public source has a list of them, so it is gathered from the two places that name SIMs.

The bill names every SIM with a subscription; the feed names every SIM something happened to, and its device.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.providers.wayscloud.days import lately
from gateway.providers.wayscloud.together import together
from gateway.providers.wayscloud.wire import WireActivity, WireBill
from gateway.upstream.client import Client, Params
from gateway.upstream.read import digits, msisdn, text

__all__ = ["BILL_DAYS", "FEED_DAYS", "FEED_PAGES", "MOST_ROWS", "Inventory", "Seen", "after", "gathered"]

MOST_ROWS = 100
"""Rows a page of the provider's lists may have (documented)."""
BILL_DAYS = 365
"""Days that the bill is asked for, so that it names SIMs whose subscription has ended, too."""
FEED_DAYS = 30
"""Days of the feed that are read."""
FEED_PAGES = 5
"""Pages of it, at most: newest first, so the SIMs that are in use are met first."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a bill or the feed tells of a SIM."""

    msisdn: str | None = None
    device_id: str | None = None


@dataclass(frozen=True)
class Inventory:
    """SIMs by ICCID. `is_whole`: the feed was read to its end, so that nothing it has is missing."""

    sims: dict[str, Seen]
    is_whole: bool


async def gathered(client: Client, now: dt.datetime, *, is_end_inclusive: bool) -> Inventory:
    """Everything the year's bill and the newest pages of the feed tell. Two calls, at most six."""
    year = lately(BILL_DAYS, now, is_end_inclusive=is_end_inclusive)
    [first_day, _] = lately(FEED_DAYS, now, is_end_inclusive=is_end_inclusive)
    bill, feed = await together([_billed(client, year), _in_feed(client, first_day)])
    sims = dict(feed.sims)
    for iccid, billed in bill.sims.items():
        seen = sims.get(iccid, Seen())
        sims[iccid] = Seen(seen.msisdn or billed.msisdn, seen.device_id)
    return Inventory(sims, feed.is_whole)


def after(iccids: Sequence[str], token: str | None, size: int) -> tuple[Sequence[str], str | None]:
    """The ICCIDs of a page, and the token of the next: the last ICCID, so that a SIM that comes or goes between two
    pages moves no other over their border."""
    start = bisect_right(iccids, token) if token else 0
    page = iccids[start : start + size]
    return page, page[-1] if start + size < len(iccids) else None


async def _billed(client: Client, year: Params) -> Inventory:
    bill = await client.get("sims/billing", WireBill, year)
    found = {iccid: Seen(msisdn(line.msisdn)) for line in bill.by_sim if (iccid := digits(line.iccid))}
    return Inventory(found, is_whole=True)


async def _in_feed(client: Client, since: tuple[str, str]) -> Inventory:
    """Events that arrive meanwhile push rows onto the next page, where they are met again: none is missed."""
    found: dict[str, Seen] = {}
    offset = 0
    for _ in range(FEED_PAGES):
        asked = [since, ("limit", str(MOST_ROWS)), ("offset", str(offset))]
        page = await client.get("sims/activity", WireActivity, asked)
        for event in page.activity:
            if iccid := digits(event.iccid):
                found.setdefault(iccid, Seen(msisdn(event.msisdn), text(event.device_id)))
        offset += len(page.activity)
        is_end = len(page.activity) < MOST_ROWS if page.total is None else offset >= page.total
        if is_end or not page.activity:
            return Inventory(found, is_end)
    return Inventory(found, is_whole=False)
