"""What the cache saves and costs: `python -m tests.bench cache [dashboard seconds]`.

Twenty callers poll a dashboard of 50 SIMs every five seconds; then a million distinct answers go through memory.
"""

import asyncio
import resource
import time
from collections import Counter
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from gateway.cache.codec import encode
from gateway.cache.entry import Entry
from gateway.cache.options import CacheOptions
from gateway.cache.question import Question, slot_of
from gateway.cache.stores import BoundedMemory
from gateway.cache.windows import FRESH
from schema.sim import Sim
from tests.world import World, a_world

CALLERS, EVERY = 20, 5.0
NAMES = ("twilio-supersim", "twilio-wireless")
DASHBOARD = """{ sims(first: 50) {
  nodes { iccid status stale fleet { name } currentSession { startedAt active } usage { bytesTotal } }
  problems { code }
} }"""

GOAL, LONG_ENOUGH = 0.99, 60.0
"""The part of answers from memory, and the seconds after which the first calls no longer weigh."""

KEYS, MOST = 1_000_000, 100_000


def main(args: list[str]) -> int:
    """0 when both keep what they promise."""
    seconds = float(args[0]) if args else 60.0
    is_kept = all([asyncio.run(_dashboard(seconds)), _million()])
    print("goals: " + ("met" if is_kept else "missed"))
    return 0 if is_kept else 1


async def _dashboard(seconds: float) -> bool:
    async with a_world(NAMES, sims=60, deadline=30.0, cache=CacheOptions(), time_limit=20.0) as world:
        told: list[dict[str, Any]] = []
        times: list[float] = []
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for number in range(CALLERS):
                group.create_task(_poll(world, number * EVERY / CALLERS, until, told, times))
        return _judged(world, seconds, told, times)


async def _poll(world: World, after: float, until: float, told: list[dict[str, Any]], times: list[float]) -> None:
    await asyncio.sleep(after)
    while time.monotonic() < until:
        began = time.monotonic()
        answer = await world.http.post("/graphql", json={"query": DASHBOARD, "extensions": {"plan": True}})
        times.append(time.monotonic() - began)
        told.append(answer.json())
        await asyncio.sleep(max(0.0, began + EVERY - time.monotonic()))


def _judged(world: World, seconds: float, told: list[dict[str, Any]], times: list[float]) -> bool:
    lines = [line for answer in told for line in answer["extensions"]["plan"]]
    hits, others = (sum(line[name] for line in lines) for name in ("cacheHits", "coalesced"))
    calls = sum(line["calls"] for line in lines)
    arrived = Counter((name, each.path, each.query) for name in NAMES for each in world.arrived(name))
    allowed = {question: seconds / FRESH[_type(question[1])] + 1 for question in arrived}
    over = {question: times for question, times in arrived.items() if times > allowed[question] + 1e-9}
    stale = sum(node["stale"] for answer in told for node in answer["data"]["sims"]["nodes"])
    rate = hits / (hits + others + calls)
    goal = GOAL if seconds >= LONG_ENOUGH else 0.0
    print(f"dashboard: {len(told)} answers in {seconds:g} s, {sum(arrived.values())} calls to {len(arrived)} questions")
    aim = f"goal {goal:.0%}" if goal else f"no goal for less than {LONG_ENOUGH:g} s"
    print(f"  hit rate {rate:.2%}, {aim}; {calls} calls waited for; stale SIMs served {stale}")
    print(f"  questions asked more than once per fresh window, goal 0: {len(over)} {list(over.items())[:3]}")
    print(f"  answers take {median(times) * 1000:.0f} ms, p95 {quantiles(times, n=20)[-1] * 1000:.0f} ms")
    return rate >= goal and not over and not any("errors" in answer for answer in told)


def _type(path: str) -> str:
    kinds = {"Fleets": "Fleet", "UsageRecords": "UsageRecord", "DataSessions": "DataSession"}
    return next((kind for word, kind in kinds.items() if word in path), "Sim")


def _million() -> bool:
    memory = BoundedMemory(max_entries=MOST, max_bytes=256 * 1024 * 1024)
    sim = Sim(native_id="HS0", iccid="89" * 10, name="tracker", msisdn="+4915112345678")
    body = encode(sim)
    now = datetime.now(UTC).timestamp()
    marks: list[int] = []
    began = time.perf_counter()
    for number in range(KEYS):
        slot = slot_of(Question("trackers", "load_sim", (f"HS{number:032x}",)))
        memory.put(slot, Entry(now, 60.0, 86_400.0, bytes(bytearray(body))))
        if (number + 1) % (KEYS // 10) == 0:
            marks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    took = time.perf_counter() - began
    print(f"a million keys, {MOST} kept: {len(memory)} entries, {memory.bytes / 1e6:.0f} MB counted")
    most = marks[1] * 1.1
    print(f"  most memory of the process after each tenth: {marks} MiB, goal {most:.0f} at most at the end")
    print(f"  {took / KEYS * 1e6:.1f} us a put")
    return len(memory) == MOST and marks[-1] <= most
