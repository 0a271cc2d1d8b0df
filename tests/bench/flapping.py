"""Providers that come and go for minutes on end leave nothing behind: no task, no socket, no memory.

The simulators run in a process of their own and break now and then, each in its own way; the gateway runs in this one
and is asked steadily, past its cache. Every half minute those who ask rest, and told are the gateway's tasks, open
files, memory, and what has become of the questions.
"""

import argparse
import asyncio
import gc
import logging
import multiprocessing
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from gateway.commands.company import build_company
from gateway.opening import utc_now
from gateway.registry import platforms
from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving
from tests.world import World, a_gateway, settings_of

__all__ = ["main"]

SIMS = 60
ASKERS = 6
PAUSE = 0.5
"""Seconds between an asker's questions."""
SPELL = 28.0
"""Seconds of asking between two rests."""
FLAP = (0.5, 5.0)
"""Seconds a provider stays as it is, at least and at most."""
TROUBLE = [
    ("status", "503"),
    ("status", "500"),
    ("throttle", "1"),
    ("html", None),
    ("page", None),
    ("reset", None),
    ("drop", None),
    ("hang", None),
    ("drip", "6"),
    ("garbage", None),
    ("truncated-gzip", None),
    ("bomb", "64"),
    ("nested", "100000"),
    ("big", "17"),
]
QUERIES = [
    "{ sims(first: 10) { nodes { iccid status } problems { code } } }",
    "{ sims(first: 20) { nodes { iccid currentSession { startedAt } fleet { name } } problems { code } } }",
    "{ fleets(first: 10) { nodes { name } problems { code } } }",
]
MIB = 1024 * 1024
LONGEST = 60
MORE = (0, 12, 32)
"""Tasks, files and MiB there may be more at one rest than at another by chance: connections kept, memory in pieces."""


class Sample(NamedTuple):
    """The process at a moment; memory is MiB."""

    tasks: int
    files: int
    memory: int


@dataclass
class Outcome:
    """What became of the questions."""

    answers: int = 0
    whole: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0


def main(args: list[str]) -> int:
    """Run, print at each rest, and give 1 when something grew or did not recover."""
    parser = argparse.ArgumentParser("python -m tests.bench flapping", description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=600.0)
    logging.disable(logging.WARNING)  # the gateway tells of every trouble, and here there is nothing else
    with _simulators() as (url, control):
        return asyncio.run(_run(url, control, parser.parse_args(args).seconds))


async def _run(url: str, control: Connection, seconds: float) -> int:
    outcome = Outcome()
    async with _gateway(url) as world:
        await _asked(world, QUERIES[1], Outcome())
        print(
            f"{'seconds':>8} {'tasks':>6} {'files':>6} {'MiB':>6} {'answers':>8} {'whole':>7} {'slowest':>8}  problems"
        )
        rests = [_rest(0.0, outcome)]
        control.send("flap")
        began = time.monotonic()
        while (gone := time.monotonic() - began) < seconds:
            await _spell(world, min(SPELL, seconds - gone), outcome)
            rests.append(_rest(time.monotonic() - began, outcome))
        control.send("be well")
        return _verdict(rests, await _recovered(world))


async def _spell(world: World, seconds: float, outcome: Outcome) -> None:
    """Ask for so long, then let those who ask come to an end."""
    is_over = asyncio.Event()
    async with asyncio.TaskGroup() as askers:
        for _ in range(ASKERS):
            askers.create_task(_asking(world, outcome, is_over))
        await asyncio.sleep(seconds)
        is_over.set()


async def _asking(world: World, outcome: Outcome, is_over: asyncio.Event) -> None:
    while not is_over.is_set():
        await _asked(world, random.choice(QUERIES), outcome)  # noqa: S311 - no secret
        await asyncio.sleep(PAUSE)


