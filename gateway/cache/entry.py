"""What is remembered, and where it belongs."""

from typing import NamedTuple

import msgspec

__all__ = ["Entry", "Slot"]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One remembered answer. `as_of` is when its provider gave it, in Unix seconds. `fresh` and `stale` are seconds
    from then: how long nobody needs to be asked, and how long it may be served at all, which is never less. `body` is
    the answer as the codec writes it.
    """

    as_of: float
    fresh: float
    stale: float
    body: bytes


class Slot(NamedTuple):
    """A place for one answer: its name, and the group it is forgotten with. Many names may have one group."""

    key: str
    group: str
