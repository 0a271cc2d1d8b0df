"""What a caller who sees some fleets of an account only gets, and what is asked of its provider for that."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from gateway.cache.options import CacheOptions
from gateway.cache.windows import TYPES
from gateway.deadline import Deadline
from gateway.dry import DryCalls
from gateway.page import Page, PageRequest
from gateway.rights import ANYBODY, Caller
from gateway.where import SimWhere
from schema.ids import encode_id
from tests.reach.desk import KORE, SECONDS, TWILIO, WIRELESS, Site, a_site, seeing

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPAN = 'since: "2026-11-01T00:00:00Z", until: "2026-11-11T00:00:00Z"'
OLD = CacheOptions(fresh=dict.fromkeys(TYPES, 0.0))
"""Everything is remembered, and nothing is fresh."""


@dataclass
class Company:
    """`ann` sees the first two fleets of both accounts."""

    site: Site
    ann: Caller
    fleets: dict[str, list[str]]
    sims: dict[str, set[str]]
    """By fleet."""

    def of_ann(self, *accounts: str) -> set[str]:
        """Native ids of SIMs."""
        return set().union(*(self.sims[fleet] for account in accounts for fleet in self.fleets[account][:2]))

    async def data(self, query: str, caller: Caller | None = None, **variables: object) -> Any:  # Any: JSON
        """The first field's answer to this query alone."""
        self.site.forget()
        return next(iter((await self.site.data(caller or self.ann, query, variables)).values()))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company() -> AsyncIterator[Company]:
    async with a_site([TWILIO, KORE, WIRELESS]) as site:
        yield await a_company(site)


async def a_company(site: Site) -> Company:
    fleets: dict[str, list[str]] = {}
    sims: dict[str, set[str]] = {}
    query = "{ fleets { nodes { nativeId account { name } sims(first: 100) { nodes { nativeId } } } } }"
    for fleet in (await site.data(ANYBODY, query))["fleets"]["nodes"]:
        fleets.setdefault(fleet["account"]["name"], []).append(fleet["nativeId"])
        sims[fleet["nativeId"]] = {sim["nativeId"] for sim in fleet["sims"]["nodes"]}
    named = [(account, fleet) for account, all_of in fleets.items() for fleet in all_of[:2]]
    return Company(site, seeing("ann", fleets=named), fleets, sims)


async def test_a_list_of_sims_asks_for_the_fleets(company: Company):
    """Page by page each SIM comes once, no other comes, and the provider is asked for nothing but these fleets."""
    query = """query($after: String) { sims(first: 4, after: $after, filter: { accounts: ["kore-supersim"] }) {
      nodes { nativeId } totalCount pageInfo { hasNextPage endCursor } problems { message } } }"""
    found: list[str] = []
    after: str | None = None
    while True:
        page = await company.data(query, after=after)
        found += [sim["nativeId"] for sim in page["nodes"]]
        assert (page["problems"], page["totalCount"]) == ([], None)
        asked = company.site.asked(KORE)
        assert [path for path, _ in asked] == ["Sims"] * len(asked)
        assert {each["Fleet"] for _, each in asked} <= set(company.fleets[KORE][:2])
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert len(found) == len(set(found))
    assert set(found) == company.of_ann(KORE)


async def test_fleets_take_turns(company: Company):
    """The first SIMs of a page are of one fleet after the other."""
    page = await company.data("{ sims(first: 4) { nodes { fleet { nativeId } } } }")

    assert len({sim["fleet"]["nativeId"] for sim in page["nodes"]}) == 4


async def test_fleets(company: Company):
    """There are no others, in a list, by id or as a condition; a foreign one is as one that does not exist."""
    foreign = company.fleets[TWILIO][3]
    fleets = await company.data("{ fleets { nodes { nativeId } totalCount } }")

    assert {each["nativeId"] for each in fleets["nodes"]} == {
        each for name in (TWILIO, KORE) for each in company.fleets[name][:2]
    }
    [told] = {str(await answers_of(company, each)) for each in (foreign, "HF" + "0" * 32)}
    assert "nodes': []" in told


