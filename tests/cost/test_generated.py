"""The bound holds for queries that nobody thought of, and hostile values do no harm."""

from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.cost.estimate import Estimate
from tests.cost.asking import check, cost
from tests.world import World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOTS = {"sims": "Sim", "fleets": "Fleet", "commands": "Command", "events": "Event", "networkAccessProfiles": "Profile"}
TO_ONE = {
    "Sim": {"fleet": "Fleet", "currentSession": "Session", "esimProfile": "Esim", "cycleUsage": "Usage"},
    "Fleet": {"networkAccessProfile": "Profile"},
    **{kind: {"sim": "Sim"} for kind in ("Command", "Event", "Session", "Esim", "Usage")},
}
TO_MANY = {
    "Sim": {"sessions": "Session", "commands": "Command", "events": "Event", "settingsUpdates": "Command"},
    "Fleet": {"sims": "Sim"},
    "Profile": {"networks": "Network"},
}
LEAVES = {"Sim": ["imsi", "status", "dataUsed", "usage { bytesTotal }", "billingPeriods { startsAt }"]}


@st.composite
def selections(draw: st.DrawFn, kind: str, depth: int) -> str:
    """Fields of a type, with some relations below them."""
    fields = ["__typename", *draw(st.lists(st.sampled_from(LEAVES.get(kind, ["__typename"])), max_size=3))]
    relations = [(name, of, False) for name, of in TO_ONE.get(kind, {}).items()]
    relations += [(name, of, True) for name, of in TO_MANY.get(kind, {}).items()]
    if depth and relations:
        for number, (name, of, is_many) in enumerate(draw(st.lists(st.sampled_from(relations), max_size=2))):
            below = draw(selections(of, depth - 1))
            first = f"(first: {draw(st.integers(0, 4))})" if is_many else ""
            fields.append(f"r{number}: {name}{first} {{ {f'nodes {{ {below} }}' if is_many else below} }}")
    return " ".join(fields)


@st.composite
def queries(draw: st.DrawFn) -> str:
    fields = []
    for number, root in enumerate(draw(st.lists(st.sampled_from(sorted(ROOTS)), min_size=1, max_size=2))):
        first = draw(st.integers(0, 12))
        fields.append(f"q{number}: {root}(first: {first}) {{ nodes {{ {draw(selections(ROOTS[root], 3))} }} }}")
    return f"{{ {' '.join(fields)} }}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world():
    async with a_world(sims=10, unhurried=True, calls=1000, window=1.0) as made:
        yield made


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(query=queries())
async def test_no_more_arrives_than_was_estimated(world: World, query: str):
    """Whatever is asked below whatever: no more calls arrive than were estimated, in all and at each account."""
    await check(world, query, {})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PARTS = (
    *("first", "after", "accounts", "providers", "status", "iccid", "fleetId", "since", "until", "groupBy", "type"),
    *("granularity", "simId", "select", "filter", "ids", "id", "body", "sms", "awaitSettled", "expectedCount"),
)
INPUTS = st.dictionaries(st.sampled_from(PARTS), VALUES | st.dictionaries(st.sampled_from(PARTS), VALUES), max_size=4)
FIELDS = (
    "sims(filter: $v, first: $w) { nodes { usage(since: $w, until: $x, granularity: $w) { bytesTotal } } }",
    "events(filter: $v, after: $w) { nodes { sim { events(type: $w, first: $x) { nodes { type } } } } }",
    "usage(filter: $v, first: $w) { nodes { sim { iccid } } }",
    "nodes(ids: $w) { id ... on NetworkAccessProfile { network(id: $x) { name } } }",
    "sim(by: $v) { iccid sessions(since: $w) { nodes { id } } }",
    "node(id: $w) { id }",
)
CHANGES = (
    "updateSim(input: $v) { outcome }",
    "updateSims(input: $v) { outcome }",
    "sendCommand(input: $v) { outcome }",
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(field=st.sampled_from(FIELDS + CHANGES), v=INPUTS | VALUES, w=VALUES, x=VALUES)
async def test_values_of_any_kind_have_a_cost(world: World, field: str, v: Any, w: Any, x: Any):
    """What the schema will refuse anyway, as nobody has looked at it yet, is estimated without an error."""
    kind = "mutation" if field in CHANGES else "query"

    found = cost(world, f"{kind}($v: V, $w: W, $x: X) {{ {field} }}", {"v": v, "w": w, "x": x})

    assert isinstance(found, Estimate)
    assert 0 <= found.total <= sum(found.by_account.values())
