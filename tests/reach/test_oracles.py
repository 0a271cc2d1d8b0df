"""A caller who sees some fleets of an account cannot find out what else there is: not from the plan, not from the cost,
not from what is left of his minute."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.cache.options import CacheOptions
from gateway.rights import EVERYTHING, Caller
from schema.ids import encode_id
from schema.job import job_id
from schema.scopes import ALL_SCOPES
from tests.reach.desk import KORE, TWILIO, seeing
from tests.reach.test_foreign import KINDS, LISTED, OF_THING, TOLD
from tests.world import World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIMS = 24
ROOT = Caller("root", ALL_SCOPES, EVERYTHING)
QUERIES: Mapping[str, str] = {
    **OF_THING,
    "iccid": f"""query($iccid: String!) {{
      sim(by: {{ iccid: $iccid }}) {{ id }} sims(filter: {{ iccid: [$iccid] }}) {{ {LISTED} }} }}""",
    "job by id": f"""query($run: ID!) {{ job(id: $run) {{ id }} node(id: $run) {{ id }}
      commands(first: 5) {{ {LISTED} }} }}""",
    "job of an iccid": f"""mutation($iccid: String!) {{ sendCommands(input: {{ expectedCount: 1, dryRun: true,
      select: {{ filter: {{ iccid: [$iccid] }} }}, body: {{ sms: {{ text: "x" }} }} }}) {{ {TOLD} }} }}""",
    "list": f"query {{ sims(first: 50) {{ {LISTED} }} commands(first: 50) {{ {LISTED} }} }}",
}
EVERYTHING_THERE = """{ sims(first: 100) { nodes {
  id esimProfile { id } billingPeriods { id } commands { nodes { id } } } }
  commands(first: 100) { nodes { id } } fleets { nodes { id } } }"""
WARM_BY_ID = """query($sim: ID!, $fleet: ID!, $sms: ID!, $esim: ID!, $iccid: String!) { nodes(ids: [$sim, $fleet, $sms,
  $esim]) { id ... on Sim { name } ... on Fleet { name } } sim(by: { iccid: $iccid }) { id } }"""


@dataclass
class Rest:
    """`ann` asks for what is foreign, `anton`, who sees the same, for what is not there: `names` are by caller. `bob`
    sees all of another account besides."""

    world: World
    names: dict[str, dict[str, str]]

    async def answer(self, who: str, query: str, plan: object) -> tuple[object, ...]:
        """All that comes back, with names in the place of what he had said himself."""
        body = {"query": QUERIES[query], "variables": self.names[who]}
        response = await self.world.as_(who).http.post("/graphql", json=body | {"extensions": {"plan": plan}})
        text = response.text
        for name, value in self.names[who].items():
            text = text.replace(value, f"<{name}>")
        assert "<html" not in text
        left = [response.headers[f"ratelimit-{each}"] for each in ("limit", "remaining")]
        return response.status_code, text, left

    async def warm(self, how: str) -> None:
        root = self.world.as_("root")
        if how == "forget":
            await root.http.post("/admin/forget", json={})
        elif how == "lists":
            await root.ask(EVERYTHING_THERE)
        elif how != "nothing":
            await root.ask(WARM_BY_ID, self.names[how])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rest() -> AsyncIterator[Rest]:
    async with a_world([TWILIO], sims=SIMS) as world:  # the same SIMs are there again below
        found = await names_in(world)
    mine = [(TWILIO, found.pop("own fleet"))]
    same = [seeing(each, fleets=mine, requests=10**6, cost=10**7) for each in ("ann", "anton")]
    callers = [ROOT, *same, seeing("bob", KORE, fleets=mine)]
    async with a_world([TWILIO, KORE], sims=SIMS, unhurried=True, cache=CacheOptions(), callers=callers) as world:
        select = {"select": {"ids": [found["sim"]]}, "body": {"sms": {"text": "x"}}}
        begun = await world.as_("root").data(SEND, {"input": select})
        absent = {name: value[:-4] + "0000" for name, value in found.items() if name != "mine"}
        foreign, missing = [
            {each: encode_id(TWILIO, kind, told[each]) for each, kind in KINDS.items()}
            | {"iccid": told["iccid"], "mine": found["mine"]}
            for told in (found | {"sim": found["sim id"]}, absent | {"sim": absent["sim id"]})
        ]
        foreign["run"], missing["run"] = begun["sendCommands"]["job"]["id"], job_id("0" * 32)
        yield Rest(world, {"ann": foreign, "anton": missing})


SEND = "mutation($input: SendCommandsInput!) { sendCommands(input: $input) { job { id } } }"


async def names_in(world: World) -> dict[str, str]:
    """Of a SIM with all that belongs to it, and the id and the fleet of a SIM in another fleet."""
    query = """{ sims(first: 100) { nodes { id nativeId iccid fleet { nativeId } billingPeriods { nativeId }
      esimProfile { nativeId } commands(first: 9) { nodes { __typename nativeId } } } } }"""
    sims: list[dict[str, Any]] = [each for each in (await world.data(query))["sims"]["nodes"] if each["fleet"]]
    texts = {
        sim["id"]: [each["nativeId"] for each in sim["commands"]["nodes"] if each["__typename"] == "SmsCommand"]
        for sim in sims
    }
    sim = next(each for each in sims if each["esimProfile"] and each["billingPeriods"] and texts[each["id"]])
    mine = next(each for each in sims if each["fleet"] != sim["fleet"])
    return {
        "sim": sim["id"],
        "sim id": sim["nativeId"],
        "iccid": sim["iccid"],
        "fleet": sim["fleet"]["nativeId"],
        "below": sim["billingPeriods"][0]["nativeId"],
        "esim": sim["esimProfile"]["nativeId"],
        "sms": texts[sim["id"]][0],
        "mine": mine["id"],
        "own fleet": mine["fleet"]["nativeId"],
    }


WARMED = st.sampled_from(["nothing", "nothing", "forget", "lists", "ann", "anton"])
STEP = st.tuples(WARMED, st.sampled_from(sorted(QUERIES)), st.sampled_from([True, True, "dry", False]), st.booleans())


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEP, min_size=3, max_size=10))
async def test_what_is_foreign_is_as_what_is_not_there(rest: Rest, steps: list[tuple[str, str, object, bool]]):
    """Whatever has been asked by whom before, the two answers are the same, byte for byte, and leave as much of the
    minute."""
    for how, query, plan, is_turned in steps:
        await rest.warm(how)
        who = ["anton", "ann"] if is_turned else ["ann", "anton"]
        told = {each: await rest.answer(each, query, plan) for each in who}

        assert told["ann"] == told["anton"], (how, query, plan)


async def test_every_question(rest: Rest):
    """The same for each, when all that is foreign is remembered and when nothing is."""
    for how in ("ann", "forget"):
        for query in QUERIES:
            await rest.warm(how)
            foreign, missing = [await rest.answer(each, query, True) for each in ("ann", "anton")]

            assert foreign == missing, (how, query)


@pytest.mark.parametrize("query", ["node", "sim", "iccid"])
async def test_memory_never_says_no(rest: Rest, query: str):
    """What is foreign takes as many calls as what is not there, remembered or not: it is neither told sooner nor
    counted otherwise by the provider."""
    asked = []
    for who, how in (("anton", "nothing"), ("anton", "anton"), ("ann", "nothing"), ("ann", "ann")):
        await rest.warm("forget")
        await rest.warm(how)
        rest.world.forget()
        await rest.answer(who, query, True)
        asked.append([each.path.rpartition("/")[0] for each in rest.world.arrived(TWILIO)])

    assert asked == [asked[0]] * 4
    assert asked[0] != []


async def test_what_is_told_of_the_cost(rest: Rest):
    """Of an account that is seen in part the plan has no line, and the cost is what was estimated, asked or
    remembered; the account that is seen whole is told as it was."""
    query = {"query": "{ sims(first: 6) { nodes { id fleet { name } } } }", "extensions": {"plan": True}}
    await rest.warm("forget")

    first, again = [(await rest.world.as_("bob").http.post("/graphql", json=query)).json() for _ in range(2)]
    root = (await rest.world.as_("root").http.post("/graphql", json=query)).json()

    for told in (first, again):
        assert {each["account"] for each in told["extensions"]["plan"]} == {KORE}
        costs = {each["account"]: each for each in told["extensions"]["cost"]["accounts"]}
        assert costs[TWILIO]["actual"] == costs[TWILIO]["estimate"] > 0
        assert told["extensions"]["cost"]["actual"] == costs[TWILIO]["actual"] + costs[KORE]["actual"]
    assert costs[KORE]["actual"] == 0
    assert first["extensions"]["cost"]["accounts"] != again["extensions"]["cost"]["accounts"]
    assert {each["account"] for each in root["extensions"]["plan"]} == {TWILIO, KORE}
    assert TWILIO not in json.dumps(await _dry(rest, query))


async def _dry(rest: Rest, query: dict[str, Any]) -> object:
    body = query | {"extensions": {"plan": "dry"}}
    return (await rest.world.as_("bob").http.post("/graphql", json=body)).json()["extensions"]["plan"]
