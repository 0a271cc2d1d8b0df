"""The device search: by time of modification, fifty at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from gateway.providers.cisco_control_center.simulator import words
from gateway.providers.cisco_control_center.simulator.dates import moment_asked
from gateway.providers.cisco_control_center.simulator.details import row
from gateway.providers.cisco_control_center.simulator.fleet import Fleet
from gateway.providers.cisco_control_center.simulator.refusal import Refusal

__all__ = ["PAGE_SIZE", "page_asked", "search"]

PAGE_SIZE = 50
_FILTERS = ("accountId", "status", *words.CUSTOM_FIELDS)
_YEAR = timedelta(days=366)
"""A day more than 365, so that "one year ago" is accepted in leap years too (our reading)."""


def search(fleet: Fleet, query: Mapping[str, str], *, total_count: bool) -> dict[str, object]:
    """`GET /devices`: oldest modification first, so that a changed device moves to the end (DevNet).

    Raises:
        Refusal: 10000003, 10000045 or 10002119 for the dates, 10000006 and 7 for the page.
    """
    size, number = page_asked(query)
    found = _matching(fleet, query)
    shown = found[(number - 1) * size : number * size]
    answer: dict[str, object] = {
        "pageNumber": number,
        "lastPage": number * size >= len(found),
        "devices": [row(fleet, index) for index in shown],
    }
    return {**answer, "totalCount": len(found)} if total_count else answer


def page_asked(query: Mapping[str, str]) -> tuple[int, int]:
    """`pageSize` (at most 50, which is the default) and `pageNumber` (from 1).

    Raises:
        Refusal: 10000006 or 10000007 out of range.
    """
    size, number = _count(query.get("pageSize", str(PAGE_SIZE))), _count(query.get("pageNumber", "1"))
    if not 1 <= size <= PAGE_SIZE:
        raise Refusal("10000006")
    if number < 1:
        raise Refusal("10000007")
    return size, number


def _count(text: str) -> int:
    """A number from 0; -1 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else -1


def _matching(fleet: Fleet, query: Mapping[str, str]) -> Sequence[int]:
    now = fleet.world.now()
    since = moment_asked(query.get("modifiedSince"))
    till = moment_asked(query["modifiedTill"]) if "modifiedTill" in query else now
    if since > now:
        raise Refusal("10002119")
    if since < now - _YEAR:
        raise Refusal("10000045")
    found = fleet.modified_between(since, till)
    wanted = [(name, query[name]) for name in _FILTERS if name in query]
    return [index for index in found if all(fleet.value(index, name) == word for name, word in wanted)]
