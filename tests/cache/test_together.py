"""Two caches over one Redis: what is asked, known and forgotten is so for both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import count

import pytest

from gateway.cache.cache import How
from gateway.cache.entry import Entry
from gateway.cache.labels import Labels
from gateway.cache.question import Change, slot_of
from gateway.cache.shared import SharedEntries
from gateway.cache.stores import RedisLink
from schema.errors import Unavailable
from schema.sim import Sim
from tests.cache.desk import ACCOUNT, LIST, Desk, sim_question
from tests.cache.links import PATIENT, linked
from tests.redis_server import RedisServer, a_redis
from tests.waiting import until, until_true

Replica = tuple[Desk, RedisLink]


@pytest.fixture(autouse=True)
def lasting_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than this process, which is every asker, may stand still."""
    monkeypatch.setattr("gateway.cache.together.LEASE", 600.0)


@asynccontextmanager
async def a_replica(redis: RedisServer, sign: str = "1", bound: float = PATIENT) -> AsyncIterator[Replica]:
    async with AsyncExitStack() as stack:
        link = await stack.enter_async_context(linked(redis.url, bound))
        shared = SharedEntries(link)
        desk = Desk(shared=shared, sign=sign)
        stack.push_async_callback(desk.cache.aclose)
        assert desk.together is not None
        await desk.together.follow(desk.cache.drop, desk.cache.drop_all)
        stack.push_async_callback(desk.together.aclose)
        await until(lambda: link.is_up)
        yield desk, link


@asynccontextmanager
async def two_replicas(bound: float = PATIENT) -> AsyncIterator[tuple[RedisServer, Desk, Desk, list[RedisLink]]]:
    """`bound` is how many seconds Redis has for an answer."""
    with a_redis() as redis:
        async with a_replica(redis, bound=bound) as (one, first), a_replica(redis, bound=bound) as (other, second):
            await until(lambda: first.is_up and second.is_up)
            yield redis, one, other, [first, second]


async def is_new(desk: Desk) -> bool:
    return await desk.name_of("1") == "v2"


async def test_what_one_asked_the_other_knows():
    """A question that one replica has asked is answered at the other without a call, with the same age."""
    async with two_replicas() as (_, one, other, _links):
        first = await one.ask(sim_question("1"))
        other.move(10)
        second = await other.ask(sim_question("1"))

        assert (len(one.asked), len(other.asked)) == (1, 0)
        assert (second.answer.name, second.answer.as_of, second.answer.account_name) == (
            "v1",
            first.answer.as_of,
            ACCOUNT,
        )


async def test_what_one_listed_the_other_knows_by_id():
    """The things of a page are known to all replicas."""
    async with two_replicas() as (_, one, other, _links):
        await one.ask(LIST)

        assert sorted(await other.cache.things(ACCOUNT, Sim, ["0", "1", "9"], None)) == ["0", "1"]
        assert other.asked == []


async def test_equal_questions_at_two_replicas_are_one_call():
    """While one replica asks, the other waits for its answer."""
    async with two_replicas() as (_, one, other, _links):
        one.gate.clear()
        other.gate.clear()
        waiting = [asyncio.create_task(desk.ask(sim_question("1"))) for desk in (one, other) for _ in range(50)]
        await until(lambda: len(one.asked) + len(other.asked) > 0)
        one.gate.set()
        other.gate.set()
        told = await asyncio.gather(*waiting)

        assert len(one.asked) + len(other.asked) == 1
        assert {each.answer.name for each in told} == {"v1"}


async def test_a_failure_at_one_lets_the_other_ask():
    """Errors are not shared: the replica that waited asks for itself."""
    async with two_replicas() as (_, one, other, _links):
        one.gate.clear()
        one.failure = Unavailable("not from here")
        first = asyncio.create_task(one.ask(sim_question("1")))
        await until(lambda: len(one.asked) == 1)
        second = asyncio.create_task(other.ask(sim_question("1")))
        one.gate.set()

        assert isinstance((await asyncio.gather(first, return_exceptions=True))[0], Unavailable)
        assert (await second).answer.name == "v1"


