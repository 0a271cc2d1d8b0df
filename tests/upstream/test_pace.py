"""An account's limits hold for every caller together, and nobody who leaves keeps a place."""

import asyncio

import pytest

from gateway.upstream.pace import Limits, Pace


async def test_no_window_holds_more_than_its_calls():
    """However many ask at once, no window of time sees more calls begin than allowed; and all get their turn."""
    pace = Pace(Limits(concurrency=8, calls=3, window=0.05))
    now = asyncio.get_running_loop().time
    begun: list[float] = []

    async def call() -> None:
        async with pace.turn():
            begun.append(now())
            await asyncio.sleep(0.001)

    await asyncio.gather(*(call() for _ in range(14)))

    assert len(begun) == 14
    assert all(later - earlier >= 0.05 for earlier, later in zip(begun, begun[3:], strict=False))


async def test_calls_at_once_are_bounded():
    """No more calls run at once than the account's concurrency."""
    pace = Pace(Limits(concurrency=3))
    running, most = 0, 0

    async def call() -> None:
        nonlocal running, most
        async with pace.turn():
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(call() for _ in range(20)))

    assert most == 3


async def test_who_leaves_the_queue_takes_no_place():
    """A caller that is cancelled while it waits, or while it runs, leaves its place to the next."""
    pace = Pace(Limits(concurrency=1, calls=100, window=600.0, burst=100))
    entered = asyncio.Event()

    async def stay() -> None:
        async with pace.turn():
            entered.set()
            await asyncio.Event().wait()

    first = asyncio.create_task(stay())
    await entered.wait()
    waiting = asyncio.create_task(stay())
    await asyncio.sleep(0)
    waiting.cancel()
    first.cancel()
    await asyncio.gather(first, waiting, return_exceptions=True)

    async with asyncio.timeout(60), pace.turn():
        assert pace.remaining() == 98


async def test_remaining_counts_what_runs_and_what_ran():
    """The quota shows calls that run and calls of the window; it is whole again a window after the last."""
    moment = 100.0
    pace = Pace(Limits(concurrency=5, calls=5, window=10, burst=5), lambda: moment)
    async with pace.turn(), pace.turn():
        assert pace.remaining() == 3
    assert (pace.remaining(), pace.free_in()) == (3, 10.0)

    moment += 10

    assert (pace.remaining(), pace.free_in()) == (5, 0.0)


@pytest.mark.parametrize("calls", [None])
def test_without_a_rate_there_is_no_quota(calls: None):
    """Where only concurrency is limited there is nothing to count."""
    assert Pace(Limits(calls=calls), lambda: 0.0).remaining() is None
