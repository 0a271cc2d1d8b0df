"""One question cannot take the gateway away from everybody else."""

import asyncio
import time

from gateway.allowance import MAX_THINGS
from tests.world import a_world


async def test_a_request_that_multiplies_is_bounded():
    """Fleets of SIMs of fleets of SIMs: the answer stops at the limit, which is named, and others are answered."""
    level = "iccid"
    for _ in range(4):
        level = f"fleet {{ sims(first: 65) {{ nodes {{ {level} }} }} }}"
    query = f"{{ sims(first: 65) {{ nodes {{ {level} }} }} }}"
    async with a_world(["twilio-supersim"], sims=65) as world:
        began = time.monotonic()
        asking = asyncio.create_task(world.ask(query))
        slowest = 0.0
        while not asking.done():
            turn = time.monotonic()
            await asyncio.sleep(0.01)
            slowest = max(slowest, time.monotonic() - turn)
        answer = await asking

    assert time.monotonic() - began < 11
    assert slowest < 5
    assert str(MAX_THINGS) in answer["errors"][0]["message"]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"INVALID"}


async def test_what_a_page_shows_is_within_the_limit():
    """500 SIMs with twenty commands each would be the limit: a page people ask for is well below it."""
    query = "{ sims(first: 65) { nodes { commands(first: 20) { nodes { id } } sessions { nodes { id } } } } }"
    async with a_world(["twilio-supersim"], sims=65) as world:
        await world.data(query)
