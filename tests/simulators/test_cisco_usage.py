"""Cisco simulator: the one session, usage, locations, edits made, and the account's report."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from gateway.providers.cisco_control_center.simulator import words
from tests.simulators.cisco_account import START, cisco, sample

CYCLE = datetime(2026, 11, 1, tzinfo=UTC)
PRINTED = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}\+0000")


async def all_sessions(account):
    return [await account.get(f"/devices/{account.iccid(i)}/sessionInfo") for i in range(account.world.sims)]


def in_zones(answer):
    """Bytes over all plans and zones of a usageInZone answer."""
    return sum(row["dataUsage"] for rows in answer["deviceCycleUsageInZones"].values() for row in rows)


async def test_the_session_is_the_current_or_latest_one():
    """Open means a start without an end; the dates are those of the world's latest session."""
    async with cisco() as account:
        answers = await all_sessions(account)

        for index, answer in enumerate(answers):
            session = account.world.latest_session(index)
            assert (answer["dateSessionStarted"] is None) == (session is None)
            assert (answer["dateSessionEnded"] is None) == (session is None or session.end is None)
            if session is not None:
                assert PRINTED.fullmatch(answer["dateSessionStarted"])
                assert answer["dateSessionStarted"].startswith(f"{session.start:%Y-%m-%d %H:%M:%S}")
        assert any(a["dateSessionStarted"] and a["dateSessionEnded"] for a in answers)
        assert any(a["dateSessionStarted"] and not a["dateSessionEnded"] for a in answers)


async def test_a_device_never_connected_has_nulls_and_the_text_null():
    """Both dates are null, ipAddress is there all the same, ipv6Address is not."""
    async with cisco() as account:
        index = account.with_status("INVENTORY")
        answer = await account.get(f"/devices/{account.iccid(index)}/sessionInfo")

        assert answer == {
            "iccid": account.iccid(index),
            "ipAddress": "null",
            "dateSessionStarted": None,
            "dateSessionEnded": None,
        }


async def test_addresses_come_in_three_ways():
    """IPv4 alone, a /64 prefix with the text "null", or both; never a null prefix."""
    async with cisco() as account:
        answers = [a for a in await all_sessions(account) if a["dateSessionStarted"]]

        assert {a["ipAddress"] == "null" for a in answers} == {True, False}
        prefixed = [a for a in answers if "ipv6Address" in a]
        assert all(a["ipv6Address"].endswith("::/64") for a in prefixed)
        assert {a["ipAddress"] == "null" for a in prefixed} == {True, False}
        assert len(prefixed) < len(answers)
        assert sample("session_info.json").keys() == prefixed[0].keys()


async def test_the_session_can_look_as_other_operators_show_it():
    """A real null, an apn, another path and another word for the end: each behind its switch."""
    async with cisco(null_ip="null", apn="on", session_details="on") as account:
        new = account.iccid(account.with_status("INVENTORY"))
        used = next(i for i in range(60) if account.world.latest_session(i))
        answer = await account.get(f"/devices/{account.iccid(used)}/sessionDetails")

        assert (await account.get(f"/devices/{new}/sessionInfo"))["ipAddress"] is None
        assert "lastSessionEndTime" in answer
        assert answer["apn"]
    async with cisco() as account:
        assert (await account.refusal(f"/devices/{account.iccid(0)}/sessionDetails"))[0] == 404


async def test_the_cycle_to_date_is_what_the_world_counted():
    """Bytes, messages and sessions since the first of the month, with no split of up and down."""
    async with cisco() as account:
        for index in range(60):
            answer = await account.get(f"/devices/{account.iccid(index)}/ctdUsages")
            used = account.world.usage(index, CYCLE, START)
            assert answer["ctdDataUsage"] == used.total
            assert answer["ctdSMSUsage"] == used.sms_to + used.sms_from
            assert answer["ctdSessionCount"] == len(account.world.sessions(index, CYCLE, START))
            assert answer["ctdVoiceUsage"] == 0
            assert isinstance(answer["overageLimitReached"], bool)
            assert answer["overageLimitOverride"] == "DEFAULT"
            assert answer["status"] == account.fleet.status(index)


