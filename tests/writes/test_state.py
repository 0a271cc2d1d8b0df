"""After a change everybody sees the new state, and what was not changed is still remembered."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from gateway.cache.options import CacheOptions
from gateway.cache.windows import TYPES
from schema.ids import decode_id, encode_id
from tests.contract.writes import SAMPLES, Bench
from tests.redis_server import a_redis
from tests.waiting import until_true
from tests.world import World, a_world
from tests.writes.site import SUPERSIM, Payload, Site, a_site, sim_for_texts

LOOK = """query($id: ID!) {
  sim(by: {id: $id}) { name status fleet { name } commands(first: 50) { nodes { id payload } } }
}"""
NAMES = "query($id: ID!) { sim(by: {id: $id}) { name } sims(first: 100) { nodes { id name } } }"
FLEETS = "{ fleets(first: 100) { nodes { id name sims(first: 100) { nodes { id } } } } }"
PROFILES = "{ networkAccessProfiles(first: 50) { nodes { id networks(first: 100) { nodes { id } } } } }"

RENAME = """mutation($input: UpdateSimInput!) { updateSim(input: $input) {
  outcome problems { code message } sim { id name fleet { id name sims(first: 100) { nodes { id } } } } } }"""
NAME = """mutation($input: UpdateSimInput!) { updateSim(input: $input) {
  outcome problems { code message } sim { name } } }"""
SEND = """mutation($input: SendCommandInput!) { sendCommand(input: $input) {
  outcome problems { code message } command { id sim { commands(first: 50) { nodes { id } } } } } }"""
FLEET = """mutation($input: CreateFleetInput!) { createFleet(input: $input) {
  outcome problems { code message } fleet { id name sims(first: 5) { nodes { id } } } } }"""
ALLOW = """mutation($input: ProfileNetworkInput!) { %s(input: $input) {
  outcome problems { code message } networkAccessProfile { id networks(first: 100) { nodes { id } } } } }"""

LASTING = CacheOptions(fresh=dict.fromkeys(TYPES, 600.0))
"""For longer than any test takes, whatever the machine does."""


@asynccontextmanager
async def a_gateway(cache: CacheOptions = LASTING) -> AsyncIterator[tuple[Site, World]]:
    async with a_site() as site, site.gateway(cache=cache) as world:
        yield site, world


async def changed(world: World, mutation: str, **given: object) -> Payload:
    """What became of it, which must be done."""
    [payload] = (await world.data(mutation, {"input": given})).values()
    assert (payload["outcome"], payload["problems"]) == ("APPLIED", [])
    told: Payload = payload
    return told


def ids(page: Mapping[str, Any]) -> list[str]:  # Any: JSON
    return [each["id"] for each in page["nodes"]]


def reads(site: Site) -> list[str]:
    return [each.path for each in site.host.requests(SUPERSIM) if each.method == "GET"]


# --- what was changed ----------------------------------------------------------------------------------------


async def test_the_default_cache_remembers_until_something_changes():
    """With the cache as it is by default the same look asks nobody, and after a change it shows the change."""
    async with a_gateway(CacheOptions()) as (site, world):
        sim = await sim_for_texts(world)
        before = await world.data(NAMES, {"id": sim})
        site.host.clear()
        assert await world.data(NAMES, {"id": sim}) == before
        assert reads(site) == []

        await changed(world, RENAME, id=sim, name="renamed")

        after = await world.data(NAMES, {"id": sim})
        assert after["sim"]["name"] == "renamed"
        assert {each["id"]: each["name"] for each in after["sims"]["nodes"]}[sim] == "renamed"


async def test_a_new_name():
    """The payload, the SIM and the list show the new name; other SIMs and the fleets are still remembered."""
    async with a_gateway() as (site, world):
        sim = await sim_for_texts(world)
        sims = ids((await world.data("{ sims(first: 100) { nodes { id } } }"))["sims"])
        other = next(each for each in sims if each != sim)
        for each in (sim, other):
            await world.data(LOOK, {"id": each})
        await world.data(FLEETS)
        site.host.clear()

        payload = await changed(world, NAME, id=sim, name="renamed")

        assert payload["sim"]["name"] == "renamed"
        assert reads(site) == []
        await world.data(LOOK, {"id": other})
        assert reads(site) == []
        assert (await world.data(LOOK, {"id": sim}))["sim"]["name"] == "renamed"
        assert reads(site) == [f"/v1/Sims/{decode_id(sim).native_id}"]  # its fleet and its commands are as they were


async def test_a_move_to_another_fleet():
    """The payload shows the SIM in its new fleet, and both fleets' lists of SIMs are as they are now."""
    async with a_gateway() as (site, world):
        before = {each["id"]: ids(each["sims"]) for each in (await world.data(FLEETS))["fleets"]["nodes"]}
        old, new = next((one, two) for one in before for two in before if one != two and before[one])
        sim = before[old][0]
        site.host.clear()

        payload = await changed(world, RENAME, id=sim, fleetId=new)

        assert payload["sim"]["fleet"]["id"] == new
        assert sim in ids(payload["sim"]["fleet"]["sims"])
        after = {each["id"]: ids(each["sims"]) for each in (await world.data(FLEETS))["fleets"]["nodes"]}
        assert sim not in after[old]
        assert sim in after[new]
        assert "/v1/Fleets" not in reads(site)  # the fleets themselves have not changed


