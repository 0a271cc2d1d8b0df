"""A repeated bulk change or message is known by what was asked."""

from gateway.writes.inputs_bulk import fingerprint_of
from schema.command import PayloadEncoding
from schema.command_inputs import CommandBody, SendCommandsInput, SmsBody
from schema.filters import SimFilter
from schema.inputs import SimSelection, UpdateSimsInput
from schema.status import SimStatus

ALL = SimSelection(filter=SimFilter(status=[SimStatus.ACTIVE]))


def message(text: str) -> SendCommandsInput:
    return SendCommandsInput(select=ALL, expected_count=2, body=CommandBody(sms=SmsBody(text=text)))


def test_the_order_of_names_is_not_what_is_asked():
    """JSON objects have no order: the same names and values are the same change."""
    one = UpdateSimsInput(select=ALL, extra={"a": 1, "b": {"c": 2, "d": 3}})
    other = UpdateSimsInput(select=ALL, extra={"b": {"d": 3, "c": 2}, "a": 1})

    assert fingerprint_of(one) == fingerprint_of(other)


def test_the_fingerprint_is_of_all_that_is_asked():
    """Another selection, count or message is another job; the key and a dry run are not what is asked."""
    other = message("on")
    other.expected_count = 3
    ids = SendCommandsInput(select=SimSelection(ids=["x"]), body=CommandBody(sms=SmsBody(text="on")))
    named = message("on")
    named.idempotency_key, named.dry_run = "k", True
    binary = message("on")
    binary.body = CommandBody(sms=SmsBody(text="on", encoding=PayloadEncoding.BINARY))
    filtered = message("on")
    filtered.select = SimSelection(filter=SimFilter(status=[SimStatus.READY]))

    prints = [fingerprint_of(each) for each in (message("on"), message("off"), other, ids, binary, filtered)]
    assert len(set(prints)) == len(prints)
    assert fingerprint_of(named) == prints[0]
