"""The store of one process: bounded whatever is put into it."""

import tracemalloc

import pytest

from gateway.cache.entry import Entry, Slot
from gateway.cache.stores import BoundedMemory

PLENTY = 10_000_000


def own(name: str) -> Slot:
    """A slot that is its own group."""
    return Slot(name, name)


def entry(body: bytes = b"") -> Entry:
    return Entry(0.0, 60.0, 3600.0, body)


def kept(memory: BoundedMemory, names: str) -> str:
    return "".join(name for name in names if memory.get(own(name)) is not None)


def test_what_is_put_is_found():
    """An entry is found under its key until another one takes its place."""
    memory = BoundedMemory(10, PLENTY)
    memory.put(own("a"), entry(b"first"))
    memory.put(own("a"), entry(b"second"))

    assert memory.get(own("a")) == entry(b"second")
    assert memory.get(own("b")) is None
    assert len(memory) == 1


def test_the_least_recently_used_goes_first():
    """Being read or put again counts as use."""
    memory = BoundedMemory(3, PLENTY)
    for name in "abc":
        memory.put(own(name), entry())
    memory.get(own("a"))
    memory.put(own("b"), entry(b"again"))
    memory.put(own("d"), entry())
    memory.put(own("e"), entry())

    assert kept(memory, "abcde") == "bde"


def test_bytes_are_bounded():
    """Large entries push out as many as they need room for, and never more than the bound is taken."""
    memory = BoundedMemory(1000, 50_000)
    for number in range(100):
        memory.put(own(str(number)), entry(bytes(1000 + 30 * number)))
        assert memory.bytes <= 50_000

    assert 10 <= len(memory) <= 37
    assert memory.get(own("99")) is not None


def test_what_is_too_large_is_not_kept():
    """An entry larger than a tenth of everything pushes nothing out; what it would replace is gone all the same."""
    memory = BoundedMemory(1000, 50_000)
    memory.put(own("a"), entry())
    memory.put(own("b"), entry())
    memory.put(own("b"), entry(bytes(5000)))

    assert kept(memory, "ab") == "a"


def test_without_room_nothing_is_kept():
    """A bound of zero is no cache, not an error."""
    memory = BoundedMemory(0, PLENTY)
    memory.put(own("a"), entry())

    assert (len(memory), memory.bytes) == (0, 0)


def test_a_group_is_forgotten_as_a_whole_and_alone():
    """Exactly the entries of the group go: not one that is named like it."""
    memory = BoundedMemory(100, PLENTY)
    in_group = [own("sim"), Slot("sim/row", "sim"), Slot("list/1", "list"), Slot("list/2", "list")]
    others = [Slot("list", "other"), own("sims"), Slot("list/3", "lists")]
    for slot in in_group + others:
        memory.put(slot, entry())
    memory.drop(["sim", "list", "nothing"])

    assert [memory.get(slot) for slot in in_group] == [None] * 4
    assert [memory.get(slot) for slot in others] == [entry()] * 3


def test_a_key_may_change_its_group():
    """An entry is forgotten with the group it was put with last."""
    memory = BoundedMemory(100, PLENTY)
    memory.put(Slot("list/1", "old"), entry())
    memory.put(Slot("list/1", "new"), entry())
    memory.drop(["old"])
    assert len(memory) == 1
    memory.drop(["new"])

    assert (len(memory), memory.bytes) == (0, 0)


def test_clearing_leaves_nothing():
    """Afterwards nothing is found and nothing is counted, and it can be used as before."""
    memory = BoundedMemory(2, PLENTY)
    for number in range(5):
        memory.put(Slot(f"list/{number}", "list"), entry())
    memory.clear()
    assert (len(memory), memory.bytes) == (0, 0)
    memory.put(Slot("list/9", "list"), entry())
    memory.drop(["list"])

    assert (len(memory), memory.bytes) == (0, 0)


@pytest.mark.parametrize("grouped", [False, True])
def test_memory_stays_flat_under_endless_keys(grouped: bool):
    """Ten times as many keys as there is room for, each with a group of its own, take no more than the first filling;
    and the bytes that are told are the bytes that are taken."""
    room = 5000
    memory = BoundedMemory(room, 10 * PLENTY)

    def put(first: int, count: int) -> int:
        for number in range(first, first + count):
            name = f"trackers/Sim/HS{number:032d}"
            memory.put(Slot(f"{name}/row", name) if grouped else own(name), entry(bytes(400)))
        return tracemalloc.get_traced_memory()[0] - before

    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        filled = put(0, room)
        told = memory.bytes
        full = put(room, 9 * room)
    finally:
        tracemalloc.stop()

    assert len(memory) == room
    assert full < 1.15 * filled
    assert 0.8 < told / filled < 1.25
    assert memory.bytes == told


async def test_aiocaches_own_calls_keep_the_bounds():
    """The store is aiocache's: asked its way it is the same store, but for a timer for each key, which it refuses."""
    memory = BoundedMemory(2, PLENTY)
    store = memory._store
    for name in "abc":
        memory.put(own(name), entry(name.encode()))
    found = await store.get("b")
    await store.set("d", found)

    assert await store.multi_get(["b", "c", "d"]) == [found, None, found]
    assert (await store.delete("b"), await store.delete("b")) == (1, 0)
    with pytest.raises(NotImplementedError):
        await store.set("e", found, ttl=5)
    with pytest.raises(NotImplementedError):
        await store.expire("d", 5)
    with pytest.raises(NotImplementedError):
        await store.increment("d")
    await store.clear()
    assert (len(memory), memory.bytes) == (0, 0)
