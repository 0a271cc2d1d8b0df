"""A simulated WAYSCloud account for a test: a client, the clock it runs by, and the SIMs behind it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from gateway.providers.wayscloud import simulator as simulator_package
from gateway.providers.wayscloud.simulator import PROVIDER, simulator
from gateway.providers.wayscloud.simulator.sims import Sims
from gateway.simulation.simulator import SimulationOptions, Simulator
from gateway.simulation.world import World

__all__ = ["START", "Account", "Clock", "refused", "sample", "wayscloud", "wayscloud_simulator"]

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
    """`sims` is a second copy of the SIMs, to compare answers with."""

    client: httpx.AsyncClient
    clock: Clock
    sims: Sims
    simulator: Simulator

    @property
    def world(self) -> World:
        return self.sims.world

    @property
    def everyone(self) -> range:
        return range(self.world.sims)

    def iccid(self, index: int) -> str:
        return self.world.sim(index).iccid

    def busiest(self) -> int:
        """The SIM in a device with the most sessions of the last month."""
        linked = [index for index in self.everyone if self.sims.device_id(index)]
        since = START - timedelta(days=30)
        return max(linked, key=lambda index: len(self.sims.sessions(index, since, START)))

    async def get(self, path: str, **query: str | int) -> dict:
        """The JSON of a call that must succeed."""
        answer = await self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def walk(self, path: str, rows: str, limit: int = 100, **query: str | int) -> list[dict]:
        """Every row of a paged call; they must be as many as its total says."""
        found: list[dict] = []
        while True:
            page = await self.get(path, limit=limit, offset=len(found), **query)
            assert page[rows] or page["total"] == len(found)
            found += page[rows]
            if len(found) >= page["total"]:
                assert len(found) == page["total"]
                return found

    async def refusal(self, path: str, **query: str | int) -> tuple[int, str]:
        """HTTP status and error code of a call that must fail."""
        return refused(await self.client.get(path, params=query))


def refused(answer: httpx.Response) -> tuple[int, str]:
    """HTTP status and error code of the documented error body."""
    body = answer.json()
    assert body.keys() == {"error"}
    assert body["error"]["message"]
    return answer.status_code, body["error"]["code"]


def wayscloud_simulator(clock: Clock, sims: int = 60, seed: int = 1, **switches: str) -> Simulator:
    """The simulator, without its rate limit unless a test asks for it."""
    return simulator(SimulationOptions(sims, seed, clock, {"rate": "0", **switches}))


@asynccontextmanager
async def wayscloud(sims: int = 60, seed: int = 1, **switches: str) -> AsyncIterator[Account]:
    """An account reached in process."""
    clock = Clock()
    made = wayscloud_simulator(clock, sims, seed, **switches)
    headers = {"Authorization": f"Bearer {made.account['api_key']}"}
    url = f"http://simulator{made.path}"
    transport = httpx.ASGITransport(made.app)
    async with httpx.AsyncClient(transport=transport, base_url=url, headers=headers) as client:
        known = Sims(World(sims, seed, clock, PROVIDER), some_unbilled=switches.get("unbilled") == "on")
        yield Account(client, clock, known, made)
