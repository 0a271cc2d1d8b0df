"""What replicas share, and forget together."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from gateway.cache.connections import Call
from gateway.cache.entry import Entry, Slot
from gateway.cache.forgetting import MOST_OWED
from gateway.cache.shared import LARGEST, SharedEntries
from gateway.cache.stores import RedisLink
from gateway.replicas import Gone
from tests.cache.links import do, linked, until
from tests.redis_server import RedisServer, a_redis

ACCOUNT = "trackers"
SIM = Slot("trackers/Sim/1", "trackers/Sim/1")
ROW = Slot("trackers/Sim/1/row", "trackers/Sim/1")
LIST = Slot("trackers/list_sims/abc", "trackers/list_sims/of/")
PAGE_TWO = Slot("trackers/list_sims/def", "trackers/list_sims/of/")
OTHER = Slot("trackers/Sim/2", "trackers/Sim/2")
ALL = [SIM, ROW, LIST, PAGE_TWO, OTHER]
ENTRY = Entry(1_800_000_000.5, 60.0, 3600.0, b"\x00body\xff")


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with a_redis() as server:
        yield server


class Replica:
    """One replica's share, and what it was told."""

    def __init__(self, link: RedisLink) -> None:
        self.link = link
        self.shared = SharedEntries(link)
        self.forgotten: list[str] = []
        self.lost = 0

    async def put(self, *slots: Slot) -> bool:
        generation = await self.shared.generation(ACCOUNT)
        return await self.shared.write([(slot, ENTRY) for slot in slots], ACCOUNT, generation)

    async def found(self, *slots: Slot) -> list[Slot]:
        """Those of these slots that have the entry."""
        told = await self.shared.read(slots)
        assert {ENTRY, None} >= set(told)
        return [slot for slot, entry in zip(slots, told, strict=True) if entry is not None]

    async def found_when_up(self, *slots: Slot) -> list[Slot]:
        """The same, with patience: a machine that pauses takes an impatient link down again."""
        while True:
            try:
                return await self.found(*slots)
            except Gone:
                await until(lambda: self.link.is_up)

    def hear(self, groups: Sequence[str]) -> None:
        self.forgotten += groups

    def lose(self) -> None:
        self.lost += 1


@asynccontextmanager
async def replicas(server: RedisServer, count: int = 2) -> AsyncIterator[list[Replica]]:
    async with AsyncExitStack() as stack:
        told = [Replica(await stack.enter_async_context(linked(server.url))) for _ in range(count)]
        for each in told:
            await each.shared.follow(each.hear, each.lose)
            stack.push_async_callback(each.shared.aclose)
            await until(lambda each=each: each.link.is_up and each.lost > 0)
            each.lost = 0
        yield told


async def cut(server: RedisServer, *links: RedisLink) -> None:
    """Break their connections, until none of them is up at this moment."""

    async def all_are_down() -> bool:
        if any(link.is_up for link in links):
            await do(server.url, "CLIENT", "KILL", "TYPE", "normal")
        return not any(link.is_up for link in links)

    await until(all_are_down)


async def test_what_one_keeps_the_other_finds(server: RedisServer):
    """Entries arrive as they were, in the order asked for, and what is not there is None."""
    async with replicas(server) as (one, other):
        assert await other.shared.read([SIM]) == [None]
        assert await one.put(SIM, LIST)
        assert await other.shared.read([LIST, ROW, SIM]) == [ENTRY, None, ENTRY]


async def test_exactly_the_forgotten_groups_go(server: RedisServer):
    """What is forgotten is gone for both when forgetting returns, and nothing else is; it can be kept anew."""
    async with replicas(server) as (one, other):
        await one.put(*ALL)
        await one.shared.forget(ACCOUNT, [LIST.group])
        assert await other.found(*ALL) == [SIM, ROW, OTHER]
        await other.shared.forget(ACCOUNT, [SIM.group, "trackers/Sim/unknown"])
        assert await one.found(*ALL) == [OTHER]
        assert await one.put(ROW, PAGE_TWO)
        assert await other.found(*ALL) == [ROW, PAGE_TWO, OTHER]


