"""One mutation tried in a world of its own, and all of them side by side."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from gateway.cache.options import CacheOptions
from tests.contract.writes import Bench
from tests.world import DEADLINE, World, a_world
from tests.writes.catalog import CATALOG, Case, change

__all__ = ["Trial", "a_trial", "tried"]

AT_ONCE = 6
KNOWN = (
    "{ sims(first: 100) { nodes { id } } commands(first: 100) { nodes { id } } ratePlans(first: 100) { nodes { id } } }"
)


@dataclass
class Trial:
    """A case, its world, and the mutation's input."""

    case: Case
    world: World
    given: dict[str, Any]

    async def change(self, **others: Any) -> dict[str, Any]:
        return await change(self.world, self.case.mutation, self.given, **others)

    def fault(self, kind: str, value: str | None = None) -> None:
        """What strikes the next call."""
        self.world.host.fault(self.case.provider, kind, value, count=1)

    async def again(self) -> None:
        """What lists tell is remembered anew, and what has arrived forgotten."""
        await self.world.ask(KNOWN)
        self.world.forget()

    @property
    def sent(self) -> int:
        """How many calls arrived that change something."""
        return sum(each.method != "GET" for each in self.world.arrived(self.case.provider))

    async def happened(self) -> int:
        return await self.case.happened(self.world.accounts.by_name[self.case.provider].provider, self.given)


@asynccontextmanager
async def a_trial(case: Case, deadline: float = DEADLINE) -> AsyncIterator[Trial]:
    """What lists tell is remembered, so that the mutation itself is the next call."""
    limits = {"calls": 1000, "window": 1.0}
    async with a_world(
        [case.provider], sims=30, unhurried=True, deadline=deadline, cache=CacheOptions(), **limits
    ) as world:
        provider = world.accounts.by_name[case.provider].provider
        given = await case.prepare(Bench(provider, world.simulators[case.provider]), case.provider)
        trial = Trial(case, world, given)
        await trial.again()
        yield trial


async def tried(
    look: Callable[[Trial], Awaitable[Any]], *, deadline: float = DEADLINE, cases: Iterable[Case] = CATALOG
) -> dict[str, Any]:
    """What `look` has found in each case's own trial, by the case's name."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> tuple[str, Any]:
        async with places, a_trial(case, deadline) as trial:
            return str(case), await look(trial)

    found = dict(await asyncio.gather(*(one(case) for case in cases)))
    assert len(found) == len(list(cases))
    return found
