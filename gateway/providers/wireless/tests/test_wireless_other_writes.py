"""Programmable Wireless at Twilio and at KORE: commands are sent, rate plans are made, and what arrives there."""

from typing import Any

import pytest

from gateway.changes import (
    CreateRatePlan,
    DeleteRatePlan,
    DeleteSim,
    DeleteSmsCommand,
    SendSmsCommand,
    UpdateRatePlan,
    UpdateSim,
)
from gateway.protocols.twilio_rest import MEANINGS
from gateway.providers.wireless.tests.conftest import BOTH, KORE, TWILIO, desk, sim_that_is, the_form
from schema.command import CommandDirection, CommandStatus, PayloadEncoding
from schema.errors import Invalid, NotFound, Refused
from schema.status import SimStatus

HOOK = "https://hooks.example.com/sim?a=1&b=2"


@pytest.mark.parametrize(("name", "code", "is_pending"), [(TWILIO, 201, False), (KORE, 202, True)])
async def test_a_text_is_one_form(name: str, code: int, is_pending: bool) -> None:
    """Every field has its parameter; whatever is in the text arrives as it is; 202 at KORE is pending."""
    async with desk(name) as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        done = await asked.provider.send_sms_command(
            SendSmsCommand(
                sim_id=sim.native_id,
                payload="a=1&b=+2% ü",
                delivery_receipt_requested=False,
                callback_url=HOOK,
                callback_method="GET",
                extra={"include_sid": "start"},
            )
        )
        [request] = asked.arrived()
        assert done.thing is not None
        read = await asked.provider.load_sms_command(done.thing.native_id)

        assert (request.method, request.path, request.status) == ("POST", "/v1/Commands", code)
        assert the_form(request) == [
            ("Command", "a=1&b=+2% ü"),
            ("Sim", sim.native_id),
            ("CommandMode", "text"),
            ("IncludeSid", "start"),
            ("DeliveryReceiptRequested", "false"),
            ("CallbackUrl", HOOK),
            ("CallbackMethod", "GET"),
        ]
        assert (done.thing, done.is_pending) == (read, is_pending)
        assert (done.thing.status, done.thing.direction) == (CommandStatus.QUEUED, CommandDirection.TO_SIM)
        assert (done.thing.sim_id, done.thing.payload) == (sim.native_id, "a=1&b=+2% ü")
        assert done.thing.delivery_receipt_requested is False


async def test_bytes_are_sent_in_binary_mode() -> None:
    """Base64 is handed on as it is, and what has no wish is not in the form."""
    async with desk() as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        done = await asked.provider.send_sms_command(
            SendSmsCommand(sim_id=sim.native_id, payload="AAH/", encoding=PayloadEncoding.BINARY)
        )

        [request] = asked.arrived()
        assert the_form(request) == [("Command", "AAH/"), ("Sim", sim.native_id), ("CommandMode", "binary")]
        assert done.thing is not None
        assert (done.thing.payload, done.thing.payload_encoding) == ("AAH/", PayloadEncoding.BINARY)


@pytest.mark.parametrize("include_sid", ["start", "end"])
async def test_a_text_with_its_sid_has_room_for_125_characters(include_sid: str) -> None:
    """One more is refused before any call and names the limit; the longest that fits is sent."""
    async with desk() as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        extra = {"include_sid": include_sid}
        with pytest.raises(Invalid) as raised:
            await asked.provider.send_sms_command(SendSmsCommand(sim_id=sim.native_id, payload="x" * 126, extra=extra))
        before = asked.arrived()
        await asked.provider.send_sms_command(SendSmsCommand(sim_id=sim.native_id, payload="x" * 125, extra=extra))

        assert raised.value.path == ["input", "body", "sms", "text"]
        assert "125 characters" in raised.value.message
        assert before == []
        assert [request.status for request in asked.arrived()] == [201]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"payload": "x" * 161}, "33111"),
        ({"payload": "x" * 161, "extra": {"include_sid": "none"}}, "33111"),
        ({"payload": "no base64", "encoding": PayloadEncoding.BINARY}, "33101"),
        ({"payload": "A" * 256, "encoding": PayloadEncoding.BINARY, "extra": {"include_sid": "end"}}, "33111"),
        ({"payload": "x", "callback_url": "hooks.example.com"}, "33101"),
        ({"payload": "x", "sim_id": "DE0"}, "33107"),
    ],
)
async def test_other_limits_of_a_command_are_theirs(wish: dict[str, Any], code: str) -> None:
    """It is sent once, and their code is passed on in our words."""
    async with desk() as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        with pytest.raises(Refused) as raised:
            await asked.provider.send_sms_command(SendSmsCommand(**{"sim_id": sim.native_id, **wish}))

        assert raised.value.native_code == code
        assert raised.value.message == MEANINGS[code]
        assert [(request.method, request.status) for request in asked.arrived()] == [("POST", 400)]


