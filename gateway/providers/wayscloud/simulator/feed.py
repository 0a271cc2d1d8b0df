"""The feed of all SIMs, read from any offset without listing what lies before it.

SIMs that share a pattern have their events at the same moments, so a day is kept as the events of each pattern
with the number of SIMs they stand for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from gateway.providers.wayscloud.simulator.activity import Activity, word_of
from gateway.providers.wayscloud.simulator.asked import EVENT_TYPES, Page, Span
from gateway.providers.wayscloud.simulator.behaviour import Behaviour
from gateway.providers.wayscloud.simulator.sessions import bounded
from gateway.providers.wayscloud.simulator.sims import Sims
from gateway.simulation.records import Event

__all__ = ["Feed"]

_KEPT_DAYS = 100
_FRESH = timedelta(seconds=1)
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Shared:
    """An event of every SIM of a pattern; `members` are those the feed shows."""

    event: Event
    members: Sequence[int]


@dataclass(slots=True)
class _Listing:
    """Shared events, newest first, with the running count of what they stand for."""

    shared: list[_Shared] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many rows these events make."""
        return self.ends[-1] if self.ends else 0

    def add(self, shared: _Shared) -> None:
        self.ends.append(self.total + len(shared.members))
        self.shared.append(shared)

    def read(self, offset: int) -> Iterator[tuple[int, Event]]:
        """The rows from this offset on, as SIM number and event."""
        for place in range(bisect_right(self.ends, offset), len(self.shared)):
            entry = self.shared[place]
            first = max(0, offset - self.ends[place] + len(entry.members))
            for index in entry.members[first:]:
                yield index, entry.event


_Day = Mapping[str | None, _Listing]
"""A day's listings: of all events under None, and of each event type under its word."""


class Feed:
    """Pages of the feed. Finished days are kept, the latest hundred used; today is listed anew every second."""

    def __init__(self, sims: Sims, activity: Activity, behaviour: Behaviour) -> None:
        self._sims = sims
        self._activity = activity
        self._behaviour = behaviour
        self._days: OrderedDict[date, _Day] = OrderedDict()
        self._today: tuple[datetime, _Day] | None = None
        self._members: dict[int, list[int]] = {}

    def page(self, word: str | None, span: Span, page: Page, only: int | None) -> dict[str, object]:
        """`GET /sims/activity`: newest first; `only` is the one SIM asked for."""
        now = self._sims.world.now()
        since, until = bounded(span, now, self._behaviour.window_days)
        # Whole days, so that the total of a page walk does not change from second to second.
        since = max(_midnight(since.date()), _midnight(now.date()) - _DAY * self._behaviour.feed_days)
        rows, total = (
            self._rows(word, since, until, page) if only is None else self._rows_of(only, word, (since, until), page)
        )
        shown = [self._activity.feed_row(index, event) for index, event in rows]
        return {"activity": shown, "total": total, "limit": page.limit, "offset": page.offset}

    def _rows_of(
        self, index: int, word: str | None, span: tuple[datetime, datetime], page: Page
    ) -> tuple[list[tuple[int, Event]], int]:
        events = [event for event in self._sims.events(index, *span) if word in {None, word_of(event)}]
        shown = events[page.offset : page.offset + page.limit]
        return [(index, event) for event in shown], len(events)

    def _rows(
        self, word: str | None, since: datetime, until: datetime, page: Page
    ) -> tuple[list[tuple[int, Event]], int]:
        rows: list[tuple[int, Event]] = []
        skip, total = page.offset, 0
        for listing in self._listings(word, since, until):
            total += listing.total
            if skip >= listing.total:
                skip -= listing.total
                continue
            for row in listing.read(skip):
                if len(rows) == page.limit:
                    break
                rows.append(row)
            skip = 0
        return rows, total

    def _listings(self, word: str | None, since: datetime, until: datetime) -> Iterator[_Listing]:
        """The days of the span, newest first."""
        today = self._sims.world.now().date()
        first, last = since.date(), min((until - _TICK).date(), today)
        days = [first + _DAY * number for number in range((last - first).days + 1)]
        self._list([day for day in days if day < today and day not in self._days])
        for day in reversed(days):
            yield self._day(day)[word]

    def _day(self, day: date) -> _Day:
        now = self._sims.world.now()
        if day < now.date():
            if day not in self._days:
                self._list([day])
            self._days.move_to_end(day)
            return self._days[day]
        if self._today is None or not timedelta() <= now - self._today[0] < _FRESH:
            self._today = now, self._listed([day])[day]
        return self._today[1]

    def _list(self, days: Sequence[date]) -> None:
        """Lists finished days, several at once where they follow each other; the latest are kept."""
        if days:
            self._days.update(self._listed(days))
        while len(self._days) > _KEPT_DAYS:
            self._days.popitem(last=False)

    def _listed(self, days: Sequence[date]) -> dict[date, _Day]:
        since, until = _midnight(days[0]), _midnight(days[-1]) + _DAY
        world = self._sims.world
        found: list[_Shared] = []
        for pattern in range(min(world.patterns, world.sims)):
            members = self._shown_members(pattern)
            if members:
                events = self._sims.events(members[0], since, until)
                found += [_Shared(event, members) for event in events]
        found.sort(key=lambda shared: (shared.event.at, shared.event.number), reverse=True)
        listed: dict[date, _Day] = {day: {word: _Listing() for word in (None, *EVENT_TYPES)} for day in days}
        for shared in found:
            day = listed.get(shared.event.at.date())
            if day is not None:
                day[None].add(shared)
                day[word_of(shared.event)].add(shared)
        return listed

    def _shown_members(self, pattern: int) -> list[int]:
        """The SIMs of a pattern that were put to use; nothing is ever written to this world, so they stay alike."""
        if pattern not in self._members:
            world = self._sims.world
            everyone = range(pattern, world.sims, world.patterns)
            self._members[pattern] = [index for index in everyone if not self._sims.unused(index)]
        return self._members[pattern]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