async def _asked(world: World, query: str, outcome: Outcome) -> bool:
    """One question past the cache; whether nothing was missing."""
    began = time.monotonic()
    response = await world.http.post("/graphql", json={"query": query}, headers={"Cache-Control": "max-age=0"})
    answer = response.json()
    problems = [each["code"] for part in (answer["data"] or {}).values() for each in (part or {}).get("problems", ())]
    problems += [each["extensions"]["code"] for each in answer.get("errors", ())]
    outcome.answers += 1
    outcome.whole += not problems
    outcome.codes.update(problems)
    outcome.slowest = max(outcome.slowest, time.monotonic() - began)
    return not problems


async def _recovered(world: World) -> float:
    """Seconds until an answer is whole again; LONGEST when none was by then."""
    began = time.monotonic()
    for _ in range(4 * LONGEST):
        if await _asked(world, QUERIES[0], Outcome()):
            return time.monotonic() - began
        await asyncio.sleep(0.25)
    return LONGEST


def _rest(gone: float, outcome: Outcome) -> Sample:
    """The process while nobody asks: what is there now is there to stay."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = len(list(Path("/proc/self/fd").iterdir()))
    sample = Sample(len(asyncio.all_tasks()), files, pages * os.sysconf("SC_PAGE_SIZE") // MIB)
    codes = ", ".join(f"{code} {count}" for code, count in sorted(outcome.codes.items()))
    print(
        f"{gone:8.0f} {sample.tasks:6} {sample.files:6} {sample.memory:6} {outcome.answers:8}"
        f" {outcome.whole:7} {outcome.slowest:8.1f}  {codes}",
        flush=True,
    )
    return sample


def _verdict(rests: list[Sample], back_in: float) -> int:
    """Whether the last third is above the second: in the first the process is still becoming what it will be."""
    third = len(rests) // 3
    second, last = (_highest(part) for part in (rests[third : 2 * third], rests[2 * third :]))
    print(f"recovered in {back_in:.1f} s" if back_in < LONGEST else "did not recover")
    grew = [
        name
        for name, before, after, more in zip(Sample._fields, second, last, MORE, strict=True)
        if after > before + more
    ]
    print(f"grew: {', '.join(grew)}" if grew else "nothing grew")
    return 1 if grew or back_in >= LONGEST else 0


def _highest(rests: list[Sample]) -> Sample:
    return Sample(*(max(each) for each in zip(*rests, strict=True)))


@asynccontextmanager
async def _gateway(url: str) -> AsyncIterator[World]:
    known = platforms()
    simulators = build_company(known, SIMS).simulators
    settings = [settings_of(known[name], each, f"{url}/{name}", name) for name, each in simulators.items()]
    async with a_gateway(settings, deadline=10.0, now=utc_now) as world:
        world.simulators = simulators
        yield world


@contextmanager
def _simulators() -> Iterator[tuple[str, Connection]]:
    """All simulators, in a process of their own that takes orders; its URL."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_simulate, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv(), here
    finally:
        process.terminate()
        process.join()


def _simulate(control: Connection) -> None:
    asyncio.run(_flapping(build_company(platforms(), SIMS), control))


async def _flapping(host: SimulationHost, control: Connection) -> None:
    """Serve, and break and mend each provider by chance for as long as that is wanted."""
    chance = random.Random(1)  # noqa: S311 - no secret
    is_wanted, next_spell = False, dict.fromkeys(host.simulators, 0.0)
    trouble: dict[str, tuple[str, str | None, float]] = {}
    async with serving(host) as url:
        control.send(url)
        while True:
            if control.poll():
                is_wanted = control.recv() == "flap"
                trouble.clear()
                host.clear()
            now = time.monotonic()
            due = [name for name, at in next_spell.items() if is_wanted and at <= now]
            for name in due:
                next_spell[name] = now + chance.uniform(*FLAP)
                if trouble.pop(name, None) is None:
                    trouble[name] = (*chance.choice(TROUBLE), chance.choice([1.0, 1.0, 0.5]))
            if due:
                _set(host, trouble)
            await asyncio.sleep(0.1)


def _set(host: SimulationHost, trouble: dict[str, tuple[str, str | None, float]]) -> None:
    """These troubles, by provider, and no others."""
    host.clear()
    for name, (kind, value, probability) in trouble.items():
        host.fault(name, kind, value, probability=probability)
