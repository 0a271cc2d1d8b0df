"""A simulated Control Center account for a test: a client, the clock it runs by, and the world behind it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from gateway.providers.cisco_control_center import simulator as simulator_package
from gateway.providers.cisco_control_center.simulator import PROVIDER, simulator
from gateway.providers.cisco_control_center.simulator.fleet import Fleet
from gateway.simulation.simulator import SimulationOptions, Simulator
from gateway.simulation.world import World

__all__ = ["START", "Account", "Clock", "cisco", "cisco_simulator", "refused", "sample"]

START = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


_SAMPLES = Path(simulator_package.__file__).parent.parent / "fixtures"


def sample(name: str) -> dict:
    """A published answer."""
    return json.loads((_SAMPLES / name).read_text())


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        """Moves on, e.g. `forward(days=1)`."""
        self.moment += timedelta(**span)


@dataclass
class Account:
    """`fleet` is a second copy of the untouched devices, to compare answers with."""

    client: httpx.AsyncClient
    clock: Clock
    fleet: Fleet
    simulator: Simulator

    @property
    def world(self) -> World:
        return self.fleet.world

    def iccid(self, index: int) -> str:
        return self.world.sim(index).iccid

    def with_status(self, status: str, *, place: int = 0) -> int:
        """The number of a device with this status."""
        found = [index for index in range(self.world.sims) if self.fleet.status(index) == status]
        return found[place]

    async def get(self, path: str, **query: str | int) -> dict:
        """The JSON of a call that must succeed."""
        answer = await self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refusal(self, path: str, **query: str | int) -> tuple[int, str]:
        """HTTP status and error code of a call that must fail."""
        return refused(await self.client.get(path, params=query))

    async def put(self, index: int, body: object) -> httpx.Response:
        return await self.client.put(f"/devices/{self.iccid(index)}", json=body)


def refused(answer: httpx.Response) -> tuple[int, str]:
    """HTTP status and error code; the body must have the documented shape."""
    body = answer.json()
    assert body.keys() == {"errorMessage", "errorCode"}
    assert isinstance(body["errorCode"], str)
    return answer.status_code, body["errorCode"]


def cisco_simulator(clock: Clock, sims: int = 60, seed: int = 1, **switches: str) -> Simulator:
    """The simulator, without its throttle unless a test asks for it."""
    return simulator(SimulationOptions(sims, seed, clock, {"rate": "0", **switches}))


@asynccontextmanager
async def cisco(sims: int = 60, seed: int = 1, **switches: str) -> AsyncIterator[Account]:
    """An account reached in process."""
    clock = Clock()
    made = cisco_simulator(clock, sims, seed, **switches)
    auth = (str(made.account["username"]), str(made.account["api_key"]))
    fleet = Fleet(World(sims, seed, clock, PROVIDER))
    url = f"http://simulator{made.path}"
    transport = httpx.ASGITransport(made.app)
    async with httpx.AsyncClient(transport=transport, base_url=url, auth=auth) as client:
        yield Account(client, clock, fleet, made)
