"""Cisco's dates: how answers print them and how requests may write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from gateway.providers.cisco_control_center.simulator.refusal import Refusal

__all__ = ["compact_day", "cycle_of", "day_asked", "moment_asked", "printed", "printed_or_null"]

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})")


def printed(moment: datetime) -> str:
    """`2016-07-06 01:31:46.893+0000`: a blank, milliseconds, an offset without colon (Session Details)."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def printed_or_null(moment: datetime | None) -> str | None:
    """The same, or null."""
    return None if moment is None else printed(moment)


def moment_asked(text: str | None) -> datetime:
    """`2016-04-18T17:31:34+00:00` or `...Z`, as searches take it.

    A `+` sent unescaped arrives as a blank and is refused, as Cisco does.

    Raises:
        Refusal: 10000003 when absent or malformed.
    """
    if text is None or not _MOMENT.fullmatch(text):
        raise Refusal("10000003")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal("10000003") from None


def day_asked(text: str) -> date:
    """`2016-11-10Z` or `2016-11-10+00:00`, as usage by zone and by rate plan take it.

    Raises:
        Refusal: 10000003 when malformed; the code for these calls is not published (unverified).
    """
    found = _DAY.fullmatch(text)
    if found is None:
        raise Refusal("10000003")
    try:
        return date.fromisoformat(found.group(1))
    except ValueError:
        raise Refusal("10000003") from None


def compact_day(text: str) -> date:
    """`20240624`, as the newer reports take it.

    Raises:
        Refusal: 10000003 when malformed; the code for these calls is not published (unverified).
    """
    if not re.fullmatch(r"[0-9]{8}", text):
        raise Refusal("10000003")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise Refusal("10000003") from None


def cycle_of(moment: datetime) -> tuple[datetime, datetime]:
    """Start and end (exclusive) of the billing cycle around a moment: the month in UTC (our choice)."""
    start = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)
