"""WAYSCloud Global SIM: usage, which is the bill."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from gateway.page import PageRequest
from gateway.providers.wayscloud.days import billed
from gateway.providers.wayscloud.tests.conftest import MIDNIGHT, START, Desk, desk
from gateway.where import UsageWhere
from schema.errors import Unsupported
from schema.usage import Granularity, UsageGroup

WEEK_AGO = MIDNIGHT - timedelta(days=7)
ALL = PageRequest(10_000)


async def test_the_account_is_the_sum_of_the_bill() -> None:
    """One call, the days as asked; bytes of all SIMs, data and subscriptions apart."""
    async with desk() as asked:
        page = await asked.provider.list_usage(UsageWhere(WEEK_AGO, MIDNIGHT), ALL)

        [record] = page.items
        assert record.bytes_total == pytest.approx(_moved(asked), abs=10_000)
        assert (record.sim_id, record.bytes_up, record.session_count) == (None, None, None)
        assert (record.period_start, record.period_end) == (WEEK_AGO, MIDNIGHT)
        assert record.fees is not None
        assert record.fees[0].amount == Decimal("2.0") * len(_billed(asked))
        assert record.fees[0].currency == "EUR"
        assert asked.asked() == [("sims/billing", {"start_date": "2026-11-13", "end_date": "2026-11-19"})]
        named = await asked.provider.list_usage(UsageWhere(WEEK_AGO, MIDNIGHT, group=UsageGroup.ACCOUNT), ALL)
        assert named.items == page.items


async def test_every_sim_is_a_line_of_the_same_bill() -> None:
    """One call however many SIMs; the lines add up to the sum, up to their rounding."""
    async with desk() as asked:
        by_sim = await asked.provider.list_usage(UsageWhere(WEEK_AGO, MIDNIGHT, group=UsageGroup.SIM), ALL)
        calls = len(asked.arrived())
        [whole] = (await asked.provider.list_usage(UsageWhere(WEEK_AGO, MIDNIGHT), ALL)).items

        rows = {record.sim_id: record for record in by_sim.items}
        assert (calls, by_sim.next, by_sim.total) == (1, None, len(rows))
        assert sum(record.bytes_total or 0 for record in by_sim.items) == pytest.approx(whole.bytes_total, abs=300_000)
        for index in _billed(asked):
            used = asked.sims.data(index, WEEK_AGO, MIDNIGHT).total
            assert rows[asked.iccid(index)].bytes_total == pytest.approx(used, abs=5_000)


async def test_trap_15_a_sim_without_a_subscription_is_not_on_the_bill() -> None:
    """No line is made up for it, whatever it used: what is not on the bill is unknown, not zero."""
    async with desk(unbilled="on") as asked:
        others = [i for i in asked.everyone if i not in _billed(asked)]
        unbilled = next(i for i in others if asked.sims.data(i, WEEK_AGO, MIDNIGHT).total)

        by_sim = await asked.provider.list_usage(UsageWhere(WEEK_AGO, MIDNIGHT, group=UsageGroup.SIM), ALL)
        alone = await asked.provider.list_usage(UsageWhere(WEEK_AGO, MIDNIGHT, sim_id=asked.iccid(unbilled)), ALL)

        assert {record.sim_id for record in by_sim.items} == {asked.iccid(i) for i in _billed(asked)}
        assert (alone.items, alone.is_partial, by_sim.is_partial) == ([], False, False)
        assert not asked.provider.absent_usage_is_zero


async def test_one_sim_is_asked_for_by_its_iccid() -> None:
    """One call with the filter, one record, the same as its line of the whole bill; unused but charged counts."""
    async with desk() as asked:
        unused = next(i for i in _billed(asked) if asked.sims.unused(i))
        by_sim = await asked.provider.list_usage(UsageWhere(WEEK_AGO, MIDNIGHT, group=UsageGroup.SIM), ALL)
        rows = {record.sim_id: record for record in by_sim.items}
        for index in (unused, asked.busiest()):
            iccid = asked.iccid(index)
            page = await asked.provider.list_usage(UsageWhere(WEEK_AGO, MIDNIGHT, sim_id=iccid), ALL)

            assert page.items == [rows[iccid]]
            assert asked.asked()[-1][1]["iccid"] == iccid

        assert rows[asked.iccid(unused)].bytes_total == 0


async def test_lines_are_cut_into_pages_as_asked() -> None:
    """Every SIM once, in the order of ICCIDs."""
    async with desk() as asked:
        where = UsageWhere(WEEK_AGO, MIDNIGHT, group=UsageGroup.SIM)
        whole = await asked.provider.list_usage(where, ALL)
        first = await asked.provider.list_usage(where, PageRequest(7))
        second = await asked.provider.list_usage(where, PageRequest(7, first.next))

        assert [len(first.items), len(second.items)] == [7, 7]
        assert first.items + second.items == whole.items[:14]


@pytest.mark.parametrize("end", ["inclusive", "exclusive"])
@pytest.mark.parametrize("until", [MIDNIGHT, START - timedelta(minutes=5), START, MIDNIGHT.replace(month=12, day=1)])
async def test_trap_07_the_bill_is_exactly_the_span(until: datetime, end: str) -> None:
    """Whichever end_date is meant, the days are those of the span; an end to come, or that a clock five minutes behind
    takes for now, is the end of today."""
    async with desk(settings={"end_date_inclusive": end == "inclusive"}, end_date=end) as asked:
        page = await asked.provider.list_usage(UsageWhere(WEEK_AGO, until), ALL)

        billed_until = MIDNIGHT if until == MIDNIGHT else START
        assert page.items[0].bytes_total == pytest.approx(_moved(asked, billed_until), abs=10_000)
        last = 19 if until == MIDNIGHT else 20
        assert asked.asked()[0][1]["end_date"] == f"2026-11-{last if end == 'inclusive' else last + 1}"


@pytest.mark.parametrize(
    "where",
    [
        UsageWhere(WEEK_AGO + timedelta(hours=1), MIDNIGHT),
        UsageWhere(WEEK_AGO, MIDNIGHT + timedelta(hours=1)),
        UsageWhere(WEEK_AGO, START - timedelta(seconds=301)),
        UsageWhere(WEEK_AGO, MIDNIGHT, Granularity.DAY),
        UsageWhere(WEEK_AGO, MIDNIGHT, Granularity.HOUR, UsageGroup.SIM),
        UsageWhere(WEEK_AGO, MIDNIGHT, group=UsageGroup.FLEET),
        UsageWhere(WEEK_AGO, MIDNIGHT, group=UsageGroup.NETWORK),
        UsageWhere(WEEK_AGO, MIDNIGHT, group=UsageGroup.COUNTRY),
        UsageWhere(WEEK_AGO, MIDNIGHT, fleet_id="f"),
        UsageWhere(WEEK_AGO, MIDNIGHT, network_id="n"),
        UsageWhere(WEEK_AGO, MIDNIGHT, country="NO"),
    ],
)
async def test_what_no_bill_tells_is_not_asked(where: UsageWhere) -> None:
    """Parts of days, divided spans, other groups and conditions: Unsupported, before any call."""
    async with desk(sims=3) as asked:
        with pytest.raises(Unsupported):
            await asked.provider.list_usage(where, ALL)

        assert asked.arrived() == []


async def test_a_span_to_come_has_no_bill() -> None:
    """Nothing was used yet, and nobody is asked."""
    async with desk(sims=3) as asked:
        tomorrow = MIDNIGHT + timedelta(days=1)
        page = await asked.provider.list_usage(UsageWhere(tomorrow, tomorrow + timedelta(days=1)), ALL)

        assert (page.items, page.total, asked.arrived()) == ([], 0, [])


def test_around_midnight_a_clock_that_is_behind_means_its_own_day() -> None:
    """A midnight that has passed ends the day before it; minutes before it, on a clock that is behind, do the same."""
    midnight, asked = MIDNIGHT, ("end_date", "2026-11-19")
    for until in (midnight, midnight - timedelta(minutes=2)):
        days = billed(WEEK_AGO, until, midnight + timedelta(minutes=2), is_end_inclusive=True)

        assert days is not None
        assert days[1] == asked


async def test_a_megabyte_may_be_two_to_the_twentieth() -> None:
    """Where the account's settings say so, the bytes come out right again."""
    async with desk(settings={"mb_bytes": 1_048_576}, megabyte="1048576") as asked:
        page = await asked.provider.list_usage(UsageWhere(WEEK_AGO, MIDNIGHT), ALL)

        assert page.items[0].bytes_total == pytest.approx(_moved(asked), abs=10_000)


def _billed(asked: Desk) -> list[int]:
    """The SIMs with a subscription in the week."""
    return [i for i in asked.everyone if asked.sims.subscribed(i, WEEK_AGO, MIDNIGHT)]


def _moved(asked: Desk, until: datetime = MIDNIGHT) -> int:
    """The bytes of all SIMs on the bill."""
    everyone = (i for i in asked.everyone if asked.sims.subscribed(i, WEEK_AGO, until))
    return sum(asked.sims.data(i, WEEK_AGO, until).total for i in everyone)
