"""One question cannot take the gateway away from everybody else."""

import asyncio

from gateway.allowance import MAX_THINGS
from tests.world import a_world

TURNS = 4
"""So often at least it is somebody else's turn meanwhile."""


async def test_a_request_that_multiplies_is_bounded():
    """Fleets of SIMs of fleets of SIMs: the answer stops at the limit, which is named, and others are answered."""
    level = "iccid"
    for _ in range(4):
        level = f"fleet {{ sims(first: 65) {{ nodes {{ {level} }} }} }}"
    query = f"{{ sims(first: 65) {{ nodes {{ {level} }} }} }}"
    async with a_world(["twilio-supersim"], sims=65) as world:
        asking = asyncio.create_task(world.ask(query))
        turns = 0
        while not asking.done():
            await asyncio.sleep(0.01)
            turns += 1
        answer = await asking

    assert turns > TURNS
    assert str(MAX_THINGS) in answer["errors"][0]["message"]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"INVALID"}


async def test_what_a_page_shows_is_within_the_limit():
    """500 SIMs with twenty commands each would be the limit: a page people ask for is well below it."""
    query = "{ sims(first: 65) { nodes { commands(first: 20) { nodes { id } } sessions { nodes { id } } } } }"
    async with a_world(["twilio-supersim"], sims=65) as world:
        await world.data(query)