async def test_zones_add_up_to_the_cycle():
    """Usage by plan and zone is the same bytes cut another way, keyed by plan and version."""
    async with cisco() as account:
        keys = set()
        for index in range(60):
            answer = await account.get(f"/devices/{account.iccid(index)}/usageInZone")
            assert in_zones(answer) == account.world.data(index, CYCLE, START).total
            keys |= answer["deviceCycleUsageInZones"].keys()
        assert keys == {f"{plan}, 1" for plan in words.RATE_PLANS}
        assert answer["cycleStartDate"] == "2026-11-01T00:00:00.000Z"
        assert answer["cycleEndDate"] == "2026-11-30T23:59:59.999Z"


async def test_the_case_of_sms_keys_varies():
    """Clients saw SMSMOUsage and smsmousage, so both occur, or one of them by a switch."""
    async with cisco() as account:
        seen = set()
        for index in range(60):
            answer = await account.get(f"/devices/{account.iccid(index)}/usageInZone")
            for rows in answer["deviceCycleUsageInZones"].values():
                seen |= {name for row in rows for name in row if name.lower() == "smsmousage"}
        assert seen == {"SMSMOUsage", "smsmousage"}
    async with cisco(sms_key_case="smsmousage") as account:
        index = next(i for i in range(60) if account.world.data(i, CYCLE, START).total)
        answer = await account.get(f"/devices/{account.iccid(index)}/usageInZone")
        row = next(iter(answer["deviceCycleUsageInZones"].values()))[0]
        published = sample("usage_in_zone.json")
        assert row.keys() == next(iter(published["deviceCycleUsageInZones"].values()))[0].keys()
        assert answer.keys() == published.keys()


async def test_earlier_cycles_can_be_asked_but_only_three():
    """cycleStartDate names one of the last three cycles, in either notation."""
    async with cisco() as account:
        index = next(i for i in range(60) if account.world.data(i, CYCLE, START).total)
        path = f"/devices/{account.iccid(index)}/usageInZone"
        october = await account.get(path, cycleStartDate="2026-10-01Z")
        september = await account.get(path, cycleStartDate="2026-09-01+00:00")

        first = datetime(2026, 10, 1, tzinfo=UTC)
        assert in_zones(october) == account.world.data(index, first, CYCLE).total
        assert september["cycleStartDate"].startswith("2026-09-01")
        for wrong in ("2026-08-01Z", "2026-10-02Z", "2026-10-01", "20261001"):
            assert (await account.refusal(path, cycleStartDate=wrong))[0] == 400


async def test_usage_by_zone_filters():
    """One zone, one plan, or the plans no longer active; an unknown zone is 10000031."""
    async with cisco() as account:
        index = next(i for i in range(60) if account.world.data(i, CYCLE, START).total)
        path = f"/devices/{account.iccid(index)}/usageInZone"
        whole = (await account.get(path))["deviceCycleUsageInZones"]
        plan = account.fleet.rate_plan(index)
        zone = whole[f"{plan}, 1"][0]["zone"]
        one = (await account.get(path, zone=zone, ratePlan=plan))["deviceCycleUsageInZones"]
        none = (await account.get(path, isActiveRatePlan="false"))["deviceCycleUsageInZones"]

        assert [row["zone"] for row in one[f"{plan}, 1"]] == [zone]
        assert none == {}
        assert await account.refusal(path, zone="Atlantis") == (400, "10000031")


