"""The door of an account of which some fleets are seen, with answers that no simulator gives."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from gateway.page import Page, PageRequest
from gateway.provider import Provider
from gateway.reach.fence import Fence
from gateway.where import CommandWhere, EsimProfileWhere, FleetWhere, OfSim, SimWhere, UsageWhere, Where
from schema.command import SmsCommand
from schema.errors import Unsupported
from schema.fleet import Fleet
from schema.network import IpAddress, Network
from schema.rate_plan import RatePlan
from schema.sim import Sim
from schema.usage import UsageGroup, UsageRecord
from tests.reach.office import FLEETS, Office

SIMS = {"a": "f1", "b": "f2", "c": "f3", "d": None}
SPAN = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
FIRST = PageRequest(50)


def fence_of(office: Office) -> Fence:
    return Fence(cast("Provider", office), FLEETS, office.ask, office.known)


async def asked(operation: str, answer: Any, *args: object, **more: Any) -> Any:  # Any: each operation has its own
    return await fence_of(Office(SIMS, answers={operation: answer})).ask(operation, *args, **more)


def usage(**parts: Any) -> UsageRecord:  # Any: each part has its own type
    return UsageRecord(account_names=("x",), **parts)


async def test_usage_of_the_whole_account_is_not_told():
    """Not as a sum; and by SIM only of those that were shown."""
    office = Office(SIMS, answers={"list_usage": Page([usage(sim_id=each) for each in "abcd"] + [usage()])})
    fence = fence_of(office)
    await fence.ask("list_sims", SimWhere(fleet_id="f1"), FIRST)
    office.asked.clear()

    with pytest.raises(Unsupported):
        await fence.ask("list_usage", UsageWhere(*SPAN), FIRST)
    told = await fence.ask("list_usage", UsageWhere(*SPAN, group=UsageGroup.SIM), FIRST, of_shown=True)

    assert [each.sim_id for each in told.items] == ["a"]
    assert office.asked == []


async def test_usage_of_a_fleet():
    """Rows of SIMs that have left it since, or of another fleet than was asked for, are left out."""
    rows = [usage(sim_id="a"), usage(sim_id="c"), usage(fleet_id="f3"), usage(fleet_id="f1"), usage(country="DE")]

    told = await asked("list_usage", Page(rows, total=5), UsageWhere(*SPAN, fleet_id="f1"), FIRST)

    assert (told.items, told.total) == ([rows[0], rows[3], rows[4]], None)


@pytest.mark.parametrize(("sim_id", "items"), [("a", 1), ("c", 0), ("x", 0)])
async def test_what_names_nobody_is_whose_it_was_asked_of(sim_id: str, items: int):
    """An address of a SIM does not say whose it is; its count is told."""
    told = await asked("list_ip_addresses", Page([IpAddress(address="192.0.2.1")], total=1), OfSim(sim_id), FIRST)

    assert len(told.items) == items
    assert told.total == (1 if items else None)


async def test_a_cycle_of_a_sim():
    """As above, for what is asked of a SIM without a list."""
    assert [await asked("load_cycle_usage", usage(bytes_total=7), each) is not None for each in "acx"] == [
        True,
        False,
        False,
    ]


async def test_what_names_nobody_and_was_asked_of_nobody_is_left_out():
    """Commands without a SIM, in a list of the account; the count of all is not told."""
    rows = [SmsCommand(native_id="1", sim_id="a"), SmsCommand(native_id="2"), SmsCommand(native_id="3", sim_id="d")]

    told = await asked("list_sms_commands", Page(rows, total=3), CommandWhere(), FIRST)

    assert ([each.native_id for each in told.items], told.total) == (["1"], None)


@pytest.mark.parametrize("operations", [("load_sim",), ("load_sim", "load_fleet")])
async def test_an_account_with_and_without_fleets(operations: tuple[str, ...]):
    """What it offers to all is read by who sees a fleet of it; where there are none there is nothing."""
    answers = {"list_networks": Page([Network(native_id="n")], total=1), "load_rate_plan": RatePlan(native_id="p")}
    fence = fence_of(Office(SIMS, operations=operations, answers=answers))
    has_fleets = len(operations) == 2

    assert len((await fence.ask("list_networks", Where(), FIRST)).items) == has_fleets
    assert (await fence.ask("load_rate_plan", "p") is not None) == has_fleets
    assert (await fence.sifted(Network(native_id="n")) is not None) == has_fleets
    assert fence.fleets == (FLEETS if has_fleets else ())


async def test_fleets_and_sims_by_id():
    """By any name that a provider takes for an id: what it answers counts."""
    fleets = [Fleet(native_id=each) for each in ("f1", "f2", "f3")]

    assert [each.native_id for each in (await asked("list_fleets", Page(fleets), FleetWhere(), FIRST)).items] == [
        *FLEETS
    ]
    assert await asked("load_fleet", fleets[2], "a name of the third") is None
    assert await asked("find_sim_by_iccid", Sim(native_id="c", fleet_id="f3"), "8988") is None
    assert await asked("find_sim_by_iccid", Sim(native_id="a", is_complete=False), "8988") is not None


@pytest.mark.parametrize(("sim_id", "anew"), [("a", []), ("c", ["load_sim"]), ("x", ["load_sim"])])
async def test_memory_never_says_no(sim_id: str, anew: list[str]):
    """A SIM that is remembered as one of theirs is not asked for; that it is none, only its provider can say."""
    office = Office(SIMS, remembered=("a", "c"), answers={"list_ip_addresses": Page([])})

    await fence_of(office).ask("list_ip_addresses", OfSim(sim_id), FIRST)

    assert office.asked_anew == anew


@pytest.mark.parametrize(
    ("operation", "subject", "answer", "anew"),
    [
        ("find_sim_by_iccid", "89", Sim(native_id="c", fleet_id="f3"), True),
        ("find_sim_by_iccid", "89", None, True),
        ("find_sim_by_iccid", "89", Sim(native_id="a", fleet_id="f1"), False),
        ("load_sms_command", "1", SmsCommand(native_id="1", sim_id="c"), True),
        ("list_sims", SimWhere(iccids=frozenset({"89"})), Page([]), True),
        ("list_esim_profiles", EsimProfileWhere(eid="89"), Page([]), True),
        ("list_esim_profiles", EsimProfileWhere(), Page([]), False),
        ("list_fleets", FleetWhere(name="north"), Page([]), False),
        ("load_network", "HW1", None, False),
        ("load_cycle_usage", "a", None, False),
    ],
)
async def test_what_is_named_and_not_found_is_asked_anew(operation: str, subject: object, answer: Any, anew: bool):
    """As above, for whatever may be foreign. What belongs to a SIM of theirs may be remembered not to be there."""
    office = Office(SIMS, remembered=("a", "b", "c", "d"), answers={operation: answer})
    more = (FIRST,) if operation.startswith("list_") else ()

    await fence_of(office).ask(operation, subject, *more)

    assert office.asked_anew == ([operation] if anew else [])


@pytest.mark.parametrize(("fleet_id", "is_asked"), [("f1", True), ("f3", False), ("f9", False)])
async def test_only_a_fleet_of_theirs_is_asked_for(fleet_id: str, is_asked: bool):
    """Which these are is known beforehand."""
    office = Office(SIMS, answers={"load_fleet": Fleet(native_id=fleet_id)})

    assert (await fence_of(office).ask("load_fleet", fleet_id) is not None) is is_asked
    assert office.operations_asked == (["load_fleet"] if is_asked else [])
