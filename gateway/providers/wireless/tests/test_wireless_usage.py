"""Programmable Wireless: usage, of a SIM and of the account."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.page import PageRequest
from gateway.providers.wireless.provider import Wireless
from gateway.providers.wireless.tests.conftest import BOTH, FIXTURES, KORE, desk, told
from gateway.where import UsageWhere
from schema.errors import Unsupported
from schema.sim import Sim
from schema.status import SimStatus
from schema.usage import Granularity, Roaming, UsageGroup
from tests.desk import START, Desk

SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)
SPAN = UsageWhere(SINCE, UNTIL)


async def used(asked: Desk[Wireless]) -> Sim:
    """A SIM that had usage in the span."""
    for sim in await asked.sims():
        page = await asked.provider.list_usage(replace(SPAN, sim_id=sim.native_id), PageRequest(10))
        if page.items and page.items[0].bytes_total and page.items[0].sms_total:
            asked.host.clear()
            return sim
    raise LookupError("no SIM of the simulator was used")


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    ("granularity", "word"), [(Granularity.ALL, "all"), (Granularity.DAY, "daily"), (Granularity.HOUR, "hourly")]
)
async def test_trap_07_words_and_an_inclusive_end(name: str, granularity: Granularity, word: str) -> None:
    """hourly, daily, all; End is the last second of the span, since it is inclusive; all three are always said."""
    async with desk(name) as asked:
        sim = await used(asked)
        where = replace(SPAN, granularity=granularity, sim_id=sim.native_id)
        page = await asked.provider.list_usage(where, PageRequest(1000))

        assert asked.paths() == [f"/v1/Sims/{sim.native_id}/UsageRecords"]
        assert asked.queries() == [
            {
                "Start": "2026-11-01T00:00:00Z",
                "End": "2026-11-14T23:59:59Z",
                "Granularity": word,
                "PageSize": "1000",
            }
        ]
        assert {row.sim_id for row in page.items} == {sim.native_id}
        steps = {
            Granularity.ALL: UNTIL - SINCE,
            Granularity.DAY: timedelta(days=1),
            Granularity.HOUR: timedelta(hours=1),
        }
        for row in page.items:
            assert row.period_start is not None
            assert row.period_end is not None
            assert row.period_end - row.period_start == steps[granularity]


async def test_trap_07_days_add_up_to_their_whole() -> None:
    """No second is counted twice or lost between adjoining spans."""
    async with desk() as asked:
        sim = await used(asked)
        whole = replace(SPAN, sim_id=sim.native_id)
        middle = datetime(2026, 11, 8, tzinfo=UTC)
        pieces = [whole, replace(whole, until=middle), replace(whole, since=middle)]
        days = replace(whole, granularity=Granularity.DAY)

        sums = []
        for where in (*pieces, days):
            page = await asked.provider.list_usage(where, PageRequest(1000))
            sums.append(sum(row.bytes_total or 0 for row in page.items))

        assert sums[0] > 0
        assert sums[0] == sums[1] + sums[2] == sums[3]


@pytest.mark.parametrize("group", [None, UsageGroup.ACCOUNT])
async def test_usage_of_the_account_is_one_call(group: UsageGroup | None) -> None:
    """Without a SIM the account's own list is asked, and its rows are of no SIM."""
    async with desk() as asked:
        page = await asked.provider.list_usage(replace(SPAN, group=group), PageRequest(1000))

        [row] = page.items
        assert asked.paths() == ["/v1/UsageRecords"]
        assert row.sim_id is None
        assert row.bytes_total
        assert {part.roaming for part in row.by_roaming or ()} == set(Roaming)
        assert sum(part.bytes_total or 0 for part in row.by_roaming or ()) == row.bytes_total


