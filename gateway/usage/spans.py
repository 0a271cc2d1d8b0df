"""Spans of time: the running month, alignment, and cutting into pieces a provider allows."""

import datetime as dt
from collections.abc import Iterator

from gateway.lists.conditions import in_order
from schema.errors import Invalid
from schema.usage import Granularity

__all__ = ["Span", "aligned", "month_of", "pieces"]

Span = tuple[dt.datetime, dt.datetime]
"""[since, until) in UTC."""


def month_of(now: dt.datetime) -> Span:
    """The UTC month a moment is in."""
    first = now.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first + dt.timedelta(days=32)).replace(day=1)


def aligned(span: Span, granularity: Granularity) -> Span:
    """The span itself. Raises Invalid when it is empty or cuts through an hour or day that it is to be divided by."""
    in_order(*span)
    for moment in span:
        if moment.microsecond:
            raise Invalid("since and until must be whole seconds", path=["since", "until"])
        if granularity is Granularity.DAY and moment.time() != dt.time():
            raise Invalid("granularity DAY: since and until must be UTC midnights", path=["since", "until"])
        if granularity is Granularity.HOUR and (moment.minute or moment.second):
            raise Invalid("granularity HOUR: since and until must be whole UTC hours", path=["since", "until"])
    return span


def pieces(span: Span, longest: dt.timedelta | None) -> Iterator[Span]:
    """The span as a row of spans none of which is longer than `longest`."""
    since, until = span
    while longest is not None and until - since > longest:
        yield since, since + longest
        since += longest
    yield since, until
