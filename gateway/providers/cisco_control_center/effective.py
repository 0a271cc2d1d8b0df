"""When a change is to take effect: `effectiveDate`, from what a caller writes to what Control Center reads."""

import datetime as dt
import re
from typing import Annotated

import msgspec

from gateway.upstream.extra import OF_SIM
from schema.errors import Invalid

__all__ = ["FARTHEST", "effective_date"]

FARTHEST = dt.timedelta(days=180)
"""How far ahead it may lie (Cisco DevNet, Edit Device Details)."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]


def effective_date(text: str, now: dt.datetime) -> str:
    """An RFC 3339 date-time, or a date, which is the beginning of that day in UTC; in Cisco's form.

    Raises Invalid for anything else, for the past, and for more than 180 days ahead.
    """
    value, today = _read(text), now.astimezone(dt.UTC)
    last = today + FARTHEST
    match value:
        case dt.datetime() if today <= value <= last:
            return f"{value.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}+00:00"
        case dt.datetime() | None:
            raise _wrong(text, last)
        case dt.date() if today.date() <= value <= last.date():
            return f"{value}Z"
    raise _wrong(text, last)


def _read(text: str) -> dt.date | dt.datetime | None:
    kind = dt.date if _DAY.fullmatch(text) else _Moment
    try:
        return msgspec.convert(text, kind)
    except msgspec.ValidationError:
        return None


def _wrong(text: str, last: dt.datetime) -> Invalid:
    message = (
        "extra.effectiveDate: allowed: a date, or a date and time with its offset, not in the past and at most "
        f"{FARTHEST.days} days ahead ({last:%Y-%m-%dT%H:%M:%SZ}); found {text[:40]!r}"
    )
    return Invalid(message, path=[*OF_SIM, "effectiveDate"])
