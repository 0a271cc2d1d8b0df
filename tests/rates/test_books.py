"""In no minute is more used than allowed, and whoever has to wait is told how long: in one process, and at Redis."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from gateway.rates.books import MOST_CALLERS, OwnBooks, SharedBooks, Wanted
from gateway.rates.standing import Standing
from gateway.rates.window import MINUTE, SPAN, Window
from tests.redis_server import RedisServer, a_redis

BEGIN = 1_700_000_000.25


@dataclass
class Clock:
    """A clock that is set."""

    now: float = BEGIN

    def __call__(self) -> float:
        return self.now


@dataclass
class Timed:
    """Scripts at a real Redis whose clock is ours: so a minute takes no time, and every run is the same."""

    redis: Redis
    clock: Clock

    async def run(self, script: str, keys: Sequence[str], args: Sequence[str | int | float | bytes]) -> Any:
        assert "redis.call('TIME')" in script
        timed = script.replace("redis.call('TIME')", "{ARGV[#ARGV - 1], ARGV[#ARGV]}")
        second, part = divmod(self.clock.now, 1)
        return await self.redis.eval(timed, len(keys), *keys, *args, int(second), int(part * 1_000_000))


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with a_redis() as running:
        yield running


@asynccontextmanager
async def timed(server: RedisServer) -> AsyncIterator[Timed]:
    """A Redis that knows nothing."""
    async with Redis.from_url(server.url) as redis:
        await redis.flushall()
        yield Timed(redis, Clock())


def asked(books: OwnBooks, count: int, limit: int | None, **others: Any) -> Standing:
    """So many requests of one caller. Any: as Wanted has it."""
    return books.take(Wanted("ci", request_limit=limit, cost_limit=None, requests=count, **others))


STEPS = st.lists(
    st.tuples(st.floats(0, 20).map(lambda seconds: round(seconds, 2)), st.integers(1, 6)), min_size=5, max_size=60
)
"""Seconds that pass, and how much is then asked for."""


@given(STEPS, st.integers(6, 20))
def test_no_minute_has_more(steps: list[tuple[float, int]], limit: int) -> None:
    """Whenever a minute begins, no more is given in it than the limit; nothing is refused that a minute and a second
    had room for; and who waits as long as he is told gets it."""
    clock = Clock()
    books, given_ = OwnBooks(clock), []
    for seconds, count in steps:
        clock.now += seconds
        standing = asked(books, count, limit)
        recent = sum(each for at, each in given_ if at > clock.now - SPAN)
        if standing.wait == 0:
            given_.append((clock.now, count))
        else:
            assert recent + count > limit
            clock.now += standing.wait + 1e-6  # a clock has its own steps
            assert asked(books, count, limit).wait == 0
            given_.append((clock.now, count))

    for begin, _ in given_:
        assert sum(each for at, each in given_ if begin <= at < begin + MINUTE) <= limit


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.3, 1.0, 7.0, 30.5, 61.0]),
            st.integers(0, 1),
            st.sampled_from([("requests", 1), ("requests", 3), ("cost", 0), ("cost", 5), ("cost", 11), ("settle", 0)]),
            st.integers(0, 12),
        ),
        max_size=25,
    )
)
@settings(max_examples=40)
async def test_redis_keeps_the_same_book(server: RedisServer, steps: list[tuple[float, int, Any, int]]) -> None:
    """Two replicas over one Redis are told, of every question, what one process alone would be told."""
    async with timed(server) as scripts:
        shared = SharedBooks(scripts), SharedBooks(scripts)
        own, reserved = OwnBooks(scripts.clock), []
        for seconds, replica, (what, count), actual in steps:
            scripts.clock.now += seconds
            if what == "settle":
                if reserved:
                    standing = reserved.pop(0)
                    own.settle("ci", standing, actual - standing.reserved)
                    await shared[replica].settle("ci", standing.second, actual - standing.reserved)
                continue
            wanted = replace(Wanted("ci", 8, 20), **{what: count})
            is_given, told = await shared[replica].take(wanted)
            alone = own.take(wanted)

            assert is_given is (alone.wait == 0)
            assert shown(told) == shown(alone)
            if is_given and what == "cost":
                reserved.append(alone)


def shown(standing: Standing) -> list[object]:
    """What it says, in milliseconds as far as Redis tells them; one more or less is rounding."""
    assert standing.requests is not None
    assert standing.cost is not None
    return [
        (each.limit, each.used, pytest.approx(each.free_in, abs=0.002), pytest.approx(each.wait, abs=0.002))
        for each in (standing.requests, standing.cost)
    ]


async def test_callers_do_not_meet(server: RedisServer) -> None:
    """What one has used is not another's, whatever their names have in common; and no name is written down there."""
    names = ["a", "a}", "{a}", "issuer:a", "a:cost", "\u20ac\x00"]
    async with timed(server) as scripts:
        shared = SharedBooks(scripts)
        for name in names:
            assert (await shared.take(Wanted(name, 1, 1, requests=1, cost=1)))[0]
        for name in names:
            assert not (await shared.take(Wanted(name, 1, 1, requests=1)))[0]
        keys = await scripts.redis.keys("*")

    assert len(keys) == 2 * len(names)
    assert not any(name.encode() in key for key in keys for name in names[1:])


async def test_a_clock_that_is_set_back(server: RedisServer) -> None:
    """What was used before counts for a minute from then on: neither for an hour, nor not at all."""
    async with timed(server) as scripts:
        shared = SharedBooks(scripts)
        wanted = Wanted("ci", 2, None, requests=2)
        assert (await shared.take(wanted))[0]
        scripts.clock.now -= 3600

        is_given, told = await shared.take(wanted)
        assert not is_given
        assert told.wait <= SPAN

        scripts.clock.now += SPAN
        assert (await shared.take(wanted))[0]


async def test_books_at_redis_end_by_themselves(server: RedisServer) -> None:
    """Every key has an end, and holds no more than a minute's seconds, however long somebody asks."""
    async with timed(server) as scripts:
        shared = SharedBooks(scripts)
        for _ in range(150):
            scripts.clock.now += 1
            await shared.take(Wanted("ci", 1000, 1000, requests=1, cost=1))
        keys = await scripts.redis.keys("*")
        ends = [await scripts.redis.ttl(key) for key in keys]
        sizes = [await scripts.redis.hlen(key) for key in keys]

    assert len(keys) == 2
    assert all(0 < end <= SPAN for end in ends)
    assert sizes == [SPAN, SPAN]


def test_a_process_remembers_so_many_callers() -> None:
    """One more pushes out who was quiet longest."""
    books = OwnBooks(Clock())
    for number in range(MOST_CALLERS + 1):
        books.take(Wanted(str(number), 1, None, requests=1))

    assert len(books._by_caller) == MOST_CALLERS
    assert books.take(Wanted("1", 1, None, requests=1)).wait > 0
    assert books.take(Wanted("0", 1, None, requests=1)).wait == 0


def test_a_clock_that_stands_back_here() -> None:
    """A clock that goes back by itself is one that stands still: nothing is counted in the past."""
    window = Window(100.0)
    window.add(3)
    window.advance(50.0)
    window.add(2)

    assert (window.second, window.used) == (100, 5)

    window.advance(100.0 + SPAN)
    assert window.used == 0
