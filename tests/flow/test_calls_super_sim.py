"""How many calls a question costs at Super SIM, counted where they arrive."""

from urllib.parse import parse_qsl

import pytest

from tests.world import World, a_world

ONE = "twilio-supersim"


@pytest.fixture
async def world():
    async with a_world([ONE], sims=60) as made:
        yield made


def paths(world: World) -> list[str]:
    return [request.path for request in world.arrived(ONE)]


async def test_one_sim_by_id_is_one_call(world: World):
    """A SIM by its id is fetched by one call, and nothing else is asked."""
    [sim] = (await world.data("{ sims(first: 1) { nodes { id nativeId } } }"))["sims"]["nodes"]
    world.forget()

    found = await world.data("query($id: ID!) { sim(by: {id: $id}) { nativeId } }", {"id": sim["id"]})

    assert found["sim"]["nativeId"] == sim["nativeId"]
    assert paths(world) == [f"/v1/Sims/{sim['nativeId']}"]


async def test_a_page_with_fleets_is_two_calls(world: World):
    """The fleets of 50 SIMs are one list call."""
    page = await world.data("{ sims(first: 50) { nodes { fleet { name } } } }")

    assert len(page["sims"]["nodes"]) == 50
    assert {sim["fleet"]["name"] for sim in page["sims"]["nodes"] if sim["fleet"]} >= {"vehicles", "retail"}
    assert paths(world) == ["/v1/Sims", "/v1/Fleets"]


async def test_usage_of_the_month_is_one_more_call(world: World):
    """The usage of 50 SIMs is one call with Group=sim, over the running UTC month."""
    page = await world.data("{ sims(first: 50) { nodes { fleet { name } usage { bytesTotal } } } }")

    assert any(sim["usage"][0]["bytesTotal"] > 0 for sim in page["sims"]["nodes"])
    assert sorted(paths(world)) == ["/v1/Fleets", "/v1/Sims", "/v1/UsageRecords"]
    [usage] = [dict(parse_qsl(request.query)) for request in world.arrived(ONE) if request.path == "/v1/UsageRecords"]
    assert usage["Group"] == "sim"
    assert (usage["StartTime"], usage["EndTime"]) == ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")


async def test_billing_periods_have_no_list_and_are_one_call_each(world: World):
    """50 SIMs with fleet and billing periods are at most 52 calls."""
    await world.data("{ sims(first: 50) { nodes { fleet { name } billingPeriods { type } } } }")

    assert len(paths(world)) == 52


async def test_commands_of_a_page_are_two_calls(world: World):
    """The SMS and IP commands of 50 SIMs are one list call each, and equal what each SIM's own lists say."""
    query = "{ sims(first: 50) { nodes { id commands(first: 500) { nodes { id } } } } }"

    page = (await world.data(query))["sims"]["nodes"]

    assert sorted(paths(world)) == ["/v1/IpCommands", "/v1/Sims", "/v1/SmsCommands"]
    for sim in page[:5]:
        own = await world.data("query($id: ID!) { sim(by: {id: $id}) { commands(first: 500) { nodes { id } } } }", sim)
        assert own["sim"]["commands"]["nodes"] == sim["commands"]["nodes"]


async def test_nothing_is_asked_twice_in_a_request(world: World):
    """Two aliases of a list, its SIMs' fleets, those fleets again through the SIMs of a command: one call each."""
    await world.data(
        """{ a: sims(first: 20) { nodes { fleet { name } } } b: sims(first: 20) { nodes { fleet { id } } }
             commands(first: 20) { nodes { sim { fleet { name } } } } }"""
    )

    assert len(paths(world)) == len({str((request.path, request.query)) for request in world.arrived(ONE)})


async def test_the_length_of_a_list_is_learned(world: World):
    """Where a list is longer than a page, one page is tried once and the rest asked singly; after that, only singly."""
    world.accounts.by_name[ONE].provider.page_sizes = {"list_fleets": 1}
    query = "{ sims(first: 50) { nodes { fleet { name } } } }"
    await world.data(query)
    first = [path for path in paths(world) if "Fleets" in path]
    world.forget()

    await world.data(query)

    assert first[0] == "/v1/Fleets"
    assert "/v1/Fleets" not in paths(world)


async def test_one_failing_relation_spoils_one_field(world: World):
    """A SIM whose billing periods fail has null there and an error that names account, operation and code."""
    [sim] = (await world.data("{ sims(first: 1) { nodes { nativeId } } }"))["sims"]["nodes"]
    world.host.fault(ONE, "status", 503, path=f"/v1/Sims/{sim['nativeId']}/")

    answer = await world.ask("{ sims(first: 5) { nodes { iccid billingPeriods { type } } } }")

    periods = [sim["billingPeriods"] for sim in answer["data"]["sims"]["nodes"]]
    assert sum(each is None for each in periods) == 1
    [error] = answer["errors"]
    assert error["path"][:2] == ["sims", "nodes"]
    assert error["extensions"] | {"nativeCode": ""} == {
        "account": ONE,
        "operation": "list_billing_periods",
        "code": "UNAVAILABLE",
        "retryable": True,
        "retryAfter": None,
        "nativeCode": "",
    }
