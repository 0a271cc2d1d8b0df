"""Super SIM: tokens, failures, and links that are not followed."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.types import Receive, Scope, Send

from gateway.page import PageRequest
from gateway.providers.supersim.tests.conftest import BOTH, KORE, TWILIO, desk, told
from gateway.simulation.serving import serving
from gateway.where import (
    CommandWhere,
    EsimProfileWhere,
    FleetWhere,
    NetworkWhere,
    OfSim,
    SettingsUpdateWhere,
    SimWhere,
    UsageWhere,
    Where,
)
from schema.command import CommandDirection, CommandStatus
from schema.errors import BadResponse, Denied, NotFound, RateLimited, Refused, Unavailable
from schema.lifecycle import EsimProfileStatus, SettingsUpdateStatus
from schema.status import SimStatus

SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)
SPAN = UsageWhere(SINCE, UNTIL)


async def test_trap_01_nothing_goes_to_the_host_of_a_foreign_link() -> None:
    """A next page on another host is a BadResponse that names the host; that host hears nothing, least of all a
    credential."""
    heard: list[object] = []

    async def stranger(scope: Scope, _receive: Receive, send: Send) -> None:
        heard.append((scope["path"], scope["headers"]))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async with serving(stranger) as elsewhere:
        link = f"{elsewhere}/v1/Sims?PageToken=x"
        answer = {"sims": [{"sid": "HS1"}], "meta": {"key": "sims", "next_page_url": link}}
        async with told(json.dumps(answer).encode()) as provider:
            page = await provider.list_sims(SimWhere(), PageRequest(10))

    assert [sim.native_id for sim in page.items] == ["HS1"]
    assert page.next is None
    assert isinstance(page.broken, BadResponse)
    assert elsewhere.removeprefix("http://") in page.broken.message
    assert "PageToken" not in page.broken.message
    assert heard == []


@pytest.mark.parametrize("name", BOTH)
async def test_trap_01_a_simulated_foreign_link_costs_one_call(name: str) -> None:
    """The rows of the page are good, the rest cannot be had, and nothing more is asked."""
    async with desk(name) as asked:
        asked.host.fault(name, "foreign-link", path="/v1/")
        page = await asked.provider.list_sims(SimWhere(), PageRequest(10))

        assert (len(page.items), page.next) == (10, None)
        assert isinstance(page.broken, BadResponse)
        assert asked.paths() == ["/v1/Sims"]


@pytest.mark.parametrize(
    "link",
    [
        "https://supersim.twilio.com.evil.example/v1/Sims?PageToken=x",
        "//evil.example/v1/Sims?PageToken=x",
        "/v1/Fleets?PageToken=x",
        "ftp://127.0.0.1/v1/Sims?PageToken=x",
        "no link at all",
    ],
)
async def test_trap_01_odd_links_are_not_followed(link: str) -> None:
    """Another host that looks alike, another path, another scheme, no URL at all: each ends the list as broken."""
    answer = {"sims": [], "meta": {"key": "sims", "next_page_url": link}}
    async with told(json.dumps(answer).encode()) as provider:
        page = await provider.list_sims(SimWhere(), PageRequest(10))

    assert page.next is None
    assert isinstance(page.broken, BadResponse)


async def test_trap_12_wrong_credentials_of_kore_are_denied() -> None:
    """The token endpoint's own error shape is understood: its code, our words, no secret, and no call without a
    token."""
    async with desk(KORE, secret="wrong-s3cret") as asked:
        with pytest.raises(Denied) as raised:
            await asked.provider.load_sim("HS1")

        assert raised.value.native_code == "invalid_client"
        assert "s3cret" not in f"{raised.value!r} {raised.value.__cause__!r}"
        assert "Invalid client" not in raised.value.message
        assert asked.story() == [("token", 401)]


async def test_trap_12_an_expired_token_is_renewed_once() -> None:
    """A 403 in the gateway's own shape makes for one new token, and then the answer comes."""
    async with desk(KORE) as asked:
        await asked.provider.list_fleets(FleetWhere(), PageRequest(10))
        asked.later(seconds=3601)
        page = await asked.provider.list_fleets(FleetWhere(), PageRequest(10))

        assert page.items
        assert asked.story() == [("token", 200), ("Fleets", 200), ("Fleets", 403), ("token", 200), ("Fleets", 200)]


