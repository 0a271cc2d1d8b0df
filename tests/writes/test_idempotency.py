"""An idempotency key names a change for good: however often and wherever it is ordered, it is done once."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.store.opening import StoreOptions
from tests.redis_server import a_redis
from tests.waiting import until
from tests.world import World
from tests.writes.site import SEND, Clock, Payload, Site, a_site, asked_alike, sim_for_texts

KEYS = [f"key {number}" for number in range(20)]
TIMES = 10
"""How often each is ordered."""
WHERE = ("one gateway", "two over Redis", "two over a folder")


@contextmanager
def a_store(where: str, folder: Path) -> Iterator[StoreOptions]:
    if "Redis" not in where:
        yield StoreOptions(folder=folder)
        return
    with a_redis() as redis:
        yield StoreOptions(redis=redis.url)


@asynccontextmanager
async def gateways(site: Site, where: str, folder: Path) -> AsyncIterator[list[World]]:
    """One gateway, or two that share a store."""
    async with AsyncExitStack() as stack:
        store = stack.enter_context(a_store(where, folder))
        count = 1 if where.startswith("one") else 2
        yield [await stack.enter_async_context(site.gateway(store)) for _ in range(count)]


async def send(world: World, sim: str, key: str | None, text: str = "reboot now, please") -> Payload:
    told: Payload = (await world.data(SEND, asked_alike(sim, key, text)))["sendCommand"]
    return told


async def ordered(worlds: Sequence[World], sim: str) -> dict[str, list[Payload]]:
    """Every key as often as that, at all gateways, at once: the answers by key."""
    orders = [(key, worlds[time % len(worlds)]) for time in range(TIMES) for key in KEYS]
    told = await asyncio.gather(*(send(world, sim, key) for key, world in orders))
    answers: dict[str, list[Payload]] = {key: [] for key in KEYS}
    for (key, _), answer in zip(orders, told, strict=True):
        answers[key].append(answer)
    return answers


def are_alike(answers: Sequence[Payload]) -> bool:
    return all(each == answers[0] for each in answers)


@pytest.mark.parametrize("where", WHERE)
async def test_200_orders_with_20_keys(where: str, tmp_path: Path):
    """200 orders at once with 20 keys are 20 commands, each key has one answer, and later it has the same."""
    async with a_site() as site, gateways(site, where, tmp_path) as worlds:
        sim = await sim_for_texts(worlds[0])

        answers = await ordered(worlds, sim)

        assert len(site.writes()) == len(KEYS)
        assert all(map(are_alike, answers.values()))
        assert {each[0]["outcome"] for each in answers.values()} == {"APPLIED"}
        assert len({each[0]["command"]["nativeId"] for each in answers.values()}) == len(KEYS)
        assert [await send(worlds[-1], sim, key) for key in KEYS] == [each[0] for each in answers.values()]
        assert len(site.writes()) == len(KEYS)


async def test_the_keys_outlive_the_process(tmp_path: Path):
    """A gateway that is started again with the same folder knows what was done before."""
    store = StoreOptions(folder=tmp_path)
    async with a_site() as site:
        async with site.gateway(store) as world:
            sim = await sim_for_texts(world)
            first = [await send(world, sim, key) for key in KEYS[:3]]
        async with site.gateway(store) as world:
            second = [await send(world, sim, key) for key in KEYS[:3]]

        assert second == first
        assert len(site.writes()) == 3


@pytest.mark.parametrize("where", WHERE)
async def test_another_input_under_the_same_key(where: str, tmp_path: Path):
    """A key that was used for another input is refused with the field's path, and nothing is sent."""
    async with a_site() as site, gateways(site, where, tmp_path) as worlds:
        sim = await sim_for_texts(worlds[0])
        await send(worlds[0], sim, "once")

        other = await send(worlds[-1], sim, "once", "something else")

        assert conflict_of(other) == ["input", "idempotencyKey"]
        assert len(site.writes()) == 1


