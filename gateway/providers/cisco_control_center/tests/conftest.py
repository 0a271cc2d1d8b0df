"""For the tests of this folder: an account over its simulator on a real socket, and published answers."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.request import Request as Call
from urllib.request import urlopen

from starlette.types import ASGIApp

from gateway.opening import open_accounts
from gateway.providers.cisco_control_center import PLATFORMS, ControlCenterSettings
from gateway.providers.cisco_control_center.provider import ControlCenter
from gateway.providers.cisco_control_center.simulator import simulator
from gateway.providers.cisco_control_center.simulator.fleet import Fleet
from gateway.secret import Secret
from gateway.simulation.host import SimulationHost
from gateway.simulation.request_log import Request
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions
from gateway.simulation.world import World
from gateway.upstream.errand import ERRAND, Errand
from tests.answers import published_in

__all__ = ["FIXTURES", "NAME", "START", "Desk", "an_errand", "desk", "published"]

NAME = "cisco-control-center"
START = datetime(2026, 11, 20, 11, 0, 0, 123456, tzinfo=UTC)
FIXTURES = Path(__file__).parents[1] / "fixtures"


published = partial(published_in, FIXTURES)


@dataclass
class Desk:
    """An account, the simulator behind its socket, and a second copy of the untouched devices to compare with."""

    provider: ControlCenter
    host: SimulationHost
    fleet: Fleet
    url: str
    account: dict[str, Any]
    now: datetime = START

    def with_status(self, status: str) -> str:
        """The ICCID of a device with this status."""
        world = self.fleet.world
        return next(world.sim(i).iccid for i in range(world.sims) if self.fleet.status(i) == status)

    def arrived(self) -> list[Request]:
        return self.host.requests(NAME)

    def paths(self) -> list[str]:
        return [request.path.removeprefix("/rws/api/v1/") for request in self.arrived()]

    def queries(self) -> list[dict[str, str]]:
        return [{name: value for name, [value] in parse_qs(each.query).items()} for each in self.arrived()]

    def bodies(self) -> list[Any]:
        """The JSON of what arrived, None where there was none."""
        return [json.loads(each.body) if each.body else None for each in self.arrived()]

    async def edit(self, iccid: str, **fields: str) -> None:
        """Change a device behind the gateway's back."""
        key = base64.b64encode(f"{self.account['username']}:{self.account['api_key']}".encode()).decode()
        headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
        call = Call(f"{self.url}/devices/{iccid}", json.dumps(fields).encode(), headers, method="PUT")  # noqa: S310
        await asyncio.to_thread(lambda: urlopen(call).close())  # noqa: S310 - http to the simulator of this test


@asynccontextmanager
async def desk(
    sims: int = 60, *, calls: int = 1000, app: ASGIApp | None = None, **switches: str
) -> AsyncIterator[Desk]:
    """A desk on a real socket, with a clock that stands still until a test moves it, and no throttle unless asked.

    `app` answers in the simulator's place.
    """
    made: list[Desk] = []

    def now() -> datetime:
        return made[0].now if made else START

    there = simulator(SimulationOptions(sims, 1, now, {"rate": "0", **switches}))
    there.app = app or there.app
    host = SimulationHost({NAME: there})
    async with serving(host) as origin:
        url = f"{origin}/{NAME}{there.path}"
        settings = ControlCenterSettings(
            name="cisco",
            provider=NAME,
            base_url=url,
            username=str(there.account["username"]),
            api_key=Secret(str(there.account["api_key"])),
            calls=calls,
        )
        accounts = open_accounts([settings], {each.name: each for each in PLATFORMS}, now)
        provider = accounts.by_name["cisco"].provider
        assert isinstance(provider, ControlCenter)
        made.append(Desk(provider, host, Fleet(World(sims, 1, now, NAME)), url, there.account))
        try:
            yield made[0]
        finally:
            await accounts.aclose()


@contextmanager
def an_errand(*, is_dry: bool = False) -> Iterator[Errand]:
    """The errand of a write, on which stands whether it may have happened."""
    made = Errand(is_dry=is_dry)
    before = ERRAND.set(made)
    try:
        yield made
    finally:
        ERRAND.reset(before)
