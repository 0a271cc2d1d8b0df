"""Whose turn it is: those in a hurry first, nobody never, and who cannot be served in time hears so at once."""

import asyncio
from collections.abc import Coroutine
from contextvars import copy_context

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.upstream.errand import ERRAND, Errand, Urgency
from gateway.upstream.pace import Limits, Pace
from gateway.upstream.pace.queue import MOST_WAITING
from schema.errors import RateLimited
from tests.virtual_time import run_in_virtual_time

INTERACTIVE, BULK = Urgency.INTERACTIVE, Urgency.BULK


def now() -> float:
    return asyncio.get_running_loop().time()


class Counter:
    """Callers of one pace, and when each began."""

    def __init__(self, limits: Limits, seconds: float = 0.0) -> None:
        self.pace = Pace(limits)
        self.seconds = seconds
        self.began: list[tuple[str, float]] = []

    def come(self, name: str, own: Errand | None = None) -> asyncio.Task[None]:
        """A caller with this errand, beginning to wait as soon as others run."""
        context = copy_context()
        context.run(ERRAND.set, own or Errand())
        return asyncio.get_running_loop().create_task(self._call(name), context=context)

    def names(self) -> list[str]:
        return [name for name, _ in self.began]

    async def _call(self, name: str) -> None:
        async with self.pace.turn():
            self.began.append((name, now()))
            await asyncio.sleep(self.seconds)


def play(scene: Coroutine[object, object, None]) -> None:
    run_in_virtual_time(scene)


def test_interactive_goes_before_bulk():
    """Somebody in a hurry who comes last is served before bulk readers that came first; equals by arrival."""

    async def scene() -> None:
        counter = Counter(Limits(1, 1, 1.0))
        tasks = [counter.come("first")]
        await asyncio.sleep(0)
        tasks += [counter.come(f"bulk {each}", Errand(urgency=BULK)) for each in range(3)]
        await asyncio.sleep(0)
        tasks += [counter.come(f"now {each}") for each in range(2)]
        await asyncio.gather(*tasks)

        assert counter.names() == ["first", "now 0", "now 1", "bulk 0", "bulk 1", "bulk 2"]

    play(scene())


def test_bulk_does_not_starve():
    """While more and more interactive callers wait, every eighth turn is the oldest waiter's."""

    async def scene() -> None:
        counter = Counter(Limits(1, 1, 1.0))
        tasks = [counter.come("now")]
        await asyncio.sleep(0)
        tasks += [counter.come("bulk", Errand(urgency=BULK)) for _ in range(3)]
        await asyncio.sleep(0)
        for _ in range(40):
            tasks += [counter.come("now"), counter.come("now")]
            await asyncio.sleep(1.0)

        assert [place for place, name in enumerate(counter.names()) if name == "bulk"] == [8, 16, 24]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    play(scene())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Urgency), st.floats(0, 3)), min_size=1, max_size=40))
def test_everybody_has_a_turn(arrivals):
    """Whoever comes when, in a hurry or not, is served, and never faster than allowed."""

    async def scene() -> None:
        counter = Counter(Limits(2, 3, 1.0, 2), seconds=0.3)
        tasks = []
        for urgency, pause in arrivals:
            await asyncio.sleep(pause / 10)
            tasks.append(counter.come("anyone", Errand(urgency=urgency)))
        await asyncio.gather(*tasks)

        moments = [moment for _, moment in counter.began]
        assert len(moments) == len(arrivals)
        assert all(later - earlier >= 1.0 - 1e-6 for earlier, later in zip(moments, moments[3:], strict=False))

    play(scene())


def test_who_cannot_be_served_in_time_is_refused_at_once():
    """The refusal takes no time and says when to come back; who has the time waits and is served."""

    async def scene() -> None:
        counter = Counter(Limits(8, 60, 60.0, 1))
        patient = [counter.come("patient", Errand(until=10.0)) for _ in range(5)]
        await asyncio.sleep(0)
        hasty = counter.come("hasty", Errand(until=4.5))
        with pytest.raises(RateLimited) as caught:
            await hasty

        assert now() == 0
        assert caught.value.message == "the account has no turn within this request's time: 60 calls in 60 s, 8 at once"
        assert caught.value.retry_after == pytest.approx(5.0)
        await asyncio.gather(*patient)
        assert now() == pytest.approx(4.0)

    play(scene())


def test_only_those_before_count_for_the_estimate():
    """A hundred bulk readers are no reason to refuse somebody in a hurry, but one to refuse another bulk reader."""

    async def scene() -> None:
        counter = Counter(Limits(8, 60, 60.0, 1))
        bulk = [counter.come("bulk", Errand(urgency=BULK)) for _ in range(100)]
        await asyncio.sleep(0)
        with pytest.raises(RateLimited):
            await counter.come("bulk", Errand(until=50.0, urgency=BULK))
        await counter.come("now", Errand(until=2.0))

        assert now() == pytest.approx(1.0)
        await asyncio.gather(*bulk)

    play(scene())


