"""Replicas that share a Redis keep an account's limits together, and a safe part of them when it is gone."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from gateway.replicas import Gone
from gateway.upstream.errand import ERRAND, Errand, Urgency
from gateway.upstream.pace import Limits, Pace
from schema.errors import RateLimited
from tests.redis_server import RedisServer, a_redis

PATIENCE = 60.0
"""Seconds after which a test that waits for something gives up."""


class Link:
    """One replica's connection. It can be cut, and lose answers."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url)
        self.is_cut = False
        self.loses_answers = False
        self.runs = 0

    async def run(self, script: str, keys: Sequence[str], args: Sequence[str | int | float | bytes]) -> Any:
        if self.is_cut:
            raise Gone
        self.runs += 1
        try:
            async with asyncio.timeout(20):
                answer = await self._redis.eval(script, len(keys), *[f"test:{key}" for key in keys], *args)
        except ResponseError:
            raise  # a mistake in the script
        except (RedisError, OSError, TimeoutError) as error:
            raise Gone from error
        if self.loses_answers:
            raise Gone
        return answer

    async def aclose(self) -> None:
        await self._redis.aclose()


class Provider:
    """Notes when calls begin, and how many run at once."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.began: list[float] = []
        self.callers: list[str] = []
        self.running = 0
        self.most_at_once = 0

    async def call(self, pace: Pace, name: str = "") -> None:
        async with pace.turn():
            self.began.append(time.monotonic())
            self.callers.append(name)
            self.running += 1
            self.most_at_once = max(self.most_at_once, self.running)
            try:
                await asyncio.sleep(self.seconds)
            finally:
                self.running -= 1

    def most_in(self, window: float) -> int:
        return max(sum(each <= other < each + window for other in self.began) for each in self.began)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with a_redis() as running:
        yield running


@pytest.fixture
def redis(server: RedisServer) -> RedisServer:
    """A server that knows nothing, whatever a test did to it before."""
    server.stop()
    server.start()
    return server


@asynccontextmanager
async def replicas(
    redis: RedisServer, limits: Limits, count: int = 2, *, lease: float = 10.0, workers: int = 1
) -> AsyncIterator[tuple[list[Pace], list[Link]]]:
    """So many, all known to each other."""
    links = [Link(redis.url) for _ in range(count)]
    paces = [Pace(limits, account="eu", scripts=link, workers=workers, lease=lease) for link in links]
    async with AsyncExitStack() as stack:
        for each in [*links, *reversed(paces)]:  # the first pace is closed first, and every link whatever befalls them
            stack.push_async_callback(each.aclose)
        for pace, link in zip(paces, links, strict=True):
            pace.start()
            await until(lambda link=link: link.runs > 0)
        for pace in paces:
            await known(pace, count)
        yield paces, links


async def until(condition: Any) -> None:
    """Any: a function of any shape that says whether what we wait for is there."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what we wait for has no event
            await asyncio.sleep(0.005)


async def known(pace: Pace, count: int) -> None:
    """Wait until a replica knows that there are so many."""
    together = pace._together
    assert together is not None

    def knows() -> bool:
        if together._told is not None and together._told.replicas == count:
            return True
        together.left()  # makes it ask
        return False

    await until(knows)


async def apart(pace: Pace) -> None:
    """Wait until a replica has noticed that it is alone."""
    together = pace._together
    assert together is not None
    await until(lambda: together.is_apart)


async def met(pace: Pace) -> None:
    together = pace._together
    assert together is not None
    await until(lambda: not together.is_apart)


async def test_two_replicas_never_exceed_a_window(redis: RedisServer):
    """Ten times what is allowed, asked of two replicas: no window sees more than the limit, and both are served."""
    limits = Limits(concurrency=4, calls=20, window=1.0)
    provider = Provider(0.01)
    async with replicas(redis, limits) as (paces, _):
        names = [(pace, str(place)) for place, pace in enumerate(paces)]
        await asyncio.gather(*(provider.call(pace, name) for _ in range(30) for pace, name in names))

    assert len(provider.began) == 60
    assert provider.most_in(1.0) <= 20
    assert provider.most_at_once <= 4
    assert {"0", "1"} == set(provider.callers[:20])


