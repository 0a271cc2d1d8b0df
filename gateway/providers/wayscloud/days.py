"""Spans of time in the days that Global SIM filters by, taken to be days in UTC: every time it writes is."""

import datetime as dt

from schema.errors import Unsupported

__all__ = ["SESSION_LEAD", "billed", "covering", "lately"]

SESSION_LEAD = dt.timedelta(days=7)
"""How long before a span a session that still ran in it may have begun: they are found by their start (inferred)."""

EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Nothing is older than this; a date that is need not be put to the provider."""

BEHIND = dt.timedelta(minutes=5)
"""How far the clock that says "until now" may be behind the one here."""

DAY = dt.timedelta(days=1)
TICK = dt.timedelta(microseconds=1)
Asked = list[tuple[str, str]]


def covering(
    since: dt.datetime | None,
    until: dt.datetime | None,
    now: dt.datetime,
    *,
    is_end_inclusive: bool,
    lead: dt.timedelta = dt.timedelta(),
) -> Asked:
    """The days that [since - lead, until) touches, which may say more than was asked but never less.

    An end that is not over yet is left out: nothing happens later than now.
    """
    asked = []
    if since is not None:
        asked.append(("start_date", _day(max(since, EARLIEST + lead) - lead).isoformat()))
    if until is not None and until <= now:
        asked.append(("end_date", _end(_day(max(until, EARLIEST + DAY) - TICK), is_end_inclusive)))
    return asked


def lately(count: int, now: dt.datetime, *, is_end_inclusive: bool) -> Asked:
    """Today and so many days before it."""
    return [("start_date", (_day(now) - count * DAY).isoformat()), ("end_date", _end(_day(now), is_end_inclusive))]


def billed(since: dt.datetime, until: dt.datetime, now: dt.datetime, *, is_end_inclusive: bool) -> Asked | None:
    """The days of a bill that is exactly [since, until), where an end that is not over yet is its day's.

    None for a span that has not begun: there is no bill of it. Raises Unsupported when a day would be cut: when an end
    is neither a midnight nor now, or five minutes from it.
    """
    if not _is_midnight(since) or (until < now - BEHIND and not _is_midnight(until)):
        raise Unsupported(
            "the provider adds usage up by whole days: since and until must be UTC midnights, "
            "or until must not be over yet"
        )
    if since > now:
        return None
    last = _day(now if until > now else until - TICK)
    return [("start_date", _day(since).isoformat()), ("end_date", _end(last, is_end_inclusive))]


def _end(last: dt.date, is_inclusive: bool) -> str:
    return (last if is_inclusive else last + DAY).isoformat()


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(dt.UTC).date()


def _is_midnight(moment: dt.datetime) -> bool:
    return moment.astimezone(dt.UTC).time() == dt.time()
