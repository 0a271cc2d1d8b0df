"""How it is found out which SIMs are in the fleets that a caller sees, without simulators."""

from typing import cast

import pytest

from gateway.provider import Provider
from gateway.reach.members import Members
from schema.errors import Unavailable
from tests.reach.office import FLEETS, Office


def members_of(office: Office) -> Members:
    return Members(cast("Provider", office), FLEETS, office.ask, office.known)


async def found(office: Office, *sim_ids: str) -> set[str]:
    members = members_of(office)
    await members.find(sim_ids)
    return {each for each in sim_ids if each in members}


A_FEW = Office({"a": "f1", "b": "f2", "c": "f3", "d": None})


async def test_what_is_remembered_is_not_asked_for():
    """Neither is what was found before."""
    office = Office(A_FEW.fleets, remembered=("a", "c"))
    members = members_of(office)
    for _ in range(2):
        await members.find(["a", "b", "c"])

    assert [each in members for each in "abcd"] == [True, True, False, False]
    assert office.asked == ["b"]


async def test_few_are_asked_for_singly():
    """As many as there are fleets are; one that is not there is in none."""
    for absence in (True, False):
        office = Office(A_FEW.fleets, raises_not_found=absence)

        assert await found(office, "a", "x") == {"a"}
        assert office.asked == ["a", "x"]


async def test_many_are_looked_for_in_the_fleets():
    """Where the lists are whole, who is on none of them is in none."""
    office = Office(A_FEW.fleets)

    assert await found(office, "a", "b", "c", "d", "x") == {"a", "b"}
    assert office.asked == ["f1 0", "f2 0"]


async def test_of_a_long_list_as_much_is_read_as_is_worth_it():
    """Who is not on its first pages may stand further back: they are asked for singly."""
    office = Office({f"s{number:02}": "f1" for number in range(30)} | {"z": "f3"})
    wanted = [f"s{number:02}" for number in (0, 5, *range(20, 30))] + ["z"]

    assert await found(office, *wanted) == {*wanted} - {"z"}
    assert sorted(office.asked) == sorted(["f1 0", "f2 0", "s05", *wanted[2:]])


async def test_rows_that_leave_out_the_fleet_prove_nothing():
    """Such SIMs are asked for, as are all where the list may leave some out."""
    partial = Office(A_FEW.fleets, has_partial_rows=True)
    unsure = Office(A_FEW.fleets, is_partial=True)

    assert await found(partial, "a", "b", "c", "d") == {"a", "b"}
    assert sorted(partial.asked) == ["a", "b", "f1 0", "f2 0"]
    assert await found(unsure, "a", "b", "c", "d") == {"a", "b"}
    assert sorted(unsure.asked) == ["c", "d", "f1 0", "f2 0"]


async def test_where_it_cannot_be_known_nobody_is_let_in():
    """The failure is told."""
    office = Office(A_FEW.fleets, fails=True)
    members = members_of(office)

    with pytest.raises(Unavailable):
        await members.find(["a"])
    assert "a" not in members
