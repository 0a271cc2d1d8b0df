"""Two gateways in this process over one account and one Redis, and readers that ask them all the time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from itertools import count
from typing import Any

from gateway.cache.options import CacheOptions
from gateway.cache.windows import TYPES
from gateway.registry import platforms
from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions
from tests.redis_server import a_redis
from tests.world import World, a_gateway, settings_of, simulator_of, ticking

__all__ = ["DEADLINE", "Reader", "most_in_a_window", "two_gateways"]

DEADLINE = 4.0
QUERY = "query($iccid: String!) { sim(by: {iccid: $iccid}) { iccid } }"


@asynccontextmanager
async def two_gateways(
    name: str, rate: str = "0", **limits: object
) -> AsyncIterator[tuple[SimulationHost, list[World]]]:
    """Over one account of this provider; nothing is remembered, so that everything is asked. `rate` is the provider's
    own limit, 0 for none: then only what it has seen tells."""
    now, platform = ticking(), platforms()[name]
    simulator = simulator_of(platform, SimulationOptions(40, 1, now, {"rate": rate}))
    host = SimulationHost({name: simulator}, log_size=100_000)
    nothing = dict.fromkeys(TYPES, 0.0)
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(a_redis())
        url = await stack.enter_async_context(serving(host))
        settings = [settings_of(platform, simulator, f"{url}/{name}", name, **limits)]
        cache = CacheOptions(fresh=nothing, stale=nothing, redis=redis.url)
        opened = [a_gateway(settings, deadline=DEADLINE, now=now, cache=cache) for _ in range(2)]
        yield host, [await stack.enter_async_context(each) for each in opened]


class Reader:
    """Asks for one SIM after another, never for the same, until it is told to stop."""

    numbers = count()

    def __init__(self, gateway: World, priority: str) -> None:
        self._http = gateway.http
        self._headers = {"Priority": priority}
        self.answers: list[dict[str, Any]] = []
        self.times: list[float] = []

    async def read(self, seconds: float, pause: float, after: float = 0.0) -> None:
        until = time.monotonic() + seconds
        await asyncio.sleep(after)
        while time.monotonic() < until:
            variables = {"iccid": f"8949{next(self.numbers):015d}"}
            began = time.monotonic()
            answer = await self._http.post(
                "/graphql", json={"query": QUERY, "variables": variables}, headers=self._headers
            )
            self.times.append(time.monotonic() - began)
            self.answers.append(answer.json())
            await asyncio.sleep(pause)

    @property
    def refusals(self) -> list[dict[str, Any]]:
        return [error["extensions"] for answer in self.answers for error in answer.get("errors", ())]


def most_in_a_window(host: SimulationHost, name: str, window: float) -> int:
    """The most requests that arrived within any such stretch of time."""
    times = sorted(each.time for each in host.requests(name))
    return max(sum(first <= each < first + timedelta(seconds=window) for each in times) for first in times)
