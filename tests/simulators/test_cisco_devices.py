"""Cisco simulator: searching, reading and editing devices."""

import re

import pytest

from gateway.providers.cisco_control_center.simulator import words
from gateway.simulation.noise import luhn_digit
from tests.simulators.cisco_account import cisco, refused, sample

SINCE = "2025-11-20T11:00:00+00:00"
PRINTED = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}\+0000")


async def walk(account, number=1, **query):
    """Every row of a search from a page on, page by page."""
    rows = []
    while True:
        page = await account.get("/devices", modifiedSince=SINCE, pageNumber=number, **query)
        rows += page["devices"]
        if page["lastPage"]:
            return rows
        number += 1


async def test_the_search_needs_a_start():
    """Without modifiedSince there is no search, and that has its own code."""
    async with cisco() as account:
        assert await account.refusal("/devices") == (400, "10000003")
        assert await account.refusal("/devices", modifiedSince="yesterday") == (400, "10000003")
        assert await account.refusal("/devices", modifiedSince="2026-13-01T00:00:00Z") == (400, "10000003")


async def test_an_unescaped_plus_is_a_blank_and_refused():
    """A client that forgets %2B is told off exactly as by the real thing."""
    async with cisco() as account:
        raw = await account.client.get("/devices?modifiedSince=2026-11-01T00:00:00+00:00")
        escaped = await account.client.get("/devices?modifiedSince=2026-11-01T00:00:00%2B00:00")

        assert refused(raw) == (400, "10000003")
        assert escaped.status_code == 200


async def test_the_search_reaches_one_year_back_and_not_ahead():
    """Older than a year is 10000045, the future is 10002119."""
    async with cisco() as account:
        assert await account.refusal("/devices", modifiedSince="2025-11-01T00:00:00Z") == (400, "10000045")
        assert await account.refusal("/devices", modifiedSince="2026-11-20T11:00:01Z") == (400, "10002119")


async def test_a_walk_gives_each_device_once_in_order_of_modification():
    """Pages of fifty with a boolean lastPage hold every device touched within the year, oldest first."""
    async with cisco(sims=400) as account:
        first = await account.get("/devices", modifiedSince=SINCE)
        rows = await walk(account)

        assert first["pageNumber"] == 1
        assert first["lastPage"] is False
        assert len(first["devices"]) == 50
        assert all(row.keys() == {"iccid", "status", "ratePlan", "communicationPlan"} for row in rows)
        found = [account.world.find_iccid(row["iccid"]) for row in rows]
        times = [account.fleet.modified(index) for index in found]
        assert times == sorted(times)
        assert len(set(found)) == len(found)
        expected = {i for i in range(400) if account.fleet.modified(i).isoformat() >= SINCE}
        assert set(found) == expected
        assert len(expected) < 400


async def test_a_full_last_page_is_the_last():
    """No client has to ask for an empty page to know that it has all."""
    async with cisco(sims=20) as account:
        rows = await walk(account)
        last = await account.get("/devices", modifiedSince=SINCE, pageSize=1, pageNumber=len(rows))
        before = await account.get("/devices", modifiedSince=SINCE, pageSize=1, pageNumber=len(rows) - 1)

        assert (before["lastPage"], last["lastPage"]) == (False, True)
        assert last["devices"] == rows[-1:]


async def test_a_page_past_the_end_is_empty_and_last():
    """There is no error behind the last page."""
    async with cisco() as account:
        page = await account.get("/devices", modifiedSince=SINCE, pageNumber=999)

        assert page == {"pageNumber": 999, "lastPage": True, "devices": []}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"pageSize": 51}, "10000006"),
        ({"pageSize": 0}, "10000006"),
        ({"pageSize": "x"}, "10000006"),
        ({"pageNumber": 0}, "10000007"),
        ({"pageNumber": "x"}, "10000007"),
    ],
)
async def test_page_size_and_number_have_bounds(query, code):
    """At most fifty a page, counted from one."""
    async with cisco() as account:
        assert await account.refusal("/devices", modifiedSince=SINCE, **query) == (400, code)