async def test_a_command():
    """The command is among its SIM's at once, in the same request as in later ones; SIMs are still remembered."""
    async with a_gateway() as (site, world):
        sim = await sim_for_texts(world)
        before = ids((await world.data(LOOK, {"id": sim}))["sim"]["commands"])
        site.host.clear()

        payload = await changed(world, SEND, simId=sim, body={"sms": {"text": "reboot"}})

        made = payload["command"]["id"]
        assert made not in before
        assert made in ids(payload["command"]["sim"]["commands"])
        later = (await world.data(LOOK, {"id": sim}))["sim"]["commands"]
        assert {each["id"]: each["payload"] for each in later["nodes"]}[made] == "reboot"
        assert made in ids((await world.data("{ commands(first: 100) { nodes { id } } }"))["commands"])
        assert not [path for path in reads(site) if path.startswith(("/v1/Sims", "/v1/Fleets"))]


async def test_a_new_fleet():
    """A new fleet is in the list at once, and can be asked for by its id."""
    async with a_gateway() as (_, world):
        [profile, *_] = ids((await world.data(PROFILES))["networkAccessProfiles"])
        before = ids((await world.data(FLEETS))["fleets"])

        payload = await changed(world, FLEET, name="new", networkAccessProfileId=profile)

        made = payload["fleet"]["id"]
        assert sorted(ids((await world.data(FLEETS))["fleets"])) == sorted([*before, made])
        told = await world.data("query($id: ID!) { fleet(id: $id) { name } }", {"id": made})
        assert told["fleet"]["name"] == "new"


async def test_the_networks_of_a_profile():
    """A network that is added to a profile or taken out of it is, or is not, among its networks at once."""
    async with a_gateway() as (site, world):
        given = await added(world)
        before = await networks(world, given["profileId"])

        payload = await changed(world, ALLOW % "addNetworkToProfile", **given)
        assert given["networkId"] in ids(payload["networkAccessProfile"]["networks"])
        assert await networks(world, given["profileId"]) == before | {given["networkId"]}
        site.host.clear()
        payload = await changed(world, ALLOW % "removeNetworkFromProfile", **given)

        assert given["networkId"] not in ids(payload["networkAccessProfile"]["networks"])
        assert await networks(world, given["profileId"]) == before
        others = [path for path in reads(site) if "/NetworkAccessProfiles" not in path]
        assert others == []


async def added(world: World) -> dict[str, str]:
    """What adds a network that a profile has not."""
    bench = Bench(world.accounts.by_name[SUPERSIM].provider, world.simulators[SUPERSIM])
    write: Any = await SAMPLES["add_profile_network"](bench)  # Any: it is of that kind
    profiles = (await world.data("{ networkAccessProfiles(first: 50) { nodes { id nativeId } } }")).values()
    listed = (await world.data("{ networks(first: 100) { nodes { id nativeId } } }")).values()
    by_native = {each["nativeId"]: each["id"] for page in (*profiles, *listed) for each in page["nodes"]}
    return {"profileId": by_native[write.profile_id], "networkId": by_native[write.network_id]}


async def networks(world: World, profile: str) -> set[str]:
    shown = (await world.data(PROFILES))["networkAccessProfiles"]["nodes"]
    return {each["id"]: set(ids(each["networks"])) for each in shown}[profile]


# --- what may have changed -----------------------------------------------------------------------------------


async def test_a_lost_answer_forgets():
    """Where the answer to a change was lost, the next look is a new one and shows what has happened."""
    async with a_gateway() as (site, world):
        sim = await sim_for_texts(world)
        await world.data(NAMES, {"id": sim})
        site.host.fault(SUPERSIM, "reset", count=1, path="/v1/Sims/")

        [payload] = (await world.data(RENAME, {"input": {"id": sim, "name": "renamed"}})).values()

        assert payload["outcome"] in ("APPLIED", "UNKNOWN")
        assert len(site.writes()) == 1
        after = await world.data(NAMES, {"id": sim})
        assert after["sim"]["name"] == "renamed"
        assert {each["id"]: each["name"] for each in after["sims"]["nodes"]}[sim] == "renamed"


