"""The guards of a pace keep what they promise, whatever is asked of them and when."""

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.pace import Limits
from gateway.upstream.pace.bucket import Bucket
from gateway.upstream.pace.gate import Gate, Hold
from gateway.upstream.pace.throttle import FIRST_PAUSE, LEAST, LONGEST_PAUSE, Throttle

WINDOW = 10.0
ARRIVALS = st.lists(st.tuples(st.floats(0, 5), st.floats(0, 15)), max_size=60)
"""Seconds since the one before, and how long the call takes."""

LIMITS = st.builds(Limits, st.integers(1, 6), st.integers(1, 12), st.just(WINDOW), st.none() | st.integers(1, 12))


def gate(limits: Limits) -> Gate:
    return Gate(limits, Throttle(WINDOW), 0.0)


def starts(limits: Limits, arrivals: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Beginning and end of each call that came at once after it was told how long to wait, or at a later attempt."""
    guard, now, came = gate(limits), 0.0, []
    running: list[float] = []
    for pause, seconds in arrivals:
        now += pause
        while not _ended_until(guard, running, now).enter(now):
            now = min(running, default=now) if guard.is_full(now) else now + max(guard.wait(now), 1e-6)
        came.append((now, now + seconds))
        running.append(now + seconds)
    return came


def _ended_until(guard: Gate, running: list[float], now: float) -> Gate:
    for end in sorted(each for each in running if each <= now):
        guard.leave(end)
        running.remove(end)
    return guard


def most_in_a_window(moments: list[float]) -> int:
    moments = sorted(moments)
    return max((bisect_left(moments, each + WINDOW - 1e-6) - place for place, each in enumerate(moments)), default=0)


@given(LIMITS, ARRIVALS, st.randoms(use_true_random=False))
def test_no_window_holds_more_calls_than_allowed(limits, arrivals, chance):
    """Whenever calls come and however long they take, wherever between its beginning and its end each one arrives at
    the provider: no window sees more than `calls`."""
    came = starts(limits, arrivals)

    arrived = [begin + (end - begin) * chance.random() for begin, end in came]
    assert most_in_a_window(arrived) <= limits.calls
    assert most_in_a_window([begin for begin, _ in came]) <= limits.calls


@given(LIMITS, ARRIVALS)
def test_no_more_run_at_once_than_allowed(limits, arrivals):
    """At no moment do more calls run than `concurrency`."""
    came = starts(limits, arrivals)

    assert all(sum(begin <= each < end for begin, end in came) <= limits.concurrency for each, _ in came)


@given(LIMITS)
def test_a_burst_and_the_flow_after_it_fit_into_a_window(limits):
    """rate * window + (burst - 1) is the limit: everything at once first, then evenly, is no more than allowed."""
    assert 1 <= limits.most_together <= limits.calls
    assert limits.rate * limits.window + limits.most_together - 1 == pytest.approx(limits.calls)


@given(st.floats(0.1, 20), st.integers(1, 9), st.lists(st.floats(0, 3), max_size=80))
def test_a_bucket_never_gives_more_than_it_holds_and_gets(rate, size, pauses):
    """In any span of t seconds no more than size + rate * t are taken."""
    bucket, now, taken = Bucket(rate, size, 0.0), 0.0, []
    for pause in pauses:
        now += pause
        now += bucket.wait(now)
        bucket.take(now)
        taken.append(now)

    assert all(
        later - earlier + 1 <= size + rate * (taken[later] - taken[earlier]) + 1e-5
        for earlier in range(len(taken))
        for later in range(earlier, len(taken))
    )


def test_after_a_burst_calls_follow_evenly():
    """500 a minute with a burst of 50: fifty at once, the next in an eighth of a second, not in a minute."""
    limits = Limits(concurrency=100, calls=500, window=60.0)
    guard = gate(limits)

    assert sum(guard.enter(0.0) for _ in range(100)) == 50
    assert guard.wait(0.0) == pytest.approx(60 / 451)
    assert guard.wait(0.0, ahead=9) == pytest.approx(10 * 60 / 451)


@pytest.mark.parametrize(
    ("limits", "together"),
    [(Limits(8, 1), 1), (Limits(1, 100), 1), (Limits(1, 100, 1.0, 3), 3), (Limits(8, 5, 1.0, 99), 5), (Limits(8), 1)],
)
def test_a_burst_is_at_least_one_and_at_most_the_limit(limits, together):
    """Calls that go one by one have no burst unless it is said; nobody gets more than the window."""
    assert limits.most_together == together


@given(st.integers(1, 40), st.none() | st.integers(1, 40), st.none() | st.integers(1, 40), st.integers(1, 12))
def test_shares_of_all_replicas_are_no_more_than_the_whole(concurrency, calls, burst, replicas):
    """Whoever knows its place among the replicas: together they have all places and calls, and no more, or nothing at
    all where there are fewer than replicas; the rates and bursts add up likewise."""
    limits = Limits(concurrency, calls, 60.0, burst)
    shares = [share for index in range(replicas) if (share := limits.share(replicas, index))]

    assert sum(share.concurrency for share in shares) <= concurrency
    if calls is not None:
        assert sum(share.calls or 0 for share in shares) <= calls
        assert sum(share.rate * 60 + share.most_together - 1 for share in shares) <= calls + 1e-6
    if replicas <= min(concurrency, calls or concurrency):
        assert sum(share.concurrency for share in shares) == concurrency
        assert calls is None or sum(share.calls or 0 for share in shares) == calls


def test_who_does_not_know_its_place_takes_the_smaller_part():
    """Without an index nobody is the first: five places of three replicas are one for each, and one of two is none."""
    assert Limits(5).share(3, None) == Limits(1)
    assert Limits(1, 1, 1.0).share(2, None) is None
    assert Limits(1, 1, 1.0).share(2, 0) == Limits(1, 1, 1.0, 1)


def test_a_hold_counts_what_others_had_before():
    """In the first window alone a share is not used beyond what was free; places of our own that come free are ours."""
    limits = Limits(concurrency=8, calls=6, window=WINDOW, burst=6)
    guard = gate(limits)
    assert guard.enter(0.0)
    guard.leave(1.0)
    guard.change(limits, 2.0, None, Hold(calls=2, calls_until=12.0, concurrency=1, concurrency_until=7.0))

    assert guard.enter(2.0)
    assert guard.is_full(2.0)
    assert guard.held_for(2.0) == 5.0
    guard.leave(2.5)
    assert not guard.is_full(2.5)
    assert guard.wait(2.5) == 8.5
    assert guard.enter(11.0)
    assert guard.wait(12.0) == 0.0


def test_a_complaint_halves_and_time_raises():
    """Nothing begins during the pause; afterwards half of the rate, and a sixteenth more in each quiet window."""
    throttle = Throttle(WINDOW)
    throttle.cut(0.0, 5.0, began=0.0)

    assert (throttle.pause(1.0), throttle.factor(1.0)) == (4.0, 0.5)
    assert throttle.factor(5.0 + WINDOW - 0.1) == 0.5
    assert throttle.factor(5.0 + WINDOW) == 0.5 + 1 / 16
    assert throttle.factor(5.0 + 8 * WINDOW) == 1.0
    assert throttle.is_calm(5.0 + 8 * WINDOW)


def test_complaints_about_calls_of_the_same_time_count_once():
    """Eight calls under way together are answered 429: one halving. One that began later is news."""
    throttle = Throttle(WINDOW)
    for began in (1.0, 1.5, 2.0):
        throttle.cut(2.0, None, began)
    assert throttle.factor(2.0) == 0.5

    throttle.cut(4.0, 9.0, began=1.9)
    assert (throttle.factor(4.0), throttle.pause(4.0)) == (0.5, 9.0)
    throttle.cut(14.0, None, began=13.5)
    assert throttle.factor(14.0) == 0.25


def test_pauses_double_and_nothing_is_lowered_for_ever():
    """Without a Retry-After the pause doubles up to a minute, and starts small again after a quiet window; the rate
    stays at a sixteenth at least; a Retry-After of a day is a minute."""
    throttle, now, pauses = Throttle(WINDOW), 0.0, []
    for _ in range(12):
        now += throttle.pause(now)
        throttle.cut(now, None, began=now)
        pauses.append(throttle.pause(now))
        now += 0.001
    assert pauses[:3] == pytest.approx([FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE], rel=0.01)
    assert max(pauses) <= LONGEST_PAUSE + 0.01
    assert throttle.factor(now) == LEAST

    now += LONGEST_PAUSE + WINDOW
    throttle.factor(now)
    throttle.cut(now, None, began=now)
    assert throttle.pause(now) == FIRST_PAUSE
    throttle.cut(now + 1, 86_400.0, began=now + 1)
    assert throttle.pause(now + 1) == LONGEST_PAUSE


def test_a_throttled_account_is_asked_half_as_much():
    """Half of the window, half of the burst, half of the rate; where only concurrency is limited, half of that."""
    throttle = Throttle(WINDOW)
    guard = Gate(Limits(20, 10, WINDOW, 4), throttle, 0.0)
    alone = Gate(Limits(3), throttle, 0.0)
    throttle.cut(0.0, 1.0, began=0.0)

    assert not guard.enter(0.5)
    assert sum(guard.enter(1.0) for _ in range(10)) == 2
    assert guard.remaining(1.0) == 3
    assert guard.wait(1.0) == pytest.approx(2 / 0.7)
    assert sum(alone.enter(1.0) for _ in range(3)) == 1
