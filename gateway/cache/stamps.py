"""What an answer says about itself: whose it is, from when, and why it is old."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gateway.page import Page
from schema.errors import GatewayError
from schema.usage import UsageRecord

__all__ = ["mark_stale", "stamp", "things_in"]


def things_in(answer: object) -> Iterator[Any]:  # Any: things of every type
    """The things an answer is made of."""
    if isinstance(answer, Page):
        yield from answer.items
    elif answer is not None:
        yield answer


def stamp(answer: object, account: str, as_of: datetime) -> None:
    """Say of everything in it whose it is and when it was given."""
    for thing in things_in(answer):
        if isinstance(thing, UsageRecord):
            thing.account_names = (account,)
        elif hasattr(thing, "account_name"):
            thing.account_name = account
        if hasattr(thing, "as_of"):
            thing.as_of = as_of


def mark_stale(answer: object, reason: str, failure: GatewayError | None = None) -> None:
    """Say of everything in it that it is old, and why; a page also keeps the failure that it stands in for."""
    for thing in things_in(answer):
        if hasattr(thing, "stale"):
            thing.stale, thing.stale_reason = True, reason
    if isinstance(answer, Page):
        answer.in_place_of = failure
