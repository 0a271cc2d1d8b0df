"""Programmable Wireless at Twilio and at KORE: what is asked, and what comes of it."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from gateway.page import Page, PageRequest
from gateway.providers.wireless.provider import Wireless
from gateway.providers.wireless.tests.conftest import BOTH, FIXTURES, KORE, TWILIO, desk, told
from gateway.where import CommandWhere, SessionWhere, SimWhere, UsageWhere, Where
from schema.command import CommandDirection, CommandStatus
from schema.errors import BadResponse, Denied, NotFound, RateLimited, Refused, Unavailable, Unsupported
from schema.session import DataSession
from schema.sim import Sim
from schema.status import SimStatus
from tests.desk import START, Desk


async def sessions_of_all(asked: Desk[Wireless]) -> list[DataSession]:
    sims = await asked.sims()
    pages = await asyncio.gather(
        *(asked.provider.list_sessions(SessionWhere(sim.native_id), PageRequest(1000)) for sim in sims)
    )
    return [session for page in pages for session in page.items]


@pytest.mark.parametrize("name", BOTH)
async def test_trap_01_pages_are_followed_by_their_token(name: str) -> None:
    """Every SIM comes exactly once; the second page is asked for by PageToken, and a token of ours is no URL."""
    async with desk(name, sims=25, page_trap="error") as asked:
        rows: list[Sim] = []
        request = PageRequest(10)
        while True:
            page: Page[Sim] = await asked.provider.list_sims(SimWhere(), request)
            rows += page.items
            if page.next is None:
                break
            assert "://" not in page.next
            request = PageRequest(10, page.next)

        assert len({sim.native_id for sim in rows}) == len(rows) == 25
        assert asked.paths() == ["/v1/Sims"] * 3
        assert ["PageToken" in query for query in asked.queries()] == [False, True, True]
        assert {query["PageSize"] for query in asked.queries()} == {"10"}


async def test_trap_01_a_filter_is_not_repeated_with_the_token() -> None:
    """The second page is asked with each parameter once, the filter still in it."""
    async with desk(sims=60) as asked:
        where = SimWhere(status=frozenset({SimStatus.ACTIVE}))
        first = await asked.provider.list_sims(where, PageRequest(5))
        second = await asked.provider.list_sims(where, PageRequest(5, first.next))

        assert [query["Status"] for query in asked.queries()] == ["active", "active"]
        assert all(sim.status is SimStatus.ACTIVE for sim in first.items + second.items)
        assert not {sim.native_id for sim in first.items} & {sim.native_id for sim in second.items}


@pytest.mark.parametrize("name", BOTH)
async def test_a_link_to_another_host_is_not_followed(name: str) -> None:
    """The rows of the page are good; the rest is a BadResponse, and nothing is asked elsewhere."""
    async with desk(name) as asked:
        asked.host.fault(name, "foreign-link", path="/v1/")
        page = await asked.provider.list_sims(SimWhere(), PageRequest(10))

        assert (len(page.items), page.next) == (10, None)
        assert isinstance(page.broken, BadResponse)
        assert len(asked.arrived()) == 1


@pytest.mark.parametrize("name", BOTH)
async def test_trap_02_sessions_have_packets_and_no_bytes(name: str) -> None:
    """Packet counters are told, at KORE not always; bytes of a session never."""
    async with desk(name) as asked:
        found = await sessions_of_all(asked)

        assert any(session.packets_up for session in found)
        assert any(session.packets_up is None for session in found) == (name == KORE)
        assert {session.bytes_total for session in found} == {None}
        assert {session.active for session in found} == {True, False}
        assert all(session.active == (session.ended_at is None) for session in found)
        assert all(request.query == "PageSize=1000" for request in asked.arrived())


async def test_kore_may_leave_packets_out() -> None:
    """Counters that are absent are null, not zero."""
    async with desk(KORE, packets="absent") as asked:
        found = await sessions_of_all(asked)

        assert found
        assert {(session.packets_up, session.packets_down) for session in found} == {(None, None)}


async def test_sessions_are_named_by_sim_and_session() -> None:
    """A session's id is `sim/session`, and its list is one path below its SIM."""
    async with desk() as asked:
        sim = next(sim for sim in await asked.sims() if sim.status is SimStatus.ACTIVE)
        page = await asked.provider.list_sessions(SessionWhere(sim.native_id, since=START), PageRequest(5))

        assert page.items
        assert asked.paths() == [f"/v1/Sims/{sim.native_id}/DataSessions"]
        assert all(session.native_id.startswith(f"{sim.native_id}/WN") for session in page.items)
        assert all(session.sim_id == sim.native_id for session in page.items)