@pytest.mark.parametrize(
    "where",
    [
        replace(SPAN, group=UsageGroup.SIM),
        replace(SPAN, group=UsageGroup.FLEET),
        replace(SPAN, group=UsageGroup.NETWORK),
        replace(SPAN, group=UsageGroup.COUNTRY, sim_id="DE1"),
        replace(SPAN, fleet_id="HF1"),
        replace(SPAN, network_id="HW1", sim_id="DE1"),
        replace(SPAN, country="DE"),
    ],
)
async def test_what_usage_cannot_say_is_refused_before_any_call(where: UsageWhere) -> None:
    """Groups and places cannot be said here: never another question instead."""
    async with desk() as asked:
        with pytest.raises(Unsupported) as raised:
            await asked.provider.list_usage(where, PageRequest(10))

        assert "Programmable Wireless" in raised.value.message
        assert asked.arrived() == []


async def test_usage_by_sim_of_one_sim_can_be_said() -> None:
    """Grouped by SIM and limited to one is that SIM's own list."""
    async with desk() as asked:
        sim = await used(asked)
        where = replace(SPAN, group=UsageGroup.SIM, sim_id=sim.native_id)
        page = await asked.provider.list_usage(where, PageRequest(10))

        assert [row.sim_id for row in page.items] == [sim.native_id]


async def test_trap_08_money_of_the_last_day_is_not_known_yet() -> None:
    """A span without any money yet has null for its costs; an older one has an amount with its currency."""
    async with desk() as asked:
        recent = UsageWhere(START - timedelta(hours=11), START)
        old = UsageWhere(SINCE, UNTIL)
        [new_row] = (await asked.provider.list_usage(recent, PageRequest(10))).items
        [old_row] = (await asked.provider.list_usage(old, PageRequest(10))).items

        assert new_row.bytes_total
        assert new_row.costs is None
        [money] = old_row.costs or []
        assert money.amount > 0
        assert money.currency == "USD"


async def test_trap_09_a_record_of_empty_objects_is_unknown() -> None:
    """`{}` for period, data and commands is a record of nulls at Twilio, and no zero; KORE sends no record at all."""
    async with desk() as asked:
        unused = next(sim for sim in await asked.sims() if sim.status is SimStatus.INVENTORY)
        [row] = (await asked.provider.list_usage(replace(SPAN, sim_id=unused.native_id), PageRequest(10))).items
    async with desk(KORE) as asked:
        unused = next(sim for sim in await asked.sims() if sim.status is SimStatus.INVENTORY)
        none = await asked.provider.list_usage(replace(SPAN, sim_id=unused.native_id), PageRequest(10))

    assert (row.bytes_total, row.sms_total, row.costs, row.by_roaming, row.period_start) == (None,) * 5
    assert none.items == []


async def test_trap_09_an_empty_record_beside_a_full_one_adds_nothing() -> None:
    """Twilio's published page has both; the full one alone is the SIM's usage, not something unknown."""
    async with told((FIXTURES / "sim_usage.json").read_bytes()) as provider:
        page = await provider.list_usage(replace(SPAN, sim_id="DE1"), PageRequest(10))

    assert [row.bytes_total for row in page.items] == [3_494_609]


async def test_hours_and_days_without_usage_have_no_record() -> None:
    """A day of told zeros is left out, a day with a command only stays; a whole span of zeros stays."""
    days = [
        {"data": {"total": 0}, "commands": {"total": 0}, "period": {"start": "2026-11-01T00:00:00Z"}},
        {"data": {"total": 0}, "commands": {"total": 1}, "period": {"start": "2026-11-02T00:00:00Z"}},
        {"data": {"total": 9}, "commands": {"total": 0}, "period": {"start": "2026-11-03T00:00:00Z"}},
    ]
    async with told(json.dumps({"usage_records": days, "meta": {"key": "usage_records"}}).encode()) as provider:
        divided = await provider.list_usage(replace(SPAN, granularity=Granularity.DAY), PageRequest(10))
        whole = await provider.list_usage(SPAN, PageRequest(10))

    assert [row.bytes_total for row in divided.items] == [0, 9]
    assert [row.bytes_total for row in whole.items] == [0, 0, 9]


async def test_a_span_that_begins_before_what_is_kept_is_refused() -> None:
    """Usage older than 18 months is gone there: a sum that would silently lack it is not given."""
    async with desk() as asked:
        with pytest.raises(Unsupported, match="18 months"):
            await asked.provider.list_usage(replace(SPAN, since=UNTIL - timedelta(days=600)), PageRequest(10))

        assert asked.arrived() == []
