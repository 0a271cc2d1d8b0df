"""The policy around one exchange: what is repeated and when, and what the breaker and the pace are told."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import pytest

from gateway.upstream.attempts import Attempts
from gateway.upstream.breaker import Breaker, NotAsked, State
from gateway.upstream.errand import ERRAND, Errand, Urgency
from gateway.upstream.pace import Limits, Pace
from gateway.upstream.retries import Budget
from schema.errors import (
    BadResponse,
    Denied,
    GatewayError,
    Invalid,
    NotFound,
    RateLimited,
    Refused,
    TimedOut,
    Unavailable,
)
from tests.virtual_time import run_in_virtual_time

Outcome = BaseException | str


class Desk:
    """Attempts over a fake clock, a fake pace and a provider that answers as planned; `log` is what happened."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.log: list[str] = []
        self.throttlings: list[float | None] = []
        self.waits: list[float] = []
        self.refusal: GatewayError | None = None
        self.before_turn: Callable[[], None] = lambda: None
        self.breaker = Breaker("main", self.clock, lambda: 0.5)
        self.attempts = Attempts(self, self.breaker, Budget(), self.clock, lambda: 0.5, sleep=self.sleep)

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.log.append("wait")
        self.waits.append(seconds)
        self.now += seconds

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        if self.refusal is not None:
            raise self.refusal
        self.before_turn()
        self.log.append("turn")
        try:
            yield
        finally:
            self.log.append("leave")

    def throttled(self, retry_after: float | None, began: float | None = None) -> None:
        del began
        self.log.append("throttled")
        self.throttlings.append(retry_after)

    def send_away(self, why: Callable[[], GatewayError]) -> None:
        """Nobody waits here."""

    def provider(self, *outcomes: Outcome, seconds: float = 0.0) -> Callable[[], Awaitable[str]]:
        """A `once` that comes to these, one after the other, each after some seconds."""
        coming = iter(outcomes)

        async def once() -> str:
            self.log.append("call")
            self.now += seconds
            outcome = next(coming)
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        return once

    async def failing(self, error: BaseException, times: int = 1) -> None:
        """Calls that end so and are not repeated."""
        for _ in range(times):
            with pytest.raises(type(error)):
                await self.attempts.run(self.provider(error), may_repeat=False)

    @property
    def calls(self) -> int:
        return self.log.count("call")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@contextmanager
def errand(until: float, urgency: Urgency = Urgency.INTERACTIVE) -> Iterator[Errand]:
    made = Errand(until=until, urgency=urgency)
    token = ERRAND.set(made)
    try:
        yield made
    finally:
        ERRAND.reset(token)


async def test_an_answer_is_given_on(desk: Desk):
    """One call in one turn, nothing else."""
    assert await desk.attempts.run(desk.provider("hello"), may_repeat=True) == "hello"
    assert desk.log == ["turn", "call", "leave"]


@pytest.mark.parametrize("error", [Unavailable("x"), TimedOut("x"), RateLimited("x")], ids=lambda each: each.code.value)
async def test_what_may_pass_is_tried_again(desk: Desk, error: GatewayError):
    """A read that met an outage, a silence or a throttling is repeated, and its answer is the answer."""
    assert await desk.attempts.run(desk.provider(error, "hello"), may_repeat=True) == "hello"
    assert desk.calls == 2


@pytest.mark.parametrize(
    "error", [BadResponse("x"), Denied("x"), NotFound("x"), Refused("x"), ValueError("x")], ids=repr
)
async def test_what_will_not_change_is_not(desk: Desk, error: Exception):
    """An answer, welcome or not, is not asked for again; nor is what is a mistake of ours."""
    with pytest.raises(type(error)):
        await desk.attempts.run(desk.provider(error, "hello"), may_repeat=True)

    assert desk.calls == 1


async def test_two_repeats_are_the_most(desk: Desk):
    """After three attempts the last failure is the answer."""
    with pytest.raises(Unavailable, match="third"):
        await desk.attempts.run(
            desk.provider(Unavailable("first"), TimedOut("second"), Unavailable("third"), "hello"), may_repeat=True
        )

    assert desk.calls == 3


@pytest.mark.parametrize("error", [Unavailable("x"), TimedOut("x"), RateLimited("x", retry_after=0.0)])
async def test_a_write_is_sent_once(desk: Desk, error: GatewayError):
    """Whatever came of it, what may not be repeated is not."""
    with pytest.raises(type(error)):
        await desk.attempts.run(desk.provider(error, "hello"), may_repeat=False)

    assert desk.calls == 1