async def test_trap_06_a_change_is_pending_until_it_is_done() -> None:
    """200 does not mean done: the SIM is PENDING with the native word, then what was asked for."""
    async with desk() as asked:
        sim = next(sim for sim in await asked.sims() if sim.status is SimStatus.ACTIVE)
        await asked.change(f"v1/Sims/{sim.native_id}", Status="suspended")
        running = await asked.provider.load_sim(sim.native_id)
        asked.later(seconds=10)
        done = await asked.provider.load_sim(sim.native_id)

        assert running is not None
        assert running.status is SimStatus.PENDING
        assert running.native_status in ("scheduled", "updating")
        assert running.allowed_transitions == []
        assert done is not None
        assert (done.status, done.native_status) == (SimStatus.SUSPENDED, "suspended")


async def test_the_published_page_of_kore_is_read() -> None:
    """Its key is the word text and its links lead to example.com: the rows are read, the link is not followed."""
    async with told((FIXTURES / "kore_data_sessions.json").read_bytes()) as provider:
        page = await provider.list_sessions(SessionWhere("DE1"), PageRequest(10))

    assert [session.native_id for session in page.items] == ["text/text"]
    assert page.next is None
    assert isinstance(page.broken, BadResponse)
    assert "example.com" in page.broken.message


@pytest.mark.parametrize("name", BOTH)
async def test_trap_09_names_and_places_that_are_none(name: str) -> None:
    """No empty string comes out of a list; some sessions have no place, the others a true one."""
    async with desk(name) as asked:
        sims, found = await asked.sims(), await sessions_of_all(asked)

        for item in [*sims, *found]:
            assert "" not in [value for value in vars(item).values() if isinstance(value, str)]
        places = [session.cell_location for session in found]
        assert None in places
        assert all(place is None or (place.latitude, place.longitude) != (0, 0) for place in places)


async def test_trap_10_countries_have_two_letters_and_codes_their_zeros() -> None:
    """The provider's three letters are two here; an MNC with a leading zero keeps it."""
    async with desk(sims=120) as asked:
        networks = [session.network for session in await sessions_of_all(asked)]

        known = [network for network in networks if network is not None]
        assert all(network.country and len(network.country) == 2 for network in known)
        assert any(network.mnc and network.mnc.startswith("0") for network in known)


async def test_trap_11_deactivated_is_not_suspended() -> None:
    """Both words are told apart, and `deleted` of KORE is TERMINATED as `canceled` is."""
    async with desk(KORE, sims=200) as asked:
        found = {(sim.native_status, sim.status) for sim in await asked.sims()}

        assert found >= {
            ("suspended", SimStatus.SUSPENDED),
            ("deactivated", SimStatus.DEACTIVATED),
            ("canceled", SimStatus.TERMINATED),
            ("deleted", SimStatus.TERMINATED),
        }


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ({SimStatus.SUSPENDED}, "suspended"),
        ({SimStatus.DEACTIVATED}, "deactivated"),
        ({SimStatus.INVENTORY}, "new"),
        ({SimStatus.TERMINATED}, None),
        ({SimStatus.PENDING}, None),
        ({SimStatus.ACTIVE, SimStatus.READY}, None),
    ],
)
async def test_a_status_with_one_word_is_asked_for(status: set[SimStatus], word: str | None) -> None:
    """Where two words mean a status, or two statuses are wanted, none is said: the rows tell."""
    async with desk() as asked:
        where = SimWhere(status=frozenset(status))
        page = await asked.provider.list_sims(where, PageRequest(100))

        assert [query.get("Status") for query in asked.queries()] == [word]
        assert any(where.matches(sim) for sim in page.items) == (status != {SimStatus.PENDING})