async def test_a_device_changed_during_a_walk_moves_to_the_end():
    """So the row that slides into its place on an earlier page is missed: the trap of this search."""
    async with cisco(sims=200) as account:
        everyone = {row["iccid"] for row in await walk(account, pageSize=20)}
        one = await account.get("/devices", modifiedSince=SINCE, pageSize=20)
        index = account.world.find_iccid(one["devices"][0]["iccid"])
        account.clock.forward(minutes=1)
        assert (await account.put(index, {"accountCustom3": "moved"})).status_code == 200
        rest = await walk(account, number=2, pageSize=20)

        seen = [row["iccid"] for row in one["devices"] + rest]
        assert rest[-1]["iccid"] == account.iccid(index)
        assert len(everyone - set(seen)) == 1


async def test_a_search_can_go_from_and_to_a_moment():
    """modifiedTill bounds the other side, for a walk that overlaps the last one."""
    async with cisco() as account:
        till = "2026-06-01T00:00:00Z"
        rows = (await account.get("/devices", modifiedSince=SINCE, modifiedTill=till))["devices"]

        found = [account.fleet.modified(account.world.find_iccid(row["iccid"])) for row in rows]
        assert rows
        assert all(moment.isoformat() <= "2026-06-01T00:00:00+00:00" for moment in found)


@pytest.mark.parametrize(
    ("name", "word"),
    [("status", "DEACTIVATED"), ("accountId", "100020621"), ("accountCustom2", "Oslo"), ("customerCustom1", "order-3")],
)
async def test_the_search_filters(name, word):
    """Status, account and custom fields narrow the search to exactly the devices that have the value."""
    async with cisco() as account:
        every = await walk(account)
        some = await walk(account, **{name: word})

        wanted = [r["iccid"] for r in every if account.fleet.value(account.world.find_iccid(r["iccid"]), name) == word]
        assert [row["iccid"] for row in some] == wanted
        assert wanted


async def test_a_small_account_shows_every_status():
    """All eight words and one an operator made up, however few the devices."""
    async with cisco(sims=20) as account:
        seen = {account.fleet.status(index) for index in range(20)}

        assert seen == {*words.STATUSES, words.OPERATOR_WORD}


async def test_details_have_every_field_and_cisco_dates():
    """All documented fields are there for each device, empty strings beside nulls, dates with a blank."""
    async with cisco() as account:
        every = [await account.get(f"/devices/{account.iccid(index)}") for index in range(60)]

        for device in every:
            assert {*words.CUSTOM_FIELDS, "deviceID", "modemID", "eid", "mec", "fixedIpv6Address"} < device.keys()
            assert PRINTED.fullmatch(device["dateAdded"])
            assert luhn_digit(device["iccid"][:-1]) == device["iccid"][-1]
            assert isinstance(device["accountId"], str)
            assert not device["msisdn"].startswith("+")
        assert {len(device["iccid"]) for device in every} == {19, 20}
        assert {"", None} <= {device["accountCustom3"] for device in every} | {device["customer"] for device in every}
        assert any(device["deviceID"] is None for device in every)
        assert any(device["imei"] == "" for device in every)
        assert any(device["dateActivated"] is None for device in every)


async def test_details_have_the_fields_of_the_published_sample():
    """Nothing in the community's sample of a device is missing here."""
    async with cisco() as account:
        device = await account.get(f"/devices/{account.iccid(0)}")

        assert sample("device_details.json").keys() <= device.keys()


