"""Answers survive being written and read."""

import datetime as dt
from dataclasses import fields
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from strawberry.types.base import has_object_definition

from gateway.cache.codec import TYPES, Unreadable, decode, encode
from gateway.kinds import LISTS, LOADS
from gateway.page import Page
from schema.account import Capability
from schema.command import Command, IpCommand, SmsCommand
from schema.errors import Unavailable
from schema.network import NetworkRef
from schema.node import Entity
from schema.query import NODE_TYPES
from schema.scalars import JSON, BigInt
from schema.sim import Sim
from schema.usage import UsageRecord, ZoneUsage

MOMENT = dt.datetime(2026, 11, 17, 12, 30, 15, 250_000, tzinfo=dt.UTC)
PLAIN: dict[Any, Any] = {  # Any: types and what stands for types
    str: "näme",
    int: 7,
    bool: True,
    float: 48.25,
    dt.datetime: MOMENT,
    Decimal: Decimal("12.50"),
    BigInt: 2**40,
    JSON: {"list": [1, None, {"deep": "true"}], "float": 0.5},
}


def filled(hint: Any) -> Any:  # Any: whatever an annotation may be
    """A value of this type with nothing left out."""
    if get_origin(hint) in (Union, UnionType):
        return filled(next(part for part in get_args(hint) if part is not type(None)))
    if get_origin(hint) is list:
        return [filled(get_args(hint)[0])]
    if get_origin(hint) is tuple:
        return (filled(str), "two")
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if isinstance(hint, type) and has_object_definition(hint):
        return filled_thing(hint)
    return PLAIN[hint]


def filled_thing(kind: type) -> Any:  # Any: of that type
    hints = get_type_hints(kind)
    values = {field.name: filled(hints[field.name]) for field in fields(kind) if field.init}
    thing = kind(**{**values, **{name: False for name in values if name == "is_complete"}})
    thing.account_name = "trackers"
    return thing


def account_free(kind: type) -> bool:
    """Whether things of this type do not say whose they are, so that filling it in would prove nothing."""
    return not issubclass(kind, Entity) and "account_name" not in get_type_hints(kind)


def written(thing: Any) -> Any:  # Any: of any type
    """A filled thing, as far as its type goes."""
    if account_free(type(thing)):
        del thing.account_name
    return thing


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_every_type_survives(kind: type):
    """A thing with every field filled is the same afterwards, in all that it holds, alone and on a page."""
    thing = written(filled_thing(kind))
    page = Page([thing, written(filled_thing(kind))], next="token", total=7, is_partial=True)

    assert vars(decode(encode(thing))) == vars(thing)
    assert type(decode(encode(thing))) is kind
    assert decode(encode(page)) == page
    assert [vars(item) for item in decode(encode(page)).items] == [vars(item) for item in page.items]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_the_test_above_fills_every_field(kind: type):
    """No field stands at its default there, so none could be lost unseen; `type` and such may have only one value."""
    thing, bare = filled_thing(kind), {field.name: field.default for field in fields(kind) if field.init}

    assert [name for name, default in bare.items() if getattr(thing, name) in (None, "", [], default)] == [
        name for name, default in bare.items() if isinstance(default, Enum) and default is next(iter(type(default)))
    ]


def test_every_type_is_known():
    """What operations return is found without a list: nothing that a query can reach through one is missing."""
    loaded = {*LOADS, *(kind for kind in LISTS if kind is not Command), *NODE_TYPES.values()}

    assert loaded | {SmsCommand, IpCommand, UsageRecord, ZoneUsage} <= set(TYPES)


@pytest.mark.parametrize("answer", [None, "CK123", "", Page([]), Page([], next="on", total=0)], ids=repr)
def test_answers_without_things_survive(answer: object):
    """That there is no such thing is an answer, and so are a reference and an empty page."""
    assert decode(encode(answer)) == answer


def test_a_page_may_mix_types_and_accounts():
    """Each item keeps its own type and its own account."""
    things = [filled_thing(SmsCommand), filled_thing(IpCommand), filled_thing(SmsCommand)]
    things[2].account_name = "meters"
    page = decode(encode(Page(things, next="token")))

    assert [(type(each), each.account_name) for each in page.items] == [
        (SmsCommand, "trackers"),
        (IpCommand, "trackers"),
        (SmsCommand, "meters"),
    ]
    assert (page.items, page.next) == (things, "token")


def test_every_reader_has_objects_of_his_own():
    """What one reader does to his answer, the next does not see."""
    body = encode(Page([filled_thing(Sim)]))
    first = decode(body)
    first.items[0].current_network.name = "changed"
    first.items.append(first.items[0])

    assert [item.current_network.name for item in decode(body).items] == [PLAIN[str]]


@pytest.mark.parametrize("failed", [Page([], broken=Unavailable("off")), Page([], in_place_of=Unavailable("off"))])
def test_errors_are_not_remembered(failed: Page[Sim]):
    """A page that broke off, or stands in for a failure, is refused."""
    with pytest.raises(ValueError, match="error"):
        encode(failed)


@pytest.mark.parametrize("answer", [7, NetworkRef(), Capability(operation="x", supported=True, note=None)])
def test_what_no_operation_returns_is_refused(answer: object):
    """Nothing is written that could not be read."""
    with pytest.raises(TypeError, match="operation"):
        encode(answer)
    with pytest.raises(TypeError, match="page"):
        encode(Page([answer]))


@pytest.mark.parametrize("body", [b"", b"\0", b"\0\0\0\0Sim\0\x80", encode(None)[:4] + b"Elephant\0\xc0"])
def test_foreign_bytes_are_unreadable(body: bytes):
    """Nothing, another version's answer, and a type nobody knows are no answers."""
    with pytest.raises(Unreadable):
        decode(body)


@pytest.mark.parametrize("answer", [filled_thing(Sim), Page([filled_thing(Sim)]), Page([None, "CK1"]), "CK1"])
def test_damage_is_unreadable_or_harmless(answer: object):
    """Cut off anywhere, an answer is unreadable; with a byte changed it is that or some answer, never another error."""
    body = encode(answer)
    for end in range(len(body)):
        with pytest.raises(Unreadable):
            decode(body[:end])
    for place in range(len(body)):
        for change in (0x01, 0x80, 0xFF):
            try:
                decode(body[:place] + bytes([body[place] ^ change]) + body[place + 1 :])
            except Unreadable:
                continue