async def test_what_was_asked_before_forgetting_is_not_kept(server: RedisServer):
    """Of answers on their way while something is forgotten, just that never comes back; what is asked afterwards is
    kept."""
    async with replicas(server) as (one, other):
        before = await one.shared.generation(ACCOUNT)
        await other.shared.forget(ACCOUNT, [SIM.group])
        await other.shared.forget(ACCOUNT, ["trackers/Sim/unknown"])
        between = await one.shared.generation(ACCOUNT)
        await other.shared.forget(ACCOUNT, [LIST.group])

        await one.shared.write([(each, ENTRY) for each in ALL], ACCOUNT, before)
        assert await other.found(*ALL) == [OTHER]
        await one.shared.write([(each, ENTRY) for each in ALL], ACCOUNT, between)
        assert await other.found(*ALL) == [SIM, ROW, OTHER]
        assert await one.put(*ALL)
        assert await other.found(*ALL) == ALL


async def test_when_it_is_not_known_what_was_forgotten_nothing_is_kept(server: RedisServer):
    """Redis keeps in mind a bounded number of changes, and may lose them: then answers on their way are not kept."""
    async with replicas(server, 1) as [one]:
        before = await one.shared.generation(ACCOUNT)
        await do(server.url, "DEL", one.link.key(f"account:{ACCOUNT}"))
        assert not await one.shared.write([(OTHER, ENTRY)], ACCOUNT, before)
        before = await one.shared.generation(ACCOUNT)
        for number in range(12):
            await one.shared.forget(ACCOUNT, [f"trackers/Sim/{number}-{each}" for each in range(500)])
        assert await do(server.url, "ZCARD", one.link.key(f"account:{ACCOUNT}")) <= 10_000
        assert not await one.shared.write([(OTHER, ENTRY)], ACCOUNT, before)
        assert await one.put(OTHER)


async def test_a_redis_that_lost_its_memory_lets_nothing_old_in(server: RedisServer):
    """When Redis has forgotten what was forgotten, an answer from before is not kept."""
    async with replicas(server, 1) as [one]:
        before = await one.shared.generation(ACCOUNT)
        await do(server.url, "FLUSHALL")
        assert not await one.shared.write([(SIM, ENTRY)], ACCOUNT, before)
        assert await one.put(SIM)
        assert await one.found(SIM) == [SIM]


async def test_entries_whose_generation_was_evicted_are_not_read(server: RedisServer):
    """A Redis short of memory may throw away any key: without its generation no entry counts."""
    async with replicas(server, 1) as [one]:
        await one.put(SIM, LIST)
        await do(server.url, "DEL", one.link.key(f"group:{LIST.group}"))
        assert await one.found(SIM, LIST) == [SIM]
        await one.put(LIST)
        assert await one.found(SIM, LIST) == [SIM, LIST]
        await do(server.url, "DEL", one.link.key("epoch"))
        assert await one.found(SIM, LIST) == []


async def test_everything_at_redis_ends_by_itself(server: RedisServer):
    """No key is without an end but the list of messages; an entry ends when it may no longer be served, and after a day
    at the latest, before the generation it was written under."""
    async with replicas(server, 1) as [one]:
        generation = await one.shared.generation(ACCOUNT)
        long = Entry(ENTRY.as_of, 60.0, 1e9, b"")
        await one.shared.write([(SIM, ENTRY), (LIST, long)], ACCOUNT, generation)
        await one.shared.lock("k", "me", 60)
        ends = {key: await do(server.url, "PTTL", key) for key in await do(server.url, "KEYS", "*")}

    day = 86_400_000
    assert {key for key, left in ends.items() if left < 0} <= {b"sim-gateway:forgotten"}
    assert 0 < ends[b"sim-gateway:entry:" + SIM.key.encode()] <= 3_600_000
    assert 0.9 * day < ends[b"sim-gateway:entry:" + LIST.key.encode()] <= day
    assert min(left for key, left in ends.items() if b":group:" in key or b":epoch" in key) > day


async def test_a_large_answer_and_its_things_are_kept_together(server: RedisServer):
    """More entries than one script takes are all kept, all read at once, and all forgotten at once."""
    slots = [Slot(f"trackers/Sim/{number}", f"trackers/Sim/{number}") for number in range(1200)]
    async with replicas(server) as (one, other):
        assert await one.put(*slots)
        assert await other.found(*slots) == slots
        await one.shared.forget(ACCOUNT, [slot.group for slot in slots])
        assert await other.found(*slots) == []


async def test_what_is_too_large_or_over_already_is_not_shared(server: RedisServer):
    """Such an entry is left out; the others with it are kept."""
    huge, over = Entry(1.0, 60.0, 60.0, bytes(LARGEST + 1)), Entry(1.0, 0.0, 0.0, b"")
    async with replicas(server, 1) as [one]:
        generation = await one.shared.generation(ACCOUNT)
        assert await one.shared.write([(SIM, huge), (LIST, over), (OTHER, ENTRY)], ACCOUNT, generation)
        assert await one.found(SIM, LIST, OTHER) == [OTHER]


