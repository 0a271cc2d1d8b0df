"""A provider that is broken is left alone, found again quickly, and asked by one call at a time meanwhile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.breaker import Breaker, NotAsked, State


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    """Its pauses are neither longer nor shorter than their middle."""
    return Breaker("main", clock, lambda: 0.5)


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.failed(breaker.enter(), "HTTP 503")


def succeed(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.succeeded(breaker.enter())


def is_shut(breaker: Breaker) -> bool:
    """Whether a call is refused; one that is not is given back."""
    try:
        ticket = breaker.enter()
    except NotAsked:
        return True
    breaker.dropped(ticket)
    return False


def test_five_failures_in_a_row_open_it(breaker: Breaker):
    """Four do not; after the fifth a call is refused at once, saying why and when to come back."""
    fail(breaker, 4)
    after_four = breaker.state
    fail(breaker)

    with pytest.raises(NotAsked, match=r"not asked after repeated failures \(last: HTTP 503\)") as refused:
        breaker.enter()

    assert after_four is State.CLOSED
    assert breaker.state is State.OPEN
    assert refused.value.retry_after == breaker.retry_in == 2.0


def test_a_success_ends_the_row(breaker: Breaker):
    """Failures with an answer among them are not in a row."""
    for _ in range(3):
        fail(breaker, 4)
        succeed(breaker)

    fail(breaker, 4)

    assert breaker.state is State.CLOSED


def test_half_of_twenty_calls_open_it(breaker: Breaker):
    """When every second call fails it opens with the tenth failure, which is of the twentieth call; not before."""
    for _ in range(9):
        succeed(breaker)
        fail(breaker)
    succeed(breaker)
    before = breaker.state

    fail(breaker)

    assert before is State.CLOSED
    assert breaker.state is State.OPEN


def test_less_than_half_does_not_open_it(breaker: Breaker):
    """A provider that fails one call of three is still worth asking."""
    for _ in range(100):
        succeed(breaker, 2)
        fail(breaker)

    assert breaker.state is State.CLOSED


def test_what_is_older_than_the_window_does_not_count(breaker: Breaker, clock: Clock):
    """Failures of more than half a minute ago do not add up with those of now, nor do successes hide them."""
    for _ in range(9):
        succeed(breaker)
        fail(breaker)
    clock.now += 30
    succeed(breaker)
    fail(breaker)
    after_failures = breaker.state
    succeed(breaker, 100)
    clock.now += 30

    for _ in range(10):
        succeed(breaker)
        fail(breaker)

    assert after_failures is State.CLOSED
    assert breaker.state is State.OPEN


def test_the_window_moves_with_time(breaker: Breaker, clock: Clock):
    """Calls are counted for about half a minute however they are spread: one in two failing opens it at a slow pace."""
    for _ in range(9):
        succeed(breaker)
        fail(breaker)
        clock.now += 2.5
    succeed(breaker)

    fail(breaker)

    assert breaker.state is State.OPEN


def test_one_call_tries_after_the_pause(breaker: Breaker, clock: Clock):
    """When the pause is over one call is let through, and others are refused until it has ended."""
    fail(breaker, 5)
    clock.now += 1.9
    early = is_shut(breaker)
    clock.now += 0.1

    breaker.enter()

    assert early
    assert breaker.state is State.HALF_OPEN
    assert is_shut(breaker)
    assert breaker.retry_in > 0


def test_a_good_probe_closes_it(breaker: Breaker, clock: Clock):
    """After one answer all may ask again, and the failures before are forgotten."""
    fail(breaker, 5)
    clock.now += 2

    succeed(breaker)

    assert breaker.state is State.CLOSED
    assert breaker.retry_in == 0
    fail(breaker, 4)
    assert breaker.state is State.CLOSED


def test_the_share_counts_anew_after_a_good_probe(breaker: Breaker, clock: Clock):
    """What opened it does not open it again: half of another twenty calls would have to fail."""
    for _ in range(10):
        succeed(breaker)
        fail(breaker)
    was_open = breaker.state is State.OPEN
    clock.now += 2
    succeed(breaker)

    fail(breaker)

    assert was_open
    assert breaker.state is State.CLOSED


def test_each_failing_probe_doubles_the_pause(breaker: Breaker, clock: Clock):
    """2 s, then 4, 8, 16, and never more than 30; once it was well, 2 again."""
    fail(breaker, 5)
    pauses = []
    for _ in range(7):
        pauses.append(breaker.retry_in)
        clock.now += breaker.retry_in
        fail(breaker)
    clock.now += breaker.retry_in
    succeed(breaker)
    fail(breaker, 5)

    assert pauses == pytest.approx([2, 4, 8, 16, 30, 30, 30])
    assert breaker.retry_in == 2


@pytest.mark.parametrize(("chance", "pause"), [(0.0, 1.6), (1.0, 2.4)])
def test_pauses_differ_by_a_fifth(clock: Clock, chance: float, pause: float):
    """So that the replicas of the gateway do not all ask at one moment."""
    breaker = Breaker("main", clock, lambda: chance)

    fail(breaker, 5)

    assert breaker.retry_in == pytest.approx(pause)


def test_a_probe_that_was_given_up_frees_its_place(breaker: Breaker, clock: Clock):
    """When the probe was never sent or was cancelled, the next call is the probe, at once."""
    fail(breaker, 5)
    clock.now += 2
    probe = breaker.enter()

    breaker.dropped(probe)

    assert breaker.retry_in == 0
    succeed(breaker)
    assert breaker.state is State.CLOSED


def test_a_ticket_counts_once(breaker: Breaker, clock: Clock):
    """A probe that has failed and is then also given up does not free a place it no longer has."""
    fail(breaker, 5)
    clock.now += 2
    probe = breaker.enter()
    breaker.failed(probe, "HTTP 503")

    breaker.dropped(probe)

    assert is_shut(breaker)
    assert breaker.retry_in == 4


def test_calls_from_before_it_opened_change_nothing(breaker: Breaker, clock: Clock):
    """What began earlier and ends later neither closes it, nor prolongs the pause, nor decides over the probe."""
    old = [breaker.enter() for _ in range(20)]
    fail(breaker, 5)
    clock.now += 1
    breaker.succeeded(old.pop())
    for ticket in old:
        breaker.failed(ticket, "late")
    waiting = breaker.retry_in
    clock.now += 1
    probe = breaker.enter()
    breaker.succeeded(old[0])
    breaker.failed(old[1], "late")
    breaker.dropped(old[2])

    assert waiting == 1
    assert breaker.state is State.HALF_OPEN
    breaker.succeeded(probe)
    assert breaker.state is State.CLOSED


def test_who_waited_while_it_opened_is_not_sent(breaker: Breaker, clock: Clock):
    """A call let in before it opened is stopped at the end of its wait; the probe and later calls are not."""
    waited = breaker.enter()
    breaker.check(waited)
    fail(breaker, 5)

    with pytest.raises(NotAsked):
        breaker.check(waited)
    clock.now += 2
    probe = breaker.enter()
    breaker.check(probe)
    with pytest.raises(NotAsked):
        breaker.check(waited)
    breaker.succeeded(probe)
    breaker.check(waited)


STEPS = st.lists(
    st.one_of(
        st.just(("enter", 0)),
        st.tuples(st.sampled_from(["succeeded", "failed", "dropped"]), st.integers(0, 7)),
        st.tuples(st.just("wait"), st.integers(0, 80)),
    ),
    max_size=150,
)


@given(STEPS, st.floats(0, 1))
def test_whatever_happens(steps: list[tuple[str, int]], chance: float):
    """Never more than one probe at a time; never open without a failure that is news; and once the provider answers,
    it is open to all again within one pause, at most 36 s."""
    clock = Clock()
    breaker = Breaker("main", clock, lambda: chance)
    under_way: list[tuple[int, bool]] = []
    for what, value in steps:
        before = breaker.state
        if what == "wait":
            clock.now += value / 4
        elif what == "enter":
            if not is_refused(breaker, under_way):
                assert sum(is_probe for _, is_probe in under_way) <= 1
        elif under_way:
            ticket, is_probe = under_way.pop(value % len(under_way))
            bring_back(breaker, what, ticket)
            if before is State.CLOSED and breaker.state is not State.CLOSED:
                assert what == "failed"
            if before is State.HALF_OPEN and not is_probe:
                assert breaker.state is State.HALF_OPEN
        if not any(is_probe for _, is_probe in under_way):
            assert breaker.state is not State.HALF_OPEN

    for ticket, _ in under_way:
        breaker.dropped(ticket)
    assert breaker.retry_in <= 36
    clock.now += breaker.retry_in
    succeed(breaker)
    assert breaker.state is State.CLOSED


def is_refused(breaker: Breaker, under_way: list[tuple[int, bool]]) -> bool:
    """Begin a call, noting whether it is a probe."""
    try:
        ticket = breaker.enter()
    except NotAsked:
        assert breaker.state is not State.CLOSED
        assert breaker.retry_in > 0
        return True
    under_way.append((ticket, breaker.state is State.HALF_OPEN))
    return False


def bring_back(breaker: Breaker, what: str, ticket: int) -> None:
    if what == "failed":
        breaker.failed(ticket, "broken")
    else:
        getattr(breaker, what)(ticket)