async def test_a_serial_account_is_asked_by_one_replica_at_a_time(redis: RedisServer):
    """One call at once means one, whichever of three replicas makes it; all of them have their turns."""
    provider = Provider(0.005)
    async with replicas(redis, Limits(1), 3) as (paces, _):
        names = [(pace, str(place)) for place, pace in enumerate(paces)]
        await asyncio.gather(*(provider.call(pace, name) for _ in range(20) for pace, name in names))

    assert provider.most_at_once == 1
    assert len(provider.began) == 60
    assert {"0", "1", "2"} == set(provider.callers[:12])


async def test_interactive_goes_before_bulk_on_another_replica(redis: RedisServer):
    """A bulk reader on one replica holds up somebody in a hurry on the other for a turn or two, not for its whole
    work."""
    provider = Provider(0.02)
    async with replicas(redis, Limits(1)) as (paces, _):
        ERRAND.set(Errand(urgency=Urgency.BULK))
        bulk = asyncio.gather(*(provider.call(paces[0], "bulk") for _ in range(60)))
        await until(lambda: len(provider.began) > 3)
        ERRAND.set(Errand())
        before = len(provider.began)
        await provider.call(paces[1], "now")

        assert provider.callers.index("now") - before < 20
        await bulk


async def test_places_of_a_replica_that_died_come_free_after_its_lease(redis: RedisServer):
    """It took all places and was never heard of again: the other waits, and gets them."""
    limits = Limits(concurrency=2)
    async with replicas(redis, limits, lease=1.0) as (paces, links):
        holding = [paces[0].turn(), paces[0].turn()]
        before = time.monotonic()
        for turn in holding:
            await turn.__aenter__()
        links[0].is_cut = True
        async with asyncio.timeout(PATIENCE), paces[1].turn(), paces[1].turn():
            assert time.monotonic() - before > 0.5
            await known(paces[1], 1)


async def test_an_answer_that_was_lost_costs_no_place(redis: RedisServer):
    """Redis gave the only place, and its answer never came: after coming back the replica can use it."""
    async with replicas(redis, Limits(1), 1) as ([pace], [link]):
        link.loses_answers = True
        asking = asyncio.create_task(Provider().call(pace))
        await apart(pace)
        await asking
        link.loses_answers = False
        await met(pace)
        async with asyncio.timeout(PATIENCE), pace.turn():
            pass


async def test_while_redis_is_gone_each_replica_keeps_its_part(redis: RedisServer):
    """Stopped in the middle of ten times the demand: the calls of before count, shares add up, no window is exceeded,
    also when it comes back empty; and then the whole is shared again."""
    limits = Limits(concurrency=4, calls=20, window=1.0)
    provider = Provider(0.01)
    async with replicas(redis, limits) as (paces, _):
        callers = [asyncio.create_task(_keep_calling(provider, pace)) for pace in paces for _ in range(10)]
        await until(lambda: len(provider.began) > 30)
        redis.stop()
        for pace in paces:
            await apart(pace)
        alone = len(provider.began)
        await until(lambda: len(provider.began) > alone + 30)
        redis.start()
        for pace in paces:
            await met(pace)
        back = len(provider.began)
        await until(lambda: len(provider.began) > back + 30)
        for task in callers:
            task.cancel()
        await asyncio.gather(*callers, return_exceptions=True)

    assert provider.most_in(1.0) <= 20
    assert provider.most_at_once <= 4


async def _keep_calling(provider: Provider, pace: Pace) -> None:
    while True:
        await provider.call(pace)


async def test_what_was_used_alone_counts_afterwards(redis: RedisServer):
    """Three of six calls a minute made while Redis was gone, two before: one is left when it is back, empty."""
    limits = Limits(concurrency=2, calls=6, window=60.0, burst=6)
    provider = Provider()
    async with replicas(redis, limits, 1) as ([pace], _):
        for _ in range(2):
            await provider.call(pace)
        redis.stop()
        await apart(pace)
        for _ in range(3):
            await provider.call(pace)
        redis.start()
        await met(pace)

        assert pace.remaining() == 1