async def test_trap_12_a_token_that_never_works_is_not_renewed_forever() -> None:
    """When the fresh token is refused as well, that is the answer."""
    async with desk(KORE, token_life="0") as asked:
        with pytest.raises(Denied) as raised:
            await asked.provider.list_fleets(FleetWhere(), PageRequest(10))

        assert asked.story() == [("token", 200), ("Fleets", 403), ("token", 200), ("Fleets", 403)]
        assert "explicit deny" not in raised.value.message


async def test_trap_12_a_missing_right_is_not_an_expired_token() -> None:
    """A 403 in the ordinary shape, with a code, is final."""
    async with desk(KORE) as asked:
        asked.host.fault(KORE, "status", 403, path="/v1/")
        with pytest.raises(Denied) as raised:
            await asked.provider.list_fleets(FleetWhere(), PageRequest(10))

        assert raised.value.native_code == "20403"
        assert asked.story() == [("token", 200), ("Fleets", 403)]


@pytest.mark.parametrize(("passed", "tokens"), [(3500, 1), (3545, 2), (4000, 2)])
async def test_trap_12_a_token_is_renewed_before_it_ends(passed: float, tokens: int) -> None:
    """In the last minute of its hour a token is replaced before it can be refused; until then it is kept."""
    async with desk(KORE) as asked:
        await asked.provider.list_fleets(FleetWhere(), PageRequest(10))
        asked.later(seconds=passed, gateway=passed)
        await asked.provider.list_fleets(FleetWhere(), PageRequest(10))

        assert [status for _, status in asked.story()] == [200] * (2 + tokens)
        assert [name for name, _ in asked.story()].count("token") == tokens


async def test_trap_12_concurrent_calls_share_one_token() -> None:
    """Many calls at once ask for one token; so do many calls whose token has just ended."""
    async with desk(KORE) as asked:
        ids = [sim.native_id for sim in await asked.sims()][:12]
        asked.later(seconds=3600, gateway=3600)
        found = await asyncio.gather(*(asked.provider.load_sim(each) for each in ids))

        assert all(found)
        assert asked.story().count(("token", 200)) == 1
        assert len(asked.arrived()) == len(ids)


async def test_trap_12_concurrent_calls_refused_together_renew_once() -> None:
    """Calls that are all refused with the same token fetch one new token between them."""
    async with desk(KORE) as asked:
        ids = [sim.native_id for sim in await asked.sims()][:6]
        asked.later(seconds=3601)
        found = await asyncio.gather(*(asked.provider.load_sim(each) for each in ids))

        assert all(found)
        assert asked.story().count(("token", 200)) == 1


async def test_a_unique_name_is_one_segment_of_the_path() -> None:
    """An id is quoted whole: a slash in it cannot lead to another resource, and nothing found is None."""
    async with desk() as asked:
        assert await asked.provider.load_sim("../Fleets") is None
        assert await asked.provider.load_fleet("a/b c?d") is None
        assert [request.status for request in asked.arrived()] == [404, 404]


@pytest.mark.parametrize("shape", ["classic", "rfc9457"])
async def test_a_refusal_is_its_code_in_our_words(shape: str) -> None:
    """The provider's code is passed on, its sentence and its addresses are not, in either shape of error."""
    async with desk(errors=shape) as asked:
        with pytest.raises(Refused) as raised:
            await asked.provider.list_usage(replace(SPAN, network_id="HW0"), PageRequest(10))

        assert raised.value.native_code == "83600"
        assert "HW0" not in raised.value.message
        assert "://" not in raised.value.message


@pytest.mark.parametrize(
    ("status", "kind"), [(429, RateLimited), (503, Unavailable), (500, Unavailable), (401, Denied)]
)
async def test_each_failure_has_its_kind(status: int, kind: type[Exception]) -> None:
    """A full line, a broken provider and wrong credentials are told apart, and none is asked again here."""
    async with desk() as asked:
        asked.host.fault(TWILIO, "status", status)
        with pytest.raises(kind):
            await asked.provider.list_sms_commands(CommandWhere(), PageRequest(10))

        assert len(asked.arrived()) == 1


