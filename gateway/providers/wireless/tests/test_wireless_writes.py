"""Programmable Wireless at Twilio and at KORE: SIMs are changed, and what arrives there."""

from typing import Any

import pytest

from gateway.changes import DeleteSim, UpdateSim
from gateway.protocols.twilio_rest import MEANINGS
from gateway.provider import OPERATIONS
from gateway.providers.wireless.provider import Wireless
from gateway.providers.wireless.tests.conftest import BOTH, KORE, TWILIO, desk, extra_of, sim_that_is, the_form
from schema.errors import GatewayError, Invalid, NotFound, Refused, Unsupported
from schema.status import SimStatus, SimTarget

HOOK = "https://hooks.example.com/sim?a=1&b=2"


def a_wish(sim_id: str = "DE1", **wish: Any) -> UpdateSim:  # Any: the fields of UpdateSim
    return UpdateSim(sim_id=sim_id, **wish)


@pytest.mark.parametrize("name", BOTH)
async def test_all_that_can_be_changed_of_a_sim_is_one_form(name: str) -> None:
    """Every field has its parameter, and one POST carries them all; the answer is the SIM as a read then shows it."""
    extra = {
        "friendly_name": "Lift, 9th floor",
        "commands_callback_url": HOOK,
        "commands_callback_method": "GET",
        "sms_url": "https://hooks.example.com/sms",
        "sms_method": "POST",
        "sms_fallback_url": "https://hooks.example.com/sms2",
        "sms_fallback_method": "GET",
    }
    async with desk(name) as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        done = await asked.provider.update_sim(
            UpdateSim(
                sim_id=sim.native_id,
                name="lift-9",
                rate_plan_id="quiet",
                callback_url=HOOK,
                callback_method="GET",
                extra=extra,
            )
        )
        [request] = asked.arrived()
        read = await asked.provider.load_sim(sim.native_id)

        assert (request.method, request.path) == ("POST", f"/v1/Sims/{sim.native_id}")
        assert the_form(request) == [
            ("UniqueName", "lift-9"),
            ("FriendlyName", "Lift, 9th floor"),
            ("RatePlan", "quiet"),
            ("CallbackUrl", HOOK),
            ("CallbackMethod", "GET"),
            ("CommandsCallbackUrl", HOOK),
            ("CommandsCallbackMethod", "GET"),
            ("SmsUrl", "https://hooks.example.com/sms"),
            ("SmsMethod", "POST"),
            ("SmsFallbackUrl", "https://hooks.example.com/sms2"),
            ("SmsFallbackMethod", "GET"),
        ]
        assert (done.thing, done.is_pending) == (read, False)
        assert read is not None
        assert (read.name, read.status) == ("lift-9", SimStatus.ACTIVE)
        assert read.rate_plan_id != sim.rate_plan_id
        assert extra_of(read).items() >= extra.items()


async def test_what_is_not_named_stays_as_it_is() -> None:
    """A field without a wish is not in the form."""
    async with desk() as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, name="lift-9"))

        assert [the_form(request) for request in asked.arrived()] == [[("UniqueName", "lift-9")]]


