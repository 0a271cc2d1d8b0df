"""What a second request asks of providers, and what it is told when they cannot be asked."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from gateway.cache.options import CacheOptions
from gateway.cache.windows import TYPES
from gateway.registry import platforms
from gateway.simulation.serving import serving
from gateway.upstream.breaker import IN_A_ROW
from tests.waiting import in_some_round
from tests.world import START, World, a_gateway, a_world, settings_of

ONE, OTHER = "twilio-supersim", "twilio-wireless"
DASHBOARD = """{ sims(first: 50) {
  nodes { iccid status stale fleet { name } currentSession { startedAt } usage { bytesTotal } }
  problems { account code message stale }
} }"""
REMEMBERING = CacheOptions(fresh=dict.fromkeys(TYPES, 600.0))
"""For longer than any test takes, whatever the machine does."""


async def test_a_dashboard_asks_once():
    """The same query again asks no provider anything, and has the same answer."""
    async with a_world([ONE, OTHER], cache=REMEMBERING) as world:
        first = await world.data(DASHBOARD)
        asked = world.count()
        world.forget()
        second = await world.data(DASHBOARD)

        assert asked[ONE] == 3
        assert world.count() == {}
        assert second == first
        assert first["sims"]["problems"] == []


async def test_a_page_brings_its_sims():
    """A SIM of a page is known by its id afterwards, and a session by its own."""
    async with a_world([ONE, OTHER], cache=REMEMBERING) as world:
        page = await world.data("{ sims(first: 20) { nodes { id iccid currentSession { id } } } }")
        world.forget()
        for sim in page["sims"]["nodes"]:
            told = await world.data("query($id: ID!) { sim(by: {id: $id}) { iccid asOf } }", {"id": sim["id"]})
            assert told["sim"]["iccid"] == sim["iccid"]
        session = next(sim["currentSession"]["id"] for sim in page["sims"]["nodes"] if sim["currentSession"])
        told = await world.data("query($id: ID!) { node(id: $id) { id } }", {"id": session})

        assert told["node"]["id"] == session
        assert world.count() == {}


async def test_a_filter_is_another_question():
    """Pages of different filters and sizes are not taken for each other."""
    async with a_world([ONE], cache=REMEMBERING) as world:
        everything = await world.data("{ sims(first: 100) { nodes { status } } }")
        active = await world.data("{ sims(first: 100, filter: {status: [ACTIVE]}) { nodes { status } } }")

        assert {sim["status"] for sim in active["sims"]["nodes"]} == {"ACTIVE"}
        assert len(active["sims"]["nodes"]) < len(everything["sims"]["nodes"])


async def test_an_account_may_have_windows_of_its_own():
    """What its table says goes before what the cache's says, for fresh and for stale."""
    async with a_world([ONE], cache=REMEMBERING, fresh={"Sim": 0.0}, stale={"Sim": 0.0}) as world:
        query = "{ sims(first: 5) { nodes { iccid fleet { name } } problems { code } } }"
        await world.data(query)
        world.forget()
        await world.data(query)
        assert [each.path for each in world.arrived(ONE)] == ["/v1/Sims"]

        world.host.fault(ONE, "status", 503)
        assert [each["code"] for each in (await world.data(query))["sims"]["problems"]] == ["UNAVAILABLE"]
        assert (await world.data(query))["sims"]["nodes"] == []


@pytest.mark.parametrize(("header", "asks"), [("max-age=0", True), ("no-cache", True), ("max-age=3600", False)])
async def test_cache_control(header: str, asks: bool):
    """A caller may say how old an answer may be, in the words of HTTP."""
    async with a_world([ONE], cache=REMEMBERING) as world:
        await world.data("{ sims(first: 5) { nodes { iccid } } }")
        world.forget()
        answer = await world.http.post(
            "/graphql",
            json={"query": "{ sims(first: 5) { nodes { iccid } } }"},
            headers={"Cache-Control": f"no-transform, {header}"},
        )

        assert answer.status_code == 200
        assert (world.count() == {ONE: 1}) is asks


async def with_its_reason(world: World, query: str) -> dict[str, Any]:
    """An answer while a provider fails, once that is known within the moment that the cache waits for it."""
    data = await world.data(query)
    assert "TIMEOUT" not in str(data)
    return data


async def test_an_outage_is_a_footnote():
    """With the provider gone the answer is still there: every value says that it is old, and the list says why."""
    stale_at_once = CacheOptions(fresh={"Sim": 0.0, "Fleet": 0.0, "UsageRecord": 0.0, "DataSession": 0.0})
    async with a_world([ONE], cache=stale_at_once) as world:
        before = await world.data(DASHBOARD)
        world.host.fault(ONE, "status", 503)
        after = await in_some_round(partial(with_its_reason, world, DASHBOARD))

        assert [sim["iccid"] for sim in after["sims"]["nodes"]] == [sim["iccid"] for sim in before["sims"]["nodes"]]
        assert [sim["usage"] for sim in after["sims"]["nodes"]] == [sim["usage"] for sim in before["sims"]["nodes"]]
        assert all(sim["stale"] for sim in after["sims"]["nodes"])
        [problem] = after["sims"]["problems"]
        assert (problem["account"], problem["code"], problem["stale"]) == (ONE, "UNAVAILABLE", True)
        assert problem["message"].startswith("an older answer is served: ")
        reason = await in_some_round(
            partial(with_its_reason, world, "{ sims(first: 1) { nodes { staleReason asOf } problems { code } } }")
        )
        assert reason["sims"]["nodes"][0]["staleReason"].startswith("UNAVAILABLE: ")


