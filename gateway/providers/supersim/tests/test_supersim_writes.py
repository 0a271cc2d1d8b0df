"""How something is changed at Super SIM: the forms as they arrive, what is pending, what is known to follow."""

from collections.abc import Mapping

import pytest

from gateway.changes import (
    AddProfileNetwork,
    CreateFleet,
    CreateNetworkAccessProfile,
    OrderEsimProfile,
    RegisterSim,
    RemoveProfileNetwork,
    SendIpCommand,
    SendSmsCommand,
    UpdateFleet,
    UpdateNetworkAccessProfile,
    UpdateSim,
    Write,
)
from gateway.page import PageRequest
from gateway.providers.supersim.provider import SuperSim
from gateway.providers.supersim.tests.conftest import BOTH, TWILIO, a_sim, desk, form_of, ordered, told
from gateway.where import FleetWhere, NetworkWhere, Where
from schema.command import CommandStatus, PayloadEncoding
from schema.errors import NotFound
from schema.status import SimStatus, SimTarget

HOOK = "https://hooks.example.com/x?a=1&b=2"
MB = 1_000_000


# --- forms as they arrive --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BOTH)
async def test_a_sim_is_registered_by_its_code(name: str) -> None:
    """ICCID and code arrive as they are printed; the SIM is new and the account's."""
    async with desk(name) as asked:
        assert asked.simulator.spare_card is not None
        iccid, code = asked.simulator.spare_card()

        done = await ordered(asked, RegisterSim(iccid=iccid, registration_code=code))

        assert form_of(asked) == ("POST", "/v1/Sims", {"Iccid": [iccid], "RegistrationCode": [code]})
        assert done.thing is not None
        assert (done.thing.iccid, done.thing.status, done.is_pending) == (iccid, SimStatus.INVENTORY, False)


async def test_a_sim_is_changed_in_one_form() -> None:
    """Every field that is given is in the form, under their names, and no other."""
    async with desk() as asked:
        sim = await a_sim(asked)
        fleet = (await asked.provider.list_fleets(FleetWhere(), PageRequest(2))).items[1].native_id
        write = UpdateSim(
            sim_id=sim.native_id,
            name="boiler 7/ä",
            status=SimTarget.SUSPENDED,
            fleet_id=fleet,
            callback_url=HOOK,
            callback_method="GET",
        )

        done = await ordered(asked, write)

        method, path, form = form_of(asked)
        assert (method, path) == ("POST", f"/v1/Sims/{sim.native_id}")
        assert form == {
            "UniqueName": ["boiler 7/ä"],
            "Status": ["inactive"],
            "Fleet": [fleet],
            "CallbackUrl": [HOOK],
            "CallbackMethod": ["GET"],
        }
        assert done.thing is not None
        assert done.thing.name == "boiler 7/ä"


@pytest.mark.parametrize(
    ("write", "form"),
    [
        (CreateFleet(network_access_profile_id="europe"), {"NetworkAccessProfile": ["europe"]}),
        (
            CreateFleet(
                network_access_profile_id="europe",
                name="night",
                data_enabled=False,
                data_limit=7 * MB,
                sms_commands_enabled=True,
                sms_commands_url=HOOK,
                sms_commands_method="POST",
                ip_commands_url=HOOK,
                ip_commands_method="GET",
            ),
            {
                "NetworkAccessProfile": ["europe"],
                "UniqueName": ["night"],
                "DataEnabled": ["false"],
                "DataLimit": ["7"],
                "SmsCommandsEnabled": ["true"],
                "SmsCommandsUrl": [HOOK],
                "SmsCommandsMethod": ["POST"],
                "IpCommandsUrl": [HOOK],
                "IpCommandsMethod": ["GET"],
            },
        ),
        (
            UpdateFleet(fleet_id="vehicles", name=None, sms_commands_url=None, data_limit=2_000_000 * MB),
            {"UniqueName": [""], "SmsCommandsUrl": [""], "DataLimit": ["2000000"]},
        ),
        (UpdateFleet(fleet_id="retail", network_access_profile_id="europe"), {"NetworkAccessProfile": ["europe"]}),
        (CreateNetworkAccessProfile(), {}),
        (UpdateNetworkAccessProfile(profile_id="europe", name=None), {"UniqueName": [""]}),
        (OrderEsimProfile(generate_matching_id=True), {"GenerateMatchingId": ["true"]}),
        (
            OrderEsimProfile(eid="8" * 32, callback_url=HOOK, callback_method="POST"),
            {"Eid": ["8" * 32], "CallbackUrl": [HOOK], "CallbackMethod": ["POST"]},
        ),
    ],
)
async def test_a_form_has_what_is_given(write: Write, form: Mapping[str, list[str]]) -> None:
    """What is left alone is left out, what is cleared is empty, sizes are in MB."""
    async with desk() as asked:
        await ordered(asked, write)

        assert form_of(asked)[2] == form