async def test_an_edit_answers_the_iccid_only_and_is_read_back():
    """200 and the ICCID; the new values, the date and the search row follow at once."""
    async with cisco() as account:
        index = account.with_status("ACTIVATED")
        answer = await account.put(index, {"ratePlan": "Gateway 1GB", "deviceID": "pump 7", "customer": None})
        device = await account.get(f"/devices/{account.iccid(index)}")

        assert answer.status_code == 200
        assert answer.json() == {"iccid": account.iccid(index)}
        assert (device["ratePlan"], device["deviceID"], device["customer"]) == ("Gateway 1GB", "pump 7", None)
        assert device["dateUpdated"] == "2026-11-20 11:00:00.000+0000"
        assert (await walk(account))[-1]["ratePlan"] == "Gateway 1GB"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "10000023"),
        ({}, "10000011"),
        ({"colour": "red"}, "10000011"),
        ({"ratePlan": "none such"}, "10000013"),
        ({"communicationPlan": "none such"}, "10000014"),
        ({"overageLimitOverride": "NEVER"}, "10000016"),
        ({"status": "SUSPENDED"}, "10000005"),
        ({"deviceID": 7}, "10000902"),
        ({"accountCustom1": "x" * 256}, "10000902"),
        ({"status": None}, "10000005"),
        ({"deviceID": "x", "effectiveDate": "soon"}, "10000012"),
        ({"deviceID": "x", "effectiveDate": "2027-06-01T00:00:00Z"}, "10000902"),
    ],
)
async def test_a_senseless_edit_is_refused_and_changes_nothing(body, code):
    """Every wrong body is a 400 and leaves the device as it was."""
    async with cisco() as account:
        before = await account.get(f"/devices/{account.iccid(3)}")
        answer = await account.put(3, body)

        assert refused(answer) == (400, code)
        assert await account.get(f"/devices/{account.iccid(3)}") == before


@pytest.mark.parametrize(
    ("current", "target", "expected"),
    [
        ("ACTIVATED", "ACTIVATED", (400, "10030000")),
        ("ACTIVATED", "TEST_READY", (400, "10000029")),
        ("DEACTIVATED", "ACTIVATION_READY", (400, "10000029")),
        ("ACTIVATED", "INVENTORY", (202, "1000512")),
        ("RETIRED", "ACTIVATED", (400, "10000902")),
    ],
)
async def test_a_status_cannot_go_just_anywhere(current, target, expected):
    """The refusals Cisco documents; the one for inventory wears a 202."""
    async with cisco() as account:
        index = account.with_status(current)
        answer = await account.put(index, {"status": target})

        assert refused(answer) == expected
        assert (await account.get(f"/devices/{account.iccid(index)}"))["status"] == current


@pytest.mark.parametrize(
    ("current", "target"),
    [
        ("ACTIVATED", "DEACTIVATED"),
        ("DEACTIVATED", "ACTIVATED"),
        ("INVENTORY", "ACTIVATION_READY"),
        ("TEST_READY", "ACTIVATED"),
        ("PURGED", "INVENTORY"),
        ("ACTIVATED", "RETIRED"),
        ("OPERATOR_HOLD", "ACTIVATED"),
    ],
)
async def test_a_status_goes_where_it_may(current, target):
    """The other ways are open, also back from an operator's own word."""
    async with cisco() as account:
        index = account.with_status(current)
        answer = await account.put(index, {"status": target})

        assert answer.status_code == 200
        assert (await account.get(f"/devices/{account.iccid(index)}"))["status"] == target


async def test_stopping_a_device_ends_its_session_and_starting_it_brings_one():
    """What the status says and what the session says are one story."""
    async with cisco() as account:
        index = next(i for i in range(60) if (s := account.world.latest_session(i)) is not None and s.end is None)
        path = f"/devices/{account.iccid(index)}/sessionInfo"
        assert (await account.get(path))["dateSessionEnded"] is None
        await account.put(index, {"status": "DEACTIVATED"})
        account.clock.forward(seconds=1)
        stopped = await account.get(path)
        account.clock.forward(days=1)
        await account.put(index, {"status": "ACTIVATED"})
        account.clock.forward(days=9)
        again = await account.get(path)

        assert stopped["dateSessionEnded"].startswith("2026-11-20 11:00:00")
        assert again["dateSessionStarted"] > "2026-11-21"


