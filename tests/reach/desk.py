"""One gateway without a front door over simulators, asked by several callers, and what each of them may be told."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from graphql import ExecutionResult, GraphQLSchema, execute, parse, validate

from gateway.cache.options import CacheOptions
from gateway.context import Process, RequestContext
from gateway.lists.cursor import Sealer
from gateway.opening import open_accounts
from gateway.registry import platforms
from gateway.rights import ANYBODY, Caller, Reach
from gateway.server.answer import told
from gateway.server.process import ProcessOptions, opened
from gateway.simulation.host import SimulationHost
from gateway.simulation.request_log import Request
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions
from schema import build_schema
from schema.ids import Key
from tests.world import FORGETFUL, PATIENT, settings_of, simulator_of, ticking

__all__ = [
    "KORE",
    "SECONDS",
    "TWILIO",
    "WIRELESS",
    "Place",
    "Site",
    "a_site",
    "ids_by_place",
    "named_in",
    "places_of",
    "seeing",
]

TWILIO, KORE, WIRELESS = "twilio-supersim", "kore-supersim", "twilio-wireless"
SECONDS = 60.0

ID = re.compile(r"\b(?:[A-Z]{2}[0-9a-f]{32}|[0-9]{18,22})\b")
WORD = re.compile(r"[A-Za-z0-9_-]{24,}")


def seeing(name: str, *accounts: str, fleets: Iterable[tuple[str, str]] = (), **more: Any) -> Caller:
    """A caller with every scope and these rights."""
    reach = Reach(accounts=frozenset(accounts), fleets=frozenset(Key(*each) for each in fleets))
    return replace(ANYBODY, name=name, reach=reach, **more)


def named_in(answer: Any) -> set[str]:
    """Every provider's id and ICCID that stands in an answer, also within the gateway's own ids."""
    text = json.dumps(answer)
    found = set(ID.findall(text))
    for word in WORD.findall(text):
        decoded = urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode("latin-1")
        found |= set(ID.findall(decoded))
    return found


@dataclass
class Site:
    """Ask as somebody, look at what arrived."""

    host: SimulationHost
    process: Process
    schema: GraphQLSchema

    async def ask(
        self, caller: Caller, query: str, variables: Mapping[str, Any] | None = None, *, is_dry: bool = False
    ) -> dict[str, Any]:
        """The whole answer, with the plan."""
        document = parse(query)
        assert validate(self.schema, document) == []
        context = RequestContext(self.process, SECONDS, caller=caller, is_dry=is_dry)
        try:
            result = execute(self.schema, document, context_value=context, variable_values=dict(variables or {}))
            if not isinstance(result, ExecutionResult):
                result = await result
        finally:
            await context.aclose()
        return told(result.data, result.errors, is_executed=True) | {"extensions": {"plan": context.plan.shown()}}

    async def data(self, caller: Caller, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The data of an answer that must be without errors."""
        answer = await self.ask(caller, query, variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def arrived(self, name: str) -> list[Request]:
        """The requests that arrived since the last `forget`, without those for tokens."""
        return [each for each in self.host.requests(name) if not each.path.endswith("/token")]

    def asked(self, name: str) -> list[tuple[str, dict[str, str]]]:
        """The same as paths and queries."""
        return [
            (each.path.removeprefix("/v1/"), {key: value for key, [value] in parse_qs(each.query).items()})
            for each in self.arrived(name)
        ]

    def forget(self) -> None:
        self.host.clear()


@asynccontextmanager
async def a_site(
    names: Iterable[str], *, sims: int = 36, cache: CacheOptions = FORGETFUL, **extra: object
) -> AsyncIterator[Site]:
    """Simulators of these providers, each with one account named like it, and no limit on calls."""
    known, now = platforms(), ticking()
    simulators = {}
    for name in names:
        simulator = simulator_of(known[name], SimulationOptions(sims, 1, now, {}))
        if "rate" in simulator.switches:
            simulator = simulator_of(known[name], SimulationOptions(sims, 1, now, {"rate": "0"}))
        simulators[name] = simulator
    host = SimulationHost(simulators)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(host))
        usual: dict[str, object] = {**PATIENT, "calls": 10_000, "window": 1.0, "concurrency": 50, **extra}
        settings = [settings_of(known[name], each, f"{url}/{name}", name, **usual) for name, each in simulators.items()]
        process = await stack.enter_async_context(
            opened(
                ProcessOptions(cache=cache),
                lambda scripts: open_accounts(settings, known, now, scripts=scripts),
                Sealer(b"k" * 32),
                now,
            )
        )
        yield Site(host, process, build_schema())


EVERYTHING_OF_SIMS = """query($after: String) { sims(first: 100, after: $after) { nodes { nativeId iccid
  account { name } fleet { nativeId } esimProfile { nativeId eid matchingId } billingPeriods { id }
  sessions { nodes { id } }
  commands(first: 100) { nodes { nativeId } } settingsUpdates(first: 100) { nodes { id } } }
  pageInfo { hasNextPage endCursor } } }"""

Place = tuple[str, str | None]
"""An account and a fleet in it; None for what is in no fleet."""


async def ids_by_place(site: Site) -> dict[Place, set[str]]:
    """The ids of all SIMs, with those of all that belongs to them and of the fleets themselves."""
    found: dict[Place, set[str]] = {}
    after: str | None = None
    while True:
        page = (await site.data(ANYBODY, EVERYTHING_OF_SIMS, {"after": after}))["sims"]
        for sim in page["nodes"]:
            fleet = sim["fleet"] and sim["fleet"]["nativeId"]
            found.setdefault((sim["account"]["name"], fleet), set()).update(named_in(sim))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


def places_of(caller: Caller, found: Iterable[Place]) -> set[Place]:
    """Those that exist for the caller."""
    return {(account, fleet) for account, fleet in found if _sees(caller.reach, account, fleet)}


def _sees(reach: Reach, account: str, fleet: str | None) -> bool:
    only = reach.fleets_in(account)
    return fleet in only if only is not None else reach.is_all or account in reach.accounts
