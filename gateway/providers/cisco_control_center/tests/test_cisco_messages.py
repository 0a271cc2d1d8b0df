"""Cisco IoT Control Center: text messages, each a call of its own."""

from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.page import PageRequest
from gateway.providers.cisco_control_center import read
from gateway.providers.cisco_control_center.tests.conftest import START, desk
from gateway.providers.cisco_control_center.wire import WireMessage
from gateway.where import CommandWhere
from schema.command import CommandDirection, CommandStatus, PayloadEncoding
from tests.answers import wire


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Received", CommandStatus.RECEIVED),
        ("Pending", CommandStatus.QUEUED),
        ("Delivered", CommandStatus.DELIVERED),
        ("Cancelled", CommandStatus.FAILED),
        ("CancelFailed", CommandStatus.UNKNOWN),
        ("Unknown", CommandStatus.UNKNOWN),
    ],
)
def test_a_message_keeps_its_word(word: str, status: CommandStatus) -> None:
    """Cisco's words map to ours, the word itself beside it; a message that names no SIM is that of the search."""
    command = read.sms_command(wire(WireMessage, smsMsgId=7, status=word, msgType="MT", messageText="hi"), "8901")

    assert (command.native_id, command.sim_id, command.direction) == ("7", "8901", CommandDirection.TO_SIM)
    assert (command.status, command.native_status) == (status, word)
    assert (command.payload, command.payload_encoding) == ("hi", PayloadEncoding.TEXT)


async def test_messages_are_a_search_and_a_call_each() -> None:
    """Ids first, from 30 days back, then every message by itself; the walk goes on from the same start."""
    async with desk() as asked:
        first = await asked.provider.list_sms_commands(CommandWhere(), PageRequest(4))
        asked.now += timedelta(minutes=5)
        second = await asked.provider.list_sms_commands(CommandWhere(), PageRequest(4, first.next))

        assert (len(first.items), len(second.items)) == (4, 4)
        ids = [f"smsMessages/{each.native_id}" for each in [*first.items, *second.items]]
        assert asked.paths() == ["smsMessages", *ids[:4], "smsMessages", *ids[4:]]
        searches = [asked.queries()[0], asked.queries()[5]]
        since = "2026-10-21T11:00:00+00:00"
        assert searches == [{"fromDate": since, "pageSize": "4", "pageNumber": number} for number in "12"]
        assert "%2B00" in asked.arrived()[0].query
        assert all(each.created_at and each.created_at > START - timedelta(days=30) for each in first.items)
        assert await asked.provider.load_sms_command(first.items[0].native_id) == first.items[0]


async def test_messages_of_one_sim_one_way() -> None:
    """SIM and direction are the provider's own filters."""
    async with desk() as asked:
        [some, *_] = (await asked.provider.list_sms_commands(CommandWhere(), PageRequest(5))).items
        asked.host.clear()
        for direction, word in ((CommandDirection.TO_SIM, "MT"), (CommandDirection.FROM_SIM, "MO")):
            where = CommandWhere(sim_id=some.sim_id, direction=direction)
            page = await asked.provider.list_sms_commands(where, PageRequest(10))
            assert all(where.matches(each) for each in page.items)
            search = next(each for each in reversed(asked.queries()) if "fromDate" in each)
            assert (search["iccid"], search["msgType"]) == (some.sim_id, word)


async def test_a_message_that_names_no_sim_is_the_searched_sims() -> None:
    """Cisco's published list of fields has no ICCID in a message: searched by SIM it is known, else it is not."""

    async def search(_: Request) -> JSONResponse:
        return JSONResponse({"smsMsgIds": ["77"], "lastPage": True})

    async def details(_: Request) -> JSONResponse:
        return JSONResponse({"smsMsgId": "77", "status": "Delivered", "msgType": "MT"})

    base = "/rws/api/v1/smsMessages"
    async with desk(app=Starlette(routes=[Route(base, search), Route(f"{base}/77", details)])) as asked:
        of_one = await asked.provider.list_sms_commands(CommandWhere(sim_id="8988216716970004975"), PageRequest(5))
        of_all = await asked.provider.list_sms_commands(CommandWhere(), PageRequest(5))

        assert [each.sim_id for each in of_one.items] == ["8988216716970004975"]
        assert [each.sim_id for each in of_all.items] == [None]


@pytest.mark.parametrize(("calls", "most"), [(1, 2), (5, 10), (1000, 10)])
async def test_a_page_of_messages_fits_the_accounts_pace(calls: int, most: int) -> None:
    """At one call a second a page of ten would never be answered in time: then pages are smaller."""
    async with desk(calls=calls) as asked:
        assert asked.provider.most_rows("list_sms_commands") == most
        assert asked.provider.most_rows("list_sims") == 50
