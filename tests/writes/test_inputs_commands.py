"""Messages become orders with what their account's provider can carry, or everything that is wrong with them."""

from typing import Any

import pytest

from gateway.changes import DeleteSmsCommand, SendIpCommand, SendSmsCommand
from schema.command import PayloadEncoding
from schema.command_inputs import CommandBody, CommandDeletion, IpBody, SendCommandInput, SmsBody
from schema.inputs import HttpMethod
from tests.writes.inputs_desk import id_of, order, told

SIM = id_of("Sim", "HS1")


def sms(text: str, sim_id: str = SIM, **given: Any) -> SendCommandInput:
    return SendCommandInput(sim_id=sim_id, body=CommandBody(sms=SmsBody(text=text, **given)))


def ip(payload: str, port: int = 7, **given: Any) -> SendCommandInput:
    return SendCommandInput(sim_id=SIM, body=CommandBody(ip=IpBody(payload=payload, port=port, **given)))


def test_a_text_message():
    """The text, as text, and nothing that was not asked for."""
    assert order(sms("on")).write == SendSmsCommand(sim_id="HS1", payload="on")


def test_all_of_a_text_message():
    """Encoding, receipt, the provider's own names and the address to call are handed on."""
    wanted = sms(
        "AAE=", encoding=PayloadEncoding.BINARY, delivery_receipt_requested=False, extra={"IncludeSid": "none"}
    )
    wanted.callback_url, wanted.callback_method = "https://hooks.example.com/", HttpMethod.POST

    assert order(wanted).write == SendSmsCommand(
        sim_id="HS1",
        payload="AAE=",
        encoding=PayloadEncoding.BINARY,
        delivery_receipt_requested=False,
        callback_url="https://hooks.example.com/",
        callback_method="POST",
        extra={"IncludeSid": "none"},
    )


def test_an_ip_message():
    """Payload, port and encoding; a null encoding is TEXT."""
    assert order(ip("on", 65_535, encoding=None)).write == SendIpCommand(sim_id="HS1", payload="on", port=65_535)
    assert order(ip("AAE=", 1, encoding=PayloadEncoding.BINARY)).write == SendIpCommand(
        sim_id="HS1", payload="AAE=", port=1, encoding=PayloadEncoding.BINARY
    )


@pytest.mark.parametrize(
    ("wanted", "path", "word"),
    [
        (sms("a" * 161), "input.body.sms.text", "160"),
        (sms("ç" * 71), "input.body.sms.text", "70"),
        (sms(""), "input.body.sms.text", "empty"),
        (sms("AAAA" * 47, encoding=PayloadEncoding.BINARY), "input.body.sms.text", "140"),
        (sms("AA", encoding=PayloadEncoding.BINARY), "input.body.sms.text", "base64"),
        (sms("a", extra="x"), "input.body.sms.extra", "object"),
        (sms("a", extra={"callbackUrl": "http://x"}), "input.body.sms.extra.callbackUrl", "https"),
        (sms("a", sim_id=id_of("Fleet")), "input.simId", "not of a Sim"),
        (sms("a", sim_id="?"), "input.simId", "not an id"),
        (ip(""), "input.body.ip.payload", "empty"),
        (ip("a" * 1_301), "input.body.ip.payload", "1,300"),
        (ip("é" * 651), "input.body.ip.payload", "1,302"),
        (ip("AAAA" * 434, encoding=PayloadEncoding.BINARY), "input.body.ip.payload", "1,302"),
        (ip("?", encoding=PayloadEncoding.BINARY), "input.body.ip.payload", "base64"),
        (ip("a", 0), "input.body.ip.port", "65,535"),
        (ip("a", 65_536), "input.body.ip.port", "65,535"),
        (ip("a", -1), "input.body.ip.port", "65,535"),
    ],
)
def test_each_mistake_names_its_field(wanted: SendCommandInput, path: str, word: str):
    """A message that cannot be carried is told by the place of the fault and its limit."""
    [(code, told_path, message)] = told(wanted)

    assert (code, told_path) == ("INVALID", path)
    assert word in message


@pytest.mark.parametrize("wanted", [sms("a" * 160), ip("a" * 1_300), ip("é" * 650)])
def test_the_longest_that_fits(wanted: SendCommandInput):
    """What is just as long as it may be is an order."""
    assert told(wanted) == []


def test_a_message_is_never_repeated():
    """What a message says stays out of what is told about it."""
    for wanted in (sms("secret" * 30), ip("secret" * 300), sms("secret!", encoding=PayloadEncoding.BINARY)):
        [(_, _, message)] = told(wanted)
        assert "secret" not in message


def test_limits_are_the_providers_own():
    """Where a provider keeps its own limits a longer message is sent, and its answer decides."""
    longer = sms("a" * 320, sim_id=id_of("Sim", "8988", "south"))

    assert order(longer).write == SendSmsCommand(sim_id="8988", payload="a" * 320)


def test_of_an_unknown_account_everything_else_is_told_too():
    """That there is no such account hides no other mistake."""
    wrong = sms("", sim_id=id_of("Sim", account="west"))

    assert [(code, path) for code, path, _ in told(wrong)] == [
        ("NOT_FOUND", "input.simId"),
        ("INVALID", "input.body.sms.text"),
    ]


def test_the_encoding_is_part_of_what_is_asked():
    """The same characters as text and as base64 are two messages."""
    assert order(sms("AAAA")).fingerprint != order(sms("AAAA", encoding=PayloadEncoding.BINARY)).fingerprint
    assert order(sms("AAAA")).fingerprint != order(ip("AAAA")).fingerprint


def test_sms_commands_can_be_deleted():
    """An SMS command's id is enough."""
    assert order(CommandDeletion(id=id_of("SmsCommand", "HC1"))).write == DeleteSmsCommand(command_id="HC1")


@pytest.mark.parametrize(
    ("id", "code"),
    [
        (id_of("IpCommand"), "UNSUPPORTED"),
        (id_of("Sim"), "INVALID"),
        (id_of("SmsCommand", account="west"), "NOT_FOUND"),
    ],
)
def test_other_things_are_no_commands_to_delete(id: str, code: str):
    """IP commands can be deleted nowhere; other kinds are no commands."""
    assert [(each, path) for each, path, _ in told(CommandDeletion(id=id))] == [(code, "input.id")]
