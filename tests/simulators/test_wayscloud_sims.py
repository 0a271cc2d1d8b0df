"""WAYSCloud simulator: sessions and activity of one SIM, and the SIM of a device."""

import re
from datetime import timedelta

import pytest

from tests.simulators.wayscloud_account import START, sample, wayscloud

STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


async def test_sessions_look_like_the_published_sample():
    """The same keys at every level, MB as rounded floats, MCC and MNC run together."""
    async with wayscloud() as account:
        index = account.busiest()
        answer = await account.get(f"/sims/{account.iccid(index)}/sessions")
        closed = next(each for each in answer["sessions"] if each["end_time"])
        world = {s.start: s for s in account.sims.sessions(index, START - timedelta(days=30), START)}

        published = sample("sim_sessions.json")
        assert answer.keys() == published.keys()
        assert answer["summary"].keys() == published["summary"].keys()
        assert closed.keys() == published["sessions"][0].keys()
        assert closed["network"].keys() == published["sessions"][0]["network"].keys()
        assert closed["data_usage"].keys() == published["sessions"][0]["data_usage"].keys()
        assert STAMP.fullmatch(closed["start_time"])
        session = next(s for at, s in world.items() if f"{at:%Y-%m-%dT%H:%M:%SZ}" == closed["start_time"])
        assert closed["network"]["network_code"] == session.operator.mcc + session.operator.mnc
        assert closed["duration_seconds"] == (session.end - session.start).total_seconds()
        assert closed["data_usage"]["total_mb"] == round((session.up + session.down) / 1_000_000, 2)


async def test_session_pages_add_up_to_the_total():
    """Newest first, no row twice, however small the pages."""
    async with wayscloud() as account:
        path = f"/sims/{account.iccid(account.busiest())}/sessions"
        small = await account.walk(path, "sessions", limit=7)
        large = await account.walk(path, "sessions", limit=100)

        assert small == large
        assert len({each["session_id"] for each in small}) == len(small) > 7
        starts = [each["start_time"] for each in small]
        assert starts == sorted(starts, reverse=True)
        assert (await account.get(path, offset=len(small)))["sessions"] == []


async def test_fifty_is_the_default_and_a_hundred_the_most():
    """The sample in the documentation that asks for 1000 is refused."""
    async with wayscloud() as account:
        path = f"/sims/{account.iccid(account.busiest())}/sessions"
        first = await account.get(path, start_date="2026-01-01")

        assert first["total"] > 100
        assert len(first["sessions"]) == 50
        assert len((await account.get(path, start_date="2026-01-01", limit=100))["sessions"]) == 100
        for wrong in ({"limit": 1000}, {"limit": 101}, {"limit": 0}, {"offset": -1}, {"limit": "x"}, {"limit": "5.0"}):
            assert await account.refusal(path, **wrong) == (400, "INVALID_PARAMETER")


async def test_dates_bound_the_sessions_that_began():
    """start_date and end_date are days in UTC; the last one belongs to the range, unless switched."""
    for switch, included in (("inclusive", True), ("exclusive", False)):
        async with wayscloud(end_date=switch) as account:
            path = f"/sims/{account.iccid(account.busiest())}/sessions"
            whole = await account.walk(path, "sessions", start_date="2026-11-01")
            some = await account.walk(path, "sessions", start_date="2026-11-03", end_date="2026-11-10")

            last = "2026-11-11" if included else "2026-11-10"
            assert some == [each for each in whole if "2026-11-03" <= each["start_time"] < last]
            assert some


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "2026-1-1"},
        {"start_date": "20260101"},
        {"end_date": "2026-02-30"},
        {"end_date": "today"},
        {"start_date": "2026-11-02", "end_date": "2026-11-01"},
        {"start_date": "0001-01-01"},
        {"end_date": "9999-12-31"},
    ],
)
async def test_a_wrong_date_is_refused(query):
    """With the documented code, naming the parameter and what was expected."""
    async with wayscloud() as account:
        path = f"/sims/{account.iccid(0)}/sessions"
        answer = await account.client.get(path, params=query)

        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "INVALID_PARAMETER")
        assert error["details"].keys() == {"field", "provided", "expected"}
        assert error["details"]["field"] in query


