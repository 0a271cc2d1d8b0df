"""What other writes have done is never taken for what a lost one has done."""

from typing import Any

import pytest

from gateway.cache.options import CacheOptions
from schema.ids import encode_id
from tests.contract.writes import SAMPLES, Bench
from tests.world import World, a_world
from tests.writes.catalog import TEXT, change

FAMILIES = ["twilio-supersim", "twilio-wireless"]


@pytest.fixture(params=FAMILIES)
async def bench(request: pytest.FixtureRequest):
    limits = {"calls": 1000, "window": 1.0}
    async with a_world([request.param], sims=30, unhurried=True, cache=CacheOptions(), **limits) as world:
        yield world, Bench(world.accounts.by_name[request.param].provider, world.simulators[request.param])


def the_name(world: World) -> str:
    [name] = world.simulators
    return name


def fault(world: World, kind: str = "drop") -> None:
    world.host.fault(the_name(world), kind, None, count=1)


async def a_sim(world: World, bench: Bench, operation: str) -> str:
    write: Any = await SAMPLES[operation](bench)
    return encode_id(the_name(world), "Sim", write.sim_id)


async def test_an_equal_text_with_another_callback(bench):
    """Two texts that the provider shows alike: the second is lost and not done, and the first is not taken for it."""
    world, provider = bench
    text = {"simId": await a_sim(world, provider, "send_sms_command"), "body": {"sms": {"text": TEXT}}}
    first = await change(world, "sendCommand", text, callbackUrl="https://hooks.example.com/a")
    fault(world)

    second = await change(world, "sendCommand", text)

    assert (first["outcome"], second["outcome"]) == ("APPLIED", "UNKNOWN")


async def test_a_change_under_way_that_is_another_s(bench):
    """A status that another change has made pending does not show where it leads to."""
    world, provider = bench
    sim = await a_sim(world, provider, "send_sms_command")
    first = await change(world, "updateSim", {"id": sim, "status": "SUSPENDED"})
    fault(world)

    second = await change(world, "updateSim", {"id": sim, "status": "ACTIVE"})

    assert (first["outcome"], second["outcome"]) == ("PENDING", "UNKNOWN")


@pytest.mark.parametrize("bench", ["twilio-supersim"], indirect=True)
async def test_a_fleet_of_the_same_name(bench):
    """A fleet made before is not taken for one that was lost, whatever else they differ in."""
    world, provider = bench
    write: Any = await SAMPLES["create_fleet"](provider)
    profile = encode_id("twilio-supersim", "NetworkAccessProfile", write.network_access_profile_id)
    given = {"name": "twins", "networkAccessProfileId": profile}
    first = await change(world, "createFleet", given, dataLimit=5_000_000)
    fault(world)

    second = await change(world, "createFleet", given, dataLimit=6_000_000)

    assert (first["outcome"], second["outcome"]) == ("APPLIED", "UNKNOWN")


@pytest.mark.parametrize("bench", ["twilio-supersim"], indirect=True)
async def test_a_sim_that_was_there_before(bench):
    """A SIM that was in the account and has just been changed is not taken for one that was registered."""
    world, _ = bench
    sim = (await world.data("{ sims(first: 1) { nodes { id iccid } } }"))["sims"]["nodes"][0]
    await change(world, "updateSim", {"id": sim["id"], "name": "just-changed"})
    fault(world)

    given = {"account": "twilio-supersim", "iccid": sim["iccid"], "registrationCode": "0123456789"}
    payload = await change(world, "registerSim", given)

    assert payload["outcome"] == "UNKNOWN"


@pytest.mark.parametrize("bench", ["twilio-wireless"], indirect=True)
async def test_a_sim_that_was_never_there(bench):
    """What was never there has not been deleted."""
    world, _ = bench
    given = {"id": encode_id("twilio-wireless", "Sim", "DE" + "0" * 32)}
    world.host.fault("twilio-wireless", "drop", None, count=9)

    payload = await change(world, "deleteSim", given)

    assert payload["outcome"] in ("REFUSED", "UNKNOWN")
    assert sum(each.method == "DELETE" for each in world.arrived("twilio-wireless")) <= 1
