"""Things kept under a name as long as there is room: the one not used for longest goes first."""

from collections import OrderedDict
from typing import Generic, TypeVar

__all__ = ["Kept"]

T = TypeVar("T")


class Kept(Generic[T]):
    """At most `entries` things, of at most `size` bytes together as whoever keeps them counts."""

    def __init__(self, entries: int, size: int) -> None:
        self._entries = entries
        self._room = size
        self._things: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._size = size

    def get(self, name: str) -> T | None:
        if name not in self._things:
            return None
        self._things.move_to_end(name)
        return self._things[name][0]

    def keep(self, name: str, thing: T, size: int) -> None:
        """What is larger than all the room is not kept."""
        self._drop(name)
        if size > self._size:
            return
        self._things[name] = (thing, size)
        self._room -= size
        while self._room < 0 or len(self._things) > self._entries:
            self._drop(next(iter(self._things)))

    def _drop(self, name: str) -> None:
        if name in self._things:
            self._room += self._things.pop(name)[1]
