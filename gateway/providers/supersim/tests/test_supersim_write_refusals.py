"""What Super SIM is not told, and what it refuses: in our words, once, and known not to have happened."""

import pytest

from gateway.changes import (
    AddProfileNetwork,
    CreateFleet,
    OrderEsimProfile,
    RegisterSim,
    RemoveProfileNetwork,
    SendIpCommand,
    SendSmsCommand,
    UpdateFleet,
    UpdateNetworkAccessProfile,
    UpdateSim,
    Write,
    operation_of,
)
from gateway.providers.supersim.tests.conftest import BOTH, KORE, a_sim, desk, form_of, ordered, told
from schema.command import CommandStatus, PayloadEncoding
from schema.errors import BadResponse, Invalid, NotFound, Refused, Unsupported
from schema.lifecycle import EsimProfileStatus
from schema.status import SimStatus, SimTarget

# --- what cannot be said ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("write", "path"),
    [
        (UpdateSim(sim_id="HS1", status=SimTarget.DEACTIVATED), ["input", "status"]),
        (UpdateSim(sim_id="HS1", status=SimTarget.TERMINATED), ["input", "status"]),
        (UpdateSim(sim_id="HS1", rate_plan_id="WP1"), ["input", "ratePlanId"]),
        (UpdateSim(sim_id="HS1", rate_plan_id=None), ["input", "ratePlanId"]),
        (
            SendSmsCommand(sim_id="HS1", payload="aGk=", encoding=PayloadEncoding.BINARY),
            ["input", "body", "sms", "encoding"],
        ),
        (
            SendSmsCommand(sim_id="HS1", payload="hi", delivery_receipt_requested=False),
            ["input", "body", "sms", "deliveryReceiptRequested"],
        ),
    ],
)
async def test_what_their_api_cannot_say(write: Write, path: list[str]) -> None:
    """It is Unsupported, says why and where, and nothing is sent."""
    async with desk() as asked:
        with pytest.raises(Unsupported) as raised:
            await ordered(asked, write)

        assert raised.value.path == path
        assert len(raised.value.message) > 20
        assert asked.arrived() == []


@pytest.mark.parametrize(
    ("write", "path", "allowed"),
    [
        (UpdateSim(sim_id="HS1", native_status="scheduled"), ["input", "nativeStatus"], "active, inactive, ready"),
        (UpdateSim(sim_id="HS1", extra={"account": "AC1"}), ["input", "extra", "account"], "account_sid"),
        (UpdateSim(sim_id="HS1", extra={"account_sid": 7}), ["input", "extra", "account_sid"], "str"),
        (UpdateSim(sim_id="HS1", extra={"account_sid": None}), ["input", "extra", "account_sid"], "str"),
        (
            SendSmsCommand(sim_id="HS1", payload="hi", extra={"include_sid": "start"}),
            ["input", "body", "sms", "extra", "include_sid"],
            "none",
        ),
    ],
)
async def test_what_is_wrong_under_their_names(write: Write, path: list[str], allowed: str) -> None:
    """It is Invalid, with its path and what is allowed there, and nothing is sent."""
    async with desk() as asked:
        with pytest.raises(Invalid) as raised:
            await ordered(asked, write)

        assert raised.value.path == path
        assert allowed in raised.value.message
        assert asked.arrived() == []


async def test_a_new_sim_moves_to_an_account() -> None:
    """`account_sid` of extra is AccountSid of the form; no extra is none."""
    async with desk() as asked:
        sim = await a_sim(asked, SimStatus.INVENTORY, in_fleet=False)
        account = str(asked.simulator.account["account_sid"])

        await ordered(asked, UpdateSim(sim_id=sim.native_id, extra={"account_sid": account}))
        assert form_of(asked)[2] == {"AccountSid": [account]}
        await ordered(asked, UpdateSim(sim_id=sim.native_id, name="x", extra={}))
        assert form_of(asked)[2] == {"UniqueName": ["x"]}


# --- refusals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["classic", "rfc9457"])
async def test_their_refusals_pass_on_in_our_words(shape: str) -> None:
    """What can be said and is not allowed is sent; the code is theirs, the sentence ours, and nothing has changed."""
    async with desk(errors=shape) as asked:
        sim = await a_sim(asked)
        homeless = await a_sim(asked, SimStatus.INVENTORY, in_fleet=False)
        other = next(each for each in await asked.sims() if each.name and each.native_id != sim.native_id)
        sid = sim.native_id
        refused: dict[str, Write] = {
            "83002": RegisterSim(iccid="8988307000000000000", registration_code="0123456789"),
            "83003": RegisterSim(iccid=sim.iccid or "", registration_code="0123456789"),
            "83005": SendSmsCommand(sim_id="HS" + "0" * 32, payload="hi"),
            "83006": UpdateSim(sim_id=sid, fleet_id="nowhere"),
            "83007": UpdateSim(sim_id=homeless.native_id, status=SimTarget.ACTIVE),
            "83008": UpdateSim(sim_id=sid, fleet_id=None),
            "83010": UpdateSim(sim_id=sid, status=SimTarget.READY),
            "83011": UpdateSim(sim_id=sid, name=other.name),
            "20001": CreateFleet(network_access_profile_id="nowhere"),
        }
        for code, write in refused.items():
            with pytest.raises(Refused) as raised:
                await ordered(asked, write)
            assert raised.value.native_code == code
            assert not raised.value.message.startswith("the provider answered HTTP")
            assert "0123456789" not in raised.value.message
            assert len(asked.arrived()) == 1

        assert await asked.provider.load_sim(sid) == sim


