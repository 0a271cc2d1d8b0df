"""Many lists read as one: fairly in turns, or by time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from gateway.lists.cursor import Place, Positions
from gateway.lists.source import Reader, Source
from schema.errors import GatewayError

__all__ = ["Listing", "Row", "merge"]

T = TypeVar("T")
When = Callable[[Any], datetime]
"""The time a thing is ordered by. Any: each kind of list has its own."""


@dataclass
class Row(Generic[T]):
    """A thing, and where all lists stand behind it."""

    item: T
    positions: Positions


@dataclass
class Listing(Generic[T]):
    """A page over several lists. `positions` is where to go on, also when nothing was found."""

    rows: list[Row[T]]
    positions: Positions
    has_more: bool
    problems: list[GatewayError]
    total: int | None
    footnotes: list[GatewayError] = field(default_factory=list)
    """Failures that an old page stands in place of: nothing is missing because of them."""
    is_partial: bool = False
    """Whether some list cannot show everything there is."""


async def merge(
    sources: Sequence[Source[T]], begun: Positions, first: int, *, newest_by: When | None = None
) -> Listing[T]:
    """Read up to `first` rows. Lists take turns, or with `newest_by` the newest head goes first.

    Each list keeps its provider's own order. Every list that has run dry is read on at the same time as the others
    that have; one that fails keeps its place and is left out. A thing met twice, because rows moved while they were
    read, is handed out once.
    """
    readers = [Reader(source, begun.places.get(source.name)) for source in sources]
    places: dict[str, Place] = dict(begun.places)
    last = begun.last
    rows: list[Row[T]] = []
    seen: set[object] = set()
    await _fill(readers)
    while len(rows) < first:
        await _fill(readers)
        ready = [reader for reader in readers if reader.head is not None]
        if not ready:
            break
        reader = _newest(ready, newest_by) if newest_by else _next_in_turn(ready, last)
        last, item = reader.source.name, reader.take()
        places[last] = reader.place
        if _identity(item) not in seen:
            seen.add(_identity(item))
            reader.gave_new = True
            rows.append(Row(item, Positions(dict(places), last)))
    places |= {reader.source.name: reader.place for reader in readers if reader.is_begun}
    return Listing(
        rows,
        Positions(places, last),
        has_more=any(reader.has_more for reader in readers),
        problems=[reader.problem for reader in readers if reader.problem is not None],
        footnotes=[reader.footnote for reader in readers if reader.footnote is not None],
        total=_total(readers),
        is_partial=any(reader.is_partial for reader in readers),
    )


async def _fill(readers: Sequence[Reader[T]]) -> None:
    while needy := [reader for reader in readers if reader.needs_page]:
        await asyncio.gather(*(reader.read_page() for reader in needy))


def _next_in_turn(ready: Sequence[Reader[T]], last: str) -> Reader[T]:
    """The first behind the one that gave the last row, by name, so that turns go on from page to page."""
    return next((reader for reader in ready if reader.source.name > last), ready[0])


def _newest(ready: Sequence[Reader[T]], newest_by: When) -> Reader[T]:
    return max(ready, key=lambda reader: newest_by(reader.head))


def _identity(item: object) -> object:
    native_id = getattr(item, "native_id", None)
    return id(item) if native_id is None else (getattr(item, "account_name", ""), type(item), native_id)


def _total(readers: Sequence[Reader[T]]) -> int | None:
    totals = [reader.total for reader in readers]
    return None if None in totals else sum(total for total in totals if total is not None)
