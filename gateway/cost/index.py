"""The prices of all fields beside the schema: which fields cost something, and which only lead to some that do."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
)

from gateway.cost.price import Price, RootPrice
from gateway.cost.table import PRICES, ROOTS

__all__ = ["ROOT_TYPES", "FieldPrice", "Index", "index_of"]

ROOT_TYPES = ("Query", "Mutation")


class FieldPrice(NamedTuple):
    """A field: what it costs, None where it asks nobody; and the type below it, where that leads to costs."""

    price: Price | None
    below: str | None


@dataclass(frozen=True)
class Index:
    """`fields` by type and name, only those that cost something or lead to what does. `kinds` are the object types
    that each type stands for."""

    fields: dict[str, dict[str, FieldPrice]]
    roots: dict[tuple[str, str], RootPrice]
    kinds: dict[str, frozenset[str]]


@lru_cache(maxsize=4)
def index_of(schema: GraphQLSchema) -> Index:
    """Made once for each schema."""
    types = {
        name: kind
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
    }
    leading = _leading(types)
    fields = {name: {each: _field(name, each, kind, leading) for each in kind.fields} for name, kind in types.items()}
    roots = {(name, each): ROOTS[f"{name}.{each}"] for name in ROOT_TYPES for each in types[name].fields}
    return Index(fields, roots, {name: _kinds(schema, kind) for name, kind in types.items()})


def _field(
    type_name: str, name: str, kind: GraphQLObjectType | GraphQLInterfaceType, leading: frozenset[str]
) -> FieldPrice:
    below = get_named_type(kind.fields[name].type).name
    return FieldPrice(PRICES.get(f"{type_name}.{name}"), below if below in leading else None)


def _leading(types: dict[str, GraphQLObjectType | GraphQLInterfaceType]) -> frozenset[str]:
    """The types from which a field with a price can be reached; an interface stands for every type behind it."""
    leading = {coordinate.partition(".")[0] for coordinate in PRICES}
    grown = -1
    while grown != len(leading):
        grown = len(leading)
        for name, kind in types.items():
            if any(get_named_type(each.type).name in leading for each in kind.fields.values()):
                leading.add(name)
            if name in leading and isinstance(kind, GraphQLObjectType):
                leading.update(each.name for each in kind.interfaces)
    return frozenset(leading)


def _kinds(schema: GraphQLSchema, kind: GraphQLNamedType) -> frozenset[str]:
    if is_abstract_type(kind):
        return frozenset(each.name for each in schema.get_possible_types(kind))
    return frozenset({kind.name})