async def test_the_summary_covers_the_filter_or_the_page():
    """Nothing says which, so a switch does."""
    async with wayscloud() as account:
        path = f"/sims/{account.iccid(account.busiest())}/sessions"
        answer = await account.get(path, limit=3)
        assert answer["summary"]["total_sessions"] == answer["total"] > 3
    async with wayscloud(summary="page") as account:
        answer = await account.get(path, limit=3)
        assert answer["summary"]["total_sessions"] == 3
        shown = sum(each["data_usage"]["total_mb"] for each in answer["sessions"])
        assert answer["summary"]["total_data_mb"] == pytest.approx(shown, abs=0.02)


async def test_an_open_session_looks_as_switched():
    """Null end and duration, a duration so far, or neither key."""
    shapes = {}
    for switch in ("null", "duration", "absent"):
        async with wayscloud(open_session=switch) as account:
            index = next(
                i for i in account.everyone if (s := account.sims.latest_session(i)) is not None and s.end is None
            )
            answer = await account.get(f"/sims/{account.iccid(index)}/sessions", limit=1)
            shapes[switch] = {k: v for k, v in answer["sessions"][0].items() if k in {"end_time", "duration_seconds"}}
            so_far = int((START - account.sims.latest_session(index).start).total_seconds())

    assert shapes["null"] == {"end_time": None, "duration_seconds": None}
    assert shapes["duration"] == {"end_time": None, "duration_seconds": so_far}
    assert shapes["absent"] == {}


async def test_the_size_of_a_megabyte_and_its_digits_are_switched():
    """10^6 or 2^20 bytes, one or two digits."""
    async with wayscloud(megabyte="1048576", decimals="1") as account:
        index = account.busiest()
        answer = await account.get(f"/sims/{account.iccid(index)}/sessions", limit=2)
        session = account.sims.sessions(index, START - timedelta(days=30), START + timedelta(seconds=1))[1]

        assert answer["sessions"][1]["data_usage"]["upload_mb"] == round(session.up / 1048576, 1)


async def test_activity_looks_like_the_published_sample():
    """Each event type has the keys of the sample; a network_change has no `network`."""
    async with wayscloud(sims=300) as account:
        found = {}
        for index in account.everyone:
            answer = await account.get(f"/sims/{account.iccid(index)}/activity", limit=100)
            assert answer.keys() == {"iccid", "activity", "total"}
            for event in answer["activity"]:
                found[event["event_type"]] = event

        assert found.keys() == {
            "connection",
            "disconnection",
            "network_change",
            "data_usage_update",
            "location_update",
        }
        for published in sample("sim_activity.json")["activity"]:
            event = found[published["event_type"]]
            assert event.keys() == published.keys()
            assert event["details"].keys() == published["details"].keys()
        assert "network" not in found["network_change"]
        assert found["network_change"]["previous_network"] != found["network_change"]["current_network"]
        assert found["connection"]["network"].keys() == {"country", "operator", "network_code"}


async def test_activity_can_be_of_one_type():
    """A known type filters, `all` does not, an unknown one is refused; pages add up."""
    async with wayscloud() as account:
        path = f"/sims/{account.iccid(account.busiest())}/activity"
        every = await account.walk(path, "activity", limit=9)
        some = await account.walk(path, "activity", event_type="disconnection")

        assert some == [event for event in every if event["event_type"] == "disconnection"]
        assert (await account.get(path, event_type="all"))["total"] == len(every)
        assert await account.refusal(path, event_type="explosion") == (400, "INVALID_PARAMETER")
        stamps = [event["timestamp"] for event in every]
        assert stamps == sorted(stamps, reverse=True)