async def test_sims_of_a_rate_plan_and_of_a_fleet() -> None:
    """A rate plan is asked for by its id; there are no fleets, which is said before any call."""
    async with desk() as asked:
        plans = (await asked.provider.list_rate_plans(Where(), PageRequest(1000))).items
        page = await asked.provider.list_sims(SimWhere(rate_plan_id=plans[0].native_id), PageRequest(100))
        with pytest.raises(Unsupported):
            await asked.provider.list_sims(SimWhere(fleet_id="HF1"), PageRequest(100))

        assert page.items
        assert {sim.rate_plan_id for sim in page.items} == {plans[0].native_id}
        assert asked.paths() == ["/v1/RatePlans", "/v1/Sims"]
        assert asked.queries()[1] == {"RatePlan": plans[0].native_id, "PageSize": "100"}


@pytest.mark.parametrize("name", BOTH)
async def test_things_by_id(name: str) -> None:
    """A SIM, a plan and a command are each one call by id and equal their row in the list; another id is None."""
    async with desk(name) as asked:
        provider = asked.provider
        sim = next(sim for sim in await asked.sims() if sim.rate_plan_id)
        [plan, *_] = (await provider.list_rate_plans(Where(), PageRequest(10))).items
        [command, *_] = (await provider.list_sms_commands(CommandWhere(), PageRequest(10))).items
        asked.host.clear()

        again: list[Any] = [
            await provider.load_sim(sim.native_id),
            await provider.load_rate_plan(plan.native_id),
            await provider.load_sms_command(command.native_id),
        ]
        missing: list[Any] = [
            await provider.load_sim("DE/../x"),
            await provider.load_rate_plan("WP0"),
            await provider.load_sms_command("DC0"),
        ]

        assert again == [sim, plan, command]
        assert missing == [None, None, None]
        assert asked.paths()[:3] == [
            f"/v1/Sims/{sim.native_id}",
            f"/v1/RatePlans/{plan.native_id}",
            f"/v1/Commands/{command.native_id}",
        ]
        assert len(asked.paths()) == 6


@pytest.mark.parametrize("name", BOTH)
async def test_a_sim_by_its_iccid_is_one_call(name: str) -> None:
    """The digits are handed on; digits of no SIM are None."""
    async with desk(name) as asked:
        sim = (await asked.sims())[3]
        found = await asked.provider.find_sim_by_iccid(sim.iccid or "")
        nobody = await asked.provider.find_sim_by_iccid("8900000000000000000")

        assert found == sim
        assert nobody is None
        assert [query["Iccid"] for query in asked.queries()] == [sim.iccid, "8900000000000000000"]


async def test_commands_are_narrowed_by_the_provider() -> None:
    """SIM, status and direction are said; both transports are in the one list."""
    async with desk() as asked:
        everything = (await asked.provider.list_sms_commands(CommandWhere(), PageRequest(1000))).items
        one = next(command for command in everything if command.direction is CommandDirection.TO_SIM)
        where = CommandWhere(one.sim_id, frozenset({one.status}), CommandDirection.TO_SIM)
        page = await asked.provider.list_sms_commands(where, PageRequest(50))

        assert {command.transport for command in everything} <= {"sms", "ip"}
        assert {command.status for command in everything} >= {CommandStatus.DELIVERED, CommandStatus.RECEIVED}
        assert one in page.items
        assert all(where.matches(command) for command in page.items)
        assert asked.queries()[1] == {
            "Sim": one.sim_id,
            "Status": one.native_status,
            "Direction": "to_sim",
            "PageSize": "50",
        }


async def test_a_list_below_no_sim_is_not_found() -> None:
    """Sessions of a SIM that does not exist are an error, not an empty list."""
    async with desk() as asked:
        with pytest.raises(NotFound) as raised:
            await asked.provider.list_sessions(SessionWhere("DE0"), PageRequest(10))

        assert raised.value.native_code == "20404"


@pytest.mark.parametrize("shape", ["classic", "rfc9457"])
async def test_a_refusal_is_its_code_in_our_words(shape: str) -> None:
    """The provider's code is passed on, its sentence and its addresses are not, in either shape of error."""
    async with desk(errors=shape) as asked:
        with pytest.raises(Refused) as raised:
            await asked.provider.list_sims(SimWhere(), PageRequest(5000))

        assert raised.value.native_code == "33103"
        assert "PageSize" not in raised.value.message
        assert "http" not in raised.value.message.replace("HTTP", "")


