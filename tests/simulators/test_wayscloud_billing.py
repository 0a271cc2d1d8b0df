"""WAYSCloud simulator: the bill."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.simulators.wayscloud_account import START, sample, wayscloud


async def test_the_bill_looks_like_the_published_sample():
    """The same keys throughout, in EUR, two for the SIM and five cents a megabyte."""
    async with wayscloud() as account:
        answer = await account.get("/sims/billing")

        published = sample("billing.json")
        for part in ("billing_period", "summary", "subscription", "data_usage"):
            assert answer[part].keys() == published[part].keys()
        assert answer["by_sim"][0].keys() == published["by_sim"][0].keys()
        assert answer["summary"]["currency"] == "EUR"
        for line in answer["by_sim"] + published["by_sim"]:
            assert line["data_cost"] == pytest.approx(line["data_usage_mb"] * 0.05, abs=0.006)
            assert line["total_cost"] == pytest.approx(line["subscription_fee"] + line["data_cost"])


async def test_without_dates_it_is_the_month_to_date():
    """From the first of the month to today, as documented."""
    async with wayscloud() as account:
        answer = await account.get("/sims/billing")

        assert answer["billing_period"] == {
            "start_date": "2026-11-01",
            "end_date": "2026-11-20",
            "billing_cycle": "monthly",
        }
        for line in answer["by_sim"]:
            index = account.world.find_iccid(line["iccid"])
            assert line["data_usage_mb"] == round(account.sims.this_month(index, START) / 1_000_000, 2)


async def test_sums_fit():
    """Fees and costs are the lines' own sums; megabytes agree up to rounding."""
    async with wayscloud(sims=1300) as account:
        answer = await account.get("/sims/billing", start_date="2026-10-05", end_date="2026-10-20")

        lines, summary = answer["by_sim"], answer["summary"]
        assert answer["subscription"]["active_sims"] == len(lines)
        assert summary["subscription_fees"] == pytest.approx(sum(line["subscription_fee"] for line in lines))
        assert summary["data_costs"] == pytest.approx(sum(line["data_cost"] for line in lines))
        assert summary["total_cost"] == pytest.approx(summary["subscription_fees"] + summary["data_costs"])
        total = sum(line["data_usage_mb"] for line in lines)
        assert answer["data_usage"]["total_mb"] == pytest.approx(total, abs=0.005 * len(lines) + 0.01)
        span = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 21, tzinfo=UTC)
        for line in lines[::50]:
            moved = account.sims.data(account.world.find_iccid(line["iccid"]), *span).total
            assert line["data_usage_mb"] == round(moved / 1_000_000, 2)


async def test_the_sessions_of_a_sim_fit_its_bill():
    """Over a SIM's whole life, the rounded megabytes of its sessions are those of its bill, up to rounding."""
    async with wayscloud(sims=24) as account:
        checked = 0
        for index in account.everyone:
            iccid = account.iccid(index)
            start = f"{account.world.sim(index).created_at:%Y-%m-%d}"
            bill = await account.get("/sims/billing", iccid=iccid, start_date=start, end_date="2026-11-20")
            sessions = await account.walk(f"/sims/{iccid}/sessions", "sessions", start_date=start)
            if bill["by_sim"]:
                checked += bool(sessions)
                moved = sum(each["data_usage"]["total_mb"] for each in sessions)
                line = bill["by_sim"][0]
                assert line["data_usage_mb"] == pytest.approx(moved, abs=0.005 * len(sessions) + 0.01)
        assert checked > 5


async def test_only_subscribed_sims_have_a_line():
    """Also those without usage; not those made later, ended before or, where so switched, never subscribed."""
    async with wayscloud(sims=300, unbilled="on") as account:
        early = await account.get("/sims/billing", start_date="2025-01-01", end_date="2025-01-31")
        now = await account.get("/sims/billing")

        assert 0 < len(early["by_sim"]) < len(now["by_sim"]) < 300
        assert any(line["data_usage_mb"] == 0 for line in now["by_sim"])
        for line in early["by_sim"]:
            index = account.world.find_iccid(line["iccid"])
            assert account.world.sim(index).created_at < datetime(2025, 2, 1, tzinfo=UTC)
        billed = {account.world.find_iccid(line["iccid"]) for line in now["by_sim"]}
        lives = {account.world.sim(index).life for index in set(account.everyone) - billed}
        assert "terminated" in lives
        assert all(index % 10 != 7 for index in billed)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("sims", [12, 35, 300, 1300])
