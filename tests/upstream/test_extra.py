"""What a caller gives under a provider's own names is checked name by name."""

from typing import Any, Literal

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from gateway.upstream.extra import OF_SMS, read_extra
from schema.errors import Invalid


class Extra(msgspec.Struct, frozen=True, rename="camel"):
    account_sid: str | UnsetType = UNSET
    mode: Literal["fast", "slow"] | UnsetType | None = UNSET
    places: list[int] | UnsetType = UNSET


class Nothing(msgspec.Struct, frozen=True):
    pass


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (UNSET, Extra()),
        ({}, Extra()),
        ({"accountSid": "AC1"}, Extra(account_sid="AC1")),
        ({"mode": None, "places": [1, 2]}, Extra(mode=None, places=[1, 2])),
    ],
)
def test_what_is_given_is_read(given: dict[str, Any] | UnsetType, read: Extra):  # Any: JSON
    """Each name has its field; what is not given keeps the default, and null is given."""
    assert read_extra(Extra, given) == read


@pytest.mark.parametrize(
    ("given", "name", "told"),
    [
        ({"account_sid": "AC1"}, "account_sid", "allowed: accountSid, mode, places"),
        ({"mode": "fast", "other": 1}, "other", "allowed: accountSid, mode, places"),
        ({"mode": "quick"}, "mode", "allowed: fast, slow"),
        ({"accountSid": 7}, "accountSid", "str"),
        ({"accountSid": None}, "accountSid", "str"),
        ({"places": [1, "two"]}, "places", "int"),
        ({"places": {"a": [[[]]]}}, "places", "array"),
        ({"": 1}, "", "allowed: accountSid, mode, places"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, Any], name: str, told: str):  # Any: JSON
    """The first wrong name, with its path and with what is allowed there."""
    with pytest.raises(Invalid) as raised:
        read_extra(Extra, given)

    assert raised.value.path == ["input", "extra", name]
    assert told in raised.value.message


def test_where_it_stands_may_be_elsewhere():
    """A message's own names stand deeper in the input, and there may be none at all."""
    with pytest.raises(Invalid, match="allowed: none") as raised:
        read_extra(Nothing, {"x": 1}, OF_SMS)

    assert raised.value.path == ["input", "body", "sms", "extra", "x"]


def test_a_long_name_is_not_repeated_whole():
    """A message stays short, whatever it is about."""
    with pytest.raises(Invalid) as raised:
        read_extra(Nothing, {"x" * 10_000: 1})

    assert len(raised.value.message) < 200