async def test_a_profile_is_made_with_its_networks() -> None:
    """A list is its key repeated, in order, and the profile then allows these."""
    async with desk() as asked:
        networks = (await asked.provider.list_networks(NetworkWhere(), PageRequest(3))).items
        ids = tuple(each.native_id for each in networks)

        done = await ordered(asked, CreateNetworkAccessProfile(name="three", network_ids=ids))

        assert form_of(asked)[2] == {"UniqueName": ["three"], "Networks": list(ids)}
        assert done.thing is not None
        where = NetworkWhere(profile_id=done.thing.native_id)
        allowed = await asked.provider.list_profile_networks(where, PageRequest(10))
        assert [each.native_id for each in allowed.items] == list(ids)


@pytest.mark.parametrize("name", BOTH)
async def test_a_network_goes_and_comes(name: str) -> None:
    """Removing is a DELETE without a form, adding a POST; neither answers with the profile."""
    async with desk(name) as asked:
        profile = (await asked.provider.list_network_access_profiles(Where(), PageRequest(1))).items[0].native_id
        where = NetworkWhere(profile_id=profile)
        network = (await asked.provider.list_profile_networks(where, PageRequest(1))).items[0].native_id
        path = f"/v1/NetworkAccessProfiles/{profile}/Networks"

        removed = await ordered(asked, RemoveProfileNetwork(profile_id=profile, network_id=network))
        assert form_of(asked) == ("DELETE", f"{path}/{network}", {})
        added = await ordered(asked, AddProfileNetwork(profile_id=profile, network_id=network))
        assert form_of(asked) == ("POST", path, {"Network": [network]})

        assert (removed.thing, removed.is_pending, added.thing, added.is_pending) == (None, False, None, False)


async def test_a_text_is_sent() -> None:
    """The text arrives as it is, and the command is queued, not pending: its own status tells how far it is."""
    async with desk() as asked:
        sim = await a_sim(asked)
        write = SendSmsCommand(sim_id=sim.native_id, payload="a=1&b=+ü", callback_url=HOOK, callback_method="GET")

        done = await ordered(asked, write)

        form = {"Sim": [sim.native_id], "Payload": ["a=1&b=+ü"], "CallbackUrl": [HOOK], "CallbackMethod": ["GET"]}
        assert form_of(asked) == ("POST", "/v1/SmsCommands", form)
        assert done.thing is not None
        assert (done.thing.status, done.is_pending) == (CommandStatus.QUEUED, False)
        assert (done.thing.payload, done.thing.payload_encoding) == ("a=1&b=+ü", PayloadEncoding.TEXT)


@pytest.mark.parametrize(
    ("payload", "encoding", "word"),
    [("aGk+/w==", PayloadEncoding.BINARY, "binary"), ("temp=21", PayloadEncoding.TEXT, "text")],
)
async def test_a_datagram_is_sent(payload: str, encoding: PayloadEncoding, word: str) -> None:
    """Bytes go as base64 under `binary`, text as it is; the port goes with them, and both come back."""
    async with desk() as asked:
        sim = await a_sim(asked)
        write = SendIpCommand(sim_id=sim.native_id, payload=payload, port=65535, encoding=encoding)

        done = await ordered(asked, write)

        form = {"Sim": [sim.native_id], "Payload": [payload], "PayloadType": [word], "DevicePort": ["65535"]}
        assert form_of(asked) == ("POST", "/v1/IpCommands", form)
        assert done.thing is not None
        told_back = (done.thing.payload, done.thing.payload_encoding, done.thing.device_port)
        assert told_back == (payload, encoding, 65535)


