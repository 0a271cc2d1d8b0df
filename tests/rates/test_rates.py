"""A caller has his budget of a minute, at all replicas together, and is told how he stands."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.rates.options import Budget
from gateway.rates.rates import COST, COST_PER_REQUEST, REQUESTS, Rates
from gateway.rates.refusal import OverBudget, TooCostly
from gateway.rates.standing import Quota, Standing
from gateway.rates.window import SPAN
from gateway.replicas import Gone, Scripts
from gateway.rights import ANYBODY, Caller
from tests.cache.links import linked
from tests.redis_server import a_redis

CI, OPS = Caller("ci"), Caller("ops", requests=2, cost=30)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Line:
    """The way to a Redis, which can be cut."""

    def __init__(self, scripts: Scripts | None = None) -> None:
        self._scripts = scripts

    def cut(self) -> None:
        self._scripts = None

    async def run(self, script: str, keys: Sequence[str], args: Sequence[str | int | float | bytes]) -> Any:
        if self._scripts is None:
            raise Gone
        return await self._scripts.run(script, keys, args)


def rates(clock: Clock | None = None, **budget: Any) -> Rates:
    """In one process. Any: as the table has it."""
    return Rates(Budget(**budget), clock or Clock())


async def given(rates: Rates, caller: Caller, tries: int) -> int:
    """How many of so many requests at once are let in."""
    told = await asyncio.gather(*(rates.request(caller) for _ in range(tries)), return_exceptions=True)
    assert all(isinstance(each, Standing | OverBudget) for each in told)
    return sum(isinstance(each, Standing) for each in told)


async def test_requests_of_a_minute() -> None:
    """A caller is let in as often as allowed, then refused with how long it takes, and let in again after that."""
    clock = Clock()
    mine = rates(clock, requests=3)

    assert await given(mine, CI, 5) == 3
    clock.now += 20.5
    with pytest.raises(OverBudget) as refused:
        await mine.request(CI)
    assert refused.value.message == "more than 3 requests in a minute; try again in 41 s"
    assert refused.value.extensions == {
        "code": "RATE_LIMITED",
        "retryable": True,
        "retryAfter": 41.0,
        "limit": "requests",
    }
    assert refused.value.standing.headers() == {
        "RateLimit-Limit": "3",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": "41",
        "RateLimit-Policy": '3;w=60;comment="requests", 20000;w=60;comment="provider calls"',
        "Retry-After": "41",
    }
    clock.now += 41
    assert await given(mine, CI, 5) == 3


async def test_a_caller_has_his_own() -> None:
    """One caller's requests are not another's, and his own table goes before everyone's."""
    mine = rates(requests=3)

    assert (await given(mine, CI, 5), await given(mine, OPS, 5)) == (3, 2)
    assert await given(mine, Caller("rich", requests=7), 9) == 7


@pytest.mark.parametrize(
    ("caller", "budget", "told"),
    [
        (CI, {}, (REQUESTS, COST)),
        (CI, {"requests": 5, "cost": 50}, (5, 50)),
        (OPS, {"requests": 5, "cost": 50}, (2, 30)),
        (ANYBODY, {}, None),
        (ANYBODY, {"requests": 5}, (5, None)),
        (CI, {"mode": "off", "requests": 5}, None),
    ],
)
async def test_whose_limits_hold(caller: Caller, budget: dict[str, Any], told: tuple[int, int | None] | None) -> None:
    """Who is known has limits in any case; who is not asked for credentials has those that somebody wrote down."""
    standing = await rates(**budget).request(caller)
    limits = [None if each is None else each.limit for each in (standing.requests, standing.cost)]

    assert limits == list(told or (None, None))
    assert bool(standing.headers()) is (told is not None)


async def test_what_is_not_needed_is_given_back() -> None:
    """What a request may cost is set aside before it, and only what it did cost counts after it."""
    mine = rates(cost=100)
    first = await mine.reserve(CI, 90)
    with pytest.raises(OverBudget) as refused:
        await mine.reserve(CI, 20)
    await mine.settle(CI, first, 15)
    second = await mine.reserve(CI, 85)

    assert refused.value.message == "20 provider calls, and 10 of 100 in a minute are left; try again in 61 s"
    assert refused.value.extensions["limit"] == "cost"
    assert second.cost == Quota(100, 100, SPAN)


async def test_what_was_needed_more_is_charged() -> None:
    """A request that cost more than was foreseen leaves less for the next, and is itself not refused."""
    mine = rates(cost=100)
    await mine.settle(CI, await mine.reserve(CI, 10), 95)

    assert (await mine.reserve(CI, 5)).cost == Quota(100, 100, SPAN)
    with pytest.raises(OverBudget):
        await mine.reserve(CI, 1)
    assert (await mine.reserve(CI, 0)).wait == 0  # what asks nobody is not refused


