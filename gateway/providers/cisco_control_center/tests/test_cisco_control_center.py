"""Cisco IoT Control Center: what is asked, and what comes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from gateway.page import Page, PageRequest
from gateway.provider import OPERATIONS
from gateway.providers.cisco_control_center import PLATFORMS, ControlCenterSettings
from gateway.providers.cisco_control_center.provider import ControlCenter
from gateway.providers.cisco_control_center.tests.conftest import NAME, START, desk
from gateway.secret import Secret
from gateway.where import OfSim, SessionWhere, SimWhere, UsageWhere
from schema.errors import Unsupported
from schema.status import SimStatus

SINCE = "2025-11-21T11:00:00+00:00"
"""364 days before the start."""


async def walked(provider: ControlCenter, where: SimWhere, size: int = 50) -> list[Any]:
    """Every row of a list of SIMs."""
    rows: list[Any] = []
    page: Page[Any] = await provider.list_sims(where, PageRequest(size))
    rows += page.items
    while page.next is not None:
        page = await provider.list_sims(where, PageRequest(size, page.next))
        rows += page.items
    return rows


def test_the_platform_says_what_it_needs() -> None:
    """Operators have hosts of their own, so there is no default; the pace is one call at a time, one a second."""
    [platform] = PLATFORMS

    assert platform.base_url is None
    assert (platform.limits.concurrency, platform.limits.calls, platform.limits.window) == (1, 1, 1.0)
    assert "s3cret" not in repr(ControlCenterSettings(name="a", provider=NAME, username="u", api_key=Secret("s3cret")))


def test_every_missing_operation_says_why() -> None:
    """No capability that is missing is without a note of its own."""
    missing = {name for name in OPERATIONS if not ControlCenter.supports(name)}

    assert missing
    assert missing <= set(ControlCenter.notes)


async def test_trap_05_a_search_says_since_when_and_escapes_its_plus() -> None:
    """modifiedSince is there, 364 days back, its plus percent-encoded: unescaped it would be a blank and refused."""
    async with desk() as asked:
        page = await asked.provider.list_sims(SimWhere(), PageRequest(50))

        [request] = asked.arrived()
        assert (request.path, request.status) == ("/rws/api/v1/devices", 200)
        assert "%2B00" in request.query
        assert "+" not in request.query
        assert asked.queries() == [{"modifiedSince": SINCE, "pageSize": "50", "pageNumber": "1"}]
        assert len(page.items) == 50
        assert page.next is not None
        assert page.total is None


async def test_trap_05_the_start_of_a_walk_stands_still() -> None:
    """Every page of a walk searches from the same moment, however long it takes; lastPage ends it."""
    async with desk() as asked:
        first = await asked.provider.list_sims(SimWhere(), PageRequest(25))
        asked.now += timedelta(hours=3)
        second = await asked.provider.list_sims(SimWhere(), PageRequest(25, first.next))
        third = await asked.provider.list_sims(SimWhere(), PageRequest(25, second.next))

        assert [each["modifiedSince"] for each in asked.queries()] == [SINCE] * 3
        assert [each["pageNumber"] for each in asked.queries()] == ["1", "2", "3"]
        assert third.next is None
        rows = [*first.items, *second.items, *third.items]
        fleet = asked.fleet
        recent = [i for i in range(60) if fleet.modified(i).isoformat() >= SINCE]
        assert sorted(row.native_id for row in rows) == sorted(fleet.world.sim(i).iccid for i in recent)


async def test_trap_05_rows_move_while_paging() -> None:
    """A SIM changed during a walk comes again at its end and hides one other: the capability's note says so."""
    async with desk() as asked:
        whole = {row.iccid for row in await walked(asked.provider, SimWhere())}
        first = await asked.provider.list_sims(SimWhere(), PageRequest(20))
        asked.now += timedelta(minutes=1)
        await asked.edit(first.items[0].native_id, accountCustom3="moved")
        rows, token = list(first.items), first.next
        while token is not None:
            page = await asked.provider.list_sims(SimWhere(), PageRequest(20, token))
            rows, token = rows + page.items, page.next

        assert rows[-1].iccid == first.items[0].iccid
        assert len(whole - {row.iccid for row in rows}) == 1
        assert "may hide another" in asked.provider.notes["list_sims"]


async def test_a_row_tells_four_things() -> None:
    """A row has status and plan and nothing that needs a call of its own; the SIM itself has everything."""
    async with desk() as asked:
        [row] = (await asked.provider.list_sims(SimWhere(), PageRequest(1))).items
        sim = await asked.provider.load_sim(row.native_id)

        assert sim is not None
        assert (row.is_complete, sim.is_complete) == (False, True)
        assert (row.status, row.rate_plan_id) == (sim.status, sim.rate_plan_id)
        assert "communicationPlan" in cast("dict[str, Any]", sim.extra)
        assert (row.imsi, row.name, row.extra) == (None, None, None)
        assert sim.imsi is not None
        assert asked.paths() == ["devices", f"devices/{row.native_id}"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (SimStatus.ACTIVE, ["ACTIVATED"]),
        (SimStatus.READY, ["ACTIVATION_READY", "TEST_READY"]),
        (SimStatus.TERMINATED, ["RETIRED", "PURGED", "REPLACED"]),
    ],
)
async def test_a_status_is_searched_by_each_of_its_words(status: SimStatus, words: list[str]) -> None:
    """One wanted status is the provider's filter, word after word, and finds exactly the SIMs that have it."""
    async with desk(200, total_count="on") as asked:
        every = await walked(asked.provider, SimWhere())
        asked.host.clear()
        where = SimWhere(status=frozenset({status}))
        some = await walked(asked.provider, where)
        first = await asked.provider.list_sims(where, PageRequest(50))

        assert list(dict.fromkeys(each["status"] for each in asked.queries())) == words
        assert {row.iccid for row in some} == {row.iccid for row in every if row.status is status}
        assert len(some) > 0
        assert first.total == (len(some) if len(words) == 1 else None)


