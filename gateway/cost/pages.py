"""How many calls it takes to read so many rows of one account's list."""

from enum import Enum
from typing import Any

from gateway.cost.at import At
from gateway.cost.given import Args
from gateway.cost.placement import Base
from gateway.lists.source import MAX_SCANNED_PAGES
from gateway.where import SimWhere, Where
from schema.connection import DEFAULT_FIRST, MAX_FIRST
from schema.iccid import other_form

__all__ = ["base_of", "lookups", "most_rows", "pages", "rows_of"]

FEW_ROWS = 50
"""As `gateway.lists` asks: no fewer rows than that where rows are cheap."""
MOST_LOOKED_UP = 200
"""As there: rows of a page each of which may have to be looked up before it is known whether the caller may see it."""
OTHER_WORDS = 2
"""A status may be several of a provider's words, each a search of its own that ends in a page that is not full."""
LOOKED_UP = 20
"""SIMs a page has at most, and calls that it takes more, where what is to match is told of one SIM at a time."""


def rows_of(args: Args) -> int | None:
    """`first`; None where it will be refused."""
    first: Any = args.get("first", DEFAULT_FIRST)  # Any: JSON
    if first is None:
        return DEFAULT_FIRST
    if isinstance(first, bool) or not isinstance(first, int | float):
        return None
    return int(first) if 0 <= first <= MAX_FIRST else None


def pages(at: At, operation: str, where: Where, args: Args) -> Base:
    """Reading the rows that are asked for of a list; none where its provider has no such list.

    What the provider does not filter by is filtered here, over at most so many pages beyond those that are good. A
    cursor goes on with pages as they were, perhaps in the middle of one.
    """
    first, standing = rows_of(args) or 0, at.standing(operation, args.get("after"))
    if standing.is_over or at.calls(operation) is None:
        return Base()
    most, calls = most_rows(at, operation), at.listed(operation, where)
    is_watched = at.is_watched(operation, where)
    if is_watched and operation != "list_fleets":
        most = min(most, MOST_LOOKED_UP)
    is_sifted = at.provider.leaves_some(operation, where)
    size = standing.size or (most if is_sifted else _rows_to_ask(first, most))
    if standing.is_begun and standing.size is None:
        size = min(size, FEW_ROWS if most >= FEW_ROWS else 1)  # at worst
    if is_sifted and _is_looked_up(at, operation, where):
        size, calls = min(size, LOOKED_UP), calls + LOOKED_UP * max(1, at.fleets)
    calls += at.checked(operation, where, size)
    sure = 1 + standing.is_begun
    if is_sifted or is_watched or _is_vague(where):
        sure = MAX_SCANNED_PAGES
    elif isinstance(where, SimWhere) and where.status:
        sure += OTHER_WORDS
    return base_of(sure, calls, first, size)


def base_of(sure: int, calls: int, first: int, size: int) -> Base:
    """So many pages in any case, and one more for each `size` rows of those asked for."""
    further = max(0, first - 1)  # rows that are given before a list is read on
    return Base(sure * calls, further // size * calls, -(-further * calls // size))


def lookups(at: At, where: Where) -> int | None:
    """Calls to find SIMs by their ICCIDs, each in both its forms; None where that is not how they are found."""
    calls = at.calls("find_sim_by_iccid")
    if calls is None or not isinstance(where, SimWhere) or not where.iccids:
        return None
    return calls * sum(1 if other_form(each) is None else 2 for each in where.iccids)


def most_rows(at: At, operation: str) -> int:
    return max(1, at.provider.most_rows(operation))


def _rows_to_ask(wanted: int, most: int) -> int:
    return min(most, max(wanted, FEW_ROWS)) if most >= FEW_ROWS else max(1, min(wanted, most))


def _is_looked_up(at: At, operation: str, where: Where) -> bool:
    """Whether it is about what rows that tell only some fields may leave out."""
    is_untold = not where.conditions.isdisjoint({"status", "name"})
    return is_untold and operation == "list_sims" and at.provider.has_partial_rows


def _is_vague(where: Where) -> bool:
    """Whether it wants what no provider has a word for, so that rows are looked at here."""
    values = (each for value in vars(where).values() if isinstance(value, frozenset) for each in value)
    return any(isinstance(each, Enum) and each.name == "UNKNOWN" for each in values)