@pytest.mark.parametrize("odd", ["", ".", ".."])
async def test_an_id_of_dots_is_of_nothing(odd: str) -> None:
    """Such a path would lead to another resource: nothing is there, the lists below it are NotFound, without a call."""
    async with desk() as asked:
        provider = asked.provider
        found = [
            await provider.load_sim(odd),
            await provider.load_fleet(odd),
            await provider.load_network(odd),
            await provider.load_profile_network(odd, "HW1"),
            await provider.load_profile_network("HA1", odd),
        ]
        for lists in (provider.list_billing_periods, provider.list_ip_addresses):
            with pytest.raises(NotFound):
                await lists(OfSim(odd), PageRequest(10))
        with pytest.raises(NotFound):
            await provider.list_profile_networks(NetworkWhere(profile_id=odd), PageRequest(10))

        assert found == [None] * 5
        assert asked.arrived() == []


async def test_what_no_word_means_is_not_asked_for() -> None:
    """A status that no native word becomes is an empty list without a call; UNKNOWN is told from the rows."""
    never, odd = SimWhere(status=frozenset({SimStatus.DEACTIVATED})), frozenset({SimStatus.UNKNOWN})
    async with desk() as asked:
        page = await asked.provider.list_sims(never, PageRequest(10))
        assert (page.items, page.next, asked.arrived()) == ([], None, [])

        await asked.provider.list_sims(SimWhere(status=odd), PageRequest(10))
        assert asked.queries() == [{"PageSize": "10"}]


@pytest.mark.parametrize(
    ("operation", "where", "leaves"),
    [
        ("list_sims", SimWhere(status=frozenset({SimStatus.ACTIVE})), False),
        ("list_sims", SimWhere(status=frozenset({SimStatus.UNKNOWN})), True),
        ("list_sms_commands", CommandWhere(status=frozenset({CommandStatus.SENT})), False),
        ("list_sms_commands", CommandWhere(status=frozenset({CommandStatus.UNKNOWN})), True),
        ("list_ip_commands", CommandWhere(direction=CommandDirection.TO_SIM), False),
        ("list_ip_commands", CommandWhere(direction=CommandDirection.UNKNOWN), True),
        ("list_esim_profiles", EsimProfileWhere(status=frozenset({EsimProfileStatus.NEW})), False),
        ("list_esim_profiles", EsimProfileWhere(status=frozenset({EsimProfileStatus.UNKNOWN})), True),
        ("list_settings_updates", SettingsUpdateWhere(status=frozenset({SettingsUpdateStatus.FAILED})), False),
        ("list_settings_updates", SettingsUpdateWhere(status=frozenset({SettingsUpdateStatus.UNKNOWN})), True),
    ],
)
async def test_what_has_no_word_is_filtered_here(operation: str, where: Where, leaves: bool) -> None:
    """A single value without a word of its own makes for larger pages, as several values do."""
    async with desk() as asked:
        assert asked.provider.leaves_some(operation, where) is leaves


async def test_a_usage_row_that_cannot_be_read_spoils_the_page() -> None:
    """A sum without one of its rows would be a wrong number."""
    rows = [{"sim_sid": "HS1", "data_total": 1}, {"sim_sid": "HS2", "data_total": "a lot"}]
    async with told(json.dumps({"usage_records": rows}).encode()) as provider:
        with pytest.raises(BadResponse):
            await provider.list_usage(SPAN, PageRequest(10))


async def test_a_sim_without_an_id_is_left_out() -> None:
    """The other rows of the page come, and the page says that it has not all."""
    async with told(json.dumps({"sims": [{"sid": None}, {"sid": "HS2"}]}).encode()) as provider:
        page = await provider.list_sims(SimWhere(), PageRequest(10))

    assert ([sim.native_id for sim in page.items], page.is_partial) == (["HS2"], True)


async def test_a_row_that_does_not_name_its_sim() -> None:
    """Below a SIM it is that SIM's; an update in the account's list is nobody's, and its id the provider's own."""
    row = {"sid": "X1", "sim_sid": None}
    async with told(json.dumps({"billing_periods": [row], "settings_updates": [row]}).encode()) as provider:
        [period] = (await provider.list_billing_periods(OfSim("HS1"), PageRequest(10))).items
        [of_sim] = (await provider.list_settings_updates(SettingsUpdateWhere(sim_id="HS1"), PageRequest(10))).items
        [of_all] = (await provider.list_settings_updates(SettingsUpdateWhere(), PageRequest(10))).items

    assert (period.native_id, period.sim_id) == ("HS1/X1", "HS1")
    assert (of_sim.native_id, of_sim.sim_id) == ("HS1/X1", "HS1")
    assert (of_all.native_id, of_all.sim_id) == ("X1", None)
