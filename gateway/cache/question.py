"""What is remembered under which name: a question to an account, and what it is forgotten with."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from gateway.cache.entry import Slot
from gateway.kinds import LISTS, LOADS
from schema.network import Network
from schema.sim import Sim

__all__ = ["LOADED", "Change", "Question", "groups_of", "slot_of", "slot_of_row", "slot_of_thing"]

LOADED = {operation: kind.__name__ for kind, operation in LOADS.items()}
"""The type that an operation loads by id."""
LONGEST = 120
"""Characters of an id that stand in a key as they are."""

FINDERS = ("find_sim_by_iccid", "find_sim_by_device")
"""Operations that find a SIM by what is printed on it or by its device: their answers are forgotten with any SIM of
the account, since nobody knows beforehand which one is found."""

_CHILDREN_OF_ID = ("load_cycle_usage", "load_profile_network")
_OF_PROFILE = ("list_profile_networks", "load_profile_network")


class Question(NamedTuple):
    """One thing an account can be asked. Equal questions have equal answers."""

    account: str
    operation: str
    args: tuple[object, ...]


class Change(NamedTuple):
    """Something that is not what it was: a thing of a type, by id, in the lists of its parent where it is in such: of
    its SIM, or of the access profile a network is in. Without an id only the lists have changed: something was added.
    """

    kind: type
    native_id: str | None = None
    parent_id: str | None = None


def slot_of(question: Question) -> Slot:
    """Where the answer to a question is kept."""
    account, operation, args = question
    if operation in LOADED:
        return slot_of_thing(account, LOADED[operation], str(args[0]))
    if operation in FINDERS:
        return Slot(f"{account}/{operation}/{_shown(str(args[0]))}", _group(account, "find_sim", ""))
    where = args[0] if args else None
    parent = getattr(where, "sim_id", None) or getattr(where, "profile_id", None) or ""
    if operation in _CHILDREN_OF_ID:
        parent = str(where)
    return Slot(f"{account}/{operation}/{_digest(args)}", _group(account, operation, parent))


def slot_of_thing(account: str, kind: str, native_id: str) -> Slot:
    """Where a thing is kept, whichever question it was an answer to."""
    key = f"{account}/{kind}/{_shown(native_id)}"
    return Slot(key, key)


def slot_of_row(account: str, kind: str, native_id: str) -> Slot:
    """Where a thing is kept of which a list told only some fields. It is forgotten with the thing.

    No id makes the two the same: callers may ask for any, with whatever signs are in it.
    """
    return Slot(f"{account}/row of {kind}/{_shown(native_id)}", slot_of_thing(account, kind, native_id).group)


def groups_of(account: str, changes: Iterable[Change]) -> list[str]:
    """What is forgotten with these changes: the things, and every list that may hold or miss them."""
    groups: dict[str, None] = {}
    for kind, native_id, parent_id in changes:
        name = kind.__name__
        if native_id is not None:
            groups[slot_of_thing(account, name, native_id).group] = None
        for operation in _lists_of(kind):
            groups[_group(account, operation, "")] = None
            if parent_id is not None:
                groups[_group(account, operation, parent_id)] = None
    return list(groups)


def _lists_of(kind: type) -> Iterable[str]:
    for listed, operations in LISTS.items():
        if issubclass(kind, listed):
            yield from operations
    if kind is Sim:
        yield "find_sim"
    if kind is Network:
        yield from _OF_PROFILE


def _group(account: str, operation: str, parent: str) -> str:
    return f"{account}/{operation}/of/{_shown(parent)}"


def _shown(native_id: str) -> str:
    """An id as part of a key: as it is, unless it is so long that it would fill the store with nonsense."""
    return native_id if len(native_id) <= LONGEST else f"#{_digest((native_id,))}"


def _digest(args: tuple[object, ...]) -> str:
    """Equal for equal conditions in every process: sets are written in order."""
    return blake2b(repr(tuple(map(_ordered, args))).encode(), digest_size=16).hexdigest()


def _ordered(value: object) -> object:
    named = getattr(value, "__dict__", None)
    if named is None:
        return value
    parts = {name: sorted(map(str, each)) if isinstance(each, frozenset) else each for name, each in named.items()}
    return type(value).__name__, sorted((name, repr(each)) for name, each in parts.items())
