"""A provider on a real socket, and gateways over it: opened one after another, or several at a time."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from gateway.cache.options import CacheOptions
from gateway.platform import Platform, Settings
from gateway.registry import platforms
from gateway.simulation.host import SimulationHost
from gateway.simulation.request_log import Request
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions, Simulator
from gateway.store.opening import StoreOptions
from schema.ids import encode_id
from tests.contract.writes import SAMPLES, Bench
from tests.world import DEADLINE, FORGETFUL, PATIENT, World, a_gateway, settings_of, simulator_of, ticking

__all__ = ["SEND", "SUPERSIM", "Clock", "Payload", "Site", "a_site", "asked_alike", "sim_for_texts"]

SUPERSIM = "twilio-supersim"

SEND = """mutation($input: SendCommandInput!) { sendCommand(input: $input) {
  outcome command { id nativeId payload createdAt }
  problems { account operation code message path retryable retryAfter nativeCode } } }"""

Payload = dict[str, Any]  # Any: JSON


class Clock:
    """Time of day that a test can set forward; it runs as fast as the real one."""

    def __init__(self) -> None:
        self._running = ticking()
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return self._running() + self.ahead


@dataclass
class Site:
    """Simulators, and what is needed to open gateways over them."""

    host: SimulationHost
    simulators: Mapping[str, Simulator]
    settings: Sequence[Settings]
    now: Callable[[], datetime]

    @asynccontextmanager
    async def gateway(
        self,
        store: StoreOptions = StoreOptions(),  # noqa: B008  frozen
        *,
        cache: CacheOptions = FORGETFUL,
        deadline: float = DEADLINE,
        now: Callable[[], datetime] | None = None,
    ) -> AsyncIterator[World]:
        """Another gateway over the same accounts."""
        async with a_gateway(self.settings, deadline=deadline, now=now or self.now, cache=cache, store=store) as world:
            world.host, world.simulators = self.host, self.simulators
            yield world

    def writes(self, name: str = SUPERSIM) -> list[Request]:
        """What arrived that changes something, oldest first."""
        return [each for each in self.host.requests(name) if each.method != "GET" and not each.path.endswith("/token")]

    def texts(self, name: str = SUPERSIM) -> list[str]:
        """What was said in the commands that arrived, oldest first."""
        return [parse_qs(each.body)["Payload"][0] for each in self.writes(name) if "Payload=" in each.body]


@asynccontextmanager
async def a_site(
    names: Iterable[str] = (SUPERSIM,), *, switches: Mapping[str, str] | None = None, **extra: object
) -> AsyncIterator[Site]:
    """`extra` goes into every account's table, which is patient and allows far more than any test needs."""
    known, now = platforms(), ticking()
    limits = {"calls": 1000, "window": 1.0}
    simulators = {name: _unhurried(known[name], switches or {}, now) for name in names}
    host = SimulationHost(simulators)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(host))
        settings = [
            settings_of(known[name], simulator, f"{url}/{name}", name, **(PATIENT | limits | extra))
            for name, simulator in simulators.items()
        ]
        yield Site(host, simulators, settings, now)


def _unhurried(platform: Platform, switches: Mapping[str, str], now: Callable[[], datetime]) -> Simulator:
    """A simulator without a limit of its own on how often it is asked."""
    options = SimulationOptions(sims=30, seed=1, now=now, switches=switches)
    simulator = simulator_of(platform, options)
    if "rate" not in simulator.switches:
        return simulator
    return simulator_of(platform, replace(options, switches={"rate": "0", **switches}))


async def sim_for_texts(world: World, name: str = SUPERSIM) -> str:
    """The id of a SIM whose device may be sent text messages."""
    bench = Bench(world.accounts.by_name[name].provider, world.simulators[name])
    write: Any = await SAMPLES["send_sms_command"](bench)  # Any: it is of that kind
    world.forget()
    return encode_id(name, "Sim", write.sim_id)


def asked_alike(sim: str, key: str | None, text: str = "reboot now, please") -> dict[str, Any]:
    """The variables of `SEND`."""
    given = {"simId": sim, "body": {"sms": {"text": text}}}
    return {"input": given if key is None else given | {"idempotencyKey": key}}