async def test_what_is_unknown_is_looked_at_anew():
    """What nobody can tell, as of a fleet without a name, is asked for anew: the list shows it."""
    async with a_gateway() as (site, world):
        [profile, *_] = ids((await world.data(PROFILES))["networkAccessProfiles"])
        before = ids((await world.data(FLEETS))["fleets"])
        site.host.fault(SUPERSIM, "reset", count=1, path="/v1/Fleets")

        [payload] = (await world.data(FLEET, {"input": {"networkAccessProfileId": profile}})).values()

        assert payload["outcome"] == "UNKNOWN"
        assert payload["fleet"] is None
        assert len(ids((await world.data(FLEETS))["fleets"])) == len(before) + 1


# --- another replica -----------------------------------------------------------------------------------------


async def test_another_replica_sees_it_too():
    """Over one Redis a change at one gateway is seen at the other, which had remembered how it was."""
    with a_redis() as redis:
        shared = CacheOptions(fresh=dict.fromkeys(TYPES, 600.0), redis=redis.url)
        async with a_site() as site, site.gateway(cache=shared) as one, site.gateway(cache=shared) as other:
            sim = await sim_for_texts(one)
            for world in (one, other):
                assert (await world.data(NAMES, {"id": sim}))["sim"]["name"] != "renamed"

            await changed(one, RENAME, id=sim, name="renamed")

            async def is_seen() -> bool:
                told = await other.data(NAMES, {"id": sim})
                listed = {each["id"]: each["name"] for each in told["sims"]["nodes"]}
                return told["sim"]["name"] == listed[sim] == "renamed"

            await until_true(is_seen)
            assert (await one.data(NAMES, {"id": sim}))["sim"]["name"] == "renamed"


# --- several in one request ----------------------------------------------------------------------------------

THREE = """mutation($first: UpdateSimInput!, $second: %s!, $third: UpdateSimInput!) {
  first: updateSim(input: $first) { outcome sim { name } }
  second: %s(input: $second) { outcome problems { code path } }
  third: updateSim(input: $third) { outcome sim { name } }
}"""
SLOW = 0.3


@pytest.mark.parametrize("second", ["done", "refused over there", "refused here", "unknown", "thrown"])
async def test_three_in_one_request(second: str):
    """The changes of one request are sent one after the other in their order, and none that fails hides another."""
    async with a_gateway() as (site, world):
        sim = await sim_for_texts(world)
        text = {"simId": sim, "body": {"sms": {"text": "x" * 161 if second == "refused here" else "reboot"}}}
        if second in ("refused over there", "unknown"):
            kind = "status" if second == "refused over there" else "drop"
            site.host.fault(SUPERSIM, kind, 400 if kind == "status" else None, count=1, path="/v1/SmsCommands")
        given = {"first": {"id": sim, "name": "one"}, "second": text, "third": {"id": sim, "name": "three"}}
        if second == "thrown":
            text["simId"] = "nonsense"
        site.host.latency[SUPERSIM] = SLOW

        told = await world.data(THREE % ("SendCommandInput", "sendCommand"), given)

        outcomes = {"done": "APPLIED", "unknown": "UNKNOWN"}
        assert told["second"]["outcome"] == outcomes.get(second, "REFUSED")
        assert bool(told["second"]["problems"]) is (second != "done")
        for each, name in (("first", "one"), ("third", "three")):
            assert (told[each]["outcome"], told[each]["sim"]["name"]) == ("APPLIED", name)
        arrived = site.writes()
        here = [] if second in ("refused here", "thrown") else ["SmsCommands"]
        assert [each.path.split("/")[2] for each in arrived] == ["Sims", *here, "Sims"]
        assert ["UniqueName=one" in arrived[0].body, "UniqueName=three" in arrived[-1].body] == [True, True]
        for one, next_ in pairwise(arrived):
            assert one.ms is not None
            assert next_.time >= one.time + timedelta(milliseconds=one.ms) - timedelta(seconds=SLOW / 2)
        assert (await world.data(NAMES, {"id": sim}))["sim"]["name"] == "three"


async def test_what_the_same_request_has_read_before():
    """A list that the first field of a request has shown is read again behind the second, which has added to it."""
    async with a_world(["twilio-supersim"], sims=30, unhurried=True, cache=CacheOptions()) as world:
        bench = Bench(world.accounts.by_name["twilio-supersim"].provider, world.simulators["twilio-supersim"])
        write: Any = await SAMPLES["send_sms_command"](bench)
        sent = "command { sim { commands(first: 500) { nodes { id } } } }"
        one = f'sendCommand(input: {{simId: $sim, body: {{sms: {{text: "one"}}}}}}) {{ outcome {sent} }}'

        answer = await world.data(
            f"mutation ($sim: ID!) {{ first: {one} second: {one.replace('one', 'two')} }}",
            {"sim": encode_id("twilio-supersim", "Sim", write.sim_id)},
        )

        shown = [len(answer[name]["command"]["sim"]["commands"]["nodes"]) for name in ("first", "second")]
        assert shown[1] == shown[0] + 1
