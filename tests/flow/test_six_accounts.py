"""One question to all six providers at once, and what it costs where it arrives."""

import asyncio
import time
from collections import Counter
from typing import Any

import pytest

from gateway.provider import Provider
from gateway.providers.supersim.provider import SuperSim
from gateway.registry import platforms
from gateway.simulation.shares import share_out
from tests.waiting import in_some_round, until
from tests.world import World, a_world

PAGE = """query($first: Int = 100, $after: String) { sims(first: $first, after: $after) {
  nodes { iccid status nativeStatus account { name provider }
          currentSession { startedAt network { name country } } fleet { name } }
  problems { code } pageInfo { hasNextPage endCursor } } }"""
PLAIN = """query($first: Int, $after: String) { sims(first: $first, after: $after) {
  nodes { id account { name } } problems { account code } pageInfo { hasNextPage endCursor } } }"""
BUILT_IN = ["cisco-control-center", "kore-supersim", "kore-wireless", "twilio-supersim", "twilio-wireless", "wayscloud"]


@pytest.fixture
async def world():
    async with a_world(BUILT_IN, sims=share_out(250)) as made:
        yield made


async def walked(world: World, first: int) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await world.data(PLAIN, {"first": first, "after": after}))["sims"]
        pages.append(page)
        if not page["pageInfo"]["hasNextPage"]:
            return pages
        after = page["pageInfo"]["endCursor"]


def test_the_six_are_all_there_are():
    """Six providers are built in; more may be installed beside them."""
    assert set(BUILT_IN) <= platforms().keys()


async def test_the_page_of_the_readme(world: World):
    """100 SIMs of all six accounts with session, network and fleet: no problems, no errors, within the time."""
    sims = (await world.data(PAGE))["sims"]

    assert len(sims["nodes"]) == 100
    assert Counter(sim["account"]["provider"] for sim in sims["nodes"]).keys() == set(BUILT_IN)
    assert sims["problems"] == []
    assert sims["pageInfo"]["hasNextPage"]
    by_provider: dict[str, list[dict[str, Any]]] = {}
    for sim in sims["nodes"]:
        by_provider.setdefault(sim["account"]["provider"], []).append(sim)
    for name in ("twilio-supersim", "kore-supersim"):
        assert all(sim["currentSession"] is None for sim in by_provider[name])
        assert any(sim["fleet"] for sim in by_provider[name])
    for name in ("twilio-wireless", "kore-wireless", "wayscloud", "cisco-control-center"):
        assert any(sim["currentSession"] for sim in by_provider[name]), name
        assert any(sim["status"] == "ACTIVE" and sim["nativeStatus"] for sim in by_provider[name]), name


async def test_one_page_costs_one_list_call_each(world: World):
    """WAYSCloud has no list: its inventory is the bill and at most five pages of the feed; the others ask once."""
    await world.data(PLAIN, {"first": 100})

    calls = {name: [request.path for request in world.arrived(name)] for name in BUILT_IN}
    wayscloud = Counter(path.removeprefix("/v1/globalsim/sims/") for path in calls.pop("wayscloud"))
    assert wayscloud["billing"] == 1
    assert 1 <= wayscloud["activity"] <= 5
    assert wayscloud.keys() == {"billing", "activity"}
    assert {name: len(paths) for name, paths in calls.items()} == dict.fromkeys(calls, 1)


async def test_every_page_of_250_sims_at_37(world: World):
    """Walking all pages gives each of the 250 SIMs exactly once, in pages of exactly 37 but for the last."""
    pages = await walked(world, 37)

    ids = [sim["id"] for page in pages for sim in page["nodes"]]
    assert len(ids) == len(set(ids)) == 250
    assert [len(page["nodes"]) for page in pages] == [37] * 6 + [28]
    assert all(page["problems"] == [] for page in pages)


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize(
    ("kind", "code"), [("status", "UNAVAILABLE"), ("garbage", "BAD_RESPONSE"), ("hang", "TIMEOUT")]
)
async def test_one_account_in_trouble_is_a_problem_of_its_own(name: str, kind: str, code: str):
    """With one account down, silent or answering nonsense, the others answer and `problems` names that one alone."""
    async with a_world(BUILT_IN, sims=12) as world:
        world.host.fault(name, kind)
        if kind == "hang":
            world.accounts.by_name[name].time_limit = 0.5

        sims = (await world.data(PLAIN, {"first": 30}))["sims"]

        assert [(problem["account"], problem["code"]) for problem in sims["problems"]] == [(name, code)]
        assert {sim["account"]["name"] for sim in sims["nodes"]} == set(BUILT_IN) - {name}


async def test_a_slow_account_delays_by_no_more_than_its_time():
    """One account hangs: the answer comes after its time limit, not after the others' or the request's."""
    async with a_world(BUILT_IN, sims=12) as world:
        await world.data(PLAIN, {"first": 30})
        world.host.fault("kore-wireless", "hang")
        world.accounts.by_name["kore-wireless"].time_limit = 1.0
        began = time.monotonic()

        sims = (await world.data(PLAIN, {"first": 30}))["sims"]

        assert 0.9 < time.monotonic() - began < 30.0
        assert [problem["account"] for problem in sims["problems"]] == ["kore-wireless"]


