"""Super SIM at Twilio and at KORE: what is odd about it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.page import Page, PageRequest
from gateway.providers.supersim import read
from gateway.providers.supersim.tests.conftest import BOTH, TWILIO, desk
from gateway.providers.supersim.wire import WireFleet, WireIpCommand, WireNetwork, WireSim, WireUsageRecord
from gateway.where import FleetWhere, NetworkWhere, SessionWhere, SimWhere, UsageWhere
from schema.errors import Refused, Unsupported
from schema.network import NetworkIdentifier
from schema.sim import Sim
from schema.status import SimStatus, SimTarget
from schema.usage import Granularity, Money, UsageGroup, UsageRecord
from tests.answers import wire
from tests.desk import START

SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)
SPAN = UsageWhere(SINCE, UNTIL)


@pytest.mark.parametrize("name", BOTH)
async def test_trap_01_pages_are_followed_by_their_token(name: str) -> None:
    """Every SIM comes exactly once; later pages are asked for by PageToken, and a token of ours is no URL."""
    async with desk(name, sims=25, page_trap="error") as asked:
        rows: list[Sim] = []
        request = PageRequest(10)
        while True:
            page: Page[Sim] = await asked.provider.list_sims(SimWhere(), request)
            rows += page.items
            if page.next is None:
                break
            assert "://" not in page.next
            request = PageRequest(10, page.next)

        assert len({sim.native_id for sim in rows}) == len(rows)
        assert asked.paths() == ["/v1/Sims"] * len(asked.paths())
        assert ["PageToken" in query for query in asked.queries()] == [False] + [True] * (len(asked.paths()) - 1)
        assert len(asked.paths()) == -(-len(rows) // 10)


async def test_trap_01_a_filter_stays_on_later_pages() -> None:
    """The second page is asked with each parameter once, the filter still in it."""
    async with desk(sims=60) as asked:
        where = SimWhere(status=frozenset({SimStatus.ACTIVE}))
        first = await asked.provider.list_sims(where, PageRequest(5))
        second = await asked.provider.list_sims(where, PageRequest(5, first.next))

        assert [query["Status"] for query in asked.queries()] == ["active", "active"]
        assert all(sim.status is SimStatus.ACTIVE for sim in first.items + second.items)
        assert not {sim.native_id for sim in first.items} & {sim.native_id for sim in second.items}


async def test_trap_03_there_are_no_sessions() -> None:
    """Asking for sessions is refused with the reason, before any call."""
    async with desk() as asked:
        with pytest.raises(Unsupported) as raised:
            await asked.provider.list_sessions(SessionWhere("HS1"), PageRequest(10))

        assert "event streams" in raised.value.message
        assert not asked.provider.supports("list_sessions")
        assert asked.host.requests(TWILIO) == []


async def test_trap_06_scheduled_is_pending_until_it_is_done() -> None:
    """202 does not mean done: the SIM is PENDING with the native word, then what was asked for."""
    async with desk() as asked:
        sim = next(sim for sim in await asked.sims() if sim.status is SimStatus.ACTIVE)
        await asked.change(f"v1/Sims/{sim.native_id}", Status="inactive")
        running = await asked.provider.load_sim(sim.native_id)
        asked.later(seconds=10)
        done = await asked.provider.load_sim(sim.native_id)

        assert running is not None
        assert (running.status, running.native_status) == (SimStatus.PENDING, "scheduled")
        assert running.allowed_transitions == []
        assert done is not None
        assert (done.status, done.native_status) == (SimStatus.SUSPENDED, "inactive")
        assert done.allowed_transitions == [SimTarget.ACTIVE]


@pytest.mark.parametrize(
    ("granularity", "word"), [(Granularity.ALL, "all"), (Granularity.DAY, "day"), (Granularity.HOUR, "hour")]
)
async def test_trap_07_words_and_an_exclusive_end(granularity: Granularity, word: str) -> None:
    """hour, day, all; EndTime is our `until` itself, since both are exclusive; rows are of one step each."""
    async with desk() as asked:
        page = await asked.provider.list_usage(replace(SPAN, granularity=granularity), PageRequest(1000))

        assert asked.queries() == [
            {
                "Granularity": word,
                "StartTime": "2026-11-01T00:00:00Z",
                "EndTime": "2026-11-15T00:00:00Z",
                "PageSize": "1000",
            }
        ]
        steps = {
            Granularity.ALL: UNTIL - SINCE,
            Granularity.DAY: timedelta(days=1),
            Granularity.HOUR: timedelta(hours=1),
        }
        assert page.items
        for row in page.items:
            assert row.period_start is not None
            assert row.period_end is not None
            assert row.period_end - row.period_start == steps[granularity]


@pytest.mark.parametrize(
    ("group", "word"),
    [
        (UsageGroup.SIM, "sim"),
        (UsageGroup.FLEET, "fleet"),
        (UsageGroup.NETWORK, "network"),
        (UsageGroup.COUNTRY, "isoCountry"),
    ],
)
async def test_trap_07_group_words(group: UsageGroup, word: str) -> None:
    """Each group is said in the provider's word, and each row says what it is of; all groups add up to the same."""
    async with desk() as asked:
        [whole] = (await asked.provider.list_usage(SPAN, PageRequest(1000))).items
        page = await asked.provider.list_usage(replace(SPAN, group=group), PageRequest(1000))

        field = {"sim": "sim_id", "fleet": "fleet_id", "network": "network_id", "isoCountry": "country"}[word]
        assert asked.queries()[1]["Group"] == word
        assert len({getattr(row, field) for row in page.items}) == len(page.items) > 1
        assert sum(row.bytes_total or 0 for row in page.items) == whole.bytes_total