async def test_null_clears() -> None:
    """A name, a plan or an address that is to go is sent empty, and is gone."""
    async with desk() as asked:
        sim = await sim_that_is(asked, SimStatus.SUSPENDED)
        address = {"friendly_name": "Lift", "sms_url": HOOK}
        await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, name="lift-9", extra=address))
        asked.host.clear()
        nothing = dict.fromkeys(address)
        done = await asked.provider.update_sim(
            UpdateSim(sim_id=sim.native_id, name=None, rate_plan_id=None, extra=nothing)
        )

        [request] = asked.arrived()
        assert the_form(request) == [("UniqueName", ""), ("FriendlyName", ""), ("RatePlan", ""), ("SmsUrl", "")]
        assert done.thing is not None
        assert (done.thing.name, done.thing.rate_plan_id) == (None, None)
        assert not address.keys() & extra_of(done.thing).keys()


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    ("before", "target", "word", "others"),
    [
        (SimStatus.INVENTORY, SimTarget.READY, "ready", {"rate_plan_id": "standard"}),
        (SimStatus.INVENTORY, SimTarget.ACTIVE, "active", {"rate_plan_id": "standard"}),
        (SimStatus.ACTIVE, SimTarget.SUSPENDED, "suspended", {}),
        (SimStatus.SUSPENDED, SimTarget.ACTIVE, "active", {}),
        (SimStatus.ACTIVE, SimTarget.DEACTIVATED, "deactivated", {}),
    ],
)
async def test_trap_06_a_status_is_pending_with_http_200(
    name: str, before: SimStatus, target: SimTarget, word: str, others: dict[str, str]
) -> None:
    """`updating` and `scheduled` mean that the change has only begun; later the SIM is what was asked for."""
    async with desk(name) as asked:
        sim = await sim_that_is(asked, before)
        done = await asked.provider.update_sim(a_wish(sim.native_id, status=target, **others))
        [request] = asked.arrived()
        asked.later(seconds=10)
        read = await asked.provider.load_sim(sim.native_id)

        assert (dict(the_form(request))["Status"], request.status) == (word, 200)
        assert done.is_pending
        assert done.thing is not None
        assert (done.thing.status, done.thing.native_status in ("updating", "scheduled")) == (SimStatus.PENDING, True)
        assert read is not None
        assert read.native_status == word


async def test_trap_11_suspended_never_says_deactivated() -> None:
    """A suspended SIM is still there after the 72 hours that end a deactivated one; only DEACTIVATED asks for that."""
    async with desk() as asked:
        kept = await sim_that_is(asked, SimStatus.ACTIVE)
        ended = await sim_that_is(asked, SimStatus.READY)
        await asked.provider.update_sim(UpdateSim(sim_id=kept.native_id, status=SimTarget.SUSPENDED))
        await asked.provider.update_sim(UpdateSim(sim_id=ended.native_id, native_status="deactivated"))
        forms = [the_form(request) for request in asked.arrived()]
        asked.later(hours=73)
        found = [await asked.provider.load_sim(sim.native_id) for sim in (kept, ended)]

        assert forms == [[("Status", "suspended")], [("Status", "deactivated")]]
        assert [sim and sim.native_status for sim in found] == ["suspended", "canceled"]
        assert [target for target, word in Wireless.targets.items() if word == "deactivated"] == [SimTarget.DEACTIVATED]


async def test_an_active_sim_of_the_wanted_status_is_not_pending() -> None:
    """What a SIM is already is applied at once."""
    async with desk() as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        done = await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, status=SimTarget.ACTIVE))

        assert (done.thing and done.thing.status, done.is_pending) == (SimStatus.ACTIVE, False)


async def test_a_reset_is_asked_for_in_extra() -> None:
    """`resetting` is said with ResetStatus, and the answer shows it."""
    async with desk() as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        done = await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, extra={"reset_status": "resetting"}))

        [request] = asked.arrived()
        assert the_form(request) == [("ResetStatus", "resetting")]
        assert extra_of(done.thing)["reset_status"] == "resetting"