async def test_a_second_fleet_change_while_the_first_runs() -> None:
    """83009: theirs to refuse, and a rename goes through meanwhile."""
    async with desk() as asked:
        sim = await a_sim(asked)
        await ordered(asked, UpdateSim(sim_id=sim.native_id, status=SimTarget.SUSPENDED))

        with pytest.raises(Refused) as raised:
            await ordered(asked, UpdateSim(sim_id=sim.native_id, fleet_id="retail"))
        renamed = await ordered(asked, UpdateSim(sim_id=sim.native_id, name="meanwhile"))

        assert raised.value.native_code == "83009"
        assert renamed.is_pending  # the status is


@pytest.mark.parametrize("switch", ["failed", "83401"])
async def test_a_device_that_is_not_attached(switch: str) -> None:
    """An IP command to it fails soon, or is refused with 83401: the sources disagree."""
    async with desk(unattached=switch) as asked:
        sim = await a_sim(asked, SimStatus.READY)
        write = SendIpCommand(sim_id=sim.native_id, payload="hi", port=1)
        if switch == "83401":
            with pytest.raises(Refused) as raised:
                await ordered(asked, write)
            assert raised.value.native_code == "83401"
            return

        done = await ordered(asked, write)
        asked.later(seconds=2)

        assert done.thing is not None
        later = await asked.provider.load_ip_command(done.thing.native_id)
        assert later is not None
        assert later.status is CommandStatus.FAILED


async def test_an_order_without_anything_is_theirs_to_refuse() -> None:
    """An eSIM order needs an EID or the wish for a matching id."""
    async with desk() as asked:
        with pytest.raises(Refused) as raised:
            await ordered(asked, OrderEsimProfile())
        assert raised.value.native_code == "20002"

        done = await ordered(asked, OrderEsimProfile(generate_matching_id=True))
        assert done.thing is not None
        assert done.thing.status is EsimProfileStatus.NEW


@pytest.mark.parametrize("answer", [b"{}", b'{"sid": ""}', b"[]", b"<html>", b""])
async def test_an_answer_that_names_nothing_is_no_proof(answer: bytes) -> None:
    """Whatever is taken must be named in the answer, also the network whose profile we ask for."""
    writes: list[Write] = [UpdateSim(sim_id="HS1", name="x"), AddProfileNetwork(profile_id="HA1", network_id="HW1")]
    async with told(answer) as provider:
        for write in writes:
            with pytest.raises(BadResponse):
                await getattr(provider, operation_of(write))(write)


@pytest.mark.parametrize("odd", ["", ".", ".."])
async def test_an_id_of_dots_is_written_to_nowhere(odd: str) -> None:
    """Such a path would lead to another resource: nothing is sent."""
    writes: list[Write] = [
        UpdateSim(sim_id=odd, name="x"),
        UpdateFleet(fleet_id=odd, name="x"),
        UpdateNetworkAccessProfile(profile_id=odd, name="x"),
        AddProfileNetwork(profile_id=odd, network_id="HW1"),
        RemoveProfileNetwork(profile_id="HA1", network_id=odd),
    ]
    async with desk() as asked:
        for write in writes:
            with pytest.raises(NotFound):
                await ordered(asked, write)
            assert asked.arrived() == []


async def test_a_name_with_a_slash_is_one_segment() -> None:
    """A SIM is changed by its unique name too, whatever is in it."""
    async with desk() as asked:
        sim = await a_sim(asked)
        await ordered(asked, UpdateSim(sim_id=sim.native_id, name="hall/7?x#y"))

        done = await ordered(asked, UpdateSim(sim_id="hall/7?x#y", name=None))

        assert done.thing is not None
        assert (done.thing.native_id, done.thing.name) == (sim.native_id, None)


async def test_an_expired_token_does_not_send_twice() -> None:
    """KORE's 403 of an old token: refused, so not executed; with a new token it is sent and done once."""
    async with desk(KORE) as asked:
        sim = await a_sim(asked)
        asked.later(seconds=3601)

        await ordered(asked, SendSmsCommand(sim_id=sim.native_id, payload="once"))

        assert [status for _, status in asked.story()] == [403, 200, 201]


@pytest.mark.parametrize("name", BOTH)
async def test_capabilities_tell_what_there_is(name: str) -> None:
    """Eleven writes are there; each that is not says why."""
    async with desk(name) as asked:
        lacking = {each.operation: each.note for each in asked.provider.capabilities() if not each.supported}

    missing = {"delete_sim", "delete_sms_command", "create_rate_plan", "update_rate_plan", "delete_rate_plan"}
    assert missing <= lacking.keys()
    assert all("Super SIM has" in (lacking[each] or "") for each in missing)