@pytest.mark.parametrize(
    ("status", "kind"), [(429, RateLimited), (503, Unavailable), (500, Unavailable), (403, Denied)]
)
async def test_each_failure_has_its_kind(status: int, kind: type[Exception]) -> None:
    """A full line, a broken provider and a missing right are told apart."""
    async with desk() as asked:
        asked.host.fault(TWILIO, "status", status)
        with pytest.raises(kind):
            await asked.provider.load_sim("DE1")

        assert len(asked.arrived()) == 1


async def test_trap_12_an_expired_token_of_kore_is_renewed_once() -> None:
    """The simulator's clock ends the token early: its 403 makes for one new token, and the answer comes."""
    async with desk(KORE) as asked:
        await asked.provider.list_rate_plans(Where(), PageRequest(10))
        asked.later(seconds=3601)
        page = await asked.provider.list_rate_plans(Where(), PageRequest(10))

        log = [(request.path.rsplit("/", 1)[1], request.status) for request in asked.host.requests(KORE)]
        assert page.items
        assert log == [("token", 200), ("RatePlans", 200), ("RatePlans", 403), ("token", 200), ("RatePlans", 200)]


def test_credentials_are_not_shown() -> None:
    """Neither platform's settings print a secret, and each platform says where its provider is."""
    from gateway.protocols.twilio_doors import KoreSettings, TwilioSettings
    from gateway.providers.wireless import PLATFORMS
    from gateway.secret import Secret

    shown = repr(TwilioSettings(name="a", provider=TWILIO, account_sid="AC1", auth_token=Secret("s3cret")))
    shown += repr(KoreSettings(name="b", provider=KORE, client_id="c", client_secret=Secret("s3cret")))

    assert "s3cret" not in shown
    assert {platform.name: platform.base_url for platform in PLATFORMS} == {
        TWILIO: "https://wireless.twilio.com",
        KORE: "https://programmable-wireless.api.korewireless.com",
    }


@pytest.mark.parametrize("odd", ["", ".", ".."])
async def test_an_id_of_dots_is_of_nothing(odd: str) -> None:
    """The usage of the SIM ".." is not the account's: nothing is there, lists below it are NotFound, without a call."""
    async with desk() as asked:
        found: list[Any] = [await asked.provider.load_sim(odd), await asked.provider.load_sms_command(odd)]
        with pytest.raises(NotFound):
            await asked.provider.list_usage(UsageWhere(START, START + timedelta(1), sim_id=odd), PageRequest(10))
        with pytest.raises(NotFound):
            await asked.provider.list_sessions(SessionWhere(odd), PageRequest(10))

        assert found == [None, None]
        assert asked.arrived() == []


@pytest.mark.parametrize(
    ("operation", "where", "leaves"),
    [
        ("list_sims", SimWhere(status=frozenset({SimStatus.ACTIVE})), False),
        ("list_sims", SimWhere(status=frozenset({SimStatus.TERMINATED})), True),
        ("list_sims", SimWhere(status=frozenset({SimStatus.UNKNOWN})), True),
        ("list_sms_commands", CommandWhere(direction=CommandDirection.FROM_SIM), False),
        ("list_sms_commands", CommandWhere(direction=CommandDirection.UNKNOWN), True),
        ("list_sms_commands", CommandWhere(status=frozenset({CommandStatus.UNKNOWN})), True),
    ],
)
async def test_what_has_no_word_is_filtered_here(operation: str, where: Where, leaves: bool) -> None:
    """A single value that several words mean, or none, makes for larger pages, as several values do."""
    async with desk() as asked:
        assert asked.provider.leaves_some(operation, where) is leaves


async def test_a_usage_row_that_cannot_be_read_spoils_the_page() -> None:
    """A sum without one of its rows would be a wrong number; a SIM that cannot be read is left out."""
    bodies = {"usage_records": [{"data": {"total": 1}}, {"data": 7}], "sims": [{"sid": None}, {"sid": "DE2"}]}
    async with told(json.dumps(bodies).encode()) as provider:
        page = await provider.list_sims(SimWhere(), PageRequest(10))
        with pytest.raises(BadResponse):
            await provider.list_usage(UsageWhere(START, START + timedelta(1)), PageRequest(10))

    assert ([sim.native_id for sim in page.items], page.is_partial) == (["DE2"], True)
