"""Nothing is sent that cannot be written down; and what was done is told, whatever cannot be written down of it."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.log import AUDIT_FILE
from gateway.store.opening import StoreOptions
from tests.contract.writes import Bench
from tests.redis_server import a_redis
from tests.waiting import until, until_true
from tests.world import World
from tests.writes.catalog import CATALOG, Case, change
from tests.writes.site import SEND, SUPERSIM, Payload, Site, a_site, asked_alike, sim_for_texts

HEALTH = "{ accounts { health } sims(first: 1) { nodes { id } problems { code } } }"


@dataclass
class Place:
    """A store that can be taken away and put back."""

    options: StoreOptions
    lose: Callable[[], None]
    give_back: Callable[[], None]


@contextmanager
def in_redis(_: Path) -> Iterator[Place]:
    with a_redis() as redis:
        yield Place(StoreOptions(redis=redis.url), redis.stop, redis.start)


@contextmanager
def in_a_folder(folder: Path) -> Iterator[Place]:
    here, elsewhere = folder / "state", folder / "elsewhere"
    yield Place(StoreOptions(here), lambda: _move(here, elsewhere), lambda: _move(elsewhere, here))


def _move(old: Path, new: Path) -> None:
    shutil.rmtree(new, ignore_errors=True)  # one that was made meanwhile
    old.rename(new)


PLACES = [in_redis, in_a_folder]


@asynccontextmanager
async def a_gateway(
    place: Callable[[Path], Any], folder: Path, name: str = SUPERSIM
) -> AsyncIterator[tuple[Site, World, Place]]:
    """`place`: Any, as it is a context."""
    async with AsyncExitStack() as stack:
        kept = stack.enter_context(place(folder))
        site = await stack.enter_async_context(a_site([name]))
        yield site, await stack.enter_async_context(site.gateway(kept.options)), kept


def cases_of(name: str) -> list[Case]:
    return [each for each in CATALOG if each.provider == name]


async def send(world: World, sim: str, key: str | None = None) -> Payload:
    told: Payload = (await world.data(SEND, asked_alike(sim, key)))["sendCommand"]
    return told


@pytest.mark.parametrize("name", sorted({each.provider for each in CATALOG}))
@pytest.mark.parametrize("place", PLACES)
async def test_the_store_is_gone(place: Callable[[Path], Any], name: str, tmp_path: Path):
    """Every change is refused with UNAVAILABLE and none is sent; the provider is not blamed, and reading goes on."""
    async with a_gateway(place, tmp_path, name) as (site, world, kept):
        bench = Bench(world.accounts.by_name[name].provider, site.simulators[name])
        given = [(each, await each.prepare(bench, name)) for each in cases_of(name)]
        assert (await world.data(HEALTH))["sims"]["problems"] == []
        site.host.clear()
        kept.lose()

        for case, variables in given:
            for key in ({}, {"idempotencyKey": f"{case}"}):
                payload = await change(world, case.mutation, variables, **key)

                assert payload["outcome"] == "REFUSED"
                assert [(each["code"], each["retryable"]) for each in payload["problems"]] == [("UNAVAILABLE", True)]
        assert site.writes(name) == []
        told = await world.data(HEALTH)
        assert (told["accounts"], told["sims"]["problems"]) == ([{"health": "UP"}], [])
        assert len(told["sims"]["nodes"]) == 1


@pytest.mark.parametrize("place", PLACES)
async def test_it_is_back(place: Callable[[Path], Any], tmp_path: Path):
    """When the store is back changes are made again, with the same keys too, and each is sent once."""
    async with a_gateway(place, tmp_path) as (site, world, kept):
        sim = await sim_for_texts(world)
        kept.lose()
        assert [(await send(world, sim, key))["outcome"] for key in ("once", None)] == ["REFUSED"] * 2
        kept.give_back()

        for count, key in enumerate(("once", None), start=1):
            payload = await sent_at_last(world, sim, key)

            assert (payload["outcome"], payload["problems"]) == ("APPLIED", [])
            assert len(site.writes()) == count


async def sent_at_last(world: World, sim: str, key: str | None) -> Payload:
    """The first answer that is no refusal: it may take a moment until the store is known to be back."""
    told: list[Payload] = []

    async def is_sent() -> bool:
        told.append(await send(world, sim, key))
        return bool(told[-1]["outcome"] != "REFUSED")

    await until_true(is_sent)
    assert {each["problems"][0]["code"] for each in told[:-1]} <= {"UNAVAILABLE"}
    return told[-1]


@pytest.mark.parametrize("place", PLACES)
async def test_it_goes_while_a_change_is_under_way(place: Callable[[Path], Any], tmp_path: Path):
    """What was sent is told as it came out, also for the same key, before the store is back and after."""
    async with a_gateway(place, tmp_path) as (site, world, kept):
        sim = await sim_for_texts(world)
        site.host.latency[SUPERSIM] = 0.5
        sending = asyncio.create_task(send(world, sim, "once"))
        await until(lambda: len(site.writes()) == 1)
        kept.lose()

        first = await sending

        assert first["outcome"] == "APPLIED"
        assert await send(world, sim, "once") == first
        kept.give_back()
        assert await send(world, sim, "once") == first
        if kept.options.folder is not None:  # a Redis that was stopped has forgotten what was sent before
            await until_true(lambda: _is_saved(site, kept, sim, first))
        assert len(site.writes()) == 1


async def _is_saved(site: Site, kept: Place, sim: str, first: Payload) -> bool:
    """Whether another gateway knows of it; until then it says that it does not know the end yet."""
    async with site.gateway(kept.options, deadline=1.0) as other:
        told = await send(other, sim, "once")
    assert len(site.writes()) == 1
    return told == first


async def test_it_hangs_while_it_is_asked(tmp_path: Path):
    """A store that does not answer is as good as gone: nothing is sent, and later the same key can be used."""
    with a_redis() as redis:
        async with a_site() as site, site.gateway(StoreOptions(redis=redis.url)) as world:
            sim = await sim_for_texts(world)
            redis.hang()
            told = await asyncio.gather(*(send(world, sim, key) for key in ("once", None)))
            redis.go_on()

            assert [each["outcome"] for each in told] == ["REFUSED"] * 2
            assert site.writes() == []
            assert (await sent_at_last(world, sim, "once"))["outcome"] == "APPLIED"
            assert len(site.writes()) == 1


async def test_the_audit_log_cannot_be_written(tmp_path: Path):
    """The change is made all the same, and a problem tells that the log lacks it; later ones are in it again."""
    async with a_gateway(in_a_folder, tmp_path) as (site, world, kept):
        sim = await sim_for_texts(world)
        assert kept.options.folder is not None
        log = kept.options.folder / AUDIT_FILE
        log.unlink()
        log.mkdir()

        lacking = await send(world, sim)
        log.rmdir()
        whole = await send(world, sim)

        assert lacking["outcome"] == "APPLIED"
        [problem] = lacking["problems"]
        assert (problem["code"], problem["account"], problem["operation"]) == ("UNAVAILABLE", SUPERSIM, "audit")
        assert (whole["outcome"], whole["problems"]) == ("APPLIED", [])
        [line] = log.read_text().splitlines()
        assert json.loads(line)["target"] == whole["command"]["nativeId"]
        assert len(site.writes()) == 2