async def test_a_redis_that_was_emptied_unnoticed_is_told_all(redis: RedisServer):
    """Nobody saw it restart: what was used in this window is told before anything more is given."""
    limits = Limits(concurrency=2, calls=6, window=60.0, burst=6)
    provider = Provider()
    async with replicas(redis, limits, 1, lease=1.0) as ([pace], _):
        for _ in range(4):
            await provider.call(pace)
        await until(lambda: pace.remaining() == 2)
        emptied = Redis.from_url(redis.url)
        await emptied.flushall()
        await emptied.aclose()
        await provider.call(pace)

        await until(lambda: pace.remaining() == 1)


async def test_without_redis_only_the_first_of_two_asks_a_serial_account(redis: RedisServer):
    """One call at a time cannot be divided: the other replica refuses at once and says when to come back."""
    provider = Provider()
    async with replicas(redis, Limits(1, 10, 0.1)) as (paces, links):
        for link in links:
            link.is_cut = True
        for pace in paces:
            await apart(pace)
        came = await asyncio.gather(*(provider.call(pace) for pace in paces), return_exceptions=True)

        assert len(provider.began) == 1
        [refused] = [each for each in came if each is not None]
        assert isinstance(refused, RateLimited)
        assert refused.retry_after == 5.0


async def test_before_anybody_could_be_asked_the_configured_number_counts(redis: RedisServer):
    """Of four workers that never met each has a fourth, and none a serial account; a single one has everything."""
    links = [Link(redis.url) for _ in range(3)]
    for link in links:
        link.is_cut = True
    quarter, serial, single = (
        Pace(limits, account="eu", scripts=link, workers=workers)
        for link, limits, workers in zip(
            links, [Limits(8, 40, 60.0, 8), Limits(1), Limits(2, 40, 60.0)], [4, 4, 1], strict=True
        )
    )
    try:
        for pace in (quarter, serial, single):
            pace.start()
            await apart(pace)

        assert (quarter.remaining(), single.remaining()) == (10, 40)
        async with quarter.turn(), quarter.turn(), single.turn():
            assert quarter.remaining() == 8
        with pytest.raises(RateLimited):
            await serial.turn().__aenter__()
    finally:
        for pace in (quarter, serial, single):
            await pace.aclose()
        for link in links:
            await link.aclose()


async def test_a_complaint_to_one_replica_slows_all(redis: RedisServer):
    """429 with Retry-After at one: the other begins nothing in the pause either, and both are lowered."""
    limits = Limits(concurrency=8, calls=100, window=60.0, burst=50)
    provider = Provider()
    async with replicas(redis, limits, lease=1.0) as (paces, _):
        async with paces[0].turn(), paces[0].turn():
            began = asyncio.get_running_loop().time()
            await asyncio.sleep(0.05)
            paces[0].throttled(30.0, began)
            paces[0].throttled(None, began)
        await until(lambda: all((quota := pace.quota()) and quota.is_lowered for pace in paces))

        assert [pace.remaining() for pace in paces] == [48, 48]
        ERRAND.set(Errand(until=asyncio.get_running_loop().time() + 5))
        for pace in paces:
            with pytest.raises(RateLimited) as caught:
                await provider.call(pace)
            assert 10 < (caught.value.retry_after or 0) <= 30


async def test_who_cannot_be_served_in_time_by_all_replicas_is_refused_at_once(redis: RedisServer):
    """The next call is free in a minute: told so as soon as Redis says it, long before the caller's time is over."""
    provider = Provider()
    async with replicas(redis, Limits(1, 1, 60.0)) as (paces, _):
        await provider.call(paces[0])
        ERRAND.set(Errand(until=asyncio.get_running_loop().time() + 25))
        before = time.monotonic()
        with pytest.raises(RateLimited) as caught:
            await provider.call(paces[1])

        assert time.monotonic() - before < 20
        assert 30 < (caught.value.retry_after or 0) <= 61


