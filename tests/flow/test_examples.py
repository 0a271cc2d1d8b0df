"""The examples in GraphiQL's tabs run as they open, against every provider."""

import re
from typing import Any

import pytest

from gateway.graphiql.tabs import example_tabs
from tests.world import START, World, a_world

TABS = example_tabs(START)
BY_ICCID = "{ sims(first: 1) { nodes { iccid } } }"
TO_CHANGE = '{ sims(filter: {providers: ["cisco-control-center"], status: [ACTIVE]}) { nodes { id } } }'


def name_of(tab: dict[str, Any]) -> str:  # Any: variables are beside the query
    return re.findall(r"^(?:query|mutation) (\w+)", str(tab["query"]), re.MULTILINE)[0]


@pytest.fixture
async def world():
    async with a_world(sims=12) as made:
        yield made


async def fitting(world: World, variables: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    """The same variables with SIMs that are there."""
    [asked_about] = (await world.data(BY_ICCID))["sims"]["nodes"]
    to_change = (await world.data(TO_CHANGE))["sims"]["nodes"][0]
    found = {"iccid": asked_about["iccid"], "sim": to_change["id"]}
    return {name: found.get(name, value) for name, value in variables.items()}


@pytest.mark.parametrize("tab", TABS, ids=name_of)
async def test_an_example_answers(world: World, tab: dict[str, Any]):
    """Without an error, and with something to see in every list; SIMs asked for are there; a change goes through."""
    data = await world.data(str(tab["query"]), await fitting(world, tab["variables"] or {}))

    for found in data.values():
        assert found
        assert found if isinstance(found, list) or "nodes" not in found else found["nodes"]
        if "outcome" in found:
            assert found["outcome"] in {"DRY_RUN", "APPLIED"}
            assert found["problems"] == []


async def test_what_the_mutations_send(world: World):
    """The one that tries sends nothing, and the one that sends, asked twice, sends once."""
    tried, sent = [tab for tab in TABS if "mutation" in tab["query"]]
    variables = await fitting(world, dict(tried["variables"]))
    world.forget()
    await world.data(tried["query"], variables)
    for_a_dry_run = [each for each in world.arrived("cisco-control-center") if each.method != "GET"]
    answers = [await world.data(sent["query"], variables) for _ in range(2)]

    assert for_a_dry_run == []
    assert answers[0] == answers[1]
    assert [each.method for each in world.arrived("cisco-control-center") if each.method != "GET"] == ["POST"]
