"""WAYSCloud simulator: the feed of all SIMs."""

from datetime import datetime, timedelta

import pytest

from tests.simulators.wayscloud_account import START, sample, wayscloud

DATES = {"start_date": "2026-11-12", "end_date": "2026-11-19"}


async def test_the_feed_looks_like_the_published_sample():
    """Thin networks, whose it is, no details; it does echo limit and offset."""
    async with wayscloud(sims=300) as account:
        answer = await account.get("/sims/activity", event_type="connection", limit=20)
        whole = await account.walk("/sims/activity", "activity", **DATES)

        published = sample("all_activity.json")
        assert answer.keys() == published.keys()
        assert (answer["limit"], answer["offset"], len(answer["activity"])) == (20, 0, 20)
        assert answer["activity"][0].keys() == published["activity"][0].keys()
        assert answer["activity"][0]["network"].keys() == {"country", "operator"}
        changes = [event for event in whole if event["event_type"] == "network_change"]
        updates = [event for event in whole if event["event_type"] == "data_usage_update"]
        assert changes[0].keys() >= {"previous_network", "current_network"}
        assert changes[0]["current_network"].keys() == {"country", "operator"}
        assert not any("network" in event for event in changes + updates)
        assert not any("details" in event for event in whole)


async def test_the_feed_holds_every_event_of_every_sim_once():
    """It is the SIMs' own events, merged newest first: same ids, none missing, none twice."""
    async with wayscloud(sims=1300) as account:
        feed = await account.walk("/sims/activity", "activity", **DATES)

        low, high = datetime.fromisoformat("2026-11-12T00:00Z"), datetime.fromisoformat("2026-11-20T00:00Z")
        expected = sorted(
            (f"{event.at:%Y-%m-%dT%H:%M:%SZ}", account.iccid(index))
            for index in account.everyone
            for event in account.sims.events(index, low, high)
        )
        assert sorted((event["timestamp"], event["iccid"]) for event in feed) == expected
        assert len({event["event_id"] for event in feed}) == len(feed)
        stamps = [event["timestamp"] for event in feed]
        assert stamps == sorted(stamps, reverse=True)


async def test_an_event_has_one_id_in_both_places():
    """So that the feed can be deduplicated against the activity of a SIM."""
    async with wayscloud() as account:
        iccid = account.iccid(account.busiest())
        own = await account.walk(f"/sims/{iccid}/activity", "activity")
        feed = await account.walk("/sims/activity", "activity", iccid=iccid)

        ids = [event["event_id"] for event in own]
        assert [event["event_id"] for event in feed if event["event_id"] in set(ids)] == ids


@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_any_page_is_a_part_of_the_whole(limit):
    """An offset into thousands of rows lands where a walk from the start would, also between SIMs alike."""
    async with wayscloud(sims=1300) as account:
        day = {"start_date": "2026-11-18", "end_date": "2026-11-19"}
        whole = await account.walk("/sims/activity", "activity", **day)
        for offset in (0, 1, 2, 3, len(whole) // 3, len(whole) // 2, len(whole) - 2, len(whole) - 1, len(whole)):
            page = await account.get("/sims/activity", limit=limit, offset=offset, **day)
            assert page["activity"] == whole[offset : offset + limit]
            assert page["total"] == len(whole)


async def test_the_feed_filters():
    """By type, SIM and device, and by both of them only when they belong together."""
    async with wayscloud() as account:
        index = account.busiest()
        iccid, device = account.iccid(index), account.sims.device_id(index)
        whole = await account.walk("/sims/activity", "activity", **DATES)

        typed = await account.walk("/sims/activity", "activity", event_type="location_update", **DATES)
        assert typed == [event for event in whole if event["event_type"] == "location_update"]
        mine = [event for event in whole if event["iccid"] == iccid]
        assert await account.walk("/sims/activity", "activity", iccid=iccid, **DATES) == mine
        assert await account.walk("/sims/activity", "activity", device_id=device, **DATES) == mine
        assert await account.walk("/sims/activity", "activity", device_id=device, iccid=iccid, **DATES) == mine
        for nobody in ({"iccid": "1"}, {"device_id": "x"}, {"device_id": device, "iccid": account.iccid(index + 1)}):
            assert (await account.get("/sims/activity", **nobody))["total"] == 0


async def test_without_dates_the_feed_goes_back_a_month():
    """Thirty days and today, or as many as switched; how far it really goes is not documented."""
    async with wayscloud() as account:
        oldest = (await account.walk("/sims/activity", "activity"))[-1]["timestamp"]
        assert "2026-10-21T00" <= oldest < "2026-10-22"
    async with wayscloud(window_days="2") as account:
        oldest = (await account.walk("/sims/activity", "activity"))[-1]["timestamp"]
        assert "2026-11-18T00" <= oldest < "2026-11-19"


async def test_the_feed_forgets():
    """Dates further back than it keeps give what it has, and a span in the future nothing."""
    async with wayscloud(feed_days="10") as account:
        old = await account.walk("/sims/activity", "activity", start_date="2020-01-01")
        assert old[-1]["timestamp"] >= "2026-11-10"
        assert (await account.get("/sims/activity", start_date="2020-01-01", end_date="2020-02-01"))["total"] == 0
        assert (await account.get("/sims/activity", start_date="2027-01-01"))["total"] == 0


async def test_new_events_arrive_at_the_front():
    """As time goes on the feed grows, and an offset taken before points at older rows after."""
    async with wayscloud() as account:
        before = await account.walk("/sims/activity", "activity", start_date="2026-11-19")
        account.clock.forward(hours=2)
        after = await account.walk("/sims/activity", "activity", start_date="2026-11-19")

        new = len(after) - len(before)
        assert new > 0
        assert after[new:] == before
        assert all(event["timestamp"] > before[0]["timestamp"] for event in after[:new])


async def test_midnight_loses_nothing():
    """A day that has just ended is listed again, whole."""
    async with wayscloud() as account:
        await account.get("/sims/activity", start_date="2026-11-19")
        account.clock.forward(hours=14)
        feed = await account.walk("/sims/activity", "activity", start_date="2026-11-20", end_date="2026-11-20")

        day = datetime.fromisoformat("2026-11-20T00:00Z")
        expected = sum(len(account.sims.events(i, day, day + timedelta(days=1))) for i in account.everyone)
        assert len(feed) == expected


async def test_some_sims_are_in_no_device_and_some_only_on_the_bill():
    """The feed leaves out the never used ones, the bill those without a subscription; no device is null."""
    async with wayscloud(sims=100, unbilled="on") as account:
        feed = await account.walk("/sims/activity", "activity")
        bill = await account.get("/sims/billing")

        seen, billed = {event["iccid"] for event in feed}, {line["iccid"] for line in bill["by_sim"]}
        assert billed - seen
        assert seen - billed
        assert any(event["device_id"] is None for event in feed)
        assert {account.iccid(i) for i in account.everyone if account.sims.unused(i)} <= billed - seen


async def test_a_large_account_is_paged_in_no_time():
    """The last page of a month of two hundred thousand SIMs' share costs no walk over what lies before it."""
    async with wayscloud(sims=28_000) as account:
        first = await account.get("/sims/activity", limit=1)
        last = await account.get("/sims/activity", limit=100, offset=first["total"] - 50)

        assert first["total"] > 1_000_000
        assert len(last["activity"]) == 50
        assert last["activity"][-1]["timestamp"] < f"{START - timedelta(days=29):%Y-%m-%d}"