async def test_what_an_old_list_leaves_out_is_as_old():
    """That a SIM used nothing or has no command, as a list once said, is not told as if it were so now."""
    query = (
        "{ sims(first: 40) { nodes { usage { bytesTotal stale asOf } commands { nodes { id } problems { code } } } } }"
    )
    stale_at_once = CacheOptions(fresh=dict.fromkeys(TYPES, 0.0))
    async with a_world([ONE], cache=stale_at_once) as world:
        before = (await world.data(query))["sims"]["nodes"]
        world.host.fault(ONE, "status", 503)
        after = (await in_some_round(partial(with_its_reason, world, query)))["sims"]["nodes"]

        assert any(sim["usage"][0]["bytesTotal"] == 0 for sim in before)
        assert any(not sim["commands"]["nodes"] for sim in before)
        assert all(sim["usage"][0]["stale"] and sim["usage"][0]["asOf"] for sim in after)
        assert all({"code": "UNAVAILABLE"} in sim["commands"]["problems"] for sim in after)


async def test_an_account_left_alone_is_named_as_soon_as_its_answers_are_old():
    """While its provider is not asked, nobody is told that something newer is on its way."""
    moment = [START]
    async with a_world([ONE]) as world, serving(world.host) as url:
        settings = settings_of(platforms()[ONE], world.simulators[ONE], f"{url}/{ONE}", ONE)
        async with a_gateway([settings], now=lambda: moment[0], cache=CacheOptions()) as gateway:
            await gateway.data(DASHBOARD)
            world.host.fault(ONE, "status", 503)
            breaker = gateway.accounts.by_name[ONE].breaker
            for _ in range(IN_A_ROW):
                breaker.failed(breaker.enter(), "off")
            moment[0] += timedelta(seconds=61)
            told = await gateway.data(
                "{ sims(first: 50) { nodes { staleReason } problems { account code message retryAfter } } }"
            )

    assert {sim["staleReason"].partition(":")[0] for sim in told["sims"]["nodes"]} == {"UNAVAILABLE"}
    [problem] = told["sims"]["problems"]
    assert (problem["account"], problem["code"]) == (ONE, "UNAVAILABLE")


def lines(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The plan by operation, of one account."""
    return {line["operation"]: line for line in answer["extensions"]["plan"]}


async def planned(world: World, plan: object, query: str = DASHBOARD) -> dict[str, Any]:
    response = await world.http.post("/graphql", json={"query": query, "extensions": {"plan": plan}})
    answer: dict[str, Any] = response.json()
    return answer


async def test_the_plan_tells_calls_and_hits():
    """Who asks for it is told what the answer came to; who does not, is not."""
    async with a_world([ONE], cache=REMEMBERING) as world:
        first = lines(await planned(world, plan=True))
        second = lines(await planned(world, plan=True))

        assert {name: line["calls"] for name, line in first.items()} == {
            "list_sims": 1,
            "list_fleets": 1,
            "list_usage": 1,
        }
        assert sum(line["calls"] for line in second.values()) == 0
        assert all(line["cacheHits"] for line in second.values())
        assert first["list_sims"]["upstreamMs"] > 0
        assert "plan" not in (await world.ask(DASHBOARD)).get("extensions", {})
        assert "http" not in str(first) + str(second)


async def test_a_failed_call_is_in_the_plan():
    """Calls that came to nothing were made all the same."""
    async with a_world([ONE], cache=REMEMBERING) as world:
        world.host.fault(ONE, "status", 400)
        told = lines(await planned(world, plan=True))

        assert told["list_sims"]["calls"] == len(world.arrived(ONE)) == 1


@pytest.mark.parametrize("name", [ONE, "kore-supersim", OTHER, "cisco-control-center", "wayscloud"])
async def test_a_dry_plan_calls_nobody(name: str):
    """It asks none, not even for a token, and tells which operations would be asked; only WAYSCloud's ways to a SIM
    depend on answers."""
    async with a_world([name], sims=4, cache=REMEMBERING, unhurried=True, calls=1000) as world:
        dry = await planned(world, plan="dry")
        assert world.host.requests(name) == []
        real = await planned(world, plan=True)

        assert dry["data"] is None
        assert "errors" not in dry
        assert lines(dry).keys() == lines(real).keys() - {"load_sim"} | lines(dry).keys() & {"load_sim"}
        again = lines(await planned(world, plan="dry"))
        assert sum(line["calls"] for line in again.values()) == 0


async def test_a_dry_plan_goes_on_from_a_real_cursor():
    """The page behind one that was read is made up like any other, whatever the provider calls it."""
    query = """{ sims(first: 50%s) { nodes { iccid fleet { name } } pageInfo { endCursor } } }"""
    async with a_world([ONE], sims=60, cache=REMEMBERING) as world:
        first = await world.data(query % "")
        after = f', after: "{first["sims"]["pageInfo"]["endCursor"]}"'
        world.forget()
        dry = lines(await planned(world, "dry", query % after))

        assert world.count() == {}
        assert dry["list_sims"]["calls"] == 1
        assert dry.keys() > {"list_sims"}


async def test_a_dry_plan_of_a_page_of_one_account_is_right():
    """For 50 SIMs of one provider that lists everything, the estimate is what is then called."""
    async with a_world([ONE], sims=50, cache=REMEMBERING) as world:
        dry = lines(await planned(world, plan="dry"))
        real = lines(await planned(world, plan=True))

        assert {name: line["calls"] for name, line in dry.items()} == {
            name: line["calls"] for name, line in real.items()
        }


async def test_a_plan_of_another_sort_is_refused():
    """The request is told what it may be."""
    async with a_world([ONE]) as world:
        answer = await world.http.post("/graphql", json={"query": "{ __typename }", "extensions": {"plan": "wet"}})

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["message"] == 'extensions.plan must be true or "dry"'
