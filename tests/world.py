"""A whole world for a test: simulators of every provider on a real socket, and a gateway over them in this process."""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import httpx
import msgspec

from gateway.auth.keys import new_key
from gateway.auth.options import CallerSettings, KeySettings
from gateway.cache.options import CacheOptions
from gateway.cache.windows import TYPES
from gateway.opening import Accounts, open_accounts
from gateway.platform import Platform, Settings
from gateway.registry import platforms
from gateway.replicas import Scripts
from gateway.rights import Caller
from gateway.server.app import ServerOptions, build_app
from gateway.server.process import ProcessOptions
from gateway.simulation.host import SimulationHost
from gateway.simulation.request_log import Request
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions, Simulator
from gateway.store.opening import StoreOptions

START = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
"""When it is in a test's world: the middle of a month, so that no test depends on the day it runs."""


def ticking(start: datetime = START) -> Callable[[], datetime]:
    """A clock that begins at `start` and runs as fast as the real one."""
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def simulator_of(platform: Platform, options: SimulationOptions) -> Simulator:
    module, _, name = (platform.simulator or "").partition(":")
    simulator: Simulator = getattr(import_module(module), name)(options)
    return simulator


def settings_of(platform: Platform, simulator: Simulator, url: str, name: str, **extra: object) -> Settings:
    """The account table a simulator gives, as the settings that reach it at `url`."""
    table = {**simulator.account, "name": name, "base_url": url + simulator.path, **extra}
    table.pop("rate", None)
    if token_path := table.pop("token_path", None):
        table["token_url"] = f"{url}{token_path}"
    return msgspec.convert(table, platform.settings, dec_hook=lambda kind, value: kind(value))


@dataclass
class World:
    """Ask the gateway, look at what arrived at the simulators."""

    host: SimulationHost
    http: httpx.AsyncClient
    accounts: Accounts
    simulators: Mapping[str, Simulator] = field(default_factory=dict)
    clients: Mapping[str, httpx.AsyncClient] = field(default_factory=dict)

    def as_(self, caller: str) -> "World":
        """The same world as this caller meets it: every request carries his key."""
        return replace(self, http=self.clients[caller])

    async def ask(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The whole answer, whatever is in it."""
        response = await self.http.post("/graphql", json={"query": query, "variables": variables or {}})
        assert response.status_code < 500
        answer: dict[str, Any] = response.json()
        return answer

    async def data(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The data of an answer that must be without errors."""
        answer = await self.ask(query, variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def arrived(self, provider: str) -> list[Request]:
        """The requests that arrived since the last `forget`, without those for tokens."""
        return [each for each in self.host.requests(provider) if not each.path.endswith("/token")]

    def count(self) -> dict[str, int]:
        """How many arrived at each provider that was asked at all."""
        counts = {name: len(self.arrived(name)) for name in self.simulators}
        return {name: count for name, count in counts.items() if count}

    def forget(self) -> None:
        self.host.clear()


PATIENT = {"time_limit": 50.0, "connect_timeout": 30.0, "read_timeout": 30.0}
"""What every account has unless a test says otherwise, so that a machine that stands still for a while fails none."""
DEADLINE = 60.0
"""Seconds that a request has, unless a test says otherwise."""

FORGETFUL = CacheOptions(fresh=dict.fromkeys(TYPES, 0.0), stale=dict.fromkeys(TYPES, 0.0))
"""A cache that remembers nothing, for tests of what a request asks."""


@asynccontextmanager
async def a_world(
    names: Iterable[str] = (),
    *,
    sims: Mapping[str, int] | int = 40,
    switches: Mapping[str, Mapping[str, str]] | None = None,
    deadline: float = DEADLINE,
    unhurried: bool = False,
    cache: CacheOptions = FORGETFUL,
    store: StoreOptions = StoreOptions(),  # noqa: B008  frozen
    callers: Iterable[Caller] = (),
    server: Mapping[str, Any] = {},
    **extra: object,
) -> AsyncIterator[World]:
    """Simulators of these providers (all by default), each with one account named like it. `extra` goes into every
    account's table, which is patient, and `server` into the server's options; `unhurried` switches call limits off at
    simulators that have a switch for it."""
    known = platforms()
    now = ticking()
    options = {
        name: SimulationOptions(
            sims=sims if isinstance(sims, int) else sims[name], seed=1, now=now, switches=(switches or {}).get(name, {})
        )
        for name in names or known
    }
    simulators = {name: simulator_of(known[name], each) for name, each in options.items()}
    if unhurried:
        for name, simulator in simulators.items():
            if "rate" in simulator.switches:
                simulators[name] = simulator_of(known[name], replace(options[name], switches={"rate": "0"}))
    host = SimulationHost(simulators)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(host))
        settings = [
            settings_of(known[name], simulator, f"{url}/{name}", name, **(PATIENT | extra))
            for name, simulator in simulators.items()
        ]
        world = await stack.enter_async_context(
            a_gateway(settings, deadline=deadline, now=now, cache=cache, store=store, callers=callers, **server)
        )
        world.host, world.simulators = host, simulators
        yield world


@asynccontextmanager
async def a_gateway(
    settings: Iterable[Settings],
    *,
    deadline: float = DEADLINE,
    now: Callable[[], datetime] | None = None,
    cache: CacheOptions = FORGETFUL,
    store: StoreOptions = StoreOptions(),  # noqa: B008  frozen
    callers: Iterable[Caller] = (),
    **server: Any,
) -> AsyncIterator[World]:
    """A gateway over these accounts, wherever they are. With callers, whoever is none of them is refused; see
    `World.as_`. What is given besides goes into the server's options."""
    clock = now or ticking()
    opened: list[Accounts] = []

    def open_(scripts: Scripts | None) -> Accounts:
        opened.append(open_accounts(settings, platforms(), clock, scripts=scripts))
        return opened[0]

    options = ProcessOptions(cache=cache, store=store)
    keys = {each: new_key() for each in callers}
    known = tuple(_table_of(each, KeySettings(prefix=key.prefix, sha256=key.sha256)) for each, key in keys.items())
    app = build_app(
        ServerOptions(deadline=deadline, cursor_key=b"k" * 32, now=clock, process=options, callers=known, **server),
        open_,
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        http = await stack.enter_async_context(_client(app))
        clients = {
            each.name: await stack.enter_async_context(_client(app, {"Authorization": f"Bearer {key.text}"}))
            for each, key in keys.items()
        }
        yield World(SimulationHost({}), http, opened[0], clients=clients)


def _client(app: Any, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:  # Any: an ASGI application
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=120, headers=headers)


def _table_of(caller: Caller, key: KeySettings) -> CallerSettings:
    """The caller's table, as it would stand in a configuration."""
    reach = caller.reach
    return CallerSettings(
        name=caller.name,
        scopes=tuple(sorted(each.value for each in caller.scopes)),
        accounts=("*",) if reach.is_all else tuple(sorted(reach.accounts)),
        providers=tuple(sorted(reach.providers)),
        tags=tuple(sorted(reach.tags)),
        fleets=tuple(sorted(f"{each.account}/{each.native_id}" for each in reach.fleets)),
        requests=caller.requests,
        cost=caller.cost,
        keys=(key,),
    )