def test_waiting_too_long_after_all_is_refused_before_the_time_is_over():
    """When calls take longer than could be known, a waiter is refused just before its time; one whose time grew, as
    somebody with more joined, goes on waiting."""

    async def scene() -> None:
        counter = Counter(Limits(1, 10, 1.0), seconds=7.0)
        running = counter.come("long")
        await asyncio.sleep(0)
        grows, late = Errand(until=3.0), Errand(until=3.0)
        joined, refused = counter.come("joined", grows), counter.come("late", late)
        await asyncio.sleep(1.0)
        grows.until = 20.0
        with pytest.raises(RateLimited):
            await refused

        assert 2.9 < now() < 3.0
        assert late.queued == pytest.approx(now())
        await asyncio.gather(running, joined)
        assert counter.began[1] == ("joined", pytest.approx(7.0))
        assert grows.queued == pytest.approx(7.0)

    play(scene())


def test_where_only_concurrency_is_limited_the_callers_timeout_ends_the_waiting():
    """Nobody knows how long calls take, so nobody is refused; who is cancelled leaves no trace."""

    async def scene() -> None:
        counter = Counter(Limits(1), seconds=5.0)
        running = counter.come("running")
        await asyncio.sleep(0)
        waiting, gone = counter.come("waiting", Errand(until=1.0)), counter.come("gone", Errand(until=1.0))
        await asyncio.sleep(2.0)
        gone.cancel()
        await asyncio.gather(running, waiting, gone, return_exceptions=True)

        assert counter.names() == ["running", "waiting"]
        assert now() == pytest.approx(10.0)

    play(scene())


def test_a_place_given_to_somebody_who_just_left_goes_on():
    """Cancelled in the same moment in which its turn came, a caller has used neither place nor call."""

    async def scene() -> None:
        counter = Counter(Limits(1, 10, 60.0, 10))
        async with counter.pace.turn():
            gone = counter.come("gone")
            await asyncio.sleep(0)
            waiting = counter.come("waiting")
            await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(waiting, gone, return_exceptions=True)

        assert counter.names() == ["waiting"]
        assert counter.pace.remaining() == 8

    play(scene())


def test_the_queue_is_bounded_and_bulk_fills_half_of_it():
    """The 501st bulk reader and the 1,001st caller are refused with a number, whatever their time."""

    async def scene() -> None:
        counter = Counter(Limits(1), seconds=1.0)
        tasks = [counter.come("running")]
        await asyncio.sleep(0)
        tasks += [counter.come("bulk", Errand(urgency=BULK)) for _ in range(MOST_WAITING // 2)]
        await asyncio.sleep(0)
        with pytest.raises(RateLimited, match="500 calls wait"):
            await counter.come("bulk", Errand(urgency=BULK))
        tasks += [counter.come("now") for _ in range(MOST_WAITING // 2)]
        await asyncio.sleep(0)
        with pytest.raises(RateLimited, match="1000 calls wait"):
            await counter.come("now")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

        await counter.come("afterwards")
        assert counter.names() == ["running", "afterwards"]

    play(scene())


def test_nothing_begins_in_a_pause_and_who_cannot_wait_for_its_end_is_refused():
    """A 429 with Retry-After 8 sends those away whose time ends before, and lets the others in afterwards."""

    async def scene() -> None:
        counter = Counter(Limits(1), seconds=1.0)
        running = counter.come("running")
        await asyncio.sleep(0)
        hasty, patient = counter.come("hasty", Errand(until=5.0)), counter.come("patient", Errand(until=30.0))
        await asyncio.sleep(0)
        counter.pace.throttled(8.0)
        with pytest.raises(RateLimited, match="a pause that ends after"):
            await hasty
        with pytest.raises(RateLimited):
            await counter.come("later", Errand(until=7.0))
        assert now() == 0
        await asyncio.gather(running, patient)

        assert counter.began[-1] == ("patient", pytest.approx(8.0))

    play(scene())


def test_429s_of_calls_under_way_together_count_once():
    """Four turns held together and four complaints: half, not a sixteenth. The quota says that it is lowered."""

    async def scene() -> None:
        pace = Pace(Limits(4, 40, 10.0, 10))
        async with pace.turn(), pace.turn(), pace.turn(), pace.turn():
            began = now()
            for _ in range(4):
                await asyncio.sleep(1.0)
                pace.throttled(None, began)
        quota = pace.quota()

        assert quota is not None
        assert (quota.limit, quota.remaining, quota.is_lowered) == (40, 16, True)
        assert quota.free_in == pytest.approx(10.0)
        await asyncio.sleep(200)
        quota = pace.quota()
        assert quota is not None
        assert (quota.remaining, quota.is_lowered) == (40, False)

    play(scene())


def test_who_waits_at_the_end_is_refused():
    """Closing a pace ends the waiting of everybody, and no timer is left."""

    async def scene() -> None:
        counter = Counter(Limits(1, 1, 60.0))
        await counter.come("first")
        waiting = counter.come("waiting", Errand(until=100.0))
        await asyncio.sleep(0)
        await counter.pace.aclose()
        with pytest.raises(RateLimited, match="about to end"):
            await waiting

    play(scene())


def test_a_pause_is_kept_at_full_rate_too():
    """A call that began before the last complaint does not lower the rate again, but the pause its answer asks for is
    kept, also where the rate has recovered meanwhile."""

    async def scene() -> None:
        counter = Counter(Limits(1, 10, 1.0))
        await asyncio.sleep(1)
        counter.pace.throttled(None, 0.5)
        await asyncio.sleep(30)
        counter.pace.throttled(20.0, 0.5)
        quota = counter.pace.quota()
        assert quota is not None
        assert not quota.is_lowered
        await counter.come("after")

        assert counter.began[-1] == ("after", pytest.approx(51.0))

    play(scene())