async def test_no_place_is_held_while_waiting(desk: Desk):
    """The turn is left before the wait, and taken again after it."""
    await desk.attempts.run(desk.provider(Unavailable("x"), "hello"), may_repeat=True)

    assert desk.log == ["turn", "call", "leave", "wait", "turn", "call", "leave"]


async def test_the_waits_double(desk: Desk):
    """With a chance in the middle: half of 0.1 s, then half of 0.2."""
    await desk.attempts.run(desk.provider(Unavailable("x"), Unavailable("x"), "hello"), may_repeat=True)

    assert desk.waits == pytest.approx([0.05, 0.1])


@pytest.mark.parametrize("kind", [RateLimited, Unavailable])
async def test_retry_after_is_kept(desk: Desk, kind: type[GatewayError]):
    """Who names a time, in a throttling or in an outage, is not asked before."""
    await desk.attempts.run(desk.provider(kind("x", retry_after=3.0), "hello"), may_repeat=True)

    assert 3.0 <= desk.waits[0] <= 3.1


@pytest.mark.parametrize("urgency", Urgency)
async def test_a_repeat_has_to_fit(desk: Desk, urgency: Urgency):
    """Where the wait and a try would end too late, the failure is told at once; else it is repeated, bulk too."""
    throttling = RateLimited("x", retry_after=3.0)
    with errand(desk.now + 3.2, urgency), pytest.raises(RateLimited):
        await desk.attempts.run(desk.provider(throttling, "hello"), may_repeat=True)
    waited_in_vain = list(desk.waits)

    with errand(desk.now + 3.4, urgency):
        answer = await desk.attempts.run(desk.provider(throttling, "hello"), may_repeat=True)

    assert waited_in_vain == []
    assert answer == "hello"


async def test_nobody_waits_an_hour(desk: Desk):
    """Even without an end to its time, a call does not wait longer than a minute for its repeat."""
    with pytest.raises(RateLimited):
        await desk.attempts.run(desk.provider(RateLimited("x", retry_after=3600.0), "hello"), may_repeat=True)

    assert desk.waits == []


@pytest.mark.parametrize("may_repeat", [True, False])
async def test_a_failure_holds_nothing_when_it_is_dealt_with(desk: Desk, may_repeat: bool):
    """What the call had read goes with its error, at once: it may be megabytes, and outages bring many."""

    class Body:
        """Something large."""

    async def once() -> str:
        body = Body()
        held.append(weakref.ref(body))
        raise Unavailable("x")

    held: list[weakref.ref[Body]] = []
    gc.disable()
    try:
        with suppress(Unavailable):
            await desk.attempts.run(once, may_repeat=may_repeat)
        assert [each() for each in held] == [None] * (3 if may_repeat else 1)
    finally:
        gc.enable()


async def test_an_outage_is_not_multiplied(desk: Desk):
    """When the budget is spent calls are sent once, until enough of them went well."""
    counts = []
    for _ in range(30):
        before = desk.calls
        with pytest.raises(RateLimited):
            await desk.attempts.run(desk.provider(*[RateLimited("x")] * 3), may_repeat=True)
        counts.append(desk.calls - before)

    for _ in range(20):
        await desk.attempts.run(desk.provider("hello"), may_repeat=True)
    desk.log.clear()
    with pytest.raises(RateLimited):
        await desk.attempts.run(desk.provider(*[RateLimited("x")] * 3), may_repeat=True)

    assert counts[0] == 3
    assert sum(counts) <= 30 + 10 + 3
    assert counts[-1] == 1
    assert desk.calls == 3


async def test_a_throttling_is_told_while_the_place_is_held(desk: Desk):
    """So that nobody enters between the provider's refusal and the pace's knowing of it; our own is not told."""
    with pytest.raises(RateLimited):
        await desk.attempts.run(desk.provider(RateLimited("x", retry_after=7.0)), may_repeat=False)
    desk.refusal = RateLimited("ours", retry_after=9.0)
    with pytest.raises(RateLimited, match="ours"):
        await desk.attempts.run(desk.provider("hello"), may_repeat=True)

    assert desk.log == ["turn", "call", "throttled", "leave"]
    assert desk.throttlings == [7.0]


async def test_our_own_refusal_is_not_waited_for(desk: Desk):
    """What the pace refuses is refused: no repeat, and nothing that the breaker learns."""
    desk.refusal = RateLimited("ours", retry_after=0.0)

    for _ in range(30):
        with pytest.raises(RateLimited, match="ours"):
            await desk.attempts.run(desk.provider("hello"), may_repeat=True)

    assert desk.waits == []
    assert desk.breaker.state is State.CLOSED