class Interrupted(SharedEntries):
    """Does something just before Redis is told to forget."""

    meanwhile: Callable[[], Awaitable[object]]

    async def forget(self, account: str, groups: Sequence[str]) -> None:
        await self.meanwhile()
        await super().forget(account, groups)


async def test_who_asks_while_something_is_being_forgotten_leaves_nothing_old():
    """Between forgetting here and forgetting at Redis, somebody may read there what is just about to go: it does not
    stay here."""
    with a_redis() as redis:
        async with linked(redis.url) as link:
            shared = Interrupted(link)
            desk = Desk(shared=shared)
            await desk.ask(sim_question("1"))
            shared.meanwhile = lambda: desk.ask(sim_question("1"))
            desk.version = 2
            await desk.cache.forget(ACCOUNT, Change(Sim, "1"))

            assert await desk.name_of("1") == "v2"
            await desk.cache.aclose()


async def test_another_account_of_the_same_name_is_another():
    """Two deployments with one Redis, or an account that was pointed elsewhere: neither sees what the other asked, nor
    forgets it."""
    with a_redis() as redis:
        async with a_replica(redis, "1") as (one, _), a_replica(redis, "2") as (other, _):
            other.version = 2
            for _ in range(2):
                assert (await one.name_of("1"), await other.name_of("1")) == ("v1", "v2")
                await one.cache.forget(ACCOUNT, Change(Sim, "1"))

            assert (len(one.asked), len(other.asked)) == (2, 1)


async def test_what_another_version_wrote_is_asked_again():
    """While replicas of two versions share a Redis, neither takes the other's words for its own."""
    async with two_replicas() as (_, one, _other, links):
        shared = SharedEntries(links[1])
        labels, now = Labels({ACCOUNT: f"{ACCOUNT}~1"}), one.now.timestamp()
        strange = Entry(now, 60.0, 3600.0, b"written by another version")
        account, slot = labels.shared(ACCOUNT), labels.slot(slot_of(sim_question("1")))
        assert await shared.write([(slot, strange)], account, await shared.generation(account))
        assert await shared.read([slot]) == [strange]

        assert await one.name_of("1") == "v1"
        assert len(one.asked) == 1


async def test_forgetting_reaches_the_other_replica():
    """What has changed is asked for again at every replica, what has not is not."""
    async with two_replicas() as (_, one, other, _links):
        for desk in (one, other):
            for question in (sim_question("1"), sim_question("2"), LIST):
                await desk.ask(question)
        for desk in (one, other):
            desk.asked.clear()
            desk.version = 2
        await one.cache.forget(ACCOUNT, Change(Sim, "1"))
        await until_true(partial(is_new, other))

        assert await one.name_of("1") == "v2"
        assert (await one.name_of("2"), await other.name_of("2")) == ("v1", "v1")
        assert (await other.ask(LIST)).answer.items[1].name == "v2"
        assert sim_question("2") not in [*one.asked, *other.asked]


async def test_what_was_asked_before_a_change_is_kept_nowhere():
    """A call under way at one replica while another has something forgotten leaves nothing behind, at neither."""
    async with two_replicas() as (_, one, other, _links):
        one.gate.clear()
        before = asyncio.create_task(one.ask(sim_question("1")))
        await until(lambda: len(one.asked) == 1)
        await other.cache.forget(ACCOUNT, Change(Sim, "1"))
        one.version = other.version = 2
        await asyncio.sleep(0.1)  # for the news to reach the one: whether it does before the answer is not the point
        one.gate.set()
        await before

        assert await other.name_of("1") == "v2"
        assert await one.name_of("1") == "v2"


