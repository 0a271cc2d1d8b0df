"""Providers that fail for longer are left alone, and are back soon after they are well."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from gateway.registry import platforms
from gateway.simulation.serving import serving
from tests.flow.trouble import PATIENCE, SIMS_EACH, asked, is_whole, sims_of, unhurried, until
from tests.world import World, a_gateway, a_world, settings_of


class Outage:
    """All six providers in trouble at once, in a world where that can begin and end."""

    def __init__(self, world: World, end: Callable[[], Awaitable[object]]) -> None:
        self.world = world
        self.end = end

    async def until_left_alone(self) -> float:
        """Ask until every account has said that its provider is not asked any more; the longest wait they told."""
        waits: dict[str, float] = {}

        async def all_are() -> bool:
            counts, problems = await sims_of(self.world)
            assert set(counts.values()) == {0}
            assert problems.keys() == counts.keys()
            told = {name: each for name, each in problems.items() if "not asked" in each["message"]}
            waits.update({name: each["retryAfter"] for name, each in told.items()})
            assert {each["code"] for each in told.values()} <= {"UNAVAILABLE"}
            return waits.keys() == counts.keys()

        await until(4 * PATIENCE, all_are)
        return max(waits.values())


def arrived(world: World) -> dict[str, int]:
    """How many requests have arrived at each provider, those for tokens too."""
    return {name: len(world.host.requests(name)) for name in world.simulators}


@asynccontextmanager
async def faulty(kind: str, value: str | None = None, time_limit: float = PATIENCE) -> AsyncIterator[Outage]:
    async with a_world(deadline=2 * PATIENCE, **unhurried(time_limit=time_limit)) as world:
        for name in world.simulators:
            world.host.fault(name, kind, value)

        async def end() -> None:
            world.forget()
            for account in world.accounts.by_name.values():
                account.time_limit = PATIENCE

        yield Outage(world, end)


@asynccontextmanager
async def nobody_there() -> AsyncIterator[Outage]:
    """Nobody listens on their port, which is kept for them, until the end."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(a_world(deadline=2 * PATIENCE, **unhurried()))
        kept = stack.enter_context(socket.socket())
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        port = kept.getsockname()[1]
        url, known, limits = f"http://127.0.0.1:{port}", platforms(), {"calls": 1000, "window": 1.0}
        settings = [
            settings_of(known[name], each, f"{url}/{name}", name, time_limit=PATIENCE, **limits)
            for name, each in world.simulators.items()
        ]
        gateway = await stack.enter_async_context(a_gateway(settings, deadline=2 * PATIENCE))
        gateway.host, gateway.simulators = world.host, world.simulators
        yield Outage(gateway, lambda: stack.enter_async_context(serving(world.host, port)))


OUTAGES = {
    "refused": nobody_there,
    "reset": lambda: faulty("reset"),
    "503": lambda: faulty("status", "503"),
    "hang": lambda: faulty("hang", time_limit=1.2),
}


@pytest.mark.parametrize("outage", OUTAGES)
async def test_the_accounts_come_back(outage: str):
    """A provider that fails again and again is left alone; once it is well, the account answers after its next probe.

    That is after the seconds it told, or twice as many where a probe has failed since, and some for a busy machine.
    """
    async with OUTAGES[outage]() as trouble:
        longest = await trouble.until_left_alone()
        await trouble.end()

        await until(longest * 2.5 + 3 * PATIENCE, lambda: is_whole(trouble.world))


async def test_a_provider_left_alone_is_not_called():
    """While an account's breaker is open, no request of any caller reaches the provider but its probe, which may come
    due more than once where the machine stands still."""
    async with faulty("status", "503") as trouble:
        await trouble.until_left_alone()
        before = arrived(trouble.world)

        answers = await asyncio.gather(*(asked(trouble.world) for _ in range(20)))

        assert all(len(answer["data"]["sims"]["problems"]) == len(before) for answer in answers)
        assert all(count - before[name] <= 3 for name, count in arrived(trouble.world).items())


async def test_a_storm_of_throttling_is_no_outage():
    """However often providers ask for fewer calls, that is what the problems say, and few calls are made twice; the
    accounts are back when the storm is over."""
    async with faulty("throttle", "1", time_limit=5.0) as storm:
        answers = await asyncio.gather(*(asked(storm.world) for _ in range(20)))
        counts = arrived(storm.world)
        problems = [problem for answer in answers for problem in answer["data"]["sims"]["problems"]]
        await storm.end()

        await until(4 * PATIENCE, lambda: is_whole(storm.world))

        assert {problem["code"] for problem in problems} <= {"RATE_LIMITED", "TIMEOUT"}
        assert "RATE_LIMITED" in {problem["code"] for problem in problems}
        assert max(counts.values()) <= 54  # 20 questions of one call or two, a tenth more, and ten


async def test_flapping_is_survived():
    """Providers that fail every other call give data or a typed problem each time, and all is well when it ends."""
    async with a_world(deadline=2 * PATIENCE, **unhurried()) as world:
        for name in world.simulators:
            world.host.fault(name, "status", "503", probability=0.3)
            world.host.fault(name, "reset", probability=0.3)
        for _ in range(25):
            counts, problems = await sims_of(world)
            assert {each["code"] for each in problems.values()} <= {"UNAVAILABLE"}
            assert all(counts[name] == SIMS_EACH for name in counts.keys() - problems.keys())
        world.forget()

        await until(4 * PATIENCE, lambda: is_whole(world))