async def test_activity_tells_the_story_of_the_sessions():
    """A connection for each session that began, a disconnection for each that ended."""
    async with wayscloud() as account:
        iccid = account.iccid(account.busiest())
        events = await account.walk(f"/sims/{iccid}/activity", "activity")
        sessions = await account.walk(f"/sims/{iccid}/sessions", "sessions")

        began = [event["timestamp"] for event in events if event["event_type"] == "connection"]
        ended = {event["timestamp"] for event in events if event["event_type"] == "disconnection"}
        assert began == [session["start_time"] for session in sessions]
        assert {session["end_time"] for session in sessions if session["end_time"]} <= ended


async def test_the_sim_of_a_device_looks_like_the_published_sample():
    """Device, SIM, network while online, and the month's usage."""
    async with wayscloud() as account:
        index = account.busiest()
        device = account.sims.device_id(index)
        answer = await account.get(f"/devices/{device}/sim")

        published = sample("device_sim.json")
        assert answer.keys() == published.keys()
        assert answer["sim"].keys() == published["sim"].keys()
        assert answer["device_id"] == device
        assert answer["sim"]["iccid"] == account.iccid(index)
        assert answer["sim"]["msisdn"].startswith("+")
        assert answer["sim"]["data_usage_mb"] == round(account.sims.this_month(index, START) / 1_000_000, 2)


async def test_a_device_offline_has_no_network():
    """current_network is null without an open session and has three fields with one."""
    async with wayscloud() as account:
        seen = {}
        for index in account.everyone:
            device = account.sims.device_id(index)
            if device:
                network = (await account.get(f"/devices/{device}/sim"))["sim"]["current_network"]
                session = account.sims.latest_session(index)
                assert (network is not None) == (session is not None and session.end is None)
                seen[network is None] = network
        assert seen[False].keys() == sample("device_sim.json")["sim"]["current_network"].keys()
        assert True in seen


async def test_by_device_is_the_same_as_by_iccid():
    """Sessions and activity do not depend on which way one asks."""
    async with wayscloud() as account:
        index = account.busiest()
        device = account.sims.device_id(index)
        for what in ("sessions", "activity"):
            by_device = await account.get(f"/devices/{device}/sim/{what}", limit=5)
            assert by_device == await account.get(f"/sims/{account.iccid(index)}/{what}", limit=5)


async def test_statuses_other_than_active_are_invented():
    """So they only appear when asked for."""
    words = {}
    for switch in ("active", "more"):
        async with wayscloud(status_words=switch) as account:
            devices = [d for i in account.everyone if (d := account.sims.device_id(i))]
            words[switch] = {(await account.get(f"/devices/{d}/sim"))["sim"]["status"] for d in devices}

    assert words == {"active": {"active"}, "more": {"active", "suspended", "inactive"}}


@pytest.mark.parametrize(
    "path",
    [
        "/sims/8947080000000000000/sessions",
        "/sims/x/activity",
        "/sims/billing/sessions",
        "/devices/iot_dev_00000000/sim",
        "/devices/iot_dev_zz/sim/sessions",
        "/devices/8947080000000000000/sim/activity",
        "/devices/dev-1/sim",
    ],
)
async def test_what_is_unknown_is_not_found(path):
    """404 in the documented shape, whatever the id looks like."""
    async with wayscloud() as account:
        assert await account.refusal(path) == (404, "NOT_FOUND")


async def test_the_list_of_sims_is_invented():
    """GET /sims exists only when switched on, and then pages like the rest."""
    async with wayscloud() as account:
        assert await account.refusal("/sims") == (404, "NOT_FOUND")
        assert await account.refusal(f"/sims/{account.iccid(0)}") == (404, "NOT_FOUND")
    async with wayscloud(sim_list="on") as account:
        rows = await account.walk("/sims", "sims", limit=7)
        assert [row["iccid"] for row in rows] == [account.iccid(index) for index in account.everyone]