async def test_who_has_overdrawn_his_minute() -> None:
    """May ask nothing until it is his again, whatever it is said to cost: so it was of what he overdrew it with."""
    clock = Clock()
    mine = rates(clock, cost=100)
    await mine.settle(CI, await mine.reserve(CI, 0), 101)
    with pytest.raises(OverBudget) as refused:
        await mine.reserve(CI, 0)
    await mine.request(CI)
    clock.now += SPAN

    assert refused.value.message == "more than 100 provider calls in a minute were made; try again in 61 s"
    assert refused.value.limit == "cost"
    assert (await mine.reserve(CI, 0)).wait == 0


async def test_what_goes_on_behind_requests_has_half() -> None:
    """It waits where half of the minute is used, by whatever; requests have the rest, and what it needed is counted."""
    clock = Clock()
    mine = rates(clock, cost=9)
    wait, first = await mine.aside(CI, 4)
    await mine.settle(CI, first, 3)
    full = [await mine.aside(CI, 1) for _ in range(2)]
    left = (await mine.reserve(CI, 5)).cost
    clock.now += 20

    assert (wait, first.reserved) == (0, 4)
    assert [each[0] for each in full] == [0, SPAN]
    assert left == Quota(9, 9, SPAN)
    assert (await mine.aside(CI, 1))[0] == SPAN - 20
    clock.now += SPAN - 20
    assert (await mine.aside(CI, 7))[0] == 0  # more than half at once goes when nothing else does
    assert (await mine.aside(CI, 1))[0] == SPAN


async def test_what_was_done_is_charged() -> None:
    """Beyond the limit, too: nothing is refused that has happened."""
    mine = rates(cost=100)
    await mine.charge(CI, 0)
    await mine.charge(CI, 70)
    await mine.charge(CI, 31)

    with pytest.raises(OverBudget):
        await mine.reserve(CI, 0)


@pytest.mark.parametrize(
    ("caller", "budget"), [(ANYBODY, {}), (CI, {"mode": "off"}), (CI, {"cost": 2, "mode": "measure"})]
)
async def test_who_is_not_kept_to_a_minute_does_not_wait(caller: Caller, budget: dict[str, Any]) -> None:
    """Where nothing is refused nothing waits either."""
    mine = rates(**budget)
    for _ in range(3):
        wait, standing = await mine.aside(caller, 5)
        await mine.settle(caller, standing, 6)
        await mine.charge(caller, 10)

        assert (wait, standing.reserved) == (0, 5)


async def test_what_was_reserved_long_ago_is_free_already() -> None:
    """Settling after the minute gives nothing back twice."""
    clock = Clock()
    mine = rates(clock, cost=100)
    old = await mine.reserve(CI, 60)
    clock.now += SPAN
    await mine.reserve(CI, 100)
    await mine.settle(CI, old, 0)

    with pytest.raises(OverBudget):
        await mine.reserve(CI, 1)


@pytest.mark.parametrize(
    ("budget", "cost", "limit", "maximum", "what"),
    [
        ({}, 2501, "cost_per_request", COST_PER_REQUEST, "provider calls in one request"),
        ({"cost_per_request": 7}, 8, "cost_per_request", 7, "provider calls in one request"),
        ({"cost_per_request": 50, "cost": 40}, 41, "cost", 40, "provider calls in a minute"),
    ],
)
async def test_too_much_for_any_minute(budget: dict[str, Any], cost: int, limit: str, maximum: int, what: str) -> None:
    """More than is ever allowed is no matter of waiting: the limit is named as in gateway.toml, with both numbers."""
    mine = rates(**budget)
    with pytest.raises(TooCostly) as refused:
        await mine.reserve(CI, cost)

    assert str(refused.value) == f"{cost} {what}, and {maximum} are allowed"
    assert refused.value.extensions == {
        "code": "LIMIT_EXCEEDED",
        "retryable": False,
        "limit": limit,
        "maximum": maximum,
        "found": cost,
    }
    assert (await mine.reserve(CI, maximum)).reserved == maximum  # nothing was used by the refused one


@pytest.mark.parametrize(
    ("caller", "budget", "most"),
    [
        (CI, {}, COST_PER_REQUEST),
        (CI, {"cost": 40, "cost_per_request": 50}, 40),
        (OPS, {"cost_per_request": 20}, 20),
        (OPS, {}, 30),
        (ANYBODY, {}, None),
        (ANYBODY, {"cost": 40}, 40),
        (CI, {"mode": "off", "cost": 40}, None),
    ],
)
async def test_the_most_of_a_request(caller: Caller, budget: dict[str, Any], most: int | None) -> None:
    """What is told as the limit of one request is what it is refused beyond."""
    mine = rates(**budget)

    assert mine.most(caller) == most
    assert mine.is_counting is ("mode" not in budget)
    assert (await mine.reserve(caller, most or 10**6)).reserved == (most or 10**6)
    if most is not None:
        with pytest.raises(TooCostly):
            await mine.reserve(caller, most + 1)


