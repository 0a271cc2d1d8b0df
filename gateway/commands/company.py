"""A simulated company: some SIMs at every provider that has a simulator, and the accounts that reach them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import import_module

from gateway.commands.failure import CONFIGURATION, Failure
from gateway.platform import Platform
from gateway.simulation.faults import Fault, FaultSyntaxError, parse_faults
from gateway.simulation.host import SimulationHost
from gateway.simulation.shares import SHARES, share_out
from gateway.simulation.simulator import SimulationOptions, Simulator
from gateway.simulation.world import World

__all__ = ["TIME_LIMITS", "account_tables", "build_company", "sample_iccid"]

SEED = 1

TIME_LIMITS = {"cisco-control-center": 8.0}
"""Seconds. Its limit of one call at a time makes a page of SIMs take longer than elsewhere."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def sims_by_provider(sims: int, platforms: Mapping[str, Platform]) -> dict[str, int]:
    """How many SIMs each provider with a simulator has. One that a package added has a twentieth beside them."""
    shares = share_out(sims)
    able = [name for name, platform in platforms.items() if platform.simulator is not None]
    return {name: shares[name] if name in SHARES else sims // 20 for name in able}


def build_company(
    platforms: Mapping[str, Platform],
    sims: int,
    *,
    seed: int = SEED,
    switches: Iterable[str] = (),
    latency: float = 0.0,
    faults: str = "",
) -> SimulationHost:
    """All simulators behind one address. `latency` is seconds; `switches` are written `provider.name=value`.

    Failure names every mistake in switches and faults together.
    """
    counts = sims_by_provider(sims, platforms)
    chosen, problems = _read_switches(switches, counts)
    misbehaviour, wrong = _read_faults(faults, counts)
    problems += wrong
    simulators: dict[str, Simulator] = {}
    for name, count in counts.items():
        try:
            options = SimulationOptions(count, seed, utc_now, chosen.get(name, {}))
            simulators[name] = _simulator(platforms[name], options)
        except ValueError as error:
            problems.append(f"--switch {name}: {error}")
    if problems:
        raise Failure("\n".join(problems), CONFIGURATION)
    return SimulationHost(simulators, latency, misbehaviour)


def account_tables(host: SimulationHost, url: str, platforms: Mapping[str, Platform]) -> list[dict[str, object]]:
    """An `[[accounts]]` table for each simulator of a host at this URL, credentials as they are."""
    mounted = {name: f"{url.rstrip('/')}/{name}" for name in host.simulators}
    return [_table(platforms[name], simulator, mounted[name]) for name, simulator in host.simulators.items()]


def sample_iccid(platforms: Mapping[str, Platform], sims: int, seed: int = SEED) -> str | None:
    """The ICCID of a SIM that is there, for GraphiQL's examples: of the last provider, WAYSCloud, which tells most."""
    for name, count in sorted(sims_by_provider(sims, platforms).items(), reverse=True):
        if count:
            return World(count, seed, utc_now, name).sim(0).iccid
    return None


def _table(platform: Platform, simulator: Simulator, mount: str) -> dict[str, object]:
    name = platform.name
    table: dict[str, object] = {"name": name, "base_url": mount + simulator.path}
    for key, value in simulator.account.items():
        if key == "token_path":
            table["token_url"] = f"{mount}{value}"
        elif key == "rate":
            table |= _pace(float(str(value)), platform)
        else:
            table[key] = value
    return table | ({"time_limit": TIME_LIMITS[name]} if name in TIME_LIMITS else {})


def _pace(rate: float, platform: Platform) -> dict[str, object]:
    """So many calls a second, counted over the window that the provider counts over."""
    window = max(platform.limits.window, 1 / rate)
    return {"calls": int(rate * window), "window": window}


def _simulator(platform: Platform, options: SimulationOptions) -> Simulator:
    module, _, function = (platform.simulator or "").partition(":")
    simulator: Simulator = getattr(import_module(module), function)(options)
    return simulator


def _read_switches(given: Iterable[str], providers: Iterable[str]) -> tuple[dict[str, dict[str, str]], list[str]]:
    chosen: dict[str, dict[str, str]] = {}
    problems = []
    known = list(providers)
    for text in given:
        provider, dot, rest = text.partition(".")
        name, equals, value = rest.partition("=")
        if not (dot and equals and name):
            problems.append(f"--switch {text!r} is not provider.name=value")
        elif provider not in known:
            problems.append(f"--switch {text!r}: unknown provider {provider!r}; known: {', '.join(known)}")
        else:
            chosen.setdefault(provider, {})[name] = value
    return chosen, problems


def _read_faults(text: str, providers: Iterable[str]) -> tuple[list[tuple[str, Fault]], list[str]]:
    try:
        return parse_faults(text, list(providers)), []
    except FaultSyntaxError as error:
        return [], [f"--faults {problem}" for problem in error.problems]