@pytest.mark.parametrize("trouble", ["stop", "hang"])
async def test_without_redis_answers_go_on(trouble: str):
    """While it is gone, memory answers and the provider is asked; when it is back, both are one again."""
    async with two_replicas(bound=0.5) as (redis, one, other, links):
        await one.ask(sim_question("1"))
        getattr(redis, trouble)()

        assert (await one.ask(sim_question("1"))).how is How.HIT
        assert (await one.ask(sim_question("2"))).answer.name == "v1"
        assert (await other.ask(sim_question("2"))).answer.name == "v1"
        assert not links[0].is_up

        if trouble == "stop":
            redis.start()
        else:
            redis.go_on()
        await until(lambda: all(link.is_up for link in links))
        numbers = count(3)

        async def are_one() -> bool:
            question = sim_question(str(next(numbers)))
            await one.ask(question)
            return (await other.ask(question)).how is How.HIT

        await until_true(are_one)


async def test_what_is_forgotten_without_redis_is_forgotten_when_it_is_back():
    """A change while Redis cannot be reached is made up for before it is used again."""
    async with two_replicas(bound=0.5) as (redis, one, other, links):
        for desk in (one, other):
            await desk.ask(sim_question("1"))
        redis.hang()
        await one.cache.forget(ACCOUNT, Change(Sim, "1"))
        one.version = other.version = 2
        redis.go_on()
        await until(lambda: all(link.is_up for link in links))
        await until_true(partial(is_new, other))

        assert await one.name_of("1") == "v2"


async def test_a_change_is_told_though_its_teller_leaves():
    """Who is cancelled while something is being forgotten leaves nothing behind that is not forgotten everywhere."""
    async with two_replicas() as (_, one, other, links):
        for desk in (one, other):
            await desk.ask(sim_question("1"))
        one.version = other.version = 2
        forgetting = asyncio.create_task(one.cache.forget(ACCOUNT, Change(Sim, "1")))
        await asyncio.sleep(0)
        forgetting.cancel()
        await asyncio.gather(forgetting, return_exceptions=True)
        await one.ask(sim_question("1"))  # perhaps from Redis, where it may still be

        await until_true(partial(is_new, other))
        await until_true(partial(is_new, one))
        assert all(link.is_up for link in links)


class Slow(SharedEntries):
    """Says when a lock is held, and goes no further."""

    def __init__(self, link: RedisLink) -> None:
        super().__init__(link)
        self.is_held = asyncio.Event()

    async def generation(self, account: str) -> bytes:
        self.is_held.set()
        await asyncio.Event().wait()
        return await super().generation(account)


async def test_who_is_cancelled_holds_no_lock():
    """An asker that leaves before it has asked keeps no other from asking."""
    with a_redis() as redis:
        async with linked(redis.url) as link:
            shared = Slow(link)
            asking = asyncio.create_task(Desk(shared=shared).ask(sim_question("1")))
            await shared.is_held.wait()
            key = Labels({ACCOUNT: f"{ACCOUNT}~1"}).shared(slot_of(sim_question("1")).key)
            was_free = await shared.lock(key, "another", 60.0)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            await until(lambda: not [task for task in asyncio.all_tasks() if "_within_limits" in repr(task)])

            assert not was_free
            assert await shared.lock(key, "another", 60.0)


async def test_what_one_forgets_as_a_whole_the_other_forgets():
    """An account's things of one type, or everything: neither memory has it any more, and neither has Redis."""
    async with two_replicas() as (_, one, other, _links):
        for number, forget in enumerate((partial(one.cache.forget_below, [f"{ACCOUNT}/Sim/"]), one.cache.forget_all)):
            told = f"v{number + 2}"
            before = [await desk.name_of("1") for desk in (one, other)]
            one.version = other.version = number + 2
            await forget()

            async def is_told(told: str = told) -> bool:
                return await other.name_of("1") == told

            assert before == [f"v{number + 1}"] * 2
            assert await one.name_of("1") == told
            await until_true(is_told)


async def test_what_is_forgotten_as_a_whole_without_redis_is_forgotten_when_it_is_back():
    """Before Redis is used again everything in it is worth nothing."""
    async with two_replicas(bound=0.5) as (redis, one, other, links):
        for desk in (one, other):
            await desk.ask(sim_question("1"))
        redis.hang()
        await one.cache.forget_all()
        one.version = other.version = 2
        redis.go_on()
        await until(lambda: all(link.is_up for link in links))
        await until_true(partial(is_new, other))

        assert await one.name_of("1") == "v2"
