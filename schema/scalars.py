"""The four scalars of our own, and how each is read and written."""

import datetime as dt
from decimal import Decimal
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

__all__ = ["JSON", "SCALARS", "BigInt"]

BigInt = NewType("BigInt", int)


def write_datetime(value: dt.datetime) -> str:
    """RFC 3339 in UTC with Z; a fraction only where there is one."""
    if value.tzinfo is None:
        raise GraphQLError("DateTime: a time without an offset cannot be told")
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def read_datetime(value: object) -> dt.datetime:
    """A time with an offset, as UTC. Anything else names itself."""
    try:
        parsed = dt.datetime.fromisoformat(value) if isinstance(value, str) and "T" in value.upper() else None
        if parsed is not None and parsed.tzinfo is not None:
            return parsed.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError(f"DateTime must be RFC 3339 with an offset, like 2026-11-01T00:00:00Z; found {_shown(value)}")


def read_bigint(value: object) -> int:
    """A whole number of 64 bits."""
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    raise GraphQLError(f"BigInt must be a whole number of 64 bits; found {_shown(value)}")


def read_decimal(value: object) -> Decimal:
    """An exact decimal number, given as a string."""
    try:
        if isinstance(value, str) and (number := Decimal(value)).is_finite():
            return number
    except ArithmeticError:
        pass
    raise GraphQLError(f'Decimal must be a string like "12.50"; found {_shown(value)}')


def _shown(value: object) -> str:
    """The caller's own value for an error message, cut so that a message stays a line."""
    try:
        text = repr(value)
    except ValueError:
        return "a number that is too long to print"
    return text if len(text) <= 80 else text[:77] + "..."


SCALARS: dict[Any, ScalarDefinition] = {  # Any: Strawberry keys this by types and NewTypes alike
    dt.datetime: strawberry.scalar(
        name="DateTime",
        description="A moment, RFC 3339 in UTC with Z. Input must carry an offset.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=write_datetime,
        parse_value=read_datetime,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of 64 bits as a JSON number. Sizes are in bytes.",
        serialize=int,
        parse_value=read_bigint,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number as a JSON string, for money: "12.50".',
        serialize=str,
        parse_value=read_decimal,
    ),
}