async def answers_of(company: Company, fleet: str) -> Any:  # Any: JSON
    id_ = encode_id(TWILIO, "Fleet", fleet)
    query = f"""query($id: ID!) {{ fleet(id: $id) {{ name }} node(id: $id) {{ id }}
      sims(filter: {{ fleetId: $id }}) {{ nodes {{ id }} totalCount problems {{ message }} pageInfo {{ hasNextPage }} }}
      usage(filter: {{ {SPAN} fleetId: $id }}) {{ nodes {{ bytesTotal }} problems {{ message }} }} }}"""
    answer = await company.site.ask(company.ann, query, {"id": id_})
    return {name: answer.get(name) for name in ("data", "errors")}


async def test_what_belongs_to_sims_is_told_by_their_fleets(company: Company):
    """A list of commands takes one more list for each fleet, whatever number of SIMs they are of."""
    told = await company.data(
        """{ commands(first: 30, filter: { accounts: ["twilio-supersim"] }) {
          nodes { sim { nativeId } } totalCount problems { message } } }"""
    )

    assert len(told["nodes"]) == 30
    assert {each["sim"]["nativeId"] for each in told["nodes"]} <= company.of_ann(TWILIO)
    assert (told["totalCount"], told["problems"]) == (None, [])
    asked = company.site.asked(TWILIO)
    assert sorted(path for path, _ in asked) == ["IpCommands", "Sims", "Sims", "SmsCommands"]
    assert {each["Fleet"] for path, each in asked if path == "Sims"} == set(company.fleets[TWILIO][:2])


async def test_relations_of_a_page_are_few_calls(company: Company):
    """Commands, settings updates, eSIM profiles and usage of all SIMs of a page are a list each, and are what everybody
    is told of these SIMs: nobody asks whose the rest is."""
    query = f"""{{ sims(filter: {{ accounts: ["twilio-supersim"] }}) {{ nodes {{ nativeId dataUsed({SPAN})
      commands(first: 3) {{ nodes {{ id }} }} settingsUpdates {{ nodes {{ id }} }} esimProfile {{ id }} }} }} }}"""
    everything = {sim["nativeId"]: sim for sim in (await company.data(query, ANYBODY))["nodes"]}

    page = await company.data(query)

    assert {sim["nativeId"] for sim in page["nodes"]} == company.of_ann(TWILIO)
    assert page["nodes"] == [everything[sim["nativeId"]] for sim in page["nodes"]]
    assert Counter(path for path, _ in company.site.asked(TWILIO)) == {
        "Sims": 2,
        "UsageRecords": 1,
        "SmsCommands": 1,
        "IpCommands": 1,
        "SettingsUpdates": 1,
        "ESimProfiles": 1,
    }


async def test_usage_is_asked_by_fleet_and_added_up(company: Company):
    """The sum is that of the fleets, which the provider told one by one; it has no fleet's name."""
    query = f"""query($fleet: ID) {{ usage(filter: {{ {SPAN} accounts: ["twilio-supersim"], fleetId: $fleet }}) {{
      nodes {{ bytesTotal fleet {{ name }} }} problems {{ message }} }} }}"""
    own = company.fleets[TWILIO][:2]
    single = [await company.data(query, ANYBODY, fleet=encode_id(TWILIO, "Fleet", each)) for each in own]

    [record] = (await company.data(query))["nodes"]

    assert record == {"bytesTotal": sum_of(single), "fleet": None}
    assert sorted(each["Fleet"] for _, each in company.site.asked(TWILIO)) == sorted(own)


def sum_of(pages: list[Any]) -> int | str:
    total = sum(int(page["nodes"][0]["bytesTotal"]) for page in pages)
    return total if isinstance(pages[0]["nodes"][0]["bytesTotal"], int) else str(total)


async def test_usage_by_sim(company: Company):
    """A record for each SIM of the fleets that has used something, as it is for who sees everything."""
    query = f"""{{ usage(first: 200, filter: {{ {SPAN} groupBy: SIM, accounts: ["kore-supersim"] }}) {{
      nodes {{ bytesTotal sim {{ nativeId }} fleet {{ name }} }} problems {{ message }} }} }}"""
    everything = (await company.data(query, ANYBODY))["nodes"]
    told = await company.data(query)

    wanted = [each for each in everything if each["sim"]["nativeId"] in company.of_ann(KORE)]
    assert sorted(told["nodes"], key=str) == sorted(wanted, key=str)
    assert wanted != everything
    assert all("Fleet" in each for path, each in company.site.asked(KORE) if path == "UsageRecords")