async def test_many_requests_in_one() -> None:
    """Requests that come together count each, all or none of them."""
    mine = rates(requests=5)
    await mine.request(CI, 3)
    with pytest.raises(OverBudget):
        await mine.request(CI, 3)
    await mine.request(CI, 2)

    with pytest.raises(TooCostly, match="6 requests at once, and 5 are allowed"):
        await mine.request(CI, 6)


async def test_measuring_refuses_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """In the mode `measure` all is let in and counted, callers are told nothing, and the log says it once a minute."""
    clock = Clock()
    mine = rates(clock, requests=2, cost=10, mode="measure")
    told = [await mine.request(CI) for _ in range(4)]
    much = await mine.reserve(CI, 10**30)
    clock.now += SPAN
    for _ in range(3):
        await mine.request(CI)

    assert [each.requests.used for each in told if each.requests] == [1, 2, 3, 4]
    assert [each.wait > 0 for each in told] == [False, False, True, True]
    assert much.wait > 0
    assert not any(each.headers() for each in told)
    assert caplog.messages == ["caller 'ci' would be refused: more than 2 requests in a minute"] * 2


async def test_refusals_are_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """However often a caller asks too much, the log has one line of him in a minute."""
    mine = rates(requests=1)
    await given(mine, CI, 500)
    await given(mine, Caller("a\nb"), 3)

    assert caplog.messages == [
        f"caller {name!r} was refused: more than 1 requests in a minute" for name in ("ci", "a\nb")
    ]


async def test_headers_tell_of_what_ends_first() -> None:
    """Of requests and provider calls the nearer to its end is told, and the policy names both."""
    mine = rates(requests=10, cost=100)
    requests = (await mine.request(CI)).headers()
    cost = (await mine.reserve(CI, 50)).headers()

    assert (requests["RateLimit-Limit"], requests["RateLimit-Remaining"]) == ("10", "9")
    assert (cost["RateLimit-Limit"], cost["RateLimit-Remaining"], cost["RateLimit-Reset"]) == ("100", "50", "61")
    assert cost["RateLimit-Policy"] == '10;w=60;comment="requests", 100;w=60;comment="provider calls"'
    assert "Retry-After" not in cost


async def test_without_redis_each_keeps_the_whole() -> None:
    """While nobody can be asked, every process keeps the whole limit by itself, and settles with itself."""
    replicas = [Rates(Budget(requests=3, cost=100), Clock(), Line()) for _ in range(2)]

    assert [await given(each, CI, 5) for each in replicas] == [3, 3]
    await replicas[0].settle(CI, await replicas[0].reserve(CI, 100), 40)
    assert (await replicas[0].reserve(CI, 60)).cost == Quota(100, 100, SPAN)


async def test_two_replicas_over_redis() -> None:
    """Together they let in what one may, exactly; what one gives back the other can use; and once Redis is lost, what
    each has let in itself still counts."""
    with a_redis() as server:
        async with linked(server.url) as one, linked(server.url) as other:
            begun, lines = time.monotonic(), [Line(one), Line(other)]
            mine, theirs = (Rates(Budget(requests=20, cost=100), time.monotonic, line) for line in lines)
            let_in = await asyncio.gather(given(mine, CI, 30), given(theirs, CI, 30))
            reserved = await mine.reserve(CI, 100)
            with pytest.raises(OverBudget):
                await theirs.reserve(CI, 1)
            await mine.settle(CI, reserved, 1)
            await theirs.reserve(CI, 99)
            for line in lines:
                line.cut()
            alone = [await given(each, CI, 30) for each in (mine, theirs)]

            assert time.monotonic() - begun < SPAN - 1, "the machine stood still for a minute"
            assert sum(let_in) == 20
            assert alone == [20 - count for count in let_in]


async def test_behind_requests_at_two_replicas() -> None:
    """Half of the minute is that of all replicas, what one has done the other counts, and so is what is overdrawn."""
    with a_redis() as server:
        async with linked(server.url) as one, linked(server.url) as other:
            begun = time.monotonic()
            mine, theirs = (Rates(Budget(cost=20), time.monotonic, line) for line in (one, other))
            waits = [(await each.aside(CI, 4))[0] for each in (mine, theirs, mine)]
            nothing = await theirs.reserve(CI, 0)
            await mine.charge(CI, 13)
            with pytest.raises(OverBudget):
                await theirs.reserve(CI, 0)
            request = await theirs.request(CI)

            assert time.monotonic() - begun < SPAN - 1, "the machine stood still for a minute"
            assert [wait > 0 for wait in waits] == [False, False, True]
            assert nothing.wait == 0
            assert request.cost is not None
            assert request.cost.used == 21
