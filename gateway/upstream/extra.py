"""What a caller gives under a provider's own names, as the Struct in which the provider's adapter lists them."""

from collections.abc import Sequence
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec import UNSET, UnsetType

from schema.errors import Invalid

__all__ = ["OF_SIM", "OF_SMS", "read_extra"]

S = TypeVar("S", bound=msgspec.Struct)
Given = dict[str, Any]  # Any: each name has values of its own, which are checked here

OF_SIM = ("input", "extra")
OF_SMS = ("input", "body", "sms", "extra")
"""Where in the caller's input the names stand."""

SHOWN = 40
"""Characters of a caller's name that a message repeats."""


def read_extra(kind: type[S], extra: Given | UnsetType, path: Sequence[str] = OF_SIM) -> S:
    """`extra` as a `kind`, each of whose fields has a default; all defaults where there is none.

    Raises Invalid with the path of the first name that the kind has not, or whose value is of another type.
    """
    if extra is UNSET:
        return kind()
    allowed = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    for name, value in extra.items():
        flaw = _flaw(kind, name, value, allowed)
        if flaw is not None:
            raise Invalid(f"extra.{name[:SHOWN]}: {flaw}", path=[*path, name])
    return msgspec.convert(extra, kind)


def _flaw(kind: type[S], name: str, value: Any, allowed: dict[str, Any]) -> str | None:  # Any: unchecked, and any type
    if name not in allowed:
        return f"there is no such name here; allowed: {', '.join(sorted(allowed)) or 'none'}"
    try:
        msgspec.convert({name: value}, kind)
    except msgspec.ValidationError as error:
        words = _words(allowed[name])
        return f"allowed: {', '.join(words)}" if words else str(error).split(" - at ")[0]
    return None


def _words(wanted: Any) -> list[str]:  # Any: any type
    """The values of a Literal, wherever in a type it stands."""
    if get_origin(wanted) is Literal:
        return [str(each) for each in get_args(wanted)]
    return [word for part in get_args(wanted) for word in _words(part)]
