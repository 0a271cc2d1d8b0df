"""The queries in GraphiQL's tabs run as they open, against every provider."""

from typing import Any

import pytest

from gateway.graphiql.tabs import example_tabs
from tests.world import START, World, a_world

TABS = example_tabs(START)


@pytest.fixture
async def world():
    async with a_world(sims=12, time_limit=8.0) as made:
        yield made


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: str(tab["query"]).split("query ")[1].split("(")[0].split(" ")[0])
async def test_an_example_answers(world: World, tab: dict[str, Any]):
    """Without an error, and with something to see in every list; the SIM asked for by ICCID is one that is there."""
    [sim] = (await world.data("{ sims(first: 1) { nodes { iccid } } }"))["sims"]["nodes"]
    variables = tab["variables"] or {}

    data = await world.data(str(tab["query"]), variables | ({"iccid": sim["iccid"]} if "iccid" in variables else {}))

    for found in data.values():
        assert found
        assert found if isinstance(found, list) or "nodes" not in found else found["nodes"]
