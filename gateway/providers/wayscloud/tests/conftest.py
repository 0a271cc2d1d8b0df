"""For the tests of this folder: an account over its simulator on a real socket, and published answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from gateway.opening import open_accounts
from gateway.page import Page, PageRequest
from gateway.providers.wayscloud import PLATFORMS, GlobalSimSettings
from gateway.providers.wayscloud.provider import GlobalSim
from gateway.providers.wayscloud.simulator import simulator
from gateway.providers.wayscloud.simulator.sims import Sims
from gateway.secret import Secret
from gateway.simulation.host import SimulationHost
from gateway.simulation.request_log import Request
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions
from gateway.simulation.world import World
from tests.answers import published_in

__all__ = ["MIDNIGHT", "NAME", "START", "YEAR", "Desk", "desk", "events", "published", "walked"]

NAME = "wayscloud"
START = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
YEAR = {"start_date": "2025-11-20", "end_date": "2026-11-20"}
"""The days of the bill that SIMs are gathered from."""
FIXTURES = Path(__file__).parents[1] / "fixtures"


published = partial(published_in, FIXTURES)


@dataclass
class Desk:
    """An account, the simulator behind its socket, and a second copy of the SIMs to compare with."""

    provider: GlobalSim
    host: SimulationHost
    sims: Sims

    @property
    def everyone(self) -> range:
        return range(self.sims.world.sims)

    def iccid(self, index: int) -> str:
        return self.sims.world.sim(index).iccid

    def busiest(self) -> int:
        """The SIM in a device with the most sessions of the last month."""
        linked = [index for index in self.everyone if self.sims.device_id(index)]
        return max(linked, key=lambda index: len(self.sims.sessions(index, START - timedelta(days=30), START)))

    def arrived(self) -> list[Request]:
        return self.host.requests(NAME)

    def asked(self) -> list[tuple[str, dict[str, str]]]:
        """What arrived: paths below the base URL, and queries."""
        return [
            (each.path.removeprefix("/v1/globalsim/"), {name: text for name, [text] in parse_qs(each.query).items()})
            for each in self.arrived()
        ]

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked()]


@asynccontextmanager
async def desk(sims: int = 60, *, settings: dict[str, Any] | None = None, **switches: str) -> AsyncIterator[Desk]:
    """A desk whose clock stands still, without a rate limit unless asked for one."""
    there = simulator(SimulationOptions(sims, 1, lambda: START, {"rate": "0", **switches}))
    host = SimulationHost({NAME: there})
    async with serving(host) as origin:
        given: dict[str, Any] = {"api_key": Secret(str(there.account["api_key"])), **(settings or {})}
        table = GlobalSimSettings(name="ways", provider=NAME, base_url=f"{origin}/{NAME}{there.path}", **given)
        accounts = open_accounts([table], {each.name: each for each in PLATFORMS}, lambda: START)
        provider = accounts.by_name["ways"].provider
        assert isinstance(provider, GlobalSim)
        try:
            world = World(sims, 1, lambda: START, NAME)
            yield Desk(provider, host, Sims(world, some_unbilled=switches.get("unbilled") == "on"))
        finally:
            await accounts.aclose()


async def walked(list_: Any, where: Any, size: int) -> list[Any]:
    """Every row of a list."""
    page: Page[Any] = await list_(where, PageRequest(size))
    rows = list(page.items)
    while page.next is not None:
        page = await list_(where, PageRequest(size, page.next))
        assert page.items
        rows += page.items
    return rows


def events(asked: Desk, index: int) -> Any:
    """A SIM's events of the last 30 days."""
    return asked.sims.events(index, START - timedelta(days=30), START + timedelta(seconds=1))
