"""What a change is estimated to cost: the write, what is read around it, and what its answer asks for."""

from typing import Any

import pytest
import pytest_asyncio

from gateway.cache.options import CacheOptions
from gateway.cache.windows import TYPES
from gateway.cost.estimate import Estimate
from schema.ids import decode_id, encode_id
from tests.cost.asking import FIND, check, cost, ids_in
from tests.world import World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

UPDATE = """mutation($input: UpdateSimInput!) { updateSim(input: $input) { outcome problems { message }
  sim { status fleet { name } } } }"""
SUPERSIM = "twilio-supersim"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world():
    async with a_world(sims=10, unhurried=True, calls=1000, window=1.0) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ids(world: World):
    """Ids by kind and account, the first of each."""
    found: dict[tuple[str, str], str] = {}
    for kind, each in ids_in(await world.data(FIND)).items():
        found |= {(kind, decode_id(id_).account): id_ for id_ in reversed(each)}
    return found


@pytest.mark.parametrize("account", [SUPERSIM, "kore-wireless", "cisco-control-center", "wayscloud"])
@pytest.mark.parametrize("extra", [{"awaitSettled": 0.9}, {"dryRun": True}, {}], ids=["awaited", "dry", "done"])
async def test_a_change_and_its_answer(world: World, ids: dict[tuple[str, str], str], account: str, extra: Any):
    """A write, reading it back, looking for its end, and what its payload leads to, which may be remembered also where
    the write is refused."""
    given = {"id": ids["Sim", account], "nativeStatus": "ACTIVATED"} | extra
    if account != "cisco-control-center":
        given = {"id": ids["Sim", account], "status": "ACTIVE"} | extra

    found = await check(world, UPDATE, {"input": given})

    assert set(found.by_account) == {account}


async def test_each_change_is_counted(world: World, ids: dict[tuple[str, str], str]):
    """Two changes are two, however alike."""
    one = "createFleet(input: {networkAccessProfileId: $id}) { outcome fleet { networkAccessProfile { name } } }"
    variables = {"id": ids["NetworkAccessProfile", SUPERSIM]}

    once = await check(world, f"mutation($id: ID!) {{ {one} }}", variables)
    twice = await check(world, f"mutation($id: ID!) {{ a: {one} b: {one} }}", variables)

    assert (once.total, twice.total) == (2, 4)


async def test_a_deletion_looks_first(world: World, ids: dict[tuple[str, str], str]):
    """What is deleted is looked at before, and not after."""
    query = "mutation($id: ID!) { deleteCommand(input: {id: $id}) { outcome deletedId } }"

    found = await check(world, query, {"id": ids["SmsCommand", "kore-wireless"]})

    assert found == Estimate(2, {"kore-wireless": 2})


async def test_a_deletion_that_is_refused_looks_first(world: World, ids: dict[tuple[str, str], str]):
    """Where the provider cannot delete a SIM it is looked at all the same, and that is counted."""
    query = "mutation($id: ID!) { deleteSim(input: {id: $id}) { outcome problems { code } } }"

    found = await check(world, query, {"id": ids["Sim", SUPERSIM]})

    assert found == Estimate(1, {SUPERSIM: 1})
    assert world.count() == {SUPERSIM: 1}


async def test_what_is_refused_is_shown_as_it_is_remembered(world: World):
    """So what is asked of it counts: a change that a provider does not have is no way to ask for nothing."""
    query = """mutation($id: ID!) { updateSim(input: {id: $id, status: ACTIVE}) { outcome sim { iccid
      sessions { nodes { id } } usage { bytesTotal } } } }"""
    async with a_world(["wayscloud"], sims=3, cache=CacheOptions(fresh=dict.fromkeys(TYPES, 600.0))) as remembering:
        found = await remembering.data("{ sims(first: 1) { nodes { id } } }")
        refused = await check(remembering, query, {"id": found["sims"]["nodes"][0]["id"]})

        assert remembering.count() != {}
        assert refused.total >= 2


async def test_a_message_is_one_call(world: World, ids: dict[tuple[str, str], str]):
    """By SMS or IP; where the provider carries none of that kind nothing is sent."""
    query = "mutation($input: SendCommandInput!) { sendCommand(input: $input) { outcome command { id status } } }"
    sms, ip = {"sms": {"text": "reboot"}}, {"ip": {"payload": "x", "port": 99}}

    for account, body, calls in ((SUPERSIM, sms, 1), (SUPERSIM, ip, 1), ("kore-wireless", ip, 0)):
        found = await check(world, query, {"input": {"simId": ids["Sim", account], "body": body}})
        assert found.total == calls


async def test_a_job_costs_what_it_takes_to_know_its_sims(world: World, ids: dict[tuple[str, str], str]):
    """By id nothing is read; by a filter the lists are read to their ends."""
    query = "mutation($input: UpdateSimsInput!) { updateSims(input: $input) { outcome plan { count } } }"
    chosen = {"providers": [SUPERSIM, "kore-supersim"], "status": ["READY"]}
    dry = {"status": "ACTIVE", "dryRun": True}

    named = await check(world, query, {"input": dry | {"select": {"ids": [ids["Sim", SUPERSIM]]}}})
    every = {"select": {"filter": chosen}, "expectedCount": 5}
    read = await check(world, query, {"input": dry | every})

    assert named == Estimate()
    assert set(read.by_account) == {SUPERSIM, "kore-supersim"}
    assert cost(world, query, {"input": dry | every | {"expectedCount": 200_001}}) == Estimate()


async def test_what_will_be_refused_costs_nothing(world: World):
    """An account that is not there, an id that is none, and what no provider can be asked."""
    foreign = encode_id("elsewhere", "Sim", "HS1")

    for id_ in (foreign, "nonsense"):
        assert cost(world, UPDATE, {"input": {"id": id_, "status": "ACTIVE"}}) == Estimate()
    register = """mutation { registerSim(input: {account: "wayscloud", iccid: "89000000000000000001",
        registrationCode: "0123456789"}) { outcome } }"""
    assert cost(world, register, {}) == Estimate()