async def test_a_change_of_plan_splits_the_cycle():
    """Bytes before the change stay with the old plan, those after go to the new one."""
    async with cisco() as account:
        index = next(
            i
            for i in range(60)
            if account.world.data(i, START - timedelta(days=5), START).total
            and account.fleet.status(i) == "ACTIVATED"
            and account.fleet.rate_plan(i) != "Gateway 1GB"
        )
        path = f"/devices/{account.iccid(index)}/usageInZone"
        before = in_zones(await account.get(path))
        await account.put(index, {"ratePlan": "Gateway 1GB"})
        account.clock.forward(days=8)
        answer = await account.get(path)
        rest = await account.get(path, isActiveRatePlan="true")

        assert len(answer["deviceCycleUsageInZones"]) == 2
        assert in_zones(answer) - in_zones(rest) == before
        assert in_zones(answer) == account.world.data(index, CYCLE, account.clock()).total


async def test_a_plan_changed_in_an_earlier_cycle_is_the_only_one():
    """The next cycle counts from its own first day, under the new plan alone."""
    async with cisco() as account:
        index = account.with_status("ACTIVATED", place=2)
        await account.put(index, {"ratePlan": "Gateway 1GB"})
        account.clock.forward(days=20)
        answer = await account.get(f"/devices/{account.iccid(index)}/usageInZone")

        december = datetime(2026, 12, 1, tzinfo=UTC)
        assert in_zones(answer) == account.world.data(index, december, account.clock()).total > 0
        assert answer["deviceCycleUsageInZones"].keys() == {"Gateway 1GB, 1"}


