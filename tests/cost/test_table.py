"""Every field that asks has its price."""

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType

from gateway.cost.index import ROOT_TYPES, index_of
from gateway.cost.table import PRICES, ROOTS
from tests.cost.asking import SCHEMA

FIELDS = {
    (name, each): field
    for name, kind in SCHEMA.type_map.items()
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
    for each, field in kind.fields.items()
}


def is_asking(type_name: str, field: GraphQLField) -> bool:
    """Whether it asks a provider or the store for its value: root fields, and what is declared with a batch."""
    return type_name in ROOT_TYPES or "batch" in field.extensions["strawberry-definition"].metadata


def test_every_field_that_asks_has_a_price_and_no_other():
    """A new relation, root field or mutation is missing here until somebody has said what it costs."""
    asking = {f"{name}.{each}" for (name, each), field in FIELDS.items() if is_asking(name, field)}

    assert asking == {*PRICES, *ROOTS}


def test_root_fields_are_those_of_the_root_types():
    """What can be started with is priced as a whole, everything else by its parents."""
    assert {f"{name}.{each}" for name, each in FIELDS if name in ROOT_TYPES} == set(ROOTS)


def test_only_what_leads_to_costs_is_followed():
    """From an account, a problem or a page's information nothing is asked any more."""
    fields = index_of(SCHEMA).fields

    assert fields["SimConnection"]["nodes"].below == "Sim"
    assert fields["SimPayload"]["sim"].below == "Sim"
    assert fields["Query"]["node"].below == "Node"
    assert {fields["Sim"]["account"].below, fields["SimConnection"]["problems"].below} == {None}
