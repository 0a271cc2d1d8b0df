"""Waiting for our own keeping of a limit is told as what it is."""

from tests.world import a_world

PLAIN = "{ sims(first: 3) { nodes { id } problems { code message retryable retryAfter } } }"
AFTERWARDS = "{ accounts { health quota { limit window remaining } } }"


async def test_a_spent_limit_is_rate_limited_and_no_fault_of_the_provider():
    """When the account's calls are used up, the answer says RATE_LIMITED and when to come back; health stays UP."""
    async with a_world(["twilio-supersim"], sims=12, calls=1, window=60.0, time_limit=20.0) as world:
        await world.data(PLAIN)

        data = await world.data(PLAIN)

        [problem] = data["sims"]["problems"]
        assert (problem["code"], problem["retryable"]) == ("RATE_LIMITED", True)
        assert 20 < problem["retryAfter"] <= 60
        accounts = (await world.data(AFTERWARDS))["accounts"]
        assert accounts == [{"health": "UP", "quota": {"limit": 1, "window": 60.0, "remaining": 0}}]
        assert world.count() == {"twilio-supersim": 1}