async def test_the_provider_s_failure_says_more_than_ours(desk: Desk):
    """When the repeat is refused here, what the first attempt came to is the answer."""
    once = desk.provider(Unavailable("HTTP 503"), "hello")

    async def then_refused() -> str:
        desk.refusal = RateLimited("ours")
        return await once()

    with pytest.raises(Unavailable, match="HTTP 503"):
        await desk.attempts.run(then_refused, may_repeat=True)

    assert desk.calls == 1


async def test_failures_open_the_breaker(desk: Desk):
    """After five that were not answered no call is sent; what is refused so is not waited for."""
    await desk.failing(Unavailable("x"), 3)
    await desk.failing(TimedOut("x"), 2)
    desk.log.clear()

    with pytest.raises(NotAsked):
        await desk.attempts.run(desk.provider("hello"), may_repeat=True)

    assert desk.log == []


@pytest.mark.parametrize(
    "error",
    [Denied("x"), NotFound("x"), Refused("x"), Invalid("x"), RateLimited("x")],
    ids=lambda each: each.code.value,
)
async def test_a_no_is_an_answer(desk: Desk, error: GatewayError):
    """Refusals, and throttling too, never open the breaker, and end a row of failures."""
    for _ in range(10):
        await desk.failing(Unavailable("x"), 4)
        await desk.failing(error, 8)

    assert desk.breaker.state is State.CLOSED


async def test_mistakes_of_ours_say_nothing_of_the_provider(desk: Desk):
    """An exception that is none of the known failures neither opens the breaker nor closes it."""
    await desk.failing(ValueError("x"), 30)
    after_mistakes = desk.breaker.state
    await desk.failing(Unavailable("x"), 5)
    desk.now += 2
    await desk.failing(ValueError("x"))

    assert after_mistakes is State.CLOSED
    assert desk.breaker.state is State.OPEN
    assert desk.breaker.retry_in == 0


async def test_what_nobody_can_read_is_neither(desk: Desk):
    """An unreadable answer is no outage, however many there are, and no sign that one is over."""
    await desk.failing(BadResponse("x"), 50)
    after_nonsense = desk.breaker.state
    await desk.failing(Unavailable("x"), 4)
    await desk.failing(BadResponse("x"))
    await desk.failing(Unavailable("x"))
    after_the_fifth = desk.breaker.state
    desk.now += 2
    await desk.failing(BadResponse("x"))

    assert after_nonsense is State.CLOSED
    assert after_the_fifth is State.OPEN
    assert desk.breaker.state is State.OPEN
    assert desk.breaker.retry_in == 0


async def test_an_open_breaker_ends_the_repeats(desk: Desk):
    """The failure that opens it is the answer at once: nobody waits for a probe."""
    await desk.failing(Unavailable("x"), 4)

    with pytest.raises(Unavailable, match="the fifth"):
        await desk.attempts.run(desk.provider(Unavailable("the fifth"), "hello"), may_repeat=True)

    assert desk.waits == []


async def test_the_probe_closes_it(desk: Desk):
    """Two seconds later one call is let through, and its answer opens the account to all."""
    await desk.failing(Unavailable("x"), 5)
    desk.now += 2

    assert await desk.attempts.run(desk.provider("hello"), may_repeat=True) == "hello"
    assert desk.breaker.state is State.CLOSED


async def test_a_probe_the_pace_refuses_is_free_again(desk: Desk):
    """A probe that got no turn was none: the next call is it."""
    await desk.failing(Unavailable("x"), 5)
    desk.now += 2
    desk.refusal = RateLimited("ours")
    with pytest.raises(RateLimited):
        await desk.attempts.run(desk.provider("hello"), may_repeat=True)
    desk.refusal = None

    assert await desk.attempts.run(desk.provider("hello"), may_repeat=True) == "hello"


async def test_a_probe_cancelled_in_the_queue_is_free_again(desk: Desk):
    """The same for one whose asker left while it waited for its turn."""
    await desk.failing(Unavailable("x"), 5)
    desk.now += 2

    def leave() -> None:
        raise asyncio.CancelledError

    desk.before_turn = leave
    with pytest.raises(asyncio.CancelledError):
        await desk.attempts.run(desk.provider("hello"), may_repeat=True)
    desk.before_turn = lambda: None

    assert await desk.attempts.run(desk.provider("hello"), may_repeat=True) == "hello"


async def together(desk: Desk, first: Outcome, second: Errand) -> list[str | BaseException]:
    """The probe, of an errand of its own, comes to `first` only after a call of the errand `second` has begun."""
    await desk.failing(Unavailable("x"), 5)
    desk.now += 2
    begun = asyncio.Event()

    async def probe() -> str:
        await begun.wait()
        return await desk.provider(first)()

    async def call(errand: Errand, once: Callable[[], Awaitable[str]]) -> str:
        ERRAND.set(errand)
        return await desk.attempts.run(once, may_repeat=False)

    async def begin() -> None:
        begun.set()

    one = call(FIRST, probe)
    other = call(second, desk.provider("other"))
    came = await asyncio.gather(one, other, begin(), return_exceptions=True)
    return came[:2]