async def test_a_dated_edit_waits_for_its_day():
    """202 for a later effectiveDate; the device changes when the moment has come, not before."""
    async with cisco() as account:
        index = account.with_status("ACTIVATED")
        body = {"status": "DEACTIVATED", "effectiveDate": "2026-11-25T00:00:00Z"}
        answer = await account.put(index, body)
        path = f"/devices/{account.iccid(index)}"
        before = await account.get(path)
        account.clock.forward(days=5)
        after = await account.get(path)

        assert answer.status_code == 202
        assert before["status"] == "ACTIVATED"
        assert after["status"] == "DEACTIVATED"
        assert after["dateUpdated"] == "2026-11-25 00:00:00.000+0000"


async def test_a_slow_status_is_accepted_first():
    """With edit_seconds a status takes its time and the answer is 202; other fields stay immediate."""
    async with cisco(edit_seconds="30") as account:
        index = account.with_status("DEACTIVATED")
        path = f"/devices/{account.iccid(index)}"
        slow = await account.put(index, {"status": "ACTIVATED"})
        quick = await account.put(index, {"accountCustom5": "x"})
        before = (await account.get(path))["status"]
        account.clock.forward(seconds=30)
        after = (await account.get(path))["status"]

        assert (slow.status_code, quick.status_code) == (202, 200)
        assert (before, after) == ("DEACTIVATED", "ACTIVATED")


async def test_the_first_activation_gets_its_date():
    """dateActivated is null until a device is activated and stays at the first time."""
    async with cisco() as account:
        index = account.with_status("INVENTORY")
        path = f"/devices/{account.iccid(index)}"
        before = (await account.get(path))["dateActivated"]
        await account.put(index, {"status": "ACTIVATED"})
        account.clock.forward(days=1)
        await account.put(index, {"status": "DEACTIVATED"})
        await account.put(index, {"status": "ACTIVATED"})
        after = (await account.get(path))["dateActivated"]

        assert before is None
        assert after == "2026-11-20 11:00:00.000+0000"


@pytest.mark.parametrize(
    "path",
    ["", "/sessionInfo", "/ctdUsages", "/usageInZone", "/auditTrails", "/locationHistory"],
)
@pytest.mark.parametrize("iccid", ["8988216716970004975", "89", "x", "8" * 400])
async def test_an_unknown_iccid_is_not_found(path, iccid):
    """Every call for a device says so in the same way, also for what is no ICCID at all."""
    async with cisco() as account:
        assert await account.refusal(f"/devices/{iccid}{path}") == (404, "20000001")


async def test_the_extras_of_a_search_and_of_details_are_switched():
    """totalCount, fields, euiccid and the bulk call exist only when asked for."""
    async with cisco(total_count="on", fields="on", eid_key="euiccid", bulk="on") as account:
        page = await account.get("/devices", modifiedSince=SINCE, pageSize=1)
        part = await account.get(f"/devices/{account.iccid(4)}", fields="imei,euiccid")
        both = f"{account.iccid(4)},{account.iccid(5)},8988216716970004975"
        bulk = await account.get(f"/bulk/devices/{both}")

        assert page["totalCount"] == len(await walk(account))
        assert part.keys() == {"iccid", "imei", "euiccid"}
        assert [device["iccid"] for device in bulk["devices"]] == [account.iccid(4), account.iccid(5)]
    async with cisco() as account:
        assert "totalCount" not in await account.get("/devices", modifiedSince=SINCE)
        assert "imsi" in await account.get(f"/devices/{account.iccid(4)}", fields="imei")
        assert (await account.refusal(f"/bulk/devices/{account.iccid(4)}"))[0] == 404
