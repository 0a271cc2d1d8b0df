"""Repeats are few, apart from each other, and as late as the provider asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.retries import Budget, backoff


def test_a_full_budget_pays_ten_repeats():
    """An account that was well can repeat ten calls, then no more."""
    budget = Budget()

    assert [budget.pay() for _ in range(12)] == [True] * 10 + [False] * 2


def test_ten_first_attempts_earn_a_repeat():
    """An empty budget pays again after ten first attempts, not after nine."""
    budget = Budget()
    while budget.pay():
        pass

    for _ in range(9):
        budget.earn()
    after_nine = budget.pay()
    budget.earn()

    assert not after_nine
    assert budget.pay()
    assert not budget.pay()


@given(st.lists(st.booleans(), max_size=400))
def test_an_outage_is_not_multiplied(steps: list[bool]):
    """In whatever order: no more repeats than ten and a tenth of the first attempts."""
    budget = Budget()
    first, repeats = 0, 0
    for is_first in steps:
        if is_first:
            first += 1
            budget.earn()
        else:
            repeats += budget.pay()

    assert repeats <= 10 + first / 10


@pytest.mark.parametrize(("repeat", "most"), [(0, 0.1), (1, 0.2), (2, 0.4), (5, 2.0), (20, 2.0)])
def test_the_wait_is_anything_up_to_a_step_that_doubles(repeat: int, most: float):
    """Nothing at the least, the step at the most, and the step never above two seconds."""
    assert backoff(repeat, None, lambda: 0.0) == 0.0
    assert backoff(repeat, None, lambda: 1.0) == pytest.approx(most)


def test_the_provider_is_given_the_time_it_asks_for():
    """Never before Retry-After, and at most a tenth of a second behind it."""
    assert backoff(0, 3.0, lambda: 0.0) == 3.0
    assert backoff(1, 3.0, lambda: 1.0) == pytest.approx(3.1)
    assert backoff(0, 0.0, lambda: 1.0) == pytest.approx(0.1)
