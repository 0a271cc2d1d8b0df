"""Filters: how much of them is taken, and how little is told back."""

import pytest

from gateway.jobs.selection import Unselected, wheres_of
from gateway.lists.conditions import MOST_NAMED, MOST_UNKNOWN, check_lengths, chosen, condition
from schema.errors import Invalid
from schema.event import SimEventType
from schema.filters import AccountFilter, EventFilter, SimFilter
from schema.status import SimStatus

MANY = MOST_NAMED + 1
LONG = [
    ("accounts", AccountFilter(accounts=["x"] * MANY)),
    ("providers", AccountFilter(providers=["x"] * MANY)),
    ("iccid", SimFilter(iccid=["8988307000000000000"] * MANY)),
    ("status", SimFilter(status=[SimStatus.ACTIVE] * MANY)),
    ("type", EventFilter(type=[next(iter(SimEventType))] * MANY)),
]


@pytest.mark.parametrize(("name", "filter"), LONG, ids=[name for name, _ in LONG])
def test_a_list_in_a_filter_is_bounded(name: str, filter: AccountFilter) -> None:
    """More values than a filter may name are refused, saying how many there may be."""
    with pytest.raises(Invalid, match=f"filter.{name}: at most {MOST_NAMED}; found {MANY}") as caught:
        check_lengths(filter)
    assert caught.value.path == ["filter", name]
    with pytest.raises(Invalid):
        condition(filter, "any")


def test_unknown_names_are_told_briefly() -> None:
    """Of many names that are none some are told, each cut to a line, and then how many more there are."""
    names = [f"{number} {'x' * 5_000}" for number in range(MOST_NAMED)]
    accounts, problems = chosen({}, AccountFilter(accounts=names, providers=names[: MOST_UNKNOWN + 1]))

    assert accounts == []
    assert len(problems) == 2 * (MOST_UNKNOWN + 1)
    assert problems[MOST_UNKNOWN].message == f"there is no account of {MOST_NAMED - MOST_UNKNOWN} more names"
    assert problems[-1].message == "there is no account at a provider of 1 more names"
    assert max(len(each.message) for each in problems) < 150


def test_a_long_text_is_not_told_back() -> None:
    """What is no ICCID is told by its beginning."""
    with pytest.raises(Invalid, match="is not an ICCID") as caught:
        condition(SimFilter(iccid=["9" * 100_000]), "any")
    assert len(caught.value.message) < 200


def test_a_selection_is_bounded_likewise() -> None:
    """A job's filter has the same limits, told at its place in the input."""
    with pytest.raises(Unselected) as caught:
        wheres_of(SimFilter(accounts=["x"] * MANY), {})
    [problem] = caught.value.problems
    assert problem.path == ["input", "select", "filter", "accounts"]
    assert f"at most {MOST_NAMED}" in problem.message
