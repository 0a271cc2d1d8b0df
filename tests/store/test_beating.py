"""A process says that it is alive for as long as it is, through every trouble."""

import logging
from pathlib import Path

import pytest

from gateway.store.beating import beating
from gateway.store.opening import StoreOptions
from gateway.store.store import KEPT_WRITES, LEASE
from tests.redis_server import a_redis
from tests.store.desk import START, Desk, a_desk, a_write
from tests.waiting import until, until_true

OFTEN = 0.01


async def test_alive_and_then_not(desk: Desk) -> None:
    """It is alive when the block begins, and has left when it ends."""
    await desk.store.claim(a_write())
    async with beating(desk.store, "a"):
        within = await desk.store.orphans()

    assert (within, await desk.store.orphans()) == ([], [a_write()])


async def test_it_beats_again_and_again(tmp_path: Path) -> None:
    """Long after the first lease it is still alive."""
    async with a_desk(StoreOptions(tmp_path)) as desk:
        await desk.store.claim(a_write())
        async with beating(desk.store, "a", pause=OFTEN):
            for _ in range(3):
                desk.clock.time += 2 * LEASE
                await until_true(lambda: _is_alive(desk))


async def _is_alive(desk: Desk) -> bool:
    return await desk.store.orphans() == []


async def test_what_is_old_is_dropped(tmp_path: Path) -> None:
    """At the beginning, and again from time to time."""
    async with a_desk(StoreOptions(tmp_path)) as desk:
        await desk.store.finish(a_write(over=START))
        async with beating(desk.store, "a", purging=OFTEN):
            kept = await desk.store.write("w")
            desk.clock.time += KEPT_WRITES

            async def is_purged() -> bool:
                desk.clock.time = START
                found = await desk.store.write("w")
                desk.clock.time = START + KEPT_WRITES
                return found is None

            await until_true(is_purged)

    assert kept is not None


async def test_a_store_that_is_gone_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    """Going and coming back are logged once each, and then the process is alive again."""
    caplog.set_level(logging.INFO, "gateway.store.beating")
    with a_redis() as server:
        async with (
            a_desk(StoreOptions(redis=server.url, prefix="p")) as desk,
            beating(desk.store, "a", pause=OFTEN, purging=OFTEN),
        ):
            server.stop()
            await until(lambda: _said(caplog) == [GONE])
            server.start()
            await until(lambda: _said(caplog) == [GONE, BACK])
            await desk.store.claim(a_write())

            assert await desk.store.orphans() == []

    assert _said(caplog) == [GONE, BACK]


GONE = "nothing can be changed, as the store cannot be used: Redis cannot be reached"
BACK = "the store is back"


def _said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.name == "gateway.store.beating"]