@pytest.mark.parametrize("name", BOTH)
async def test_a_new_sim_moves_to_an_account(name: str) -> None:
    """The account is said with AccountSid; one that is not their own is theirs to refuse."""
    async with desk(name) as asked:
        sim = await sim_that_is(asked, SimStatus.INVENTORY)
        with pytest.raises(Refused) as raised:
            await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, extra={"account_sid": "AC" + "1" * 32}))

        [request] = asked.arrived()
        assert the_form(request) == [("AccountSid", "AC" + "1" * 32)]
        assert raised.value.native_code == "33101"


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    ("write", "kind", "path", "words"),
    [
        (a_wish(status=SimTarget.TERMINATED), Unsupported, ["input", "status"], "72 hours"),
        (a_wish(native_status="canceled"), Invalid, ["input", "nativeStatus"], "active, deactivated, ready, suspended"),
        (a_wish(native_status="inactive"), Invalid, ["input", "nativeStatus"], "inactive"),
        (a_wish(fleet_id="HF1"), Unsupported, ["input", "fleetId"], "rate plans"),
        (a_wish(fleet_id=None), Unsupported, ["input", "fleetId"], "rate plans"),
        (a_wish(extra={"voice_url": HOOK}), Invalid, ["input", "extra", "voice_url"], "sms_url"),
        (a_wish(extra={"ip_address": "10.0.0.1"}), Invalid, ["input", "extra", "ip_address"], "account_sid"),
        (a_wish(extra={"reset_status": "done"}), Invalid, ["input", "extra", "reset_status"], "resetting"),
        (a_wish(extra={"reset_status": None}), Invalid, ["input", "extra", "reset_status"], "resetting"),
        (a_wish(extra={"sms_method": "PUT"}), Invalid, ["input", "extra", "sms_method"], "GET, POST"),
        (a_wish(extra={"friendly_name": 7}), Invalid, ["input", "extra", "friendly_name"], "str"),
        (a_wish(extra={"sms_url": ["x"]}), Invalid, ["input", "extra", "sms_url"], "str"),
    ],
)
async def test_what_cannot_be_said_is_refused_before_any_call(
    name: str, write: UpdateSim, kind: type[GatewayError], path: list[str], words: str
) -> None:
    """The error is about the caller's own input and says what is possible; nothing arrives."""
    async with desk(name, sims=1) as asked:
        with pytest.raises(kind) as raised:
            await asked.provider.update_sim(write)

        assert raised.value.path == path
        assert words in raised.value.message
        assert asked.host.requests(name) == []


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    ("before", "wish", "code"),
    [
        (SimStatus.ACTIVE, {"status": SimTarget.SUSPENDED, "extra": {"reset_status": "resetting"}}, "33121"),
        (SimStatus.ACTIVE, {"status": SimTarget.SUSPENDED, "rate_plan_id": None}, "33121"),
        (SimStatus.ACTIVE, {"status": SimTarget.READY}, "33105"),
        (SimStatus.INVENTORY, {"status": SimTarget.ACTIVE}, "33104"),
        (SimStatus.ACTIVE, {"rate_plan_id": "no-such-plan"}, "33108"),
        (SimStatus.SUSPENDED, {"extra": {"reset_status": "resetting"}}, "33119"),
        (SimStatus.ACTIVE, {"extra": {"sms_url": "hooks.example.com"}}, "33101"),
    ],
)
async def test_what_they_do_not_allow_is_sent_and_theirs_to_refuse(
    name: str, before: SimStatus, wish: dict[str, Any], code: str
) -> None:
    """It is sent once; their code comes back in our words, and the SIM is as it was."""
    async with desk(name) as asked:
        sim = await sim_that_is(asked, before)
        with pytest.raises(Refused) as raised:
            await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, **wish))
        sent = asked.arrived()
        read = await asked.provider.load_sim(sim.native_id)

        assert [(request.method, request.status) for request in sent] == [("POST", 400)]
        assert raised.value.native_code == code
        assert raised.value.message == MEANINGS[code]
        assert read == sim


@pytest.mark.parametrize("conflict", ["400", "409"])
async def test_a_second_change_while_one_runs_is_refused(conflict: str) -> None:
    """33010, whatever of the SIM's life it is about; it may be tried again when the first has ended."""
    async with desk(conflict=conflict) as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, status=SimTarget.SUSPENDED))
        again: list[dict[str, Any]] = [{"status": SimTarget.ACTIVE}, {"rate_plan_id": "quiet"}]
        codes = []
        for wish in again:
            with pytest.raises(Refused) as raised:
                await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, **wish))
            codes.append(raised.value.native_code)
        asked.later(seconds=10)
        done = await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, status=SimTarget.ACTIVE))

        assert codes == ["33010", "33010"]
        assert done.is_pending
        assert [request.status for request in asked.arrived()] == [200, int(conflict), int(conflict), 200]