async def test_bytes_of_another_version_are_no_entry(server: RedisServer):
    """What stands there and is no entry as we write it counts as nothing."""
    async with replicas(server, 1) as [one]:
        await one.put(SIM)
        key = one.link.key(f"entry:{SIM.key}")
        kept = await do(server.url, "GET", key)
        await do(server.url, "SET", key, kept[:20])
        assert await one.found(SIM) == []
        await do(server.url, "SET", key, b"x")
        assert await one.found(SIM) == []


# --- telling the others ---------------------------------------------------------------------------------------


async def test_the_others_are_told_what_was_forgotten(server: RedisServer):
    """Every other replica hears the groups, in order; the one that forgot does not hear of itself."""
    async with replicas(server, 3) as (one, two, three):
        await one.shared.forget(ACCOUNT, ["a", "b"])
        await two.shared.forget("meters", ["c"])
        await until(lambda: len(three.forgotten) == 3 and one.forgotten == ["c"] and two.forgotten == ["a", "b"])

        assert three.forgotten == ["a", "b", "c"]
        assert [each.lost for each in (one, two, three)] == [0, 0, 0]


async def test_who_begins_to_follow_clears_what_he_has(server: RedisServer):
    """What was forgotten before one followed cannot be known."""
    async with linked(server.url) as link:
        replica = Replica(link)
        await replica.shared.follow(replica.hear, replica.lose)

        assert replica.lost == 1


async def test_what_was_forgotten_while_one_was_away_is_heard_afterwards(server: RedisServer):
    """A replica whose connections broke hears what it missed and clears nothing else."""
    async with replicas(server) as (one, other):
        await one.shared.forget(ACCOUNT, ["before"])
        await until(lambda: other.forgotten == ["before"])
        await cut(server, one.link, other.link)
        await one.shared.forget(ACCOUNT, ["meanwhile"])
        await until(lambda: other.forgotten == ["before", "meanwhile"])

        assert (one.lost, other.lost) == (0, 0)


async def test_a_redis_that_came_back_empty_has_everything_cleared(server: RedisServer):
    """What was told before it went may not have arrived: every replica clears what it has."""
    async with replicas(server) as (one, other):
        await one.put(SIM)
        server.stop()
        await until(lambda: not one.link.is_up and not other.link.is_up)
        server.start()
        await until(lambda: one.link.is_up and other.link.is_up)

        assert min(one.lost, other.lost) > 0
        assert await other.found(SIM) == []


async def test_a_gap_in_the_messages_has_everything_cleared(server: RedisServer):
    """When messages were cut off that a replica may not have read, it clears what it has, once, and hears on."""
    async with replicas(server) as (one, other):
        await do(server.url, "DEL", one.link.key("forgotten"))
        await one.shared.forget(ACCOUNT, ["a"])
        await until(lambda: other.lost == 1 and one.lost == 1)
        await one.shared.forget(ACCOUNT, ["b"])
        await until(lambda: other.forgotten[-1:] == ["b"])

        assert other.lost == 1


async def test_a_message_of_another_version_has_everything_cleared(server: RedisServer):
    """What cannot be understood may have meant anything."""
    async with replicas(server, 1) as [one]:
        await do(server.url, "XADD", one.link.key("forgotten"), "*", "by", "them", "groups", b"\xc1")
        await until(lambda: one.lost == 1)
        await do(server.url, "XADD", one.link.key("forgotten"), "*", "from", "them")
        await until(lambda: one.lost == 2)

        assert one.link.is_up


# --- while Redis is gone --------------------------------------------------------------------------------------


async def test_forgetting_is_made_up_for_before_anything_is_read(server: RedisServer):
    """What is forgotten while Redis hangs is gone when it is back, before the first read, also for the others."""
    async with linked(server.url, bound=0.5) as link, replicas(server, 1) as [other]:
        one = Replica(link)
        await one.shared.follow(one.hear, one.lose)
        await other.put(*ALL)
        await other.put(Slot("m", "m"))
        server.hang()
        await one.shared.forget(ACCOUNT, [SIM.group, LIST.group])
        await one.shared.forget("meters", ["m"])
        with pytest.raises(Gone):
            await one.found(SIM)
        server.go_on()
        await until(lambda: one.link.is_up)

        assert await one.found_when_up(*ALL, Slot("m", "m")) == [OTHER]
        await until(lambda: set(other.forgotten) >= {SIM.group, LIST.group, "m"})