@pytest.mark.parametrize(
    ("granularity", "group"),
    [
        (Granularity.ALL, None),
        (Granularity.DAY, None),
        (Granularity.HOUR, None),
        (Granularity.ALL, UsageGroup.SIM),
        (Granularity.DAY, UsageGroup.SIM),
    ],
)
async def test_trap_07_the_longest_spans_are_taken(granularity: Granularity, group: UsageGroup | None) -> None:
    """What the adapter calls the longest span the provider answers; a month more it refuses by its own code."""
    async with desk(sims=3) as asked:
        until = START.replace(hour=0)
        where = UsageWhere(until, until, granularity, group)
        longest = asked.provider.usage_span(where)
        assert longest is not None

        taken = await asked.provider.list_usage(replace(where, since=until - longest), PageRequest(1))
        with pytest.raises(Refused) as raised:
            await asked.provider.list_usage(replace(where, since=until - longest - timedelta(days=31)), PageRequest(1))

        assert isinstance(taken, Page)
        assert raised.value.native_code in ("83603", "83604", "83605")
        assert "usage" in raised.value.message


@pytest.mark.parametrize(
    ("billed", "unit", "used", "costs"),
    [
        ("0.03", "USD", 300_000, [("0.03", "USD")]),
        (0.03, "USD", 300_000, [("0.03", "USD")]),
        ("0.03", None, 300_000, [("0.03", None)]),
        ("0.03", "", 300_000, [("0.03", None)]),
        ("0", "USD", 0, [("0", "USD")]),
        ("0", "USD", 300_000, None),
        (0, "USD", 300_000, None),
        ("0", "USD", None, None),
        (None, "USD", 300_000, None),
        ("NaN", "USD", 300_000, None),
        ("-1", "USD", 300_000, None),
        ("a lot", "USD", 300_000, None),
    ],
)
def test_trap_08_money(
    billed: object, unit: str | None, used: int | None, costs: list[tuple[str, str | None]] | None
) -> None:
    """A number or a string, with or without a currency; zero for some usage is not billed yet, so it is null."""
    found = read.usage_record(wire(WireUsageRecord, data_total=used, data_total_billed=billed, billed_unit=unit))

    expected = None if costs is None else [Money(amount=Decimal(amount), currency=name) for amount, name in costs]
    assert found.costs == expected


@pytest.mark.parametrize("form", ["string", "number"])
async def test_trap_08_the_last_day_has_no_costs_yet(form: str) -> None:
    """Usage of the last hours has null costs; older usage has an amount."""
    async with desk(billed=form) as asked:
        recent = await asked.provider.list_usage(UsageWhere(START - timedelta(hours=11), START), PageRequest(10))
        older = await asked.provider.list_usage(SPAN, PageRequest(10))

        [new], [old] = recent.items, older.items
        assert new.bytes_total
        assert new.costs is None
        assert old.costs is not None
        assert old.costs[0].amount > 0


@pytest.mark.parametrize("absent", ["null", "empty", "mixed"])
async def test_trap_09_a_name_that_is_none_is_null(absent: str) -> None:
    """`""` and null are both no name."""
    async with desk(absent_name=absent) as asked:
        names = {sim.name for sim in await asked.sims()}

        assert None in names
        assert "" not in names


