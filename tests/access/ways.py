"""Ways through the schema: from a root to every type, with the arguments that find something there."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
)

__all__ = ["Step", "Way", "at", "document", "names", "types_of", "ways"]

LONGEST = 5
ROWS = 8
"""Of every list."""
MOST = 30
"""Ways that are looked for to one type."""

ARGUMENTS: dict[tuple[str, str], str] = {
    ("Query", "node"): 'id: "%(sim)s"',
    ("Query", "nodes"): 'ids: ["%(sim)s"]',
    ("Query", "sim"): 'by: {id: "%(sim)s"}',
    ("Query", "fleet"): 'id: "%(fleet)s"',
    ("Query", "job"): 'id: "%(job)s"',
    ("Query", "usage"): 'filter: {since: "2026-11-01T00:00:00Z", until: "2026-11-15T00:00:00Z", groupBy: SIM}',
    ("NetworkAccessProfile", "network"): 'id: "%(network)s"',
    ("Mutation", "registerSim"): 'input: {account: "%(account)s", iccid: "8988307000000000000", '
    'registrationCode: "H3LL0", dryRun: true}',
    ("Mutation", "updateSim"): 'input: {id: "%(sim)s", name: "pump", dryRun: true}',
    ("Mutation", "deleteSim"): 'input: {id: "%(sim)s", dryRun: true}',
    ("Mutation", "sendCommand"): 'input: {simId: "%(sim)s", body: {sms: {text: "hi"}}, dryRun: true}',
    ("Mutation", "deleteCommand"): 'input: {id: "%(command)s", dryRun: true}',
    ("Mutation", "createFleet"): 'input: {networkAccessProfileId: "%(profile)s", dryRun: true}',
    ("Mutation", "updateFleet"): 'input: {id: "%(fleet)s", name: "north", dryRun: true}',
    ("Mutation", "createNetworkAccessProfile"): 'input: {account: "%(account)s", dryRun: true}',
    ("Mutation", "updateNetworkAccessProfile"): 'input: {id: "%(profile)s", name: "all", dryRun: true}',
    ("Mutation", "addNetworkToProfile"): 'input: {profileId: "%(profile)s", networkId: "%(network)s", dryRun: true}',
    ("Mutation", "removeNetworkFromProfile"): 'input: {profileId: "%(profile)s", networkId: "%(network)s", '
    "dryRun: true}",
    ("Mutation", "orderEsimProfile"): 'input: {account: "%(account)s", dryRun: true}',
    ("Mutation", "createRatePlan"): 'input: {account: "%(account)s", dryRun: true}',
    ("Mutation", "updateRatePlan"): 'input: {id: "%(plan)s", name: "flat", dryRun: true}',
    ("Mutation", "deleteRatePlan"): 'input: {id: "%(plan)s", dryRun: true}',
    ("Mutation", "updateSims"): 'input: {select: {ids: ["%(sim)s"]}, status: ACTIVE, dryRun: true}',
    ("Mutation", "sendCommands"): 'input: {select: {ids: ["%(sim)s"]}, body: {sms: {text: "hi"}}, dryRun: true}',
    ("Mutation", "cancelJob"): 'id: "%(job)s"',
}
"""What a field must be given, with the names of what was found for it."""

BY_KIND = {("Query", "node"), ("Query", "nodes")}
"""What these take depends on the kind of the id, which no schema says: no way goes on from them."""


@dataclass(frozen=True)
class Step:
    """A field of an object type."""

    of: str
    field: str


Way = tuple[Step, ...]
"""From a root, each step from the type that the one before leads to."""


def types_of(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    """Every type that has fields to be asked for."""
    return [each for name, each in schema.type_map.items() if isinstance(each, GraphQLObjectType) and name[:2] != "__"]


def ways(schema: GraphQLSchema) -> dict[str, list[Way]]:
    """Ways to each object type, the shortest first. To the roots there is the way without steps."""
    to: dict[str, list[Way]] = defaultdict(list)
    waiting: deque[tuple[GraphQLObjectType, Way]] = deque([(root, ()) for root in _roots(schema)])
    while waiting:
        here, way = waiting.popleft()
        if len(to[here.name]) < MOST:
            to[here.name].append(way)
            waiting.extend(_onward(schema, here, way))
    return to


def _roots(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    return [each for each in (schema.query_type, schema.mutation_type) if each is not None]


def _onward(schema: GraphQLSchema, here: GraphQLObjectType, way: Way) -> Iterator[tuple[GraphQLObjectType, Way]]:
    been = {step.of for step in way} | {here.name}
    for name, field in here.fields.items():
        if (here.name, name) in BY_KIND:
            continue
        for there in _objects(schema, get_named_type(field.type)):
            if there.name not in been and len(way) < LONGEST:
                yield there, (*way, Step(here.name, name))


def _objects(schema: GraphQLSchema, kind: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
    if isinstance(kind, GraphQLInterfaceType):
        return schema.get_possible_types(kind)
    return [kind] if isinstance(kind, GraphQLObjectType) else []


def document(schema: GraphQLSchema, asked: Mapping[str, Way], ids: Mapping[str, str]) -> str:
    """Asks for the last field of each way, under the name it has in `asked`. All ways begin at one root."""
    [root] = {way[0].of for way in asked.values()}
    fields = " ".join(f"{name}: {_text(schema, way) % ids}" for name, way in asked.items())
    return f"{'mutation' if root == 'Mutation' else 'query'} {{ {fields} }}"


def _text(schema: GraphQLSchema, way: Way) -> str:
    step, *rest = way
    field = schema.type_map[step.of].fields[step.field]
    kind = get_named_type(field.type)
    given = [ARGUMENTS.get((step.of, step.field)), f"first: {ROWS}" if "first" in field.args else None]
    text = f"{step.field}({', '.join(each for each in given if each)})" if any(given) else step.field
    if not is_composite_type(kind):
        return text
    inner = f"... on {rest[0].of} {{ {_text(schema, tuple(rest))} }}" if rest else "__typename"
    return f"{text} {{ {inner} }}"


def names(name: str, way: Way) -> list[str]:
    """The response path of the way's last field, without the places in lists."""
    return [name, *(step.field for step in way[1:])]


def at(data: Any, path: Sequence[str]) -> list[Any]:  # Any: JSON
    """Everything that an answer has at such a path but null."""
    if isinstance(data, list):
        return [found for each in data for found in at(each, path)]
    if data is None:
        return []
    return at(data.get(path[0]), path[1:]) if path else [data]
