"""Cisco simulator: text messages."""

import base64

import pytest

from tests.simulators.cisco_account import cisco, refused


async def send(account, index, **body):
    path = f"/devices/{account.iccid(index)}/smsMessages"
    return await account.client.post(path, json=body)


async def ids(account, **query):
    """Every id of a search, page by page."""
    found, number = [], 1
    while True:
        page = await account.get("/smsMessages", pageNumber=number, **query)
        assert page.keys() == {"pageNumber", "lastPage", "smsMsgIds"}
        found += page["smsMsgIds"]
        if page["lastPage"]:
            return found
        number += 1


async def test_a_sent_message_is_pending_then_delivered():
    """The answer is an id; reading it shows the text and, seconds later, the delivery."""
    async with cisco() as account:
        index = account.with_status("ACTIVATED")
        sent = await send(account, index, messageText="reboot", messageEncoding="LITERAL")
        path = f"/smsMessages/{sent.json()['smsMsgId']}"
        before = await account.get(path)
        account.clock.forward(seconds=3)
        after = await account.get(path)

        assert sent.status_code == 200
        assert (before["status"], before["dateReceived"]) == ("Pending", None)
        assert (after["status"], after["messageText"]) == ("Delivered", "reboot")
        assert (after["iccid"], after["msgType"]) == (account.iccid(index), "MT")
        assert after["dateReceived"] == "2026-11-20 11:00:03.000+0000"


async def test_a_message_to_a_stopped_device_fails():
    """It is taken, and fails later."""
    async with cisco(sms_id_key="smsMessageId") as account:
        sent = await send(account, account.with_status("DEACTIVATED"), messageText="x")
        account.clock.forward(minutes=1)

        assert (await account.get(f"/smsMessages/{sent.json()['smsMessageId']}"))["status"] == "Failed"


async def test_base64_goes_both_ways():
    """A text sent encoded is stored decoded, and given back encoded when asked so."""
    async with cisco() as account:
        encoded = base64.b64encode(b"AT+CGATT?").decode()
        sent = await send(account, 0, messageText=encoded, messageEncoding="BASE64")
        path = f"/smsMessages/{sent.json()['smsMsgId']}"

        assert (await account.get(path))["messageText"] == "AT+CGATT?"
        assert (await account.get(path, messageEncoding="BASE64"))["messageText"] == encoded
        assert await account.refusal(path, messageEncoding="HEX") == (400, "10000017")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "10000011"),
        ({"messageText": 7}, "10000011"),
        ({"messageText": "x", "messageEncoding": "HEX"}, "10000017"),
        ({"messageText": "***", "messageEncoding": "BASE64"}, "10000017"),
        ({"messageText": "x", "dataCoding": 99}, "10000018"),
        ({"messageText": "x", "tpvp": 300}, "10000019"),
        ({"messageText": "x", "tpvp": True}, "10000019"),
        ({"messageText": "x" * 321}, "10000020"),
        ({"messageText": "x" * 161, "dataCoding": 3}, "10000020"),
        (
            {"messageText": base64.b64encode(b"x" * 141).decode(), "messageEncoding": "BASE64", "dataCoding": 4},
            "10000020",
        ),
        ({"messageText": "x" * 71, "dataCoding": 8}, "10000020"),
        ({"messageText": "x", "dataCoding": True}, "10000018"),
    ],
)
async def test_a_wrong_message_is_refused(body, code):
    """Encoding, coding, validity and length have a code each."""
    async with cisco() as account:
        assert refused(await send(account, 0, **body)) == (400, code)


async def test_a_body_that_is_no_object_is_no_message():
    """It has a code of its own."""
    async with cisco() as account:
        path = f"/devices/{account.iccid(0)}/smsMessages"

        assert refused(await account.client.post(path, json=["reboot"])) == (400, "10000023")