# --- the life of a SIM -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "word"),
    [(SimTarget.READY, "ready"), (SimTarget.ACTIVE, "active"), (SimTarget.SUSPENDED, "inactive")],
)
async def test_a_target_is_said_in_their_word(target: SimTarget, word: str) -> None:
    """Our word and theirs come to the same request."""
    async with desk() as asked:
        for write in (UpdateSim(sim_id="pump", status=target), UpdateSim(sim_id="pump", native_status=word)):
            with pytest.raises(NotFound):
                await ordered(asked, write)
            assert form_of(asked)[2] == {"Status": [word]}


async def test_a_status_is_pending_until_it_is_reached() -> None:
    """202 and `scheduled`: the write is under way, and a later look shows its end."""
    async with desk() as asked:
        sim = await a_sim(asked)

        done = await ordered(asked, UpdateSim(sim_id=sim.native_id, status=SimTarget.SUSPENDED))
        assert done.is_pending
        assert done.thing is not None
        assert (done.thing.status, done.thing.native_status) == (SimStatus.PENDING, "scheduled")

        asked.later(seconds=4)
        later = await asked.provider.load_sim(sim.native_id)
        assert later is not None
        assert later.status is SimStatus.SUSPENDED


async def test_scheduled_is_pending_whatever_the_code() -> None:
    """A 200 whose SIM is `scheduled` is under way all the same."""
    async with told(b'{"sid": "HS1", "status": "scheduled"}') as provider:
        done = await provider.update_sim(UpdateSim(sim_id="HS1", name="x"))

    assert done.is_pending


@pytest.mark.parametrize("code", ["200", "202"])
async def test_a_fleet_change_may_take_its_time(code: str) -> None:
    """At once with 200 as in the examples, or `scheduled` with 202 as in the changelog: in the end it is another."""
    async with desk(fleet_change=code) as asked:
        sim = await a_sim(asked)
        fleets = (await asked.provider.list_fleets(FleetWhere(), PageRequest(10))).items
        fleet = next(each.native_id for each in fleets if each.native_id != sim.fleet_id)

        done = await ordered(asked, UpdateSim(sim_id=sim.native_id, fleet_id=fleet))
        asked.later(seconds=4)
        later = await asked.provider.load_sim(sim.native_id)

        assert done.is_pending is (code == "202")
        assert later is not None
        assert (later.fleet_id, later.status) == (fleet, SimStatus.ACTIVE)


def test_what_follows_is_told() -> None:
    """That a SIM is charged, and that there is no way back, is known beforehand."""
    provider = SuperSim.__new__(SuperSim)  # nothing is asked

    active = provider.consequence("update_sim", UpdateSim(sim_id="HS1", status=SimTarget.ACTIVE))
    ready = provider.consequence("update_sim", UpdateSim(sim_id="HS1", native_status="ready"))
    renamed = provider.consequence("update_sim", UpdateSim(sim_id="HS1", name="x"))
    bought = provider.consequence("register_sim", RegisterSim(iccid="89", registration_code="1"))

    assert active is not None
    assert "charged from then on" in active
    assert ready is not None
    assert "by itself" in ready
    assert renamed is None
    assert bought is not None
    assert "no way to give it back" in bought


@pytest.mark.parametrize("name", BOTH)
async def test_the_call_has_their_name(name: str) -> None:
    """Twilio names each call, for its support; KORE names none."""
    async with desk(name) as asked:
        done = await ordered(asked, UpdateFleet(fleet_id="retail", name="shops"))

    assert (done.request_id or "").startswith("RQ") is (name == TWILIO)
