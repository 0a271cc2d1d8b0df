"""Worlds in which providers are in trouble, asked past what is remembered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tests.world import World

__all__ = ["PATIENCE", "SIMS_EACH", "asked", "is_whole", "sims_of", "unhurried", "until"]

SIMS = """{ sims(first: 100) { nodes { iccid stale account { name } }
            problems { account operation code message retryable retryAfter } } }"""
SIMS_EACH = 4
PATIENCE = 20.0
"""Seconds any account has, so that a machine that stands still for a while fails no test."""


def unhurried(**extra: object) -> dict[str, Any]:
    return {"sims": SIMS_EACH, "unhurried": True, "calls": 1000, "window": 1.0, "time_limit": PATIENCE} | extra


async def asked(world: World, query: str = SIMS) -> dict[str, Any]:
    """What the providers say now, not what is remembered; the answer must be whole and in time."""
    async with asyncio.timeout(4 * PATIENCE):
        response = await world.http.post("/graphql", json={"query": query}, headers={"Cache-Control": "max-age=0"})
    answer: dict[str, Any] = response.json()
    assert response.status_code == 200
    return answer


async def sims_of(world: World) -> tuple[dict[str, int], dict[str, dict[str, Any]]]:
    """How many SIMs came from each account, not counting old ones, and the problem of each account that had one."""
    sims = (await asked(world))["data"]["sims"]
    problems = {problem["account"]: problem for problem in sims["problems"]}
    assert len(problems) == len(sims["problems"])
    counts = dict.fromkeys(world.accounts.by_name, 0)
    for node in sims["nodes"]:
        counts[node["account"]["name"]] += not node["stale"]
    return counts, problems


async def until(seconds: float, is_so: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until it is so. TimeoutError when it is not after these seconds."""
    async with asyncio.timeout(seconds):
        while not await is_so():  # noqa: ASYNC110 - it is elsewhere that it becomes so
            await asyncio.sleep(0.1)


async def is_whole(world: World) -> bool:
    counts, problems = await sims_of(world)
    return not problems and set(counts.values()) == {SIMS_EACH}