async def test_the_longest_message_passes():
    """320 characters by default, or what the account is set to, or what a message of that coding holds."""
    async with cisco() as account:
        assert (await send(account, 0, messageText="x" * 320)).status_code == 200
        for coding, most in ((0, 160), (1, 160), (3, 160), (4, 140), (8, 70)):
            assert (await send(account, 0, messageText="x" * most, dataCoding=coding)).status_code == 200
    async with cisco(sms_limit="10") as account:
        assert refused(await send(account, 0, messageText="x" * 11)) == (400, "10000020")


async def test_a_search_gives_ids_only_and_reading_them_agrees():
    """Every id found can be read, lies in the span, and none is found twice."""
    async with cisco() as account:
        found = await ids(account, fromDate="2026-11-01T00:00:00Z")
        read = [await account.get(f"/smsMessages/{each}") for each in found]

        assert len(found) > 50
        assert len(set(found)) == len(found)
        assert all(row["dateSent"] >= "2026-11-01" for row in read)
        assert [row["dateSent"] for row in read] == sorted((row["dateSent"] for row in read), reverse=True)
        assert {row["msgType"] for row in read} == {"MO", "MT"}
        assert {"Received", "Delivered"} <= {row["status"] for row in read}


async def test_a_search_may_give_the_longest_unchanged_first():
    """As Cisco documents it: by the time of the last change, of which delivery is one."""
    async with cisco(sms_order="changed") as account:
        sent = (await send(account, account.with_status("ACTIVATED"), messageText="x")).json()["smsMsgId"]
        found = await ids(account, fromDate="2026-11-01T00:00:00Z")
        changed = [(await account.get(f"/smsMessages/{each}"))["dateModified"] for each in found]

        assert len(found) > 50
        assert changed == sorted(changed)
        assert found[-1] == sent


async def test_a_full_last_page_of_ids_is_the_last():
    """The page that ends with the last id says so."""
    async with cisco() as account:
        query = {"fromDate": "2026-11-19T00:00:00Z", "pageSize": 1}
        found = await ids(account, **query)
        last = await account.get("/smsMessages", pageNumber=len(found), **query)
        before = await account.get("/smsMessages", pageNumber=len(found) - 1, **query)

        assert (before["lastPage"], last["lastPage"]) == (False, True)
        assert last["smsMsgIds"] == found[-1:]


async def test_a_search_filters_by_device_kind_and_account():
    """The ids of one device, one direction and one sub-account are parts of the whole."""
    async with cisco() as account:
        since = "2026-09-01T00:00:00Z"
        sent = (await send(account, 9, messageText="x")).json()["smsMsgId"]
        whole = await ids(account, fromDate=since)
        read = {each: await account.get(f"/smsMessages/{each}") for each in whole}
        device = account.iccid(9)

        assert whole[0] == sent
        by_device = await ids(account, fromDate=since, iccid=device)
        assert by_device == [each for each in whole if read[each]["iccid"] == device]
        assert await ids(account, fromDate=since, msgType="MO") == [
            each for each in whole if read[each]["msgType"] == "MO"
        ]
        assert set(by_device) <= set(await ids(account, fromDate=since, accountId="100020621"))
        assert sent not in await ids(account, fromDate=since, toDate="2026-11-20T10:00:00Z")


async def test_a_search_needs_a_proper_start():
    """fromDate is required and not in the future; an unknown device or kind is an error."""
    async with cisco() as account:
        since = "2026-11-01T00:00:00Z"
        assert await account.refusal("/smsMessages") == (400, "10000003")
        assert await account.refusal("/smsMessages", fromDate="2026-12-01T00:00:00Z") == (400, "10002119")
        assert (await account.refusal("/smsMessages", fromDate=since, msgType="X"))[0] == 400
        assert (await account.refusal("/smsMessages", fromDate=since, iccid="1")) == (404, "20000001")
        assert (await account.refusal("/smsMessages", fromDate=since, pageSize=51))[0] == 400


@pytest.mark.parametrize("number", ["0", "1", "x", "-5", "9000000000999", "99999999999999999999"])
async def test_an_unknown_message_is_not_found(number):
    """Whatever the id looks like."""
    async with cisco() as account:
        assert await account.refusal(f"/smsMessages/{number}") == (404, "20000002")