async def test_a_plan_without_messages_takes_no_command() -> None:
    """33203 is about the SIM's plan."""
    async with desk() as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, rate_plan_id="quiet"))
        with pytest.raises(Refused, match="rate plan") as raised:
            await asked.provider.send_sms_command(SendSmsCommand(sim_id=sim.native_id, payload="x"))

        assert raised.value.native_code == "33203"


@pytest.mark.parametrize(
    ("extra", "name", "words"),
    [({"include_sid": "middle"}, "include_sid", "none, start, end"), ({"sender": "x"}, "sender", "include_sid")],
)
async def test_a_command_has_one_extra(extra: dict[str, str], name: str, words: str) -> None:
    """Another name or word is refused before any call, with what is possible."""
    async with desk(sims=1) as asked:
        with pytest.raises(Invalid) as raised:
            await asked.provider.send_sms_command(SendSmsCommand(sim_id="DE1", payload="x", extra=extra))

        assert raised.value.path == ["input", "body", "sms", "extra", name]
        assert words in raised.value.message
        assert asked.arrived() == []


@pytest.mark.parametrize(
    ("name", "code"),
    [(TWILIO, 204), (KORE, 202), (KORE, 204)],
)
async def test_a_command_is_deleted(name: str, code: int) -> None:
    """Nothing is answered; 202 is pending; a second deletion finds no command."""
    async with desk(name, command_deleted=str(code)) as asked:
        sim = await sim_that_is(asked, SimStatus.ACTIVE)
        sent = await asked.provider.send_sms_command(SendSmsCommand(sim_id=sim.native_id, payload="x"))
        assert sent.thing is not None
        command_id = sent.thing.native_id
        asked.host.clear()
        done = await asked.provider.delete_sms_command(DeleteSmsCommand(command_id=command_id))
        with pytest.raises(NotFound):
            await asked.provider.delete_sms_command(DeleteSmsCommand(command_id=command_id))
        found = await asked.provider.load_sms_command(command_id)

        assert (done.thing, done.is_pending, found) == (None, code == 202, None)
        assert [(request.method, request.path, request.status) for request in asked.arrived()[:2]] == [
            ("DELETE", f"/v1/Commands/{command_id}", code),
            ("DELETE", f"/v1/Commands/{command_id}", 404),
        ]


@pytest.mark.parametrize(
    ("name", "code"),
    [(TWILIO, 201), (KORE, 200), (KORE, 202)],
)
async def test_a_rate_plan_is_one_form(name: str, code: int) -> None:
    """Every field has its parameter, bytes are MB over there, a list is its key repeated, 202 is pending."""
    async with desk(name, plan_created=str(code)) as asked:
        done = await asked.provider.create_rate_plan(
            CreateRatePlan(
                name="night",
                friendly_name="Night shift",
                data_enabled=True,
                data_limit=5_000_000,
                data_metering="quota-10",
                data_limit_strategy="throttle",
                messaging_enabled=False,
                national_roaming_enabled=True,
                national_roaming_data_limit=2_000_000,
                international_roaming=("data", "messaging"),
                international_roaming_data_limit=0,
            )
        )
        [request] = asked.arrived()
        assert done.thing is not None
        read = await asked.provider.load_rate_plan(done.thing.native_id)

        assert (request.method, request.path, request.status) == ("POST", "/v1/RatePlans", code)
        assert the_form(request) == [
            ("UniqueName", "night"),
            ("FriendlyName", "Night shift"),
            ("DataEnabled", "true"),
            ("DataLimit", "5"),
            ("DataMetering", "quota-10"),
            ("DataLimitStrategy", "throttle"),
            ("MessagingEnabled", "false"),
            ("NationalRoamingEnabled", "true"),
            ("NationalRoamingDataLimit", "2"),
            ("InternationalRoaming", "data"),
            ("InternationalRoaming", "messaging"),
            ("InternationalRoamingDataLimit", "0"),
        ]
        assert (done.thing, done.is_pending) == (read, code == 202)
        assert (done.thing.data_limit, done.thing.national_roaming_data_limit) == (5_000_000, 2_000_000)
        assert done.thing.international_roaming == ["data", "messaging"]
        assert done.thing.data_limit_strategy == ("throttle" if name == KORE else None)


