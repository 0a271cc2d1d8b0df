"""Over real sockets: what is wrong with an input is told in the payload, and nothing of it reaches a provider."""

from collections.abc import AsyncIterator

import pytest

from tests.world import World, a_world

SUPER_SIM = "twilio-supersim"

SIMS = "{ sims(first: 1) { nodes { id } } fleets(first: 1) { nodes { id } } }"
UPDATE = """
mutation($input: UpdateSimInput!) {
    updateSim(input: $input) {
        outcome sim { name } plan { account operation count } problems { code path message operation }
    }
}
"""


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world([SUPER_SIM], sims=5) as made:
        yield made


async def a_sim(world: World) -> str:
    found = await world.data(SIMS)
    world.forget()
    return str(found["sims"]["nodes"][0]["id"])


def writes(world: World) -> list[str]:
    return [each.method for each in world.arrived(SUPER_SIM) if each.method != "GET"]


async def test_mistakes_are_told_and_nothing_is_sent(world: World):
    """Everything that is wrong is in `problems`, with its path; the provider is not called."""
    sim = await a_sim(world)

    wrong = {"id": sim, "name": "a\nb", "fleetId": sim, "callbackUrl": "https://10.0.0.1/", "status": None}
    told = (await world.data(UPDATE, {"input": wrong}))["updateSim"]

    assert told["outcome"] == "REFUSED"
    assert {tuple(each["path"]) for each in told["problems"]} == {
        ("input", field) for field in ("name", "fleetId", "callbackUrl", "status")
    }
    assert {each["code"] for each in told["problems"]} == {"INVALID"}
    assert writes(world) == []


async def test_a_right_input_is_sent_once(world: World):
    """A change without mistakes is one call, and the payload shows the SIM after it."""
    sim = await a_sim(world)

    told = (await world.data(UPDATE, {"input": {"id": sim, "name": "pump-1"}}))["updateSim"]

    assert told == {"outcome": "APPLIED", "sim": {"name": "pump-1"}, "plan": None, "problems": []}
    assert writes(world) == ["POST"]


async def test_a_dry_run_sends_nothing(world: World):
    """A dry run tells the call it would take, and makes none."""
    sim = await a_sim(world)

    told = (await world.data(UPDATE, {"input": {"id": sim, "name": "pump-1", "dryRun": True}}))["updateSim"]

    assert told["outcome"] == "DRY_RUN"
    assert told["plan"] == [{"account": SUPER_SIM, "operation": "update_sim", "count": 1}]
    assert writes(world) == []


async def test_one_wrong_message_leaves_the_right_one_alone(world: World):
    """Of two mutations in a request the wrong one is refused and the right one sent."""
    sim = await a_sim(world)
    long = "a" * 161

    answer = await world.data(
        "mutation($id: ID!, $long: String!) {"
        "  wrong: sendCommand(input: {simId: $id, body: {sms: {text: $long}}}) { outcome problems { path } }"
        '  right: sendCommand(input: {simId: $id, body: {sms: {text: "on"}}}) { outcome command { payload } }'
        "}",
        {"id": sim, "long": long},
    )

    assert answer["wrong"] == {"outcome": "REFUSED", "problems": [{"path": ["input", "body", "sms", "text"]}]}
    assert answer["right"] == {"outcome": "APPLIED", "command": {"payload": "on"}}
    assert writes(world) == ["POST"]
