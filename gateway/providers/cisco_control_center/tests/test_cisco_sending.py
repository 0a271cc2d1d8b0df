"""Cisco IoT Control Center: a text message is sent, and what arrives there."""

import base64
from typing import Any

import pytest

from gateway.changes import SendSmsCommand
from gateway.providers.cisco_control_center.provider import ControlCenter
from gateway.providers.cisco_control_center.tests.conftest import an_errand, desk
from schema.command import CommandDirection, CommandStatus, PayloadEncoding
from schema.errors import Invalid, NotFound, Refused, Unsupported

SIM = "8988216716970004975"
BYTES = b"\x00\x01\xfe\xff"


def a_message(sim_id: str = SIM, payload: str = "reboot", **wish: Any) -> SendSmsCommand:
    """Any: the other fields of SendSmsCommand."""
    return SendSmsCommand(sim_id=sim_id, payload=payload, **wish)


@pytest.mark.parametrize("key", ["smsMsgId", "smsMessageId"])
async def test_a_text_is_one_call_and_its_answer_an_id(key: str) -> None:
    """The message is told as far as the answer tells it; read by that id, it is the one that was sent."""
    async with desk(sms_id_key=key) as asked:
        iccid = asked.with_status("ACTIVATED")
        done = await asked.provider.send_sms_command(a_message(iccid))
        [request], [body] = asked.arrived(), asked.bodies()

        assert (request.method, request.path) == ("POST", f"/rws/api/v1/devices/{iccid}/smsMessages")
        assert body == {"messageText": "reboot", "messageEncoding": "LITERAL"}
        sent = done.thing
        assert sent is not None
        assert (sent.sim_id, sent.direction) == (iccid, CommandDirection.TO_SIM)
        assert (sent.payload, sent.payload_encoding) == ("reboot", PayloadEncoding.TEXT)
        assert (sent.status, sent.native_status, done.is_pending) == (CommandStatus.UNKNOWN, None, False)
        read = await asked.provider.load_sms_command(sent.native_id)
        assert read is not None
        assert (read.native_id, read.sim_id, read.payload) == (sent.native_id, iccid, "reboot")
        assert (read.direction, read.status) == (CommandDirection.TO_SIM, CommandStatus.QUEUED)


@pytest.mark.parametrize(("extra", "coding"), [({}, 4), ({"dataCoding": 8}, 8)])
async def test_bytes_go_as_base64_and_say_that_they_are_bytes(extra: dict[str, Any], coding: int) -> None:
    """`dataCoding` 4, unless the caller gives another: base64 alone would be the way of writing a text."""
    payload = base64.b64encode(BYTES).decode()
    async with desk() as asked:
        message = a_message(asked.with_status("ACTIVATED"), payload, encoding=PayloadEncoding.BINARY, extra=extra)
        done = await asked.provider.send_sms_command(message)

        assert asked.bodies() == [{"messageText": payload, "messageEncoding": "BASE64", "dataCoding": coding}]
        assert done.thing is not None
        assert (done.thing.payload, done.thing.payload_encoding) == (payload, PayloadEncoding.BINARY)


async def test_a_messages_coding_and_patience_are_ciscos_own() -> None:
    """They stand in `extra` under Cisco's names, and arrive as numbers."""
    async with desk() as asked:
        message = a_message(asked.with_status("ACTIVATED"), extra={"dataCoding": 3, "tpvp": 167})
        await asked.provider.send_sms_command(message)

        expected = {"messageText": "reboot", "messageEncoding": "LITERAL", "dataCoding": 3, "tpvp": 167}
        assert asked.bodies() == [expected]


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"delivery_receipt_requested": True}, ["body", "sms", "deliveryReceiptRequested"]),
        ({"delivery_receipt_requested": False}, ["body", "sms", "deliveryReceiptRequested"]),
        ({"callback_url": "https://hooks.example.com/x"}, ["callbackUrl"]),
        ({"callback_method": "POST"}, ["callbackMethod"]),
    ],
)
async def test_what_a_message_cannot_say_is_not_sent(wish: dict[str, Any], path: list[str]) -> None:
    """Unsupported, with the field and a reason, before any call."""
    async with desk() as asked:
        with pytest.raises(Unsupported, match="Control Center") as raised:
            await asked.provider.send_sms_command(a_message(**wish))

        assert raised.value.path == ["input", *path]
        assert asked.arrived() == []


@pytest.mark.parametrize(
    ("extra", "name"), [({"dataCoding": "3"}, "dataCoding"), ({"tpvp": 1.5}, "tpvp"), ({"udh": "00"}, "udh")]
)
async def test_a_wrong_extra_of_a_message_is_not_sent(extra: dict[str, Any], name: str) -> None:
    """Invalid, with its place."""
    async with desk() as asked:
        with pytest.raises(Invalid) as raised:
            await asked.provider.send_sms_command(a_message(extra=extra))

        assert raised.value.path == ["input", "body", "sms", "extra", name]
        assert asked.arrived() == []


@pytest.mark.parametrize("odd", ["", "../echo/x", f"{SIM}/x", "٨" * 19])
async def test_what_is_no_iccid_is_sent_nothing(odd: str) -> None:
    """It is not found without a call."""
    async with desk() as asked:
        with pytest.raises(NotFound):
            await asked.provider.send_sms_command(a_message(odd))

        assert asked.arrived() == []


@pytest.mark.parametrize(
    ("payload", "extra", "code"),
    [
        ("x" * 321, {}, "10000020"),
        ("x" * 71, {"dataCoding": 8}, "10000020"),
        ("x", {"dataCoding": 99}, "10000018"),
        ("x", {"tpvp": 256}, "10000019"),
    ],
)
async def test_limits_are_the_accounts_own(payload: str, extra: dict[str, Any], code: str) -> None:
    """Length, coding and validity are theirs to refuse: it is sent, and their code passed on."""
    async with desk() as asked:
        with an_errand() as errand, pytest.raises(Refused) as raised:
            await asked.provider.send_sms_command(a_message(asked.with_status("ACTIVATED"), payload, extra=extra))

        assert (raised.value.native_code, errand.may_have_happened) == (code, False)
        assert len(asked.arrived()) == 1
        assert (ControlCenter.text_limit, ControlCenter.binary_limit) == (None, None)