async def test_usage_of_a_plan_lists_its_devices():
    """Every device of the plan, fifty a page, and the same bytes as device by device."""
    async with cisco(sims=400) as account:
        found, number, last = {}, 1, False
        while not last:
            page = await account.get("/usages", ratePlanName="Tracker 100MB", pageNumber=number)
            for zone in page["zones"]:
                for device in zone["devices"]:
                    found[device["deviceId"]] = found.get(device["deviceId"], 0) + device["usage"]["dataUsage"]
            number, last = number + 1, page["lastPage"]

        on_plan = [i for i in range(400) if account.fleet.rate_plan(i) == "Tracker 100MB"]
        assert found == {account.iccid(i): account.world.data(i, CYCLE, START).total for i in on_plan}
        assert number - 1 == -(-len(on_plan) // 50)


async def test_usage_of_a_plan_has_its_refusals():
    """Not for an unknown plan, a shared one or an unknown type; other types' amounts are null."""
    async with cisco() as account:
        assert (await account.refusal("/usages"))[0] == 400
        assert (await account.refusal("/usages", ratePlanName="x"))[0] == 400
        assert (await account.refusal("/usages", ratePlanName=words.SHARED_PLAN))[0] == 400
        assert (await account.refusal("/usages", ratePlanName="Meter 10MB", usageType="MMS"))[0] == 400
        page = await account.get("/usages", ratePlanName="Meter 10MB", usageType="SMS")
        usage = page["zones"][0]["devices"][0]["usage"]
        assert usage["dataUsage"] is None
        assert usage["smsMOUsage"] is not None


async def test_usage_by_days_is_there_when_switched_on():
    """Both days included, thirty at most; some operators have it, so it hides behind a switch."""
    async with cisco(device_usage="on") as account:
        index = next(i for i in range(60) if account.world.data(i, CYCLE, START).total)
        path = f"/devices/{account.iccid(index)}/usage"
        answer = await account.get(path, startDate="20261101", endDate="20261110", metrics="data,smt")
        span = (CYCLE, datetime(2026, 11, 11, tzinfo=UTC))

        assert [metric["metricType"] for metric in answer["metrics"]] == ["DATA", "SMT"]
        assert answer["metrics"][0]["usage"] == account.world.data(index, *span).total
        assert answer["metrics"][0]["unit"] == "bytes"
        for wrong in (
            {"startDate": "20261101"},
            {"startDate": "20260901", "endDate": "20261110"},
            {"startDate": "2026-11-01", "endDate": "20261110"},
            {"startDate": "20261132", "endDate": "20261110"},
            {"metrics": "mms"},
        ):
            assert (await account.refusal(path, **wrong))[0] == 400
    async with cisco() as account:
        assert (await account.refusal(f"/devices/{account.iccid(0)}/usage"))[0] == 404


@pytest.mark.parametrize("groups", ["", "country", "carrier,ratePlan", "ratingZone,country,carrier,ratePlan"])
async def test_the_account_report_adds_up(groups):
    """However it is grouped, the report holds the bytes and messages of all devices, edited ones too."""
    async with cisco(sims=700) as account:
        await account.put(account.with_status("ACTIVATED"), {"status": "DEACTIVATED"})
        answer, rows = {"lastPage": False}, []
        while not answer["lastPage"]:
            number = len(rows) // 50 + 1
            query = {"groupBy": groups, "metrics": "data,smt,smo,sms", "pageNumber": number}
            answer = await account.get("/dynareport/acct/usage", **query)
            rows += answer["usage"]

        used = [account.world.usage(index, CYCLE, START) for index in range(700)]
        assert sum(row["data"] for row in rows) == sum(each.total for each in used)
        assert sum(row["smt"] for row in rows) == sum(each.sms_to for each in used)
        assert sum(row["sms"] for row in rows) == sum(each.sms_to + each.sms_from for each in used)
        assert all(set(groups.split(",")) - {""} <= row.keys() for row in rows)


async def test_the_account_report_takes_a_cycle_and_refuses_nonsense():
    """A billing cycle is a month; unknown groups, metrics and dates are 400."""
    async with cisco() as account:
        path = "/dynareport/acct/usage"
        answer = await account.get(path, billingCycle="202610", metrics="data")

        spans = (datetime(2026, 10, 1, tzinfo=UTC), CYCLE)
        assert answer["usage"][0]["data"] == sum(account.world.data(i, *spans).total for i in range(60))
        for wrong in ({"groupBy": "colour"}, {"metrics": "mms"}, {"billingCycle": "202613"}):
            assert (await account.refusal(path, **wrong))[0] == 400


async def test_locations_are_those_of_the_sessions():
    """The latest two without a start, all of a span with one, newest first and paged."""
    async with cisco() as account:
        index = max(range(60), key=lambda i: len(account.world.sessions(i, CYCLE, START)))
        path = f"/devices/{account.iccid(index)}/locationHistory"
        latest = await account.get(path)
        span = await account.get(path, fromDate="2026-11-01T00:00:00Z", pageSize=3)

        sessions = account.world.sessions(index, CYCLE, START)
        assert len(latest["simlocations"]) == 2
        assert [row["latitude"] for row in span["simlocations"]] == [s.lat for s in sessions[:3]]
        assert span["lastPage"] is False
        assert await account.refusal(path, fromDate="x") == (400, "10000003")


async def test_edits_leave_a_trail():
    """Each changed field is one entry, newest first, with what it was before; unchanged ones leave none."""
    async with cisco() as account:
        index = account.with_status("ACTIVATED")
        await account.put(index, {"status": "DEACTIVATED", "accountCustom9": "x", "modemID": None})
        account.clock.forward(minutes=1)
        await account.put(index, {"accountCustom9": "x"})
        path = f"/devices/{account.iccid(index)}/auditTrails"
        trail = (await account.get(path))["deviceAuditTrails"]
        wide = (await account.get(path, daysOfHistory=365))["deviceAuditTrails"]

        mine = {row["field"]: (row["priorValue"], row["value"]) for row in trail}
        assert mine["status"] == ("ACTIVATED", "DEACTIVATED")
        assert mine["accountCustom9"] == ("", "x")
        assert trail[0]["userName"]
        assert len(wide) >= len(trail)
        for wrong in ("0", "366", "x"):
            assert (await account.refusal(path, daysOfHistory=wrong))[0] == 400


async def test_the_echo_gives_back_what_it_got():
    """The probe that needs no device."""
    async with cisco() as account:
        assert await account.get("/echo/hello-world") == {"context": "hello-world"}
