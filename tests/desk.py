"""An account of the Twilio family over its simulator on a real socket, for the tests in the providers' folders."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import parse_qs, urlencode
from urllib.request import Request as Call
from urllib.request import urlopen

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.page import Page, PageRequest
from gateway.platform import Platform, Wiring
from gateway.provider import Provider
from gateway.simulation.host import SimulationHost
from gateway.simulation.request_log import Request
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions, Simulator
from gateway.upstream.exchange import Times
from gateway.upstream.pace import Pace
from gateway.where import SimWhere
from schema.sim import Sim
from tests.world import settings_of, simulator_of

__all__ = ["START", "Clock", "Desk", "InTurn", "always", "desk_of"]

START = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)

P = TypeVar("P", bound=Provider)
T = TypeVar("T")


@dataclass
class Clock:
    """Two clocks that stand still: the world's `at`, and the gateway's own `passed` seconds."""

    at: datetime = START
    passed: float = 0.0

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.passed


@dataclass
class Desk(Generic[P]):
    """An account, and the simulator behind its socket."""

    name: str
    provider: P
    host: SimulationHost
    simulator: Simulator
    url: str
    clock: Clock

    def arrived(self) -> list[Request]:
        """What arrived, without the requests for tokens."""
        return [request for request in self.host.requests(self.name) if not request.path.endswith("/token")]

    def paths(self) -> list[str]:
        return [request.path for request in self.arrived()]

    def queries(self) -> list[dict[str, str]]:
        return [{name: value for name, [value] in parse_qs(each.query).items()} for each in self.arrived()]

    def story(self) -> list[tuple[str, int | None]]:
        """Everything that arrived, tokens included: the path's last part and the status of the answer."""
        return [(request.path.rsplit("/", 1)[1], request.status) for request in self.host.requests(self.name)]

    async def sims(self) -> list[Sim]:
        """Every SIM of the account, and then forget that it was asked."""
        page: Page[Sim] = await self.provider.list_sims(SimWhere(), PageRequest(1000))
        self.host.clear()
        return page.items

    async def change(self, path: str, **form: str) -> None:
        """Change something at Twilio behind the gateway's back."""
        account = self.simulator.account
        key = base64.b64encode(f"{account['account_sid']}:{account['auth_token']}".encode()).decode()
        call = Call(f"{self.url}/{path}", urlencode(form).encode(), {"Authorization": f"Basic {key}"})  # noqa: S310
        await asyncio.to_thread(lambda: urlopen(call).close())  # noqa: S310 - http to the simulator of this test

    def later(self, *, gateway: float = 0.0, **world: float) -> None:
        """Move the world's clock on, e.g. `seconds=10`, and the gateway's own by so many seconds."""
        self.clock.at += timedelta(**world)
        self.clock.passed += gateway


@dataclass
class InTurn:
    """The least of policies: every call in its turn, and none twice, so that a test sees what the adapter asked."""

    pace: Pace

    async def run(self, once: Callable[[], Awaitable[T]], *, may_repeat: bool) -> T:
        del may_repeat
        async with self.pace.turn():
            return await once()


@asynccontextmanager
async def desk_of(
    platform: Platform,
    kind: type[P],
    sims: int,
    switches: Mapping[str, str],
    *,
    secret: str | None = None,
    app: ASGIApp | None = None,
) -> AsyncIterator[Desk[P]]:
    """A desk whose clocks stand still until a test moves them. `secret` stands for the right one of KORE, `app`
    answers in the simulator's place."""
    clock, name = Clock(), platform.name
    simulator = simulator_of(platform, SimulationOptions(sims, 1, clock.now, switches))
    simulator.app = app or simulator.app
    host = SimulationHost({name: simulator})
    given = {} if secret is None else {"client_secret": secret}
    async with serving(host) as origin:
        url = f"{origin}/{name}{simulator.path}"
        wiring = Wiring(url, platform.limits, InTurn(Pace(platform.limits)), Times(), clock.now, clock.seconds)
        provider = platform.connect(settings_of(platform, simulator, f"{origin}/{name}", name, **given), wiring)
        assert isinstance(provider, kind)
        try:
            yield Desk(name, provider, host, simulator, url, clock)
        finally:
            await wiring.aclose()


def always(answer: bytes) -> ASGIApp:
    """A provider that answers everything with this."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": answer})

    return app