async def test_the_bill_of_a_year_names_every_sim(sims, seed):
    """Those that are no more too; a month on, when the year begins later, nobody is missing either."""
    async with wayscloud(sims=sims, seed=seed) as account:
        year = await account.get("/sims/billing", start_date="2025-11-20", end_date="2026-11-20")
        account.clock.forward(days=10)
        later = await account.get("/sims/billing", start_date="2025-11-30", end_date="2026-11-30")

        everyone = {account.iccid(index) for index in account.everyone}
        assert {line["iccid"] for line in year["by_sim"]} == everyone
        assert {line["iccid"] for line in later["by_sim"]} == everyone


async def test_a_subscription_lasts_as_long_as_the_sim():
    """From the day a SIM was made to the day it was terminated, and no day before or after."""
    async with wayscloud() as account:
        for index in account.everyone:
            sim = account.world.sim(index)
            made, ended = sim.created_at, sim.updated_at if sim.life == "terminated" else None
            assert await _is_billed(account, index, made)
            assert not await _is_billed(account, index, made - timedelta(days=1))
            assert ended is None or await _is_billed(account, index, ended - timedelta(seconds=1))
            assert await _is_billed(account, index, START) == (ended is None)


async def _is_billed(account, index, moment):
    """Whether the bill of that day has a line for the SIM."""
    day = f"{moment:%Y-%m-%d}"
    return bool(
        (await account.get("/sims/billing", start_date=day, end_date=day, iccid=account.iccid(index)))["by_sim"]
    )


async def test_one_sim_can_be_billed_alone():
    """The filter gives the same line; an unknown ICCID gives an empty bill."""
    async with wayscloud() as account:
        every = (await account.get("/sims/billing"))["by_sim"]
        alone = await account.get("/sims/billing", iccid=every[5]["iccid"])
        nobody = await account.get("/sims/billing", iccid="8947080000000000000")

        assert alone["by_sim"] == [every[5]]
        assert nobody["by_sim"] == []
        assert nobody["summary"]["total_cost"] == 0


async def test_each_month_is_charged():
    """A range over three months has three fees a SIM."""
    async with wayscloud() as account:
        answer = await account.get("/sims/billing", start_date="2026-09-30", end_date="2026-11-01")

        assert {line["subscription_fee"] for line in answer["by_sim"]} == {6.0}


async def test_the_last_day_counts_unless_switched():
    """end_date means the same here as for sessions."""
    usage = {}
    for switch in ("inclusive", "exclusive"):
        async with wayscloud(end_date=switch) as account:
            answer = await account.get("/sims/billing", start_date="2026-11-01", end_date="2026-11-10")
            until = datetime(2026, 11, 11 if switch == "inclusive" else 10, tzinfo=UTC)
            span = datetime(2026, 11, 1, tzinfo=UTC), until
            billed = [account.world.find_iccid(line["iccid"]) for line in answer["by_sim"]]
            usage[switch] = answer["data_usage"]["total_mb"]
            moved = sum(account.sims.data(index, *span).total for index in billed)
            assert usage[switch] == round(moved / 1_000_000, 2)
    assert usage["inclusive"] > usage["exclusive"]


async def test_a_wrong_date_is_refused():
    """In the documented shape, like everywhere."""
    async with wayscloud() as account:
        assert await account.refusal("/sims/billing", start_date="x") == (400, "INVALID_PARAMETER")


async def test_tomorrow_changes_the_bill():
    """Usage grows with the clock."""
    async with wayscloud() as account:
        before = (await account.get("/sims/billing"))["data_usage"]["total_mb"]
        account.clock.forward(days=1)
        after = (await account.get("/sims/billing"))["data_usage"]["total_mb"]

        assert after > before
