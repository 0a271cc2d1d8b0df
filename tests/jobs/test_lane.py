"""What a job does at one account, in virtual time and with a stand-in for whoever sends."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gateway.jobs.lane import MOST_WAITING, Lane, Timing
from gateway.store.records import ItemRecord
from gateway.writes.order import Told
from schema.connection import Problem
from schema.errors import RateLimited
from schema.write import WriteOutcome
from tests.virtual_time import run_in_virtual_time

DONE = Told(outcome=WriteOutcome.APPLIED)


def throttled(retry_after: float | None = None) -> Told:
    problem = Problem.of(RateLimited("too many calls", retry_after=retry_after))
    return Told(outcome=WriteOutcome.REFUSED, problems=[problem], is_retryable=True)


@dataclass
class Bench:
    """Items of an account, what is told of each, and when each was tried and was over."""

    answer: Callable[[int, float], Told]
    """Of an item's number and the time."""
    items: int
    takes: float = 0.0
    """Seconds for one item."""
    opens: float = 0.0
    """When the first may be begun."""
    tried: list[tuple[float, int]] = field(default_factory=list)
    over: dict[int, Told] = field(default_factory=dict)
    most_together: int = 0
    _together: int = 0

    async def fetch(self, start: int, limit: int) -> Sequence[ItemRecord]:
        accounts = ("elsewhere", "trackers")
        numbers = range(start, min(2 * self.items, start + limit))
        return [ItemRecord(number=each, account=accounts[each % 2], native_id=str(each)) for each in numbers]

    async def do(self, item: ItemRecord) -> Told:
        assert item.account == "trackers"
        self._together += 1
        self.most_together = max(self.most_together, self._together)
        now = asyncio.get_running_loop().time()
        self.tried.append((now, item.number))
        await asyncio.sleep(self.takes)
        self._together -= 1
        return self.answer(item.number, now)

    async def turn(self, item: ItemRecord) -> float:
        del item
        return max(0.0, self.opens - asyncio.get_running_loop().time())

    async def done(self, item: ItemRecord, told: Told) -> None:
        assert item.number not in self.over
        self.over[item.number] = told

    def run(
        self,
        places: int = 1,
        *,
        timing: Timing | None = None,
        beside: Callable[[asyncio.Event], Awaitable[None]] | None = None,
    ) -> float:
        """Seconds it took."""

        async def main() -> float:
            stop = asyncio.Event()
            lane = Lane(
                "trackers",
                self.fetch,
                self.do,
                self.done,
                stop,
                random=lambda: 1.0,
                timing=timing or Timing(),
                turn=self.turn,
            )
            async with asyncio.TaskGroup() as group:
                group.create_task(lane.run(places))
                if beside is not None:
                    group.create_task(_awaited(beside(stop)))
            return asyncio.get_running_loop().time()

        return run_in_virtual_time(main())


async def _awaited(work: Awaitable[None]) -> None:
    await work


def test_every_item_of_the_account_is_done_once_in_order():
    """All items of the account, however many chunks they fill, none of another account, in their numbers' order."""
    bench = Bench(lambda *_: DONE, items=1000)

    bench.run()

    assert [number for _, number in bench.tried] == list(range(1, 2000, 2))
    assert bench.over.keys() == {number for _, number in bench.tried}


def test_so_many_at_once_as_there_are_places():
    """No more are under way together than the account has places, and no fewer while there is enough to do."""
    bench = Bench(lambda *_: DONE, items=40, takes=1.0)

    assert bench.run(places=4) == 10.0
    assert bench.most_together == 4


def test_what_was_too_much_is_tried_again_when_the_provider_says():
    """After a 429 nothing is tried for as long as the provider asked; then that item is done too."""
    bench = Bench(lambda _, now: throttled(30.0) if now < 30 else DONE, items=3)

    bench.run()

    assert bench.tried[0] == (0.0, 1)
    assert all(time >= 30 for time, _ in bench.tried[1:])
    assert {told.outcome for told in bench.over.values()} == {WriteOutcome.APPLIED}
    assert len(bench.tried) == 4


