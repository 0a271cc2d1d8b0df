"""What a request asks for: a page and a range of days, checked as the documentation says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gateway.providers.wayscloud.simulator.refusal import invalid

__all__ = ["EVENT_TYPES", "Page", "Span", "event_type_asked", "page_asked", "span_asked"]

EVENT_TYPES = ("connection", "disconnection", "network_change", "data_usage_update", "location_update")
"""The event types of the documentation, in its order."""


@dataclass(frozen=True, slots=True)
class Page:
    """At most `limit` rows after the first `offset`."""

    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Span:
    """A range of time, `until` exclusive; None where nothing was asked."""

    since: datetime | None
    until: datetime | None


def page_asked(query: Mapping[str, str], *, status: int) -> Page:
    """`limit` 1..100 (default 50) and `offset` from 0; `status` is the HTTP status of a refusal."""
    limit = _number(query, "limit", 50, "Integer (1-100)", status)
    if not 1 <= limit <= 100:
        raise invalid("limit", str(limit), "Integer (1-100)", status=status)
    offset = _number(query, "offset", 0, "Integer (0 or more)", status)
    if offset < 0:
        raise invalid("offset", str(offset), "Integer (0 or more)", status=status)
    return Page(limit, offset)


def span_asked(query: Mapping[str, str], *, inclusive: bool, status: int) -> Span:
    """`start_date` and `end_date`, days in UTC; `inclusive` tells whether the last day belongs to it."""
    first = _day(query, "start_date", status)
    last = _day(query, "end_date", status)
    if first is not None and last is not None and last < first:
        raise invalid("end_date", last.isoformat(), "A date not before start_date", status=status)
    until = None if last is None else _midnight(last + timedelta(days=1 if inclusive else 0))
    return Span(None if first is None else _midnight(first), until)


def event_type_asked(query: Mapping[str, str], *, status: int) -> str | None:
    """One of `EVENT_TYPES`, or None for all; `all` is the documented default and taken as such."""
    word = query.get("event_type")
    if word is None or word == "all":
        return None
    if word not in EVENT_TYPES:
        raise invalid("event_type", word, "One of " + ", ".join(EVENT_TYPES), status=status)
    return word


def _number(query: Mapping[str, str], name: str, default: int, expected: str, status: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    # int() alone would take "1_0", " 5" and digits of other scripts
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 12):
        raise invalid(name, text[:40], expected, status=status)
    return int(text)


def _day(query: Mapping[str, str], name: str, status: int) -> date | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        # strptime would take one-digit months; fromisoformat alone takes 20251105 and week dates
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or text != day.isoformat() or not date(2000, 1, 1) <= day <= date(2100, 1, 1):
        raise invalid(name, text[:40], "YYYY-MM-DD", status=status)
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
