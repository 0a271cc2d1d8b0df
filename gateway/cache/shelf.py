"""Answers as they are kept in this process: written when they come, read into new objects whenever they are wanted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from gateway.cache.codec import Unreadable, decode, encode
from gateway.cache.entry import Entry, Slot
from gateway.cache.question import LOADED, Question, slot_of_row, slot_of_thing
from gateway.cache.stamps import stamp, things_in
from gateway.cache.stores import BoundedMemory
from gateway.cache.windows import Window, Windows
from gateway.page import Page
from schema.node import Entity

__all__ = ["Found", "Kept", "Shelf"]

CLOCKS_DIFFER = 5.0
"""Seconds that the clocks of replicas may be apart."""

Kept = list[tuple[Slot, Entry]]
"""What is put where."""


@dataclass(slots=True)
class Found:
    """An answer at hand: what is known of its age, and the finder's own copy of it."""

    entry: Entry
    answer: Any  # each operation has its own


class Shelf:
    """The first place to look. `windows` by account."""

    def __init__(self, memory: BoundedMemory, windows: Mapping[str, Windows], now: Callable[[], datetime]) -> None:
        self._memory = memory
        self._windows = windows
        self._now = now

    def find(self, slot: Slot) -> Found | None:
        """What is kept there, as long as it may be served at all."""
        entry = self._memory.get(slot)
        return None if entry is None or self.age(entry) >= entry.stale else _found(entry)

    def can_read(self, entry: Entry) -> bool:
        """Whether it was written as this version writes: a Redis may be shared with another while that is replaced."""
        return _found(entry) is not None

    def things(self, account: str, kind: type, native_ids: Iterable[str], max_age: float | None) -> dict[str, Entity]:
        """Those of these things that are fresh, by id; a thing that is known whole goes before a row of a list. That
        there is no such thing is remembered in the same place, and is none."""
        told: dict[str, Entity] = {}
        for native_id in native_ids:
            found = self._thing(account, kind.__name__, native_id)
            if found is not None and found.answer is not None and self.is_fresh(found.entry, max_age):
                told[native_id] = found.answer
        return told

    def is_fresh(self, entry: Entry, max_age: float | None) -> bool:
        """Whether nobody needs to be asked."""
        age = self.age(entry)
        return age < entry.fresh and (max_age is None or age <= max_age)

    def age(self, entry: Entry) -> float:
        """Seconds since its provider gave it. From a future further away than clocks differ, it is not of this world:
        a clock was set back, and nobody knows how old it is."""
        age = self._now().timestamp() - entry.as_of
        return inf if age < -CLOCKS_DIFFER else max(0.0, age)

    def entries(self, question: Question, slot: Slot, answer: object) -> Kept:
        """What to keep of an answer that has just come: itself first, then every thing in it. Stamps it, too.

        Nothing is kept of a page that broke off, since that is an error, and errors are never remembered.
        """
        now, windows = self._now(), self._windows[question.account]
        stamp(answer, question.account, now)
        if isinstance(answer, Page) and answer.broken is not None:
            return []
        things = [thing for thing in things_in(answer) if isinstance(thing, Entity)]
        kept = [(slot_of_entity(thing), _entry(thing, windows.of_thing(thing), now)) for thing in things]
        if question.operation in LOADED and things:
            return kept  # under its own id, whatever name it was asked for by
        return [(slot, _entry(answer, windows.of(question, answer, now), now)), *kept]

    def put(self, kept: Kept) -> None:
        """Keep it, for as long as there is room."""
        for slot, entry in kept:
            self._memory.put(slot, entry)

    def drop(self, groups: Iterable[str]) -> None:
        """Forget these groups."""
        self._memory.drop(groups)

    def drop_below(self, prefixes: tuple[str, ...]) -> None:
        """Forget every key that begins like one of these."""
        self._memory.drop_below(prefixes)

    def clear(self) -> None:
        """Forget everything."""
        self._memory.clear()

    def _thing(self, account: str, kind: str, native_id: str) -> Found | None:
        return self.find(slot_of_thing(account, kind, native_id)) or self.find(slot_of_row(account, kind, native_id))


def _found(entry: Entry) -> Found | None:
    try:
        return Found(entry, decode(entry.body))
    except Unreadable:
        return None


def slot_of_entity(thing: Entity) -> Slot:
    """Where a thing goes: a row that a list told only in part does not push out what is known whole."""
    place = slot_of_thing if getattr(thing, "is_complete", True) else slot_of_row
    return place(thing.account_name, type(thing).__name__, thing.native_id)


def _entry(answer: object, window: Window, now: datetime) -> Entry:
    return Entry(now.timestamp(), window.fresh, window.stale, encode(answer))