def test_the_pause_doubles_up_to_a_minute():
    """Where nobody says when, the account is tried after 1, 2, 4 seconds and so on, and after a minute at most."""
    bench = Bench(lambda _, now: throttled() if now < 300 else DONE, items=1)

    bench.run()

    times = [time for time, _ in bench.tried]
    pauses = [after - before for before, after in pairwise(times)]
    assert [round(pause) for pause in pauses] == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_after_an_hour_it_is_refused_with_the_problem():
    """An account that lets nothing through for an hour has its items refused, each with its problem, and the job ends:
    nobody waits another hour for each of the others."""
    bench = Bench(lambda *_: throttled(), items=100)

    seconds = bench.run(places=8)

    assert 3600 <= seconds < 3900
    assert len(bench.over) == 100
    assert {told.problems[0].code.name for told in bench.over.values()} == {"RATE_LIMITED"}


def test_an_account_that_is_back_is_used_at_once():
    """After the first item that goes through, the others do not wait for anything."""
    bench = Bench(lambda _, now: throttled() if now < 100 else DONE, items=500)

    assert bench.run(places=8) < 130
    assert {told.outcome for told in bench.over.values()} == {WriteOutcome.APPLIED}


def test_one_item_that_never_goes_through_does_not_hold_up_the_others():
    """The others are done within minutes; the one is tried for an hour and then refused."""
    over_at: dict[int, float] = {}

    def answer(number: int, now: float) -> Told:
        over_at[number] = now
        return throttled() if number == 1 else DONE

    bench = Bench(answer, items=500)

    assert 3600 <= bench.run(places=2) < 3800
    assert max(time for number, time in over_at.items() if number != 1) < 300
    assert bench.over[1].outcome is WriteOutcome.REFUSED
    assert len(bench.over) == 500


def test_while_an_account_is_down_few_items_are_held():
    """Not every item of a long job is begun and kept in memory just because none goes through."""
    bench = Bench(lambda _, now: throttled() if now < 1800 else DONE, items=5000)

    bench.run(places=8)

    begun = {number for time, number in bench.tried if time < 1800}
    assert len(begun) <= MOST_WAITING + 8
    assert len(bench.over) == 5000


def test_when_stopped_what_is_under_way_ends_and_nothing_is_begun():
    """Items in hand get their outcome; the others keep none."""

    async def after_a_while(stop: asyncio.Event) -> None:
        await asyncio.sleep(2.5)
        stop.set()

    bench = Bench(lambda *_: DONE, items=100, takes=1.0)

    assert bench.run(places=4, beside=after_a_while) == 3.0
    assert len(bench.over) == len(bench.tried) == 12


def test_stopping_does_not_wait_for_a_pause():
    """Who rests for a minute is stopped at once, and what waits for another try keeps no outcome."""

    async def after_a_while(stop: asyncio.Event) -> None:
        await asyncio.sleep(5)
        stop.set()

    bench = Bench(lambda *_: throttled(60.0), items=10)

    assert bench.run(places=4, beside=after_a_while) == 5.0
    assert bench.over == {}


def test_what_waits_for_its_turn_is_not_failing():
    """Items whose caller has nothing left wait as long as it takes, and have all their patience after it."""
    bench = Bench(lambda _, now: throttled() if now < 10_005 else DONE, items=10, opens=10_000.0)

    bench.run(places=4)

    assert min(time for time, _ in bench.tried) == 10_000
    assert {told.outcome for told in bench.over.values()} == {WriteOutcome.APPLIED}


def test_what_waits_for_its_turn_can_be_stopped():
    """A job that is cancelled while it waits does nothing more, at once."""

    async def after_a_while(stop: asyncio.Event) -> None:
        await asyncio.sleep(7)
        stop.set()

    bench = Bench(lambda *_: DONE, items=10, opens=10_000.0)

    assert bench.run(places=4, beside=after_a_while) == 7.0
    assert (bench.tried, bench.over) == ([], {})