@pytest.mark.parametrize("name", BOTH)
async def test_a_sim_never_used_is_deleted(name: str) -> None:
    """Nothing is answered, and nothing is there afterwards: a second deletion finds no SIM."""
    async with desk(name) as asked:
        sim = await sim_that_is(asked, SimStatus.INVENTORY)
        done = await asked.provider.delete_sim(DeleteSim(sim_id=sim.native_id))
        with pytest.raises(NotFound):
            await asked.provider.delete_sim(DeleteSim(sim_id=sim.native_id))
        found = await asked.provider.load_sim(sim.native_id)

        assert (done.thing, done.is_pending, found) == (None, False, None)
        assert [(request.method, request.path, request.body, request.status) for request in asked.arrived()[:2]] == [
            ("DELETE", f"/v1/Sims/{sim.native_id}", "", 204),
            ("DELETE", f"/v1/Sims/{sim.native_id}", "", 404),
        ]


async def test_a_sim_in_use_is_not_deleted() -> None:
    """Their refusal is passed on, and the SIM is still there."""
    async with desk() as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        with pytest.raises(Refused) as raised:
            await asked.provider.delete_sim(DeleteSim(sim_id=sim.native_id))

        assert raised.value.native_code == "33105"
        assert await asked.provider.load_sim(sim.native_id) == sim


async def test_an_id_stays_one_segment() -> None:
    """A unique name with a slash is an id too, and leads nowhere else; dots are of nothing and never sent."""
    async with desk() as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        name = "../Sims/9 & 10?"
        await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, name=name))
        done = await asked.provider.update_sim(UpdateSim(sim_id=name, extra={"friendly_name": "by name"}))
        asked.host.clear()
        for odd in ("..", ".", ""):
            with pytest.raises(NotFound):
                await asked.provider.update_sim(UpdateSim(sim_id=odd, name="x"))
            with pytest.raises(NotFound):
                await asked.provider.delete_sim(DeleteSim(sim_id=odd))

        assert (done.thing and done.thing.native_id, asked.arrived()) == (sim.native_id, [])


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"status": SimTarget.ACTIVE}, "charged from then on"),
        ({"status": SimTarget.READY}, "250 KB, 5 commands or 3 months"),
        ({"status": SimTarget.SUSPENDED}, "free for 3 months"),
        ({"native_status": "deactivated"}, "72 hours, for good"),
        ({"name": "x"}, None),
    ],
)
async def test_what_follows_from_a_status_is_told(wish: dict[str, Any], told: str | None) -> None:
    """Each word says what it leads to; a name leads to nothing."""
    async with desk(sims=1) as asked:
        found = asked.provider.consequence("update_sim", a_wish(**wish))

        assert (found is None) if told is None else (found is not None and told in found)


def test_every_status_has_a_word_or_a_reason() -> None:
    """No target is left without either, and every word can be asked for and says what follows."""
    assert Wireless.targets.keys() | Wireless.target_notes.keys() == set(SimTarget)
    assert not Wireless.targets.keys() & Wireless.target_notes.keys()
    assert set(Wireless.targets.values()) == Wireless.settable == Wireless.status_consequences.keys()


def test_which_writes_there_are() -> None:
    """Seven, and each of the others says in words of its own why it is none."""
    writes = [name for name in OPERATIONS if not name.startswith(("load_", "list_", "find_"))]

    assert {name for name in writes if Wireless.supports(name)} == {
        "update_sim", "delete_sim", "send_sms_command", "delete_sms_command", "create_rate_plan", "update_rate_plan",
        "delete_rate_plan",
    }  # fmt: skip
    assert {name for name in writes if not Wireless.supports(name)} <= Wireless.notes.keys()


async def test_trap_12_a_write_with_an_expired_token_is_done_once() -> None:
    """KORE's 403 comes before anything is done: a new token, and the change once."""
    async with desk(KORE) as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        asked.later(seconds=3601)
        done = await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, name="lift-9"))

        assert done.thing is not None
        assert done.thing.name == "lift-9"
        assert [status for _, status in asked.story()] == [403, 200, 200]


@pytest.mark.parametrize("fault", ["status", "reset", "garbage"])
async def test_a_lost_answer_is_not_asked_for_again(fault: str) -> None:
    """An answer that is an error, is cut or cannot be read leaves one POST behind, and an error."""
    async with desk() as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        asked.host.fault(TWILIO, fault)
        with pytest.raises(GatewayError):
            await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, name="lift-9"))

        assert [request.method for request in asked.arrived()] == ["POST"]