async def test_who_gives_up_takes_no_place_of_the_others(redis: RedisServer):
    """Callers cancelled while they wait, and when their turn has just come, leave everything to the other replica."""
    async with replicas(redis, Limits(1)) as (paces, _):
        async with paces[0].turn():
            waiting = [asyncio.create_task(paces[0].turn().__aenter__()) for _ in range(3)]
            await asyncio.sleep(0.05)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

        async with asyncio.timeout(PATIENCE), paces[1].turn():
            pass


async def test_one_that_ends_says_so(redis: RedisServer):
    """The others need no lease to know that they are fewer, and its places are free at once."""
    limits = Limits(concurrency=1)
    async with replicas(redis, limits, lease=300.0) as (paces, _):
        await paces[0].turn().__aenter__()
        await paces[0].aclose()
        async with asyncio.timeout(PATIENCE), paces[1].turn():
            await known(paces[1], 1)


async def test_an_idle_pace_asks_redis_only_for_its_signs_of_life(redis: RedisServer):
    """Nobody polls where nobody waits."""
    async with replicas(redis, Limits(2), 1, lease=300.0) as ([pace], [link]):
        async with pace.turn():
            pass
        runs = link.runs
        await asyncio.sleep(0.5)

        assert link.runs <= runs + 2  # the last call's end, and one wake-up of before


SET_BACK = """
for _, key in ipairs(KEYS) do
  for _, field in ipairs({'at', 'raised', 'pause', 'cut', 'from', 'settles', 'changes'}) do
    local known = redis.call('TYPE', key).ok == 'hash' and tonumber(redis.call('HGET', key, field)) or 0
    if known > 0 then redis.call('HSET', key, field, string.format('%.3f', known + ARGV[1])) end
  end
  local scores = redis.call('TYPE', key).ok == 'zset' and redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') or {}
  for i = 1, #scores, 2 do redis.call('ZADD', key, string.format('%.3f', scores[i + 1] + ARGV[1]), scores[i]) end
end
"""
"""Moves all that is written into the future: as if the clock had been set back after it was written."""


async def test_a_clock_that_is_set_back_stops_nobody(redis: RedisServer):
    """By an hour, after a whole window was used: the next window is as any other."""
    limits = Limits(concurrency=4, calls=20, window=1.0)
    provider = Provider(0.01)
    async with replicas(redis, limits) as (paces, _), Redis.from_url(redis.url) as client:
        await asyncio.gather(*(provider.call(pace) for _ in range(10) for pace in paces))
        keys = await client.keys("test:pace:*")
        await client.eval(SET_BACK, len(keys), *keys, 3_600_000)
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(provider.call(pace) for _ in range(15) for pace in paces))

    assert provider.most_in(1.0) <= 20


async def test_a_place_that_came_too_late_goes_to_the_others_at_once(redis: RedisServer, monkeypatch):
    """Whoever asked for it gave up in the moment in which it came: no sign of life is waited for."""
    async with replicas(redis, Limits(1), lease=1000.0) as (paces, _):
        line = paces[0]._line
        let_in = line.let_in

        def let_in_and_give_up(place: int) -> bool:
            try:
                return let_in(place)
            finally:
                asking.cancel()

        monkeypatch.setattr(line, "let_in", let_in_and_give_up)
        asking = asyncio.create_task(Provider().call(paces[0]))
        await asyncio.wait([asking])
        async with asyncio.timeout(PATIENCE), paces[1].turn():
            assert asking.cancelled()


async def test_who_gave_up_is_not_waited_for_by_the_others(redis: RedisServer):
    """When the last one in a replica's line leaves, its place among the replicas is given up at once."""
    limits = Limits(concurrency=1, calls=1, window=100.0)
    async with replicas(redis, limits, lease=1000.0) as (paces, _), Redis.from_url(redis.url) as client:

        async def waiting() -> bool:
            return bool(await client.zcard("test:pace:{eu}:waiting"))

        await Provider().call(paces[1])
        async with asyncio.timeout(PATIENCE):
            asking = asyncio.create_task(Provider().call(paces[0]))
            while not await waiting():  # noqa: ASYNC110 - what Redis knows has no event
                await asyncio.sleep(0.005)
            asking.cancel()
            while await waiting():  # noqa: ASYNC110 - nor what it forgets
                await asyncio.sleep(0.005)