def test_trap_09_an_empty_record_is_unknown() -> None:
    """A record of which nothing is told has nulls, no zeros; so has a fleet without a limit."""
    empty: UsageRecord = read.usage_record(wire(WireUsageRecord, period={}))

    assert (empty.period_start, empty.period_end, empty.costs) == (None, None, None)
    assert (empty.bytes_up, empty.bytes_down, empty.bytes_total) == (None, None, None)
    assert read.fleet(wire(WireFleet, sid="HF1")).data_limit is None
    assert read.network(wire(WireNetwork, sid="HW1", identifiers=None)).identifiers == []


def test_trap_10_countries_and_codes() -> None:
    """Lower-case countries become upper case, what is no country null; an MNC keeps its leading zero."""
    low = read.network(
        wire(WireNetwork, sid="HW1", iso_country="de", identifiers=[{"mcc": "262", "mnc": "01"}, {"mcc": "262"}])
    )

    assert low.country == "DE"
    assert low.identifiers == [NetworkIdentifier(mcc="262", mnc="01"), NetworkIdentifier(mcc="262", mnc=None)]
    assert read.network(wire(WireNetwork, sid="HW1", iso_country="zz")).country is None
    assert read.usage_record(wire(WireUsageRecord, iso_country="br")).country == "BR"


async def test_trap_10_networks_of_a_profile_are_written_as_all_others() -> None:
    """The list of a profile writes countries in lower case; here they are the same as in the list of networks."""
    async with desk() as asked:
        networks = await asked.provider.list_networks(NetworkWhere(mcc="262"), PageRequest(1000))
        profiles = await asked.provider.list_network_access_profiles(FleetWhere(), PageRequest(1000))
        where = NetworkWhere(profile_id=profiles.items[0].native_id)
        allowed = await asked.provider.list_profile_networks(where, PageRequest(1000))

        known = {network.native_id: network for network in allowed.items}
        assert networks.items
        assert all(known[network.native_id].country == network.country == "DE" for network in networks.items)
        assert any(each.mnc == "01" for network in networks.items for each in network.identifiers)


def test_trap_11_a_new_word_is_unknown() -> None:
    """A status nobody knows is UNKNOWN beside the native word, and leads nowhere; `inactive` can come back."""
    odd = read.sim(wire(WireSim, sid="HS1", status="hibernating"))

    assert (odd.status, odd.native_status, odd.allowed_transitions) == (SimStatus.UNKNOWN, "hibernating", [])
    assert read.sim(wire(WireSim, sid="HS1", status="inactive")).status is SimStatus.SUSPENDED


async def test_trap_15_a_sim_without_usage_is_left_out() -> None:
    """Usage by SIM has a row only where there was usage: whoever is missing used nothing, and says so alone too."""
    async with desk() as asked:
        sims = {sim.native_id: sim for sim in await asked.sims()}
        page = await asked.provider.list_usage(replace(SPAN, group=UsageGroup.SIM), PageRequest(1000))
        missing = sims.keys() - {row.sim_id for row in page.items}
        alone = await asked.provider.list_usage(replace(SPAN, sim_id=min(missing)), PageRequest(10))

        assert {sims[each].status for each in missing} >= {SimStatus.INVENTORY}
        assert all(row.bytes_total for row in page.items)
        assert alone.items == []
        assert page.next is None


async def test_rate_plans_are_refused_before_any_call() -> None:
    """There are fleets instead: a condition on a rate plan cannot be said."""
    async with desk() as asked:
        with pytest.raises(Unsupported) as raised:
            await asked.provider.list_sims(SimWhere(rate_plan_id="WP1"), PageRequest(10))

        assert "fleets" in raised.value.message
        assert asked.arrived() == []


@pytest.mark.parametrize(("limit", "told"), [(0, 0), (250, 250_000_000), (-1, None), (2**63, None), (10**4299, None)])
def test_a_limit_is_a_size(limit: int, told: int | None) -> None:
    """A negative limit, or one beyond 64 bits in bytes, is none."""
    assert read.fleet(WireFleet(sid="HF1", data_limit=limit)).data_limit == told


@pytest.mark.parametrize(("port", "told"), [(0, 0), (65_535, 65_535), (-1, None), (65_536, None), (2**70, None)])
def test_a_port_is_a_port(port: int, told: int | None) -> None:
    """16 bits, or null."""
    assert read.ip_command(WireIpCommand(sid="HI1", device_port=port)).device_port == told


@pytest.mark.parametrize("absurd", [-1, 2**63, 10**4299])
def test_absurd_counters_are_null(absurd: int) -> None:
    """A counter below zero or beyond 64 bits counts nothing."""
    row = read.usage_record(WireUsageRecord(data_upload=absurd, data_download=absurd, data_total=absurd))

    assert (row.bytes_up, row.bytes_down, row.bytes_total) == (None, None, None)