async def test_statuses_that_are_no_single_search() -> None:
    """Several statuses, and UNKNOWN, are left to the caller's filter; a status Cisco does not have costs no call."""
    async with desk(total_count="on") as asked:
        several = frozenset({SimStatus.ACTIVE, SimStatus.SUSPENDED})
        await asked.provider.list_sims(SimWhere(status=several), PageRequest(50))
        unknown = await asked.provider.list_sims(SimWhere(status=frozenset({SimStatus.UNKNOWN})), PageRequest(50))
        assert all("status" not in each for each in asked.queries())
        assert any(row.native_status == "OPERATOR_HOLD" for row in unknown.items)
        assert unknown.total is None
        asked.host.clear()

        none = await asked.provider.list_sims(SimWhere(status=frozenset({SimStatus.PENDING})), PageRequest(50))

        assert (none.items, none.next, asked.arrived()) == ([], None, [])


@pytest.mark.parametrize("where", [SimWhere(name="pump 7"), SimWhere(fleet_id="any")])
async def test_what_the_search_cannot_say_is_not_asked(where: SimWhere) -> None:
    """Names stand in no row and fleets do not exist: Unsupported, with a reason, before any call."""
    async with desk() as asked:
        with pytest.raises(Unsupported, match="Control Center"):
            await asked.provider.list_sims(where, PageRequest(50))

        assert asked.arrived() == []


async def test_usage_over_a_span_is_not_there() -> None:
    """Only the running cycle can be told, so a span is refused and says what there is instead."""
    async with desk() as asked:
        with pytest.raises(Unsupported, match="cycleUsage"):
            await asked.provider.list_usage(UsageWhere(START - timedelta(days=1), START), PageRequest(50))

        assert asked.arrived() == []
        assert not asked.provider.supports("list_usage")


async def test_a_rate_plan_is_its_name() -> None:
    """Nobody is asked for a plan: its name is its id, and all there is."""
    async with desk() as asked:
        plan = await asked.provider.load_rate_plan("Meter 10MB")

        assert plan is not None
        assert (plan.native_id, plan.name) == ("Meter 10MB", "Meter 10MB")
        assert asked.arrived() == []


@pytest.mark.parametrize("null_ip", ["text", "null"])
async def test_trap_04_each_device_has_its_one_session(null_ip: str) -> None:
    """One call, at most one session; the same session has the same id again, the next one another."""
    async with desk(null_ip=null_ip) as asked:
        world = asked.fleet.world
        latest = {world.sim(i).iccid: world.latest_session(i) for i in range(60)}
        for iccid, expected in latest.items():
            found = (await asked.provider.list_sessions(SessionWhere(iccid), PageRequest(50))).items
            again = (await asked.provider.list_sessions(SessionWhere(iccid), PageRequest(50))).items
            assert len(found) == (expected is not None)
            assert [each.native_id for each in found] == [each.native_id for each in again]
            for session in found:
                assert expected is not None
                assert session.native_id.startswith(f"{iccid}/")
                assert (session.active, session.sim_id) == (expected.end is None, iccid)
                assert session.ip_address in (expected.ip, None)
                assert session.ip_address or session.ipv6_prefix

        assert {session is None for session in latest.values()} == {True, False}
        assert asked.paths()[:2] == [f"devices/{next(iter(latest))}/sessionInfo"] * 2


async def test_usage_of_the_cycle_and_its_zones_agree() -> None:
    """Bytes and messages by zone add up to the cycle's, with either letter case of the keys."""
    async with desk(30) as asked:
        world = asked.fleet.world
        for iccid in [world.sim(i).iccid for i in range(30)]:
            usage = await asked.provider.load_cycle_usage(iccid)
            zones = (await asked.provider.list_zone_usage(OfSim(iccid), PageRequest(50))).items
            assert usage is not None
            assert usage.sim_id == iccid
            assert usage.bytes_total == sum(zone.bytes_total or 0 for zone in zones)
            assert usage.sms_total == sum(zone.sms_total or 0 for zone in zones)
            assert usage.voice_seconds == 0
            assert all(zone.cycle_start == datetime(2026, 11, 1, tzinfo=UTC) for zone in zones)

        assert asked.paths()[:2] == [f"devices/{world.sim(0).iccid}/{each}" for each in ("ctdUsages", "usageInZone")]


async def test_fixed_addresses_come_from_the_details() -> None:
    """Only devices with a private APN have one here; the others have none, which is known."""
    async with desk() as asked:
        fleet = asked.fleet
        found = {}
        for index in range(60):
            page = await asked.provider.list_ip_addresses(OfSim(fleet.world.sim(index).iccid), PageRequest(50))
            found[index] = [each.address for each in page.items]
            fixed = fleet.value(index, "ipv4Address")
            assert found[index] == ([] if fixed is None else [fixed])

        assert any(found.values())
