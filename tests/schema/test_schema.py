"""The schema keeps its promises to readers who never see the code."""

import dataclasses
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)
from strawberry.types.base import StrawberryObjectDefinition, has_object_definition

import schema
from schema.command import IpCommand, SmsCommand
from schema.event import SimEvent
from schema.query import NODE_TYPES
from schema.relation import batch_of
from schema.sim import Sim
from schema.usage import UsageRecord

PRINTED = Path(schema.__file__).with_name("schema.graphql")


@pytest.fixture(scope="module")
def sdl() -> GraphQLSchema:
    return build_schema(schema.sdl())


def test_the_printed_schema_is_the_schema():
    """schema/schema.graphql is what `sim-gateway schema` prints; print it anew after a change that is meant."""
    assert PRINTED.read_text() == schema.sdl()


def own_types(sdl: GraphQLSchema) -> list[Any]:
    return [each for name, each in sdl.type_map.items() if not name.startswith("__") and name not in STANDARD]


STANDARD = {"String", "Int", "Float", "Boolean", "ID"}


def test_everything_is_described(sdl: GraphQLSchema):
    """Every type, field, argument, input field and enum value has a description."""
    bare = []
    for each in own_types(sdl):
        bare += [each.name] if not each.description else []
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in each.fields.items():
                bare += [f"{each.name}.{name}"] if not field.description else []
                arguments = getattr(field, "args", {})
                bare += [f"{each.name}.{name}({arg})" for arg, given in arguments.items() if not given.description]
        if isinstance(each, GraphQLEnumType):
            bare += [f"{each.name}.{name}" for name, value in each.values.items() if not value.description]

    assert bare == []


def definitions() -> list[StrawberryObjectDefinition]:
    built = schema.strawberry_schema()
    concrete = [entry.definition for entry in built.schema_converter.type_map.values()]
    return [each for each in concrete if isinstance(each, StrawberryObjectDefinition)]


def test_what_may_do_io_is_nullable(sdl: GraphQLSchema):
    """Every relation is nullable, but for those that fall back to a value and so cannot fail; and every root field."""
    strict = []
    for definition in definitions():
        for field in definition.fields:
            if batch_of(field) is None or field.metadata.get("falls_back"):
                continue
            graphql_type = sdl.type_map.get(definition.name)
            name = schema.strawberry_schema().config.name_converter.get_graphql_name(field)
            if graphql_type is not None and isinstance(graphql_type.fields[name].type, GraphQLNonNull):
                strict.append(f"{definition.name}.{name}")
    for root in ("Query", "Mutation"):
        fields = sdl.type_map[root].fields.items()
        strict += [name for name, field in fields if isinstance(field.type, GraphQLNonNull)]

    assert strict == ["accounts"]


def test_what_is_wanted_can_be_tried_and_named(sdl: GraphQLSchema):
    """Every mutation takes one required input with a dry run and an idempotency key; to stop a job needs neither."""
    without = []
    for name, field in sdl.type_map["Mutation"].fields.items():
        given = getattr(field.args["input"].type, "of_type", None) if "input" in field.args else None
        if not isinstance(given, GraphQLInputObjectType) or not {"dryRun", "idempotencyKey"} <= given.fields.keys():
            without.append(name)

    assert without == ["cancelJob"]


def test_what_became_of_it_is_always_told(sdl: GraphQLSchema):
    """Every payload has its outcome and its problems, which are never null, and a plan, which may be."""
    payloads = {field.type for field in sdl.type_map["Mutation"].fields.values()}

    assert len(payloads) == 8
    for payload in payloads:
        assert isinstance(payload.fields["outcome"].type, GraphQLNonNull)
        assert isinstance(payload.fields["problems"].type, GraphQLNonNull)
        assert not isinstance(payload.fields["plan"].type, GraphQLNonNull)


def test_relations_were_looked_at(sdl: GraphQLSchema):
    """The rule above is about something: it sees the relations of SIMs, sessions, fleets and records."""
    related = {f"{each.name}.{field.python_name}" for each in definitions() for field in each.fields if batch_of(field)}

    assert {"Sim.fleet", "Sim.usage", "Sim.imsi", "DataSession.sim", "Fleet.sims", "UsageRecord.network"} <= related


@pytest.mark.parametrize("kind", [*NODE_TYPES.values(), SimEvent, UsageRecord], ids=lambda kind: kind.__name__)
def test_every_type_survives_encoding(kind: type):
    """A thing encoded with msgspec and decoded as its own type is the same thing: what a cache needs."""
    assert has_object_definition(kind)
    hints = get_type_hints(kind)
    needed = {
        field.name: "x"
        if hints[field.name] is str
        else schema.session.dt.datetime(2026, 1, 1, tzinfo=schema.session.dt.UTC)
        for field in dataclasses.fields(kind)
        if field.init and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    thing = kind(**needed)

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(thing), type=kind) == thing


def test_commands_are_an_interface(sdl: GraphQLSchema):
    """SmsCommand and IpCommand are Commands, Nodes and carry provenance."""
    for kind in (SmsCommand, IpCommand):
        names = {each.name for each in sdl.type_map[kind.__name__].interfaces}
        assert names == {"Command", "Node", "Provenance"}


def test_native_words_stand_beside_canonical_ones(sdl: GraphQLSchema):
    """Wherever a closed enum of ours stands for a provider's word, the provider's word is there too."""
    for name in ("Sim", "SmsCommand", "IpCommand", "EsimProfile", "SettingsUpdate"):
        assert {"status", "nativeStatus"} <= sdl.type_map[name].fields.keys()
    assert {"radioAccess", "nativeRadioAccess"} <= sdl.type_map["DataSession"].fields.keys()


def test_sims_have_what_the_contract_names(sdl: GraphQLSchema):
    """No field of the public contract is missing from Sim."""
    contract = """
        id account nativeId asOf stale staleReason iccid imsi msisdn eid imei name status nativeStatus
        allowedTransitions deviceId deviceName fleet ratePlan createdAt activatedAt updatedAt ipAddresses
        currentNetwork currentSession sessions usage cycleUsage dataUsed commands events billingPeriods
        esimProfile settingsUpdates extra
    """

    assert set(contract.split()) <= sdl.type_map[Sim.__name__].fields.keys()
