"""What each field takes is written down once, completely, and the schema shows it."""

from collections import Counter

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    build_schema,
    get_named_type,
    value_from_ast_untyped,
)

import schema
from schema.errors import ProblemCode
from schema.marking import HIDDEN, mark, shown
from schema.query import NODE_TYPES
from schema.scope_table import TABLE
from schema.scopes import ALL_SCOPES, NEEDS, SCOPE_OF_KIND, Scope, forbidden_kind, lacking

PERSONAL_NAMES = """
    imsi msisdn imei ipAddress ipAddresses ipv6Prefix deviceIp devicePort cellId cellLocation payload sentTo sentFrom
    sender matchingId activationCode extra details packages smsCommandsUrl ipCommandsUrl usageNotificationUrl
"""
PERSONAL_TYPES = {"IpAddress", "GeoPoint", "JSON"}
"""Types whose values are personal wherever they stand; JSON is what a provider says, whatever it is."""


@pytest.fixture(scope="module")
def sdl() -> GraphQLSchema:
    return build_schema(schema.sdl())


def fields_of(sdl: GraphQLSchema) -> dict[tuple[str, str], GraphQLField]:
    return {
        (each.name, name): field
        for each in sdl.type_map.values()
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType) and not each.name.startswith("__")
        for name, field in each.fields.items()
    }


def own_scopes(type_name: str) -> frozenset[Scope]:
    """What every field of a type takes: what it takes to see anything of it."""
    choices = [frozenset.intersection(*needs) if needs else frozenset() for (of, _), needs in NEEDS.items()
               if of == type_name]  # fmt: skip
    return frozenset.intersection(*choices) if choices else frozenset()


def takes_pii(place: tuple[str, str]) -> bool:
    return bool(NEEDS[place]) and all(Scope.PII_READ in choice for choice in NEEDS[place])


def test_the_table_is_complete(sdl: GraphQLSchema):
    """Every field of every type is in the table, and nothing else."""
    assert NEEDS.keys() == fields_of(sdl).keys()


def test_each_field_is_said_once():
    """No field stands at two places of the table, which would let one of them be overlooked."""
    said = Counter(
        (name, field) for name, groups in TABLE.items() for text in groups.values() for field in text.split()
    )

    assert [place for place, times in said.items() if times > 1] == []


def test_a_field_nobody_thought_about_cannot_be_served():
    """There is no schema with a field that is not in the table."""
    built = schema.strawberry_schema()._schema
    built.type_map["Sim"].fields["pin"] = GraphQLField(GraphQLString)

    with pytest.raises(KeyError, match="pin"):
        mark(built)


def test_the_printed_schema_says_what_each_field_takes(sdl: GraphQLSchema):
    """The directive of every field is what the table says; a field for any caller has none."""
    printed = {}
    for place, field in fields_of(sdl).items():
        assert field.ast_node is not None
        given = [each for each in field.ast_node.directives or () if each.name.value == "requiresScopes"]
        printed[place] = [value_from_ast_untyped(each.arguments[0].value) for each in given]

    assert printed == {place: [shown(needs)] if needs else [] for place, needs in NEEDS.items()}


def test_the_directive_explains_itself(sdl: GraphQLSchema):
    """Whoever reads the schema is told what happens without the scope; introspection knows the directive too."""
    for each in (sdl, schema.build_schema()):
        directive = each.get_directive("requiresScopes")
        assert directive is not None
        assert "FORBIDDEN" in directive.description
        assert "extensions.masked" in directive.description


def test_personal_data_can_be_hidden(sdl: GraphQLSchema):
    """Every field that takes pii:read is nullable and says that it may be hidden; no other says so."""
    fields = fields_of(sdl)
    personal = {place for place in fields if takes_pii(place)}

    assert len(personal) > 20
    assert [place for place in personal if isinstance(fields[place].type, GraphQLNonNull)] == []
    assert {place for place, field in fields.items() if HIDDEN in (field.description or "")} == personal


def test_personal_data_takes_its_scope_wherever_it_is(sdl: GraphQLSchema):
    """A field with the name or the type of personal data takes pii:read in every type."""
    names = set(PERSONAL_NAMES.split())
    fields = fields_of(sdl)
    named = {place for place in fields if place[1] in names}
    typed = {place for place, field in fields.items() if get_named_type(field.type).name in PERSONAL_TYPES}

    assert {name for _, name in named} == names
    assert named | typed == {place for place in fields if takes_pii(place)}


def test_a_way_around_takes_no_less(sdl: GraphQLSchema):
    """A field that leads to a thing takes all that every field of the thing takes."""
    short = {
        place: target.name
        for place, field in fields_of(sdl).items()
        if isinstance(target := get_named_type(field.type), GraphQLObjectType | GraphQLInterfaceType)
        for choice in NEEDS[place] or (frozenset(),)
        if not own_scopes(target.name) <= choice
    }

    assert own_scopes("CommandConnection") == {Scope.COMMANDS_READ}
    assert short == {}


def test_an_interface_promises_no_less_than_its_types_take(sdl: GraphQLSchema):
    """What an interface's field takes, the same field of each type behind it takes too."""
    less = [
        (each.name, name)
        for each in sdl.type_map.values()
        if isinstance(each, GraphQLObjectType)
        for interface in each.interfaces
        for name in interface.fields
        for choice in NEEDS[interface.name, name]
        if not all(choice <= own for own in NEEDS[each.name, name])
    ]

    assert less == []


def test_every_scope_is_good_for_something():
    """Each scope opens some field but admin, which opens none: it is for what is not in the schema."""
    used = {scope for needs in NEEDS.values() for choice in needs for scope in choice}

    assert used == ALL_SCOPES - {Scope.ADMIN}


def test_things_by_id_take_what_their_fields_take():
    """Every kind that has an id has a scope, which is what every field of it takes."""
    assert SCOPE_OF_KIND.keys() == NODE_TYPES.keys()
    for kind, scope in SCOPE_OF_KIND.items():
        assert own_scopes(kind) == {scope}


def test_a_kind_is_refused_by_name():
    """Who has no scope for a kind is told which; who has it is not."""
    refused = forbidden_kind("DataSession", {Scope.SIMS_READ})

    assert refused is not None
    assert refused.code is ProblemCode.FORBIDDEN
    assert "sessions:read" in refused.message
    assert forbidden_kind("DataSession", {Scope.SESSIONS_READ}) is None


R, W, S = frozenset({Scope.SIMS_READ}), frozenset({Scope.SIMS_WRITE}), frozenset({Scope.COMMANDS_SEND})


@pytest.mark.parametrize(
    ("needs", "scopes", "missing"),
    [
        ((), frozenset(), ()),
        ((R,), R, ()),
        ((R,), W, (R,)),
        ((R | W,), R, (W,)),
        ((W, S), S, ()),
        ((W, S), R, (W, S)),
    ],
)
def test_one_whole_choice_is_enough(
    needs: tuple[frozenset[Scope], ...], scopes: frozenset[Scope], missing: tuple[frozenset[Scope], ...]
):
    """Nothing is missing as soon as one choice is had wholly; else the rest of each choice is."""
    assert lacking(needs, scopes) == missing