@pytest.mark.parametrize("name", BOTH)
async def test_a_rate_plan_needs_nothing(name: str) -> None:
    """Without a wish the form is empty, and the plan has the provider's own defaults."""
    async with desk(name) as asked:
        done = await asked.provider.create_rate_plan(CreateRatePlan())

        [request] = asked.arrived()
        assert (the_form(request), request.method) == ([], "POST")
        assert done.thing is not None
        assert (done.thing.name, done.thing.data_limit) == (None, 1_000_000_000)


@pytest.mark.parametrize(
    "wish",
    [
        {"data_metering": "quota-7"},
        {"data_limit_strategy": "explode"},
        {"international_roaming": ("voice",)},
        {"name": "standard"},
    ],
)
async def test_a_rate_plan_they_do_not_want_is_theirs_to_refuse(wish: dict[str, Any]) -> None:
    """Words are handed on as they are given, and no plan is made."""
    async with desk() as asked:
        with pytest.raises(Refused) as raised:
            await asked.provider.create_rate_plan(CreateRatePlan(**wish))

        assert raised.value.native_code == "33101"
        assert [request.status for request in asked.arrived()] == [400]


@pytest.mark.parametrize("name", BOTH)
async def test_a_rate_plan_is_renamed(name: str) -> None:
    """Both names change in one form, null clears, and nothing else of the plan changes."""
    async with desk(name) as asked:
        made = await asked.provider.create_rate_plan(CreateRatePlan(name="night", data_limit=7_000_000))
        assert made.thing is not None
        plan_id = made.thing.native_id
        asked.host.clear()
        first = await asked.provider.update_rate_plan(
            UpdateRatePlan(rate_plan_id=plan_id, name="day", friendly_name="Day shift")
        )
        second = await asked.provider.update_rate_plan(UpdateRatePlan(rate_plan_id=plan_id, name=None))
        sent = asked.arrived()

        assert [the_form(request) for request in sent] == [
            [("UniqueName", "day"), ("FriendlyName", "Day shift")],
            [("UniqueName", "")],
        ]
        assert {(request.method, request.path) for request in sent} == {("POST", f"/v1/RatePlans/{plan_id}")}
        assert first.thing is not None
        assert (first.thing.name, first.thing.friendly_name, first.is_pending) == ("day", "Day shift", False)
        assert second.thing == await asked.provider.load_rate_plan(plan_id)
        assert second.thing is not None
        assert (second.thing.name, second.thing.friendly_name) == (None, "Day shift")
        assert second.thing.data_limit == 7_000_000


@pytest.mark.parametrize("name", BOTH)
async def test_a_rate_plan_without_sims_is_deleted(name: str) -> None:
    """One that a SIM has is theirs to refuse; without the SIM it goes, and a second deletion finds none."""
    async with desk(name) as asked:
        sim = await sim_that_is(asked, SimStatus.INVENTORY)
        made = await asked.provider.create_rate_plan(CreateRatePlan(name="night"))
        assert made.thing is not None
        plan_id = made.thing.native_id
        await asked.provider.update_sim(UpdateSim(sim_id=sim.native_id, rate_plan_id=plan_id))
        with pytest.raises(Refused):
            await asked.provider.delete_rate_plan(DeleteRatePlan(rate_plan_id=plan_id))
        await asked.provider.delete_sim(DeleteSim(sim_id=sim.native_id))
        asked.host.clear()
        done = await asked.provider.delete_rate_plan(DeleteRatePlan(rate_plan_id=plan_id))
        with pytest.raises(NotFound):
            await asked.provider.delete_rate_plan(DeleteRatePlan(rate_plan_id=plan_id))

        assert (done.thing, done.is_pending) == (None, False)
        assert [(request.method, request.path, request.status) for request in asked.arrived()] == [
            ("DELETE", f"/v1/RatePlans/{plan_id}", 204),
            ("DELETE", f"/v1/RatePlans/{plan_id}", 404),
        ]


@pytest.mark.parametrize("odd", ["", ".", ".."])
async def test_dots_are_of_nothing(odd: str) -> None:
    """They would change another thing than was meant, so they are never sent."""
    async with desk(sims=1) as asked:
        with pytest.raises(NotFound):
            await asked.provider.delete_sms_command(DeleteSmsCommand(command_id=odd))
        with pytest.raises(NotFound):
            await asked.provider.update_rate_plan(UpdateRatePlan(rate_plan_id=odd, name="x"))
        with pytest.raises(NotFound):
            await asked.provider.delete_rate_plan(DeleteRatePlan(rate_plan_id=odd))

        assert asked.arrived() == []
