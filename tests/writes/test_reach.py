"""Every operation that Super SIM and Programmable Wireless publish is reached by somebody who only asks the graph."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.simulation.request_log import Request
from tests.contract.test_reach import PUBLISHED, Operation, is_of, published
from tests.contract.writes import Bench
from tests.world import World
from tests.writes.catalog import CATALOG, Case, change
from tests.writes.site import a_site

LISTS = {
    "supersim": """query($usage: UsageFilter!) { usage(filter: $usage) { nodes { bytesTotal } }
      sims(first: 5) { nodes { id } } fleets(first: 5) { nodes { id } }
      commands(first: 100) { nodes { __typename id } } networks(first: 5) { nodes { id } }
      networkAccessProfiles(first: 5) { nodes { id } } esimProfiles(first: 5) { nodes { id } }
      settingsUpdates(first: 5) { nodes { id } } }""",
    "wireless": """query($usage: UsageFilter!) { usage(filter: $usage) { nodes { bytesTotal } }
      sims(first: 5) { nodes { id } } ratePlans(first: 5) { nodes { id } }
      commands(first: 100) { nodes { __typename id } } }""",
}
"""The questions one can start with, at each kind of provider."""

SPAN = {"since": "2026-11-01T00:00:00Z", "until": "2026-11-15T00:00:00Z"}
NODE = "query($id: ID!) { node(id: $id) { id } }"

OF_SIM = {
    "supersim": "query($id: ID!) { sim(by: {id: $id}) { billingPeriods { id } ipAddresses { address } } }",
    "wireless": "query($id: ID!) { sim(by: {id: $id}) { sessions(first: 5) { nodes { id } } usage { bytesTotal } } }",
}
"""What belongs to a SIM and is found in no other way."""

OF_PROFILE = """query($id: ID!) { node(id: $id) { ... on NetworkAccessProfile {
  networks(first: 5) { nodes { id } } } } }"""
IN_PROFILE = """query($id: ID!, $network: ID!) { node(id: $id) { ... on NetworkAccessProfile {
  network(id: $network) { id } } } }"""


@dataclass
class Asker:
    """Asks the graph, and keeps what arrived at the provider meanwhile."""

    world: World
    name: str
    arrived: list[Request] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.name.split("-")[1]

    async def ask(self, query: str, **variables: object) -> Any:  # Any: JSON
        self.world.forget()
        data = await self.world.data(query, variables)
        self.arrived += self.world.arrived(self.name)
        return data

    async def everything(self) -> None:
        """Every list, one thing of each kind by its id, and what is only found below another."""
        lists = await self.ask(LISTS[self.kind], usage=SPAN)
        for page in lists.values():
            one_of_each = {node["__typename"]: node for node in page["nodes"] if "__typename" in node}
            for node in one_of_each.values() or page["nodes"][:1]:
                if "id" in node:
                    assert (await self.ask(NODE, id=node["id"]))["node"]["id"] == node["id"]
        await self.ask(OF_SIM[self.kind], id=lists["sims"]["nodes"][0]["id"])
        if "networkAccessProfiles" in lists:
            await self._networks(lists["networkAccessProfiles"]["nodes"][0]["id"])

    async def _networks(self, profile: str) -> None:
        [network, *_] = (await self.ask(OF_PROFILE, id=profile))["node"]["networks"]["nodes"]
        told = await self.ask(IN_PROFILE, id=profile, network=network["id"])
        assert told["node"]["network"]["id"] == network["id"]

    async def change(self, case: Case) -> None:
        """The mutation, which must be done. What it takes to have something to change is not counted."""
        provider = self.world.accounts.by_name[self.name].provider
        given = await case.prepare(Bench(provider, self.world.simulators[self.name]), self.name)
        if "name" in given:
            given["name"] = f"{case.mutation} {case.provider}"  # unlike that of any other
        self.world.forget()
        payload = await change(self.world, case.mutation, given)
        self.arrived += self.world.arrived(self.name)
        assert payload["outcome"] in ("APPLIED", "PENDING"), (case, payload)


def unreached(operations: Sequence[Operation], arrived: Sequence[Request]) -> list[Operation]:
    return [each for each in operations if not any(is_of(request, each) for request in arrived)]


@pytest.mark.parametrize("name", PUBLISHED)
async def test_every_published_operation_is_reached_through_the_graph(name: str):
    """Queries and mutations together reach each operation of their OpenAPI file, nothing else, and with success."""
    file, how_many = PUBLISHED[name]
    operations = published(file)
    assert len(operations) == how_many
    async with a_site([name]) as site, site.gateway() as world:
        asker = Asker(world, name)
        await asker.everything()
        for case in CATALOG:
            if case.provider.endswith(f"-{asker.kind}"):
                await asker.change(case)

    assert unreached(operations, asker.arrived) == []
    assert [each for each in asker.arrived if not any(is_of(each, one) for one in operations)] == []
    assert {each.status for each in asker.arrived} <= {200, 201, 202, 204}


def test_an_operation_that_nothing_reaches_is_found():
    """The table says so where reading alone is tried: every operation that changes something is missing."""
    operations = published(PUBLISHED["twilio-wireless"][0])
    arrived = [Request(verb, path.replace("{Sid}", "X1"), "", None) for verb, path in operations if verb == "GET"]  # type: ignore[arg-type]  # no time matters

    missing = unreached(operations, arrived)

    assert {verb for verb, _ in missing} == {"POST", "DELETE"}
    assert len(missing) == sum(verb != "GET" for verb, _ in operations)