@pytest.mark.parametrize("where", WHERE)
async def test_while_the_first_is_under_way(where: str, tmp_path: Path):
    """While the first is under way the same order waits for its answer, and another input is refused at once."""
    async with a_site() as site, gateways(site, where, tmp_path) as worlds:
        sim = await sim_for_texts(worlds[0])
        site.host.latency["twilio-supersim"] = 0.7
        first = asyncio.create_task(send(worlds[0], sim, "once"))
        await until(lambda: len(site.writes()) == 1)

        other = await send(worlds[-1], sim, "once", "something else")
        same = await send(worlds[-1], sim, "once")

        assert conflict_of(other) == ["input", "idempotencyKey"]
        assert same == await first
        assert same["outcome"] == "APPLIED"
        assert len(site.writes()) == 1


def conflict_of(payload: Payload) -> Any:  # Any: the path of a problem
    assert payload["outcome"] == "REFUSED"
    assert payload["command"] is None
    [problem] = payload["problems"]
    assert (problem["code"], problem["retryable"]) == ("CONFLICT", False)
    return problem["path"]


@pytest.mark.parametrize("where", WHERE)
async def test_slowed_down_and_tried_again(where: str, tmp_path: Path):
    """What the provider only put off may be ordered again under the same key, and is then done once."""
    async with a_site() as site, gateways(site, where, tmp_path) as worlds:
        sim = await sim_for_texts(worlds[0])
        site.host.fault("twilio-supersim", "throttle", 1, count=1)

        told = [await send(worlds[number % len(worlds)], sim, "once") for number in range(3)]

        assert [each["outcome"] for each in told] == ["REFUSED", "APPLIED", "APPLIED"]
        assert told[0]["problems"][0]["code"] == "RATE_LIMITED"
        assert told[0]["problems"][0]["retryable"]
        assert told[1] == told[2]
        assert [each.status for each in site.writes()] == [429, 201]


@pytest.mark.parametrize("where", WHERE)
async def test_a_refusal_is_kept(where: str, tmp_path: Path):
    """What the provider refused is refused again under the same key in the same words, without asking it."""
    async with a_site() as site, gateways(site, where, tmp_path) as worlds:
        sim = await sim_for_texts(worlds[0])
        site.host.fault("twilio-supersim", "status", 400, count=1)

        told = [await send(worlds[number % len(worlds)], sim, "once") for number in range(3)]

        assert told[0]["outcome"] == "REFUSED"
        assert told[0]["problems"][0]["code"] == "REFUSED"
        assert are_alike(told)
        assert len(site.writes()) == 1


async def test_a_lost_answer_is_kept(tmp_path: Path):
    """What is unknown stays unknown under the same key: it is not sent again."""
    store = StoreOptions(folder=tmp_path)
    async with a_site() as site, site.gateway(store) as world:
        sim = await sim_for_texts(world)
        site.host.fault("twilio-supersim", "drop", count=1)

        told = [await send(world, sim, "once") for _ in range(2)]

        assert told[0]["outcome"] == "UNKNOWN"
        assert are_alike(told)
        assert len(site.writes()) == 1


@pytest.mark.parametrize("where", WHERE[:2])
async def test_a_key_is_free_after_a_day(where: str, tmp_path: Path):
    """For 24 hours a key names the same command; after that it names another one."""
    clock = Clock()
    async with a_site() as site, AsyncExitStack() as stack:
        store = stack.enter_context(a_store(where, tmp_path))
        world = await stack.enter_async_context(site.gateway(store, now=clock))
        sim = await sim_for_texts(world)
        first = await send(world, sim, "once")
        clock.ahead = timedelta(hours=23, minutes=50)
        same = await send(world, sim, "once")
        clock.ahead = timedelta(hours=24, minutes=1)

        later = await send(world, sim, "once")

        assert same == first
        assert later["outcome"] == "APPLIED"
        assert later["command"]["nativeId"] != first["command"]["nativeId"]
        assert len(site.writes()) == 2


async def test_without_a_key_each_is_another_one(tmp_path: Path):
    """Two equal orders without a key are two commands."""
    async with a_site() as site, site.gateway(StoreOptions(folder=tmp_path)) as world:
        sim = await sim_for_texts(world)

        told = await asyncio.gather(*(send(world, sim, None) for _ in range(2)))

        assert len({each["command"]["nativeId"] for each in told}) == 2
        assert len(site.writes()) == 2