FIRST = Errand()


async def test_calls_of_one_errand_wait_for_the_probe_among_them(desk: Desk):
    """Refused they would end their errand, and the probe with it, again and again: they follow when it went well."""
    assert await together(desk, "well", FIRST) == ["well", "other"]


async def test_calls_of_the_probe_s_errand_are_refused_with_it(desk: Desk):
    """When the probe fails, those that waited for it are not sent."""
    probe, other = await together(desk, Unavailable("still"), FIRST)

    assert (str(probe), type(other)) == ("still", NotAsked)
    assert desk.calls == 6


async def test_who_waits_for_a_probe_that_is_given_up_takes_its_place(desk: Desk):
    """A probe that told nothing leaves its place to the next call of its errand."""
    probe, other = await together(desk, BadResponse("odd"), FIRST)

    assert (type(probe), other) == (BadResponse, "other")
    assert desk.breaker.state is State.CLOSED


async def test_other_errands_do_not_wait_for_it(desk: Desk):
    """A call of another errand is refused at once while the probe is under way."""
    probe, other = await together(desk, "well", Errand())

    assert (probe, type(other)) == ("well", NotAsked)


async def test_who_waited_while_it_opened_is_not_sent(desk: Desk):
    """A call whose turn comes after the breaker opened is refused instead of sent."""
    begun = [desk.breaker.enter() for _ in range(5)]

    def fail() -> None:
        for ticket in begun:
            desk.breaker.failed(ticket, "x")

    desk.before_turn = fail

    with pytest.raises(NotAsked):
        await desk.attempts.run(desk.provider("hello"), may_repeat=True)

    assert desk.calls == 0


def test_who_waits_while_it_opens_hears_it_at_once():
    """A queue in which many wait is empty when the breaker opens: nobody uses up a place of the window without a call,
    and the probe finds nobody ahead."""

    async def scene() -> None:
        clock = asyncio.get_running_loop().time
        breaker, pace = Breaker("main", clock, lambda: 0.5), Pace(Limits(2, 60, 60.0, 6))
        attempts = Attempts(pace, breaker, Budget(), clock, lambda: 0.5)

        async def once() -> str:
            await asyncio.sleep(0.01)
            raise Unavailable("x")

        calls = [attempts.run(once, may_repeat=False) for _ in range(30)]
        errors = await asyncio.gather(*calls, return_exceptions=True)

        assert clock() < 1
        assert [type(error) for error in errors].count(NotAsked) == 24
        assert pace.remaining() == 60 - 6

    run_in_virtual_time(scene())


@pytest.mark.parametrize(("seconds", "time"), [(1.1, 1.1), (4.0, 4.2), (5.1, 30.0)])
async def test_a_silent_provider_is_found_out(desk: Desk, seconds: float, time: float):
    """Askers give up before the connection does: five calls given up when their time was over, after more than a
    second, open the breaker; so do five that waited very long."""
    for _ in range(5):
        with errand(desk.now + time), pytest.raises(asyncio.CancelledError):
            await desk.attempts.run(desk.provider(asyncio.CancelledError(), seconds=seconds), may_repeat=True)

    assert desk.breaker.state is State.OPEN


async def test_who_leaves_early_says_nothing(desk: Desk):
    """Calls given up within a second, or before their time is over, neither open the breaker nor decide a probe."""
    for seconds, time in [(0.9, 0.9), (1.5, 4.0)] * 15:
        await desk.attempts.run(desk.provider("hello"), may_repeat=True)
        with errand(desk.now + time), pytest.raises(asyncio.CancelledError):
            await desk.attempts.run(desk.provider(asyncio.CancelledError(), seconds=seconds), may_repeat=True)
    after_leaving = desk.breaker.state
    await desk.failing(Unavailable("x"), 5)
    desk.now += 2
    await desk.failing(asyncio.CancelledError())

    assert after_leaving is State.CLOSED
    assert desk.breaker.retry_in == 0


async def test_our_own_standing_still_is_not_the_provider_s(desk: Desk):
    """A call that ended long after its time ended late because this process stood still: no verdict."""
    for _ in range(10):
        with errand(desk.now + 4.0), pytest.raises(asyncio.CancelledError):
            await desk.attempts.run(desk.provider(asyncio.CancelledError(), seconds=6.0), may_repeat=True)

    assert desk.breaker.state is State.CLOSED