async def test_the_deadline_of_the_request_holds():
    """When every account hangs at every level, the answer still comes by the request's deadline, as JSON with codes."""
    async with a_world(BUILT_IN, sims=12, deadline=1.0) as world:
        for name in BUILT_IN:
            world.host.fault(name, "hang")

        async def answered() -> dict[str, Any]:
            answer = await world.ask(PAGE)
            assert answer["data"], "the time was over before anybody was asked"
            return answer

        began = time.monotonic()

        answer = await in_some_round(answered)

        assert time.monotonic() - began < 30.0
        assert {problem["code"] for problem in answer["data"]["sims"]["problems"]} == {"TIMEOUT"}


async def test_a_caller_that_leaves_takes_its_calls_along():
    """A cancelled request leaves no call under way and no place taken: the next one is answered at once."""
    async with a_world(["twilio-supersim"], sims=12, concurrency=1) as world:
        world.host.fault("twilio-supersim", "hang", count=1)
        asking = asyncio.create_task(world.ask(PLAIN, {"first": 5}))
        await until(lambda: bool(world.arrived("twilio-supersim")))
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

        sims = (await world.data(PLAIN, {"first": 5}))["sims"]

        assert len(sims["nodes"]) == 5


async def test_an_account_can_be_chosen_and_an_unknown_one_is_named(world: World):
    """`accounts` and `providers` narrow whom is asked; a name that is none is a problem, not silence."""
    query = """query($f: SimFilter) { sims(first: 5, filter: $f) { nodes { account { name } }
        problems { code message } } }"""

    chosen = (await world.data(query, {"f": {"accounts": ["wayscloud", "nobody"]}}))["sims"]

    assert {sim["account"]["name"] for sim in chosen["nodes"]} == {"wayscloud"}
    assert [problem["code"] for problem in chosen["problems"]] == ["NOT_FOUND"]
    assert "'nobody'" in chosen["problems"][0]["message"]
    assert set(world.count()) == {"wayscloud"}


@pytest.mark.parametrize("filter", [{"iccid": []}, {"status": []}, {"accounts": []}, {"providers": []}])
async def test_an_empty_list_matches_nothing(world: World, filter: dict[str, Any]):
    """A caller whose own result was empty does not get everything."""
    query = "query($f: SimFilter) { sims(filter: $f) { nodes { id } problems { code } pageInfo { hasNextPage } } }"

    sims = (await world.data(query, {"f": filter}))["sims"]

    assert sims == {"nodes": [], "problems": [], "pageInfo": {"hasNextPage": False}}
    assert world.count() == {}


async def test_a_sim_is_found_by_iccid_wherever_it_is(world: World):
    """An ICCID leads to its SIM at each provider, with or without its check digit; an unknown one to null."""
    page = await world.data("{ sims(first: 60) { nodes { id iccid account { name } } } }")
    by_account = {sim["account"]["name"]: sim for sim in page["sims"]["nodes"]}
    query = "query($iccid: String!) { sim(by: {iccid: $iccid}) { id } }"

    for sim in by_account.values():
        assert (await world.data(query, {"iccid": sim["iccid"]}))["sim"] == {"id": sim["id"]}
    assert (await world.data(query, {"iccid": "8999999999999999999"}))["sim"] is None


async def test_an_unknown_iccid_is_not_null_while_an_account_is_down(world: World):
    """Nobody who answered has it, and one did not answer: UNAVAILABLE, because null would be a claim."""
    world.host.fault("kore-supersim", "status", 503)

    answer = await world.ask('{ sim(by: {iccid: "8999999999999999999"}) { id } }')

    assert answer["data"] == {"sim": None}
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert "kore-supersim" in error["message"]


async def test_an_account_that_cannot_look_up_an_iccid_is_named():
    """Its provider has no such operation, so null would be a claim about SIMs that nobody looked at."""

    class WithoutLookup(SuperSim):
        find_sim_by_iccid = Provider.find_sim_by_iccid

    async with a_world(["twilio-supersim", "kore-supersim"], sims=12) as world:
        account = world.accounts.by_name["kore-supersim"]
        account.provider = WithoutLookup(account.provider.client, account.provider.now)

        answer = await world.ask('{ sim(by: {iccid: "8999999999999999999"}) { id } }')

    [error] = answer["errors"]
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert "kore-supersim (UNSUPPORTED)" in error["message"]


async def test_every_node_can_be_fetched_again(world: World):
    """Whatever has an id, from every account, is given back by `node`; and an id nobody has is null."""
    query = """{ sims(first: 30) { nodes { id currentSession { id } fleet { id networkAccessProfile { id
        networks(first: 1) { nodes { id } } } } ratePlan { id } billingPeriods { id } esimProfile { id }
        commands(first: 2) { nodes { id } } settingsUpdates(first: 1) { nodes { id } } account { id } } } }"""
    ids = sorted(set(_ids(await world.data(query))))

    again = await world.data("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", {"ids": ids[:100]})

    assert [node["id"] for node in again["nodes"]] == ids[:100]
    kinds = {node["__typename"] for node in again["nodes"]}
    assert {"Sim", "DataSession", "Fleet", "Account", "BillingPeriod", "SmsCommand"} <= kinds


def _ids(value: object) -> list[str]:
    if isinstance(value, list):
        return [each for item in value for each in _ids(item)]
    if isinstance(value, dict):
        own = [value["id"]] if "id" in value else []
        return own + [each for item in value.values() for each in _ids(item)]
    return []