@pytest.mark.parametrize("fleets", [[(WIRELESS, "HF" + "0" * 32)]])
async def test_an_account_without_fleets_has_nothing_for_who_sees_some(company: Company, fleets: list[tuple[str, str]]):
    """It is there, and empty, and not asked."""
    caller = seeing("eve", fleets=fleets)
    query = f"""{{ accounts {{ name }} sims {{ nodes {{ id }} problems {{ message }} }} ratePlans {{ nodes {{ id }} }}
      commands {{ nodes {{ id }} }} usage(filter: {{ {SPAN} }}) {{ nodes {{ bytesTotal }} }} }}"""
    company.site.forget()

    told = await company.site.data(caller, query)

    assert told["accounts"] == [{"name": WIRELESS}]
    assert [told[each]["nodes"] for each in ("sims", "ratePlans", "commands")] == [[], [], []]
    assert [int(each["bytesTotal"]) for each in told["usage"]["nodes"]] == [0]
    assert company.site.arrived(WIRELESS) == []


async def test_a_dry_plan(company: Company):
    """Of the account that is seen whole; of the others, which are seen in part, there is no word."""
    wide = seeing("wide", WIRELESS, fleets=[(TWILIO, company.fleets[TWILIO][0])])
    company.site.forget()
    query = "{ sims(first: 10) { nodes { fleet { name } ratePlan { name } commands { nodes { id } } } } }"

    plans = [
        (await company.site.ask(caller, query, is_dry=True))["extensions"]["plan"] for caller in (company.ann, wide)
    ]

    assert plans[0] == []
    assert {each["account"] for each in plans[1]} == {WIRELESS}
    assert company.site.arrived(TWILIO) == company.site.arrived(KORE) == company.site.arrived(WIRELESS) == []


async def test_a_dry_request_asks_nothing_of_a_part(company: Company):
    """Nothing is played through there, nor looked for in memory: how long it takes tells nothing either."""
    reach = seeing("wide", WIRELESS, fleets=[(TWILIO, company.fleets[TWILIO][0])]).reach
    process = company.site.process
    deadline = Deadline(SECONDS, asyncio.get_running_loop().time)
    calls = DryCalls(process.visible(reach), process.cache, deadline, reach=reach)

    pages = [await calls.ask(each, "list_sims", SimWhere(), PageRequest(5)) for each in (TWILIO, WIRELESS)]

    assert (pages[0], len(pages[1].items)) == (Page([]), 5)
    assert await calls.ask(TWILIO, "load_sim", "HS1") is None
    assert calls.plan.calls_by_account() == {WIRELESS: 1}


async def test_old_answers_pass_the_same_door():
    """What is remembered of others' questions, and served while the provider is down, is left out as well."""
    async with a_site([TWILIO], cache=OLD) as site:
        company = await a_company(site)
        everything = "{ sims(first: 100) { nodes { nativeId stale } } esimProfiles { nodes { sim { nativeId } } } }"
        mine = "{ sims(first: 100) { nodes { nativeId } } commands { nodes { sim { nativeId } } } }"
        one = "query($id: ID!) { node(id: $id) { id } }"
        await site.data(ANYBODY, everything)
        await site.data(company.ann, mine)
        foreign, *_ = company.sims[company.fleets[TWILIO][4]]
        absent = foreign[:-4] + "0000"
        site.host.fault(TWILIO, "status", 503)

        told = await site.data(company.ann, everything)
        away = [await site.ask(company.ann, one, {"id": encode_id(TWILIO, "Sim", each)}) for each in (foreign, absent)]

    assert {sim["nativeId"] for sim in told["sims"]["nodes"]} == company.of_ann(TWILIO)
    assert all(sim["stale"] for sim in told["sims"]["nodes"])
    assert told["esimProfiles"]["nodes"] != []
    assert {each["sim"]["nativeId"] for each in told["esimProfiles"]["nodes"]} <= company.of_ann(TWILIO)
    assert [each["data"] for each in away] == [{"node": None}] * 2
    assert [each["errors"][0]["extensions"]["code"] for each in away] == [
        "UNAVAILABLE"
    ] * 2  # neither is said not to be
