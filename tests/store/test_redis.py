"""What is Redis's own: who lives, what is kept for how long, and what happens while it is gone."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.store import redis_calls
from gateway.store.opening import StoreOptions
from gateway.store.store import KEPT_JOBS, KEPT_WRITES, LEASE, StoreGone
from tests.cache.test_link import a_redis_with_tls
from tests.redis_server import RedisServer, a_redis
from tests.store.desk import START, Desk, a_desk, a_job, a_write, an_item
from tests.waiting import until_true

HOUR = 3600_000


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with a_redis() as own:
        yield own


@pytest.fixture
async def desk(server: RedisServer) -> AsyncIterator[Desk]:
    async with a_desk(StoreOptions(redis=server.url, prefix="p")) as made:
        yield made


async def beats(desk: Desk) -> bool:
    """Whether a beat comes through."""
    try:
        await desk.store.beat("a")
    except StoreGone:
        return False
    return True


async def test_who_lives_is_a_key_that_expires(desk: Desk) -> None:
    """A beat lasts for the lease and no longer."""
    await desk.store.beat("a")
    async with desk.redis() as redis:
        left = await redis.pttl("p:store:owner:a")

        assert 0 < left <= LEASE * 1000
        await redis.pexpire("p:store:owner:a", 1)
    await desk.store.claim(a_write())
    await until_true(lambda: _is_orphan(desk))


async def _is_orphan(desk: Desk) -> bool:
    return [each.id for each in await desk.store.orphans()] == ["w"]


async def test_everything_goes_in_time(desk: Desk) -> None:
    """What is over expires by itself, with all that it is found by; what is open does not, but does not pile up."""
    await desk.store.finish(a_write(over=START))
    await desk.store.add_job(a_job())
    await desk.store.add_items("j", [an_item(0), an_item(1)])
    await desk.store.save_job(a_job(owner="", over=START))
    await desk.store.finish_item("j", an_item(0, outcome="APPLIED"))
    await desk.store.claim(a_write("let go", likeness="x"))
    await desk.store.release("let go", "a")
    async with desk.redis() as redis:
        lives = {key.decode().removeprefix("p:store:"): await redis.pttl(key) for key in await redis.keys("*")}
    desk.clock.time += KEPT_JOBS
    await desk.store.purge()
    async with desk.redis() as redis:
        left = {key.decode().removeprefix("p:store:") for key in await redis.keys("*")}

    assert [lives.pop(each) for each in ("jobs", "jobs-of:ops", "callers")] == [-1, -1, -1]
    assert KEPT_WRITES * 1000 - HOUR < lives.pop("write:w") <= KEPT_WRITES * 1000
    assert KEPT_WRITES * 1000 < lives.pop("alike:sent") <= 2 * KEPT_WRITES * 1000
    assert lives.keys() == {
        "job:j", "items:j", "came:j", "outcomes:j", "numbers:j", "of:j:", "of:j:APPLIED"
    }  # fmt: skip
    assert all(KEPT_JOBS * 1000 - HOUR < each <= KEPT_JOBS * 1000 for each in lives.values())
    assert left == {"write:w", "alike:sent"}


async def test_old_likenesses_are_trimmed(desk: Desk) -> None:
    """One that goes on for ever keeps only what is young enough to matter."""
    for day in range(6):
        desk.clock.time = START + day * KEPT_WRITES
        await desk.store.finish(a_write(f"w{day}", began=desk.clock.time, over=desk.clock.time))
    async with desk.redis() as redis:
        kept = await redis.zrange("p:store:alike:sent", 0, -1)

    assert kept == [b"w4", b"w5"]


async def test_while_redis_is_gone(desk: Desk, server: RedisServer) -> None:
    """Whoever asks is told within seconds, without its address; when it is back so is the store."""
    await desk.store.beat("a")
    server.stop()
    began = time.monotonic()
    with pytest.raises(StoreGone) as told:
        await desk.store.intend(a_write())
    took = time.monotonic() - began
    server.start()
    await until_true(lambda: beats(desk))

    assert told.value.message == "the store cannot be used: Redis cannot be reached"
    assert took < 20
    assert await desk.store.claim(a_write()) is None


async def test_a_redis_that_hangs(desk: Desk, server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim and an intent that nobody knows the end of are taken back when Redis answers again: nothing was sent."""
    monkeypatch.setattr(redis_calls, "PATIENCE", 0.3)
    store = await desk.another()
    other = await desk.another()
    await other.claim(a_write("intended"))
    server.hang()
    with pytest.raises(StoreGone, match="Redis does not answer"):
        await store.claim(a_write("claimed"))
    with pytest.raises(StoreGone, match="Redis does not answer"):
        await store.intend(a_write("intended"))
    with pytest.raises(StoreGone, match="in doubt"):
        await store.intend(a_write("intended"))
    server.go_on()

    async def is_clear() -> bool:
        try:
            await store.beat("a")
            return not [await store.write(each) for each in ("claimed", "intended") if await store.write(each)]
        except StoreGone:
            return False

    await until_true(is_clear)
    assert await desk.store.claim(a_write("claimed", owner="b")) is None
    assert await desk.store.claim(a_write("intended", owner="b")) is None


