"""The prices of usage: a span in as many calls as its provider takes it in."""

from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from gateway.cost.at import At, Site
from gateway.cost.filters import filter_of, moment
from gateway.cost.given import Args
from gateway.cost.pages import base_of, most_rows, rows_of
from gateway.cost.placement import Base, Placement
from gateway.cost.price import NOTHING, Price, Share
from gateway.lists.conditions import chosen, condition
from gateway.lists.source import MAX_SCANNED_PAGES
from gateway.page import PageRequest
from gateway.upstream.errand import ERRAND, Errand, NotSent
from gateway.usage.rows import MAX_PAGES, is_one_call, split
from gateway.usage.spans import month_of
from gateway.where import UsageWhere
from schema.errors import GatewayError, Unsupported
from schema.usage import Granularity, UsageFilter, UsageGroup

__all__ = ["DATA_USED", "USAGE", "usage_over_accounts"]

MOST_CALLS = 1000
"""Calls that usage of SIMs of one account takes at most where each is asked for its own."""
SIMS_AT_ONCE = 25
"""SIMs asked singly for one page of usage by SIM."""
MOST_COUNTRIES = 260
PERIODS = {Granularity.HOUR: timedelta(hours=1), Granularity.DAY: timedelta(days=1)}


# --- of SIMs -------------------------------------------------------------------------------------------------------


def _share_of_usage(at: At, count: int, args: Args, granularity: Granularity) -> Share:
    """By SIM in a list for each part of the span, else each SIM in a call for each part."""
    calls = at.calls("list_usage")
    where = _where(at, args, granularity)
    if calls is None or where is None:
        return NOTHING
    spans = _spans(at, where)
    by_sim = _spans(at, replace(where, group=UsageGroup.SIM))
    if not spans or not by_sim:
        return NOTHING
    tried = at.tried("list_usage", count, granularity.name)
    rows = _periods(where)
    singly = spans * calls * _pages(at, where)
    if count * spans > MOST_CALLS:
        return Share(tried * by_sim * calls + MOST_CALLS * singly // spans, 0, rows)
    return Share(tried * by_sim * calls, singly, rows)


def _granularity(args: Args) -> Granularity:
    name = args.get("granularity", Granularity.ALL.name)
    return Granularity.__members__.get(name, Granularity.HOUR) if isinstance(name, str) else Granularity.HOUR


def _span_of(args: Args) -> Hashable:
    """`dataUsed` asks what `usage` of the whole span asks."""
    return repr((args.get("since"), args.get("until"))), _granularity(args)


USAGE = Price(
    "usage", lambda at, count, args: _share_of_usage(at, count, args, _granularity(args)), _span_of, is_by_sim=True
)
DATA_USED = Price("usage", USAGE.ask, _span_of, is_by_sim=True)


def _where(at: At, args: Args, granularity: Granularity) -> UsageWhere | None:
    month = month_of(at.account.record.now())
    since = _moment_or(args.get("since"), month[0])
    until = _moment_or(args.get("until"), month[1])
    return (
        None if since is None or until is None or since >= until else UsageWhere(since, until, granularity, sim_id="1")
    )


def _moment_or(given: Any, default: datetime) -> datetime | None:  # Any: JSON
    return default if given is None else moment(given)


def _spans(at: At, where: UsageWhere) -> int:
    """Calls that the span is cut into; 0 where that will be refused."""
    try:
        return len(split(at.account, where))
    except GatewayError:
        return 0


def _periods(where: UsageWhere) -> int:
    """Records that one thing has over the span, at most."""
    period = PERIODS.get(where.granularity)
    return 1 if period is None else ceil((where.until - where.since) / period)


def _pages(at: At, where: UsageWhere) -> int:
    """Pages of one call's answer, as far as one knows how many records there can be."""
    things: int | None = 1
    if where.group is UsageGroup.COUNTRY:
        things = MOST_COUNTRIES
    elif where.group in (UsageGroup.SIM, UsageGroup.FLEET, UsageGroup.NETWORK):
        things = None
    longest = at.provider.usage_span(where)
    piece = (
        where
        if longest is None or where.until - where.since <= longest
        else replace(where, until=where.since + longest)
    )
    most = most_rows(at, "list_usage")
    return MAX_PAGES if things is None else min(MAX_PAGES, 1 + (things * _periods(piece) - 1) // most)


# --- over accounts -------------------------------------------------------------------------------------------------


def usage_over_accounts(site: Site, args: Args) -> list[Placement]:
    """The root field `usage`."""
    first, narrowed = rows_of(args), filter_of(UsageFilter, args.get("filter"))
    if first is None or narrowed is None or not isinstance(narrowed.since, datetime):
        return []
    if not isinstance(narrowed.until, datetime) or narrowed.since >= narrowed.until:
        return []
    bases: dict[str, Base] = {}
    for account in chosen(site.accounts, narrowed)[0]:
        try:
            where = condition(narrowed, account.name)
        except GatewayError:
            return []
        if isinstance(where, UsageWhere) and account.provider.supports("list_usage"):
            at = site.at(account.name)
            bases[account.name] = (
                _by_sim(at, where, first, args) if where.group is UsageGroup.SIM else _summed(at, where)
            )
    return [Placement(bases, first)]


def _summed(at: At, where: UsageWhere) -> Base:
    if where.group is UsageGroup.ACCOUNT:
        where = replace(where, group=None)
    if _is_refused(at, where):
        return Base()
    return Base(_spans(at, where) * _pages(at, where) * at.listed("list_usage", where))


def _by_sim(at: At, where: UsageWhere, first: int, args: Args) -> Base:
    if _is_refused(at, where):
        return _sim_by_sim(at, where, first)
    standing = at.standing("list_usage", args.get("after"))
    if standing.is_over:
        return Base()
    most = most_rows(at, "list_usage")
    checked = at.checked("list_usage", where, most)
    if at.fleets > 1 or not is_one_call(at.account, where):
        return Base(_summed(at, where).fixed + checked)
    size = standing.size or (1 if standing.is_begun else max(1, min(first, most)))
    return base_of(1 + standing.is_begun, at.listed("list_usage", where) + checked, first, size)


def _sim_by_sim(at: At, where: UsageWhere, first: int) -> Base:
    """A page of SIMs, each asked for its own usage; those that used nothing give no row."""
    if where.sim_id or where.fleet_id or where.network_id or where.country:
        return Base()
    single = replace(where, group=None, sim_id="1")
    of_sims = SIMS_AT_ONCE * _spans(at, single) * _pages(at, single) * (at.calls("list_usage") or 0)
    page = at.listed("list_sims") + of_sims
    further = max(0, first - 1) // min(SIMS_AT_ONCE, max(1, first)) * page
    return Base(MAX_SCANNED_PAGES * page, further, further + page)


def _is_refused(at: At, where: UsageWhere) -> bool:
    """Whether its adapter says, before any call, that the provider does not tell usage so. Nothing is sent."""
    before = ERRAND.set(Errand(is_dry=True))
    asking = at.provider.list_usage(where, PageRequest(most_rows(at, "list_usage")))
    try:
        asking.send(None)
    except Unsupported:
        return True
    except (NotSent, GatewayError, StopIteration):
        return False
    finally:
        asking.close()
        ERRAND.reset(before)
    return False
