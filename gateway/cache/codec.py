"""Answers as bytes, and back as new objects. Every type that an operation can return is known here by itself."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, TypeVar, get_args, get_type_hints
from zlib import crc32

import msgspec
from strawberry.types.base import has_object_definition

from gateway.page import Page
from gateway.provider import OPERATIONS, Provider
from schema.node import Entity

__all__ = ["TYPES", "Unreadable", "decode", "encode"]

T = TypeVar("T")
Reader = Callable[[memoryview], Any]
"""Any: each tag has its own type."""


class Unreadable(Exception):
    """Bytes that this version did not write: those of another one, or damaged."""


class _One(msgspec.Struct, Generic[T], array_like=True):
    account: str
    thing: T


class _Rows(msgspec.Struct, Generic[T], array_like=True):
    """A page whose items are of one type and account: read at one go."""

    account: str
    items: list[T]
    next: str | None
    total: int | None
    is_partial: bool


class _Mixed(msgspec.Struct, array_like=True):
    """Any other page, and the empty one: each item is bytes of its own."""

    items: list[bytes]
    next: str | None
    total: int | None
    is_partial: bool


def encode(answer: object) -> bytes:
    """An answer of an operation. Raises ValueError for a page that broke off or stands in for a failure: those are
    errors, and errors are not remembered; TypeError for what no operation returns."""
    if isinstance(answer, Page):
        return _written_page(answer)
    if answer is None or isinstance(answer, str):
        return _written(b"str", answer)
    kind = type(answer)
    if kind not in _TAGS:
        raise TypeError(f"no operation returns a {kind.__name__}")
    return _written(_TAGS[kind], _One(_account(answer), answer))


def decode(body: bytes) -> Any:  # Any: each operation has its own answer
    """The answer again, as objects that nobody else has. Raises Unreadable."""
    if not body.startswith(_VERSION):
        raise Unreadable("written by another version")
    end = body.find(b"\0", len(_VERSION))
    read = _READERS.get(body[len(_VERSION) : end])
    if end < 0 or read is None:
        raise Unreadable("no answer begins like this")
    try:
        return read(memoryview(body)[end + 1 :])
    except (msgspec.MsgspecError, ValueError) as error:
        raise Unreadable("damaged") from error


def _written_page(page: Page[Any]) -> bytes:
    if page.broken is not None or page.in_place_of is not None:
        raise ValueError("a page with an error is not remembered")
    rest = page.next, page.total, page.is_partial
    sorts = {(type(item), _account(item)) for item in page.items}
    if len(sorts) != 1:
        return _written(b"Page", _Mixed([encode(item) for item in page.items], *rest))
    [(kind, account)] = sorts
    if kind not in _TAGS:
        raise TypeError(f"no page is of {kind.__name__}")
    return _written(b"Page of " + _TAGS[kind], _Rows(account, page.items, *rest))


def _written(tag: bytes, payload: object) -> bytes:
    return b"%b%b\0%b" % (_VERSION, tag, msgspec.msgpack.encode(payload))


def _account(thing: object) -> str:
    """Entities keep it beside the fields that msgspec reads back."""
    return thing.account_name if isinstance(thing, Entity) else ""


# --- readers, made once --------------------------------------------------------------------------------------


def _reader_of_one(kind: type) -> Reader:
    decoder = msgspec.msgpack.Decoder[_One[Any]](_One[kind])  # type: ignore[valid-type]  # known at run time only
    is_entity = issubclass(kind, Entity)

    def read(payload: memoryview) -> Any:  # Any: see Reader
        one = decoder.decode(payload)
        if is_entity:
            one.thing.account_name = one.account
        return one.thing

    return read


def _reader_of_rows(kind: type) -> Reader:
    decoder = msgspec.msgpack.Decoder[_Rows[Any]](_Rows[kind])  # type: ignore[valid-type]  # as above
    is_entity = issubclass(kind, Entity)

    def read(payload: memoryview) -> Page[Any]:  # Any: see Reader
        rows = decoder.decode(payload)
        if is_entity:
            account = rows.account
            for item in rows.items:
                item.account_name = account
        return Page(rows.items, rows.next, rows.total, is_partial=rows.is_partial)

    return read


def _reader_of_mixed() -> Reader:
    decoder = msgspec.msgpack.Decoder(_Mixed)

    def read(payload: memoryview) -> Page[Any]:  # Any: see Reader
        page = decoder.decode(payload)
        return Page([decode(item) for item in page.items], page.next, page.total, is_partial=page.is_partial)

    return read


def _things_in(hint: Any) -> Iterator[type]:  # Any: whatever an annotation may be
    """The types of the schema that an annotation names, however deep."""
    if isinstance(hint, type) and has_object_definition(hint):
        yield hint
    for part in get_args(hint):
        yield from _things_in(part)


def _described(hint: Any, seen: set[str]) -> Iterator[str]:  # Any: as above
    """All that makes what is written: the names of fields and of enum members, and their types."""
    for part in get_args(hint):
        yield from _described(part, seen)
    if not isinstance(hint, type) or repr(hint) in seen:
        return
    seen.add(repr(hint))
    if issubclass(hint, Enum):
        yield from (f"{hint.__name__}={each.name}" for each in hint)
    if has_object_definition(hint):
        hints = get_type_hints(hint)
        for field in fields(hint):  # type: ignore[arg-type]  # every type of Strawberry's is a dataclass
            if field.init:
                yield f"{hint.__name__}.{field.name}: {hints[field.name]}"
                yield from _described(hints[field.name], seen)


TYPES: tuple[type, ...] = tuple(
    dict.fromkeys(
        kind for name in OPERATIONS for kind in _things_in(get_type_hints(getattr(Provider, name)).get("return"))
    )
)
"""Every type that operations return."""

_SHAPE = [*(line for kind in TYPES for line in _described(kind, set())), repr(get_type_hints(Page))]
_VERSION = crc32("\n".join(_SHAPE).encode()).to_bytes(4, "big")
"""Another one for every change of any type, so that replicas of different versions never read each other's answers:
a field that the older one did not write would be null, as if the provider did not know it."""

_TAGS = MappingProxyType({kind: kind.__name__.encode() for kind in TYPES})
_READERS = MappingProxyType(
    {
        b"str": msgspec.msgpack.Decoder(str | None).decode,
        b"Page": _reader_of_mixed(),
        **{tag: _reader_of_one(kind) for kind, tag in _TAGS.items()},
        **{b"Page of " + tag: _reader_of_rows(kind) for kind, tag in _TAGS.items()},
    }
)
