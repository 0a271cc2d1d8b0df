"""A filter as JSON made the record that the schema would make of it."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from graphql import GraphQLError

from schema.filters import AccountFilter
from schema.scalars import read_datetime

__all__ = ["filter_of", "moment"]

F = TypeVar("F", bound=AccountFilter)


class Unread(Exception):
    """A value that the schema will refuse."""


def filter_of(kind: type[F], given: Any) -> F | None:  # Any: JSON
    """The filter; None where it will be refused."""
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        return None
    record: type = kind
    values: dict[str, Any] = {}  # Any: each condition has its own type
    try:
        for name, read in _conditions(record).items():
            if name in given:
                values[read.name] = _read(read, given[name])
        return kind(**values)
    except (Unread, TypeError):
        return None


def moment(given: Any) -> dt.datetime | None:  # Any: as above
    """A moment as callers write it; None where it is none."""
    try:
        return read_datetime(given)
    except GraphQLError:
        return None


class _Condition(NamedTuple):
    name: str
    kind: Any  # a type, or a list of one
    is_list: bool


@cache
def _conditions(kind: type) -> dict[str, _Condition]:
    """By the names that callers write."""
    hints = get_type_hints(kind)
    return {_camel(each.name): _condition(each.name, hints[each.name]) for each in dataclasses.fields(kind)}


def _condition(name: str, hint: Any) -> _Condition:  # Any: an annotation
    if get_origin(hint) in (Union, UnionType):
        [hint] = [each for each in get_args(hint) if each is not type(None)]
    if get_origin(hint) is list:
        return _Condition(name, get_args(hint)[0], is_list=True)
    return _Condition(name, hint, is_list=False)


def _read(condition: _Condition, given: Any) -> Any:  # Any: as above
    if given is None:
        return None
    if not condition.is_list:
        return _one(condition.kind, given)
    # One value stands for a list of it (GraphQL, 3.11).
    return [_one(condition.kind, each) for each in (given if isinstance(given, list) else [given])]


def _one(kind: Any, given: Any) -> Any:  # Any: as above
    """Raises Unread."""
    found: object = str(given) if isinstance(given, str | int) else None
    if kind is dt.datetime:
        found = moment(given)
    elif isinstance(kind, type) and issubclass(kind, Enum):
        found = kind.__members__.get(str(given))
    if found is None:
        raise Unread
    return found


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)