async def test_a_doubt_does_not_touch_another_claim(desk: Desk, server: RedisServer) -> None:
    """What is in doubt is taken back by when it began: a later claim of the same id stays."""
    server.stop()
    with pytest.raises(StoreGone):
        await desk.store.claim(a_write())
    server.start()
    other = await desk.another()
    later = a_write(began=START + 1)
    await other.claim(later)
    await until_true(lambda: beats(desk))

    assert await desk.store.write("w") == later


async def test_a_redis_that_may_lose_things(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    """One that keeps no log, or drops what it likes, is warned of once; one that does neither is not."""
    async with a_desk(StoreOptions(redis=server.url, prefix="p")) as desk, desk.redis() as redis:
        first = [record.message for record in caplog.records if record.levelno == logging.WARNING]
        await redis.config_set("maxmemory", 100_000_000)
        await redis.config_set("maxmemory-policy", "allkeys-lru")
        await redis.config_set("appendonly", "yes")
        caplog.clear()
        await desk.another()
        second = [record.message for record in caplog.records if record.levelno == logging.WARNING]
        await redis.config_set("maxmemory-policy", "noeviction")
        caplog.clear()
        await desk.another()

    name = f"Redis at 127.0.0.1:{server.port}"
    assert first == [f"{name} keeps no log (appendonly no): what is to be done once may be done twice after it"]
    assert second == [f"{name} drops what it likes when memory is short: give it maxmemory-policy noeviction"]
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == []


async def test_a_redis_without_room(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """A refusal is told in our words, logged once, and leaves nothing behind."""
    async with desk.redis() as redis:
        await redis.config_set("maxmemory", 1)
        for number in range(2):
            with pytest.raises(StoreGone, match="Redis has no memory left"):
                await desk.store.claim(a_write(f"w{number}"))
        there = await redis.keys("*")
        await redis.config_set("maxmemory", 0)

    assert (there, len([each for each in caplog.records if each.levelno == logging.ERROR])) == ([], 1)
    assert await desk.store.claim(a_write("later")) is None


async def test_one_that_was_never_there() -> None:
    """Opening it raises nothing: what only reads goes on without it."""
    async with a_desk(StoreOptions(redis="redis://127.0.0.1:1/0")) as desk:
        with pytest.raises(StoreGone, match="Redis cannot be reached"):
            await desk.store.beat("a")


def test_an_address_with_a_password_is_not_shown() -> None:
    """Options may be logged."""
    assert "hunter2" not in repr(StoreOptions(redis="redis://:hunter2@h"))


async def test_more_callers_than_connections(desk: Desk) -> None:
    """They wait for each other; each is answered."""
    told = await asyncio.gather(*(desk.store.claim(a_write(f"w{number}")) for number in range(500)))

    assert told == [None] * 500


async def test_tls(tmp_path: Path) -> None:
    """It is spoken with a server that the authority vouches for, and with no other."""
    with a_redis_with_tls(tmp_path) as (port, certificate):
        url = f"rediss://127.0.0.1:{port}"
        async with a_desk(StoreOptions(redis=url, redis_ca=str(certificate))) as desk:
            told = await desk.store.claim(a_write())
        async with a_desk(StoreOptions(redis=url)) as desk:
            with pytest.raises(StoreGone, match="Redis cannot be reached"):
                await desk.store.claim(a_write("other"))

    assert told is None
