"""Calls that are cut off, by a time limit or by a caller that leaves, cost nothing but themselves."""

import asyncio
import time

from tests.world import a_world

NAME = "twilio-supersim"
QUERY = "{ sims(first: 20) { nodes { id fleet { name } billingPeriods { id } ipAddresses { address } } } }"
PLAIN = "{ sims(first: 3) { nodes { id } problems { code message } } }"
AT_ONCE = 20.0
"""Seconds, on a machine that may stand still; who waits for a lost connection waits for 30."""


async def test_time_limits_leave_every_connection_usable():
    """After a hundred requests cut off at every stage of their calls, the account answers at once."""
    async with a_world([NAME], sims=20) as world:
        account = world.accounts.by_name[NAME]
        for i in range(100):
            account.time_limit = 0.004 + 0.0007 * (i % 60)
            await world.ask(QUERY)
        account.time_limit = 50.0
        began = time.monotonic()

        sims = (await world.data(PLAIN))["sims"]

        assert (len(sims["nodes"]), sims["problems"]) == (3, [])
        assert time.monotonic() - began < AT_ONCE


async def test_callers_that_leave_leave_every_connection_usable():
    """The same after sixty callers that left at every turn of the event loop, at two accounts."""
    async with a_world([NAME, "kore-supersim"], sims=20) as world:
        await world.data(PLAIN)
        for turns in range(60):
            asking = asyncio.create_task(world.ask(QUERY))
            for _ in range(turns * 4):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        began = time.monotonic()

        sims = (await world.data(PLAIN))["sims"]

        assert sims["problems"] == []
        assert time.monotonic() - began < AT_ONCE