async def test_what_is_owed_is_paid_while_the_link_is_still_down(server: RedisServer):
    """Whoever is prepared next, before anybody may ask, finds at Redis that it is forgotten."""

    class Witness:
        def __init__(self, link: RedisLink) -> None:
            self.link = link
            self.seen: list[int] = []

        async def prepare(self, call: Call) -> None:
            self.seen.append(await call("EXISTS", self.link.key(f"entry:{SIM.key}")))

        async def follow(self, call: Call) -> None:
            """Nothing."""

    async with replicas(server, 1) as [one]:
        await one.put(SIM)
        witness = Witness(one.link)
        await one.link.join(witness)
        await cut(server, one.link)
        before = len(witness.seen)
        await one.shared.forget(ACCOUNT, [SIM.group])
        await until(lambda: one.link.is_up)

        assert set(witness.seen[:before]) == {1}
        assert set(witness.seen[before:]) == {0}


async def test_too_much_to_keep_in_mind_has_everything_forgotten(server: RedisServer):
    """With more to make up for than a replica keeps in mind, nothing at Redis counts any more, and all clear."""
    async with linked(server.url, bound=0.5) as link, replicas(server, 1) as [other]:
        one = Replica(link)
        await one.shared.follow(one.hear, one.lose)
        await other.put(*ALL)
        before = await other.shared.generation(ACCOUNT)
        server.hang()
        await one.shared.forget(ACCOUNT, [f"trackers/Sim/{number}" for number in range(MOST_OWED + 1)])
        server.go_on()
        await until(lambda: one.link.is_up)

        assert await one.found_when_up(*ALL) == []
        assert not await other.shared.write([(SIM, ENTRY)], ACCOUNT, before)
        await until(lambda: other.lost > 0)


async def test_who_is_cancelled_while_forgetting_still_owes_it(server: RedisServer):
    """Forgetting that was broken off is made up for."""
    async with linked(server.url, bound=1.0) as link, replicas(server, 1) as [other]:
        one = Replica(link)
        await one.shared.follow(one.hear, one.lose)
        await other.put(SIM)
        server.hang()
        task = asyncio.create_task(one.shared.forget(ACCOUNT, [SIM.group]))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await until(lambda: not one.link.is_up)
        server.go_on()
        await until(lambda: one.link.is_up)

        assert await one.found_when_up(SIM) == []


async def test_without_redis_all_but_forgetting_is_gone(server: RedisServer):
    """Asking raises Gone; forgetting returns."""
    async with replicas(server, 1) as [one]:
        server.stop()
        await until(lambda: not one.link.is_up)
        await one.shared.forget(ACCOUNT, [SIM.group])
        for asking in (
            one.shared.read([SIM]),
            one.shared.generation(ACCOUNT),
            one.shared.write([(SIM, ENTRY)], ACCOUNT, bytes(16)),
            one.shared.lock("k", "me", 1),
            one.shared.renew("k", "me", 1),
            one.shared.release("k", "me"),
        ):
            with pytest.raises(Gone):
                await asking


# --- locks ----------------------------------------------------------------------------------------------------


async def test_a_lock_has_one_owner(server: RedisServer):
    """Only its owner renews or releases it, and then another may have it."""
    async with replicas(server) as (one, other):
        assert await one.shared.lock("k", "one", 60)
        assert not await other.shared.lock("k", "other", 60)
        assert not await other.shared.renew("k", "other", 60)
        assert not await other.shared.release("k", "other")
        assert await one.shared.renew("k", "one", 60)
        assert await one.shared.release("k", "one")
        assert await other.shared.lock("k", "other", 60)
        assert not await one.shared.release("k", "one")


async def test_the_lock_of_a_dead_owner_is_free_after_its_lease(server: RedisServer):
    """Nobody needs to release it, and its late owner cannot renew what is another's."""
    async with replicas(server) as (one, other):
        assert await one.shared.lock("k", "one", 0.2)
        await until(lambda: other.shared.lock("k", "other", 60))

        assert not await one.shared.renew("k", "one", 60)


async def test_a_renewed_lock_outlives_its_first_lease(server: RedisServer):
    """Renewing counts from now."""
    async with replicas(server, 1) as [one]:
        await one.shared.lock("k", "one", 0.2)
        held = await one.shared.renew("k", "one", 60)
        left = await do(server.url, "PTTL", one.link.key("lock:k"))

    assert not held or left > 1000
