"""Every operation that a provider publishes is reached by one of ours: told from their OpenAPI files and from what
arrives when everything is asked and everything is written."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.operation import WRITES
from gateway.page import PageRequest
from gateway.provider import Provider
from gateway.simulation.request_log import Request
from gateway.where import SimWhere, UsageWhere
from tests.contract.samples import LISTS, LOADS, ODD, SINCE, UNTIL, a_page, parent_of
from tests.contract.writes import Bench, sample, send
from tests.world import World, a_world

FILES = Path(__file__).parents[1] / "data" / "openapi"
PUBLISHED = {
    "twilio-supersim": ("twilio_supersim_v1.json", 31),
    "kore-supersim": ("kore_supersim_v1.json", 31),
    "twilio-wireless": ("twilio_wireless_v1.json", 16),
    "kore-wireless": ("kore_programmable_wireless_v1.json", 16),
}
"""The file that describes a provider, and how many operations it has."""

Operation = tuple[str, str]
"""A method and the template of a path."""


def published(name: str) -> list[Operation]:
    document: dict[str, Any] = json.loads((FILES / name).read_text())  # Any: it is foreign JSON
    verbs = ("get", "post", "put", "patch", "delete")
    return [(verb.upper(), path) for path, has in document["paths"].items() for verb in verbs if verb in has]


def is_of(request: Request, operation: Operation) -> bool:
    method, template = operation
    return request.method == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), request.path) is not None


@pytest.mark.parametrize("name", PUBLISHED)
async def test_every_published_operation_is_reached(name: str):
    """Together our operations reach each of theirs and nothing else, and each is answered with success."""
    file, how_many = PUBLISHED[name]
    operations = published(file)
    assert len(operations) == how_many
    async with a_world([name], sims=30, calls=1000, window=1.0) as world:
        await everything(world, name)
        arrived = world.arrived(name)

    assert [each for each in operations if not any(is_of(request, each) for request in arrived)] == []
    assert [each for each in arrived if not any(is_of(each, one) for one in operations)] == []
    assert {each.status for each in arrived} <= {200, 201, 202, 204}


async def everything(world: World, name: str) -> None:
    """Ask this provider everything it can be asked, then tell it everything it can be told."""
    provider = world.accounts.by_name[name].provider
    for operation in [each for each in LISTS if provider.supports(each)]:
        await a_page(provider, operation, 5)
    await provider.list_usage(UsageWhere(SINCE, UNTIL), PageRequest(5))
    for operation in [each for each in LOADS if provider.supports(each)]:
        page = await a_page(provider, LOADS[operation], 1)
        assert await getattr(provider, operation)(page.items[0].native_id) is not None
    for operation in [each for each in ODD if provider.supports(each)]:
        await ask_oddly(provider, operation)
    for operation in [each for each in WRITES if provider.supports(each)]:
        bench = Bench(provider, world.simulators[name])
        await send(bench, await sample(bench, operation))


async def ask_oddly(provider: Provider, operation: str) -> None:
    """Those operations by id that take more, or something else, than a list's ids."""
    sim = (await provider.list_sims(SimWhere(), PageRequest(1))).items[0]
    if operation == "load_profile_network":
        profile = await parent_of(provider, "list_profile_networks")
        network = (await a_page(provider, "list_profile_networks", 1)).items[0]
        assert await provider.load_profile_network(profile, network.native_id) is not None
    elif operation == "find_sim_by_iccid":
        assert await provider.find_sim_by_iccid(sim.iccid or "") is not None
    else:
        raise AssertionError(f"how to ask {operation} is not known here")


def test_the_table_can_fail():
    """A published operation that nothing reaches would be found, and so would a request that is not published."""
    operations = published("twilio_wireless_v1.json")
    request = Request("POST", "/v1/Sims/DE1", "", UNTIL)

    assert [each for each in operations if is_of(request, each)] == [("POST", "/v1/Sims/{Sid}")]
    assert not any(is_of(Request("POST", "/v1/Sims", "", UNTIL), each) for each in operations)
