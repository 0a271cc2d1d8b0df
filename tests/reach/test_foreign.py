"""A foreign account, fleet or SIM is told in exactly the words for one that does not exist."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from gateway.cache.options import CacheOptions
from gateway.rights import ANYBODY, Caller
from schema.ids import encode_id
from tests.reach.desk import KORE, TWILIO, Site, a_site, seeing

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPAN = 'since: "2026-11-01T00:00:00Z", until: "2026-11-11T00:00:00Z"'
TOLD = "outcome plan { account } problems { account operation code nativeCode message path retryable retryAfter }"
LISTED = "nodes { __typename } totalCount pageInfo { hasNextPage } problems { account operation code message path }"

OF_ACCOUNT: Mapping[str, str] = {
    "filter": f"query($account: String!) {{ sims(filter: {{ accounts: [$account] }}) {{ {LISTED} }} }}",
    "usage": f"query($account: String!) {{ usage(filter: {{ {SPAN} accounts: [$account] }}) {{ {LISTED} }} }}",
    "provider": f"query($account: String!) {{ fleets(filter: {{ providers: [$account] }}) {{ {LISTED} }} }}",
    "account": "query($own: ID!) { node(id: $own) { id } }",
    "plan": f"""mutation($account: String!) {{
      createRatePlan(input: {{ account: $account, name: "x" }}) {{ {TOLD} }} }}""",
    "register": f"""mutation($account: String!) {{ registerSim(input: {{
      account: $account, iccid: "8988307000000000001", registrationCode: "1234567890" }}) {{ {TOLD} }} }}""",
    "job": f"""mutation($account: String!) {{ sendCommands(input: {{ expectedCount: 3, body: {{ sms: {{ text: "x" }} }},
      select: {{ filter: {{ accounts: [$account] }} }} }}) {{ {TOLD} }} }}""",
}
"""Questions about an account by name."""

OF_THING: Mapping[str, str] = {
    "node": "query($sim: ID!, $fleet: ID!) { node(id: $sim) { id } nodes(ids: [$fleet, $sim]) { id } }",
    "sim": "query($sim: ID!, $fleet: ID!) { sim(by: { id: $sim }) { id } fleet(id: $fleet) { id } }",
    "below": "query($below: ID!, $esim: ID!, $sms: ID!) { nodes(ids: [$below, $esim, $sms]) { id } }",
    "sims": f"query($fleet: ID!) {{ sims(filter: {{ fleetId: $fleet }}) {{ {LISTED} }} }}",
    "commands": f"query($sim: ID!) {{ commands(filter: {{ simId: $sim }}) {{ {LISTED} }} }}",
    "usage": f"""query($sim: ID!, $fleet: ID!) {{ one: usage(filter: {{ {SPAN} simId: $sim }}) {{ {LISTED} }}
      other: usage(filter: {{ {SPAN} fleetId: $fleet, groupBy: SIM }}) {{ {LISTED} }} }}""",
    "update": f'mutation($sim: ID!) {{ updateSim(input: {{ id: $sim, name: "x" }}) {{ {TOLD} }} }}',
    "update dry": f'mutation($sim: ID!) {{ updateSim(input: {{ id: $sim, name: "x", dryRun: true }}) {{ {TOLD} }} }}',
    "update with a key": f"""mutation($sim: ID!) {{
      updateSim(input: {{ id: $sim, name: "x", idempotencyKey: "k" }}) {{ {TOLD} }} }}""",
    "delete": f"mutation($sim: ID!, $sms: ID!) {{ deleteSim(input: {{ id: $sim }}) {{ {TOLD} }} "
    f"deleteCommand(input: {{ id: $sms }}) {{ {TOLD} }} }}",
    "send": f"""mutation($sim: ID!) {{
      sendCommand(input: {{ simId: $sim, body: {{ sms: {{ text: "x" }} }} }}) {{ {TOLD} }} }}""",
    "fleet": f'mutation($fleet: ID!) {{ updateFleet(input: {{ id: $fleet, name: "x" }}) {{ {TOLD} }} }}',
    "job": f"""mutation($sim: ID!) {{ sendCommands(input: {{ select: {{ ids: [$sim] }},
      body: {{ sms: {{ text: "x" }} }} }}) {{ {TOLD} }} }}""",
    "job dry": f"""mutation($sim: ID!) {{ sendCommands(input: {{ select: {{ ids: [$sim] }},
      body: {{ sms: {{ text: "x" }} }}, dryRun: true }}) {{ {TOLD} }} }}""",
    "job of a fleet": f"""mutation($fleet: ID!) {{ sendCommands(input: {{ expectedCount: 2,
      select: {{ filter: {{ fleetId: $fleet }} }}, body: {{ sms: {{ text: "x" }} }} }}) {{ {TOLD} }} }}""",
    "job into a fleet": f"""mutation($fleet: ID!, $mine: ID!) {{ updateSims(input: {{
      select: {{ ids: [$mine] }}, fleetId: $fleet }}) {{ {TOLD} }} }}""",
    "into a fleet": f"""mutation($fleet: ID!, $mine: ID!) {{
      updateSim(input: {{ id: $mine, fleetId: $fleet }}) {{ {TOLD} }} }}""",
}
"""Questions about things by id. `mine` is a SIM that the caller sees."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with a_site([TWILIO, KORE], sims=24, cache=CacheOptions()) as made:
        yield made


@pytest.mark.parametrize("query", OF_ACCOUNT.values(), ids=OF_ACCOUNT)
async def test_an_account(site: Site, query: str):
    """By name; nobody is asked about it."""
    caller = seeing("ann", TWILIO)
    site.forget()

    foreign, missing = [await told_of_account(site, caller, query, name) for name in (KORE, "kore-superduper")]

    assert foreign == missing
    assert site.arrived(KORE) == []


async def told_of_account(site: Site, caller: Caller, query: str, name: str) -> str:
    variables = {"account": name, "own": encode_id(name, "Account", name)}
    return told(await site.ask(caller, query, variables), variables)


@pytest.mark.parametrize("query", OF_THING.values(), ids=OF_THING)
async def test_a_thing_of_a_foreign_account(site: Site, query: str):
    """By id, though it is there: as a thing of an account that nobody has."""
    caller = seeing("ann", TWILIO)
    names = await names_of(site, KORE)
    mine = (await names_of(site, TWILIO))["mine"]
    site.forget()

    foreign, missing = [await told_of(site, caller, query, each, names, mine) for each in (KORE, "kore-superduper")]

    assert foreign == missing
    assert site.arrived(KORE) == []
    assert [each for each in site.arrived(TWILIO) if each.method != "GET"] == []


@pytest.mark.parametrize("query", OF_THING.values(), ids=OF_THING)
async def test_a_thing_of_a_foreign_fleet(site: Site, query: str):
    """As a thing that is not there at all, when it is asked for first and from memory; nothing is written."""
    names = await names_of(site, TWILIO)
    caller = seeing("ann", fleets=[(TWILIO, names["own fleet"])])
    missing_names = {name: value[:-4] + ("0000" if name != "mine" else value[-4:]) for name, value in names.items()}
    site.forget()

    foreign = [await told_of(site, caller, query, TWILIO, names, names["mine"]) for _ in range(2)]
    missing = [await told_of(site, caller, query, TWILIO, missing_names, names["mine"]) for _ in range(2)]

    assert foreign == missing
    assert foreign[0] == foreign[1]
    assert "INTERNAL" not in foreign[0]
    assert [each for each in site.arrived(TWILIO) if each.method != "GET"] == []


async def names_of(site: Site, account: str) -> dict[str, str]:
    """Native ids of a SIM, what belongs to it, its fleet, and of a SIM in another fleet."""
    query = f"""{{ sims(first: 100, filter: {{ accounts: ["{account}"] }}) {{ nodes {{ nativeId fleet {{ nativeId }}
      billingPeriods {{ nativeId }} esimProfile {{ nativeId }}
      commands(first: 9) {{ nodes {{ __typename nativeId }} }} }} }} }}"""
    sims = [sim for sim in (await site.data(ANYBODY, query))["sims"]["nodes"] if sim["fleet"]]
    sim = next(each for each in sims if each["esimProfile"] and each["billingPeriods"])
    mine = next(each for each in sims if each["fleet"] != sim["fleet"])
    commands = [each["nativeId"] for each in sim["commands"]["nodes"] if each["__typename"] == "SmsCommand"]
    return {
        "sim": sim["nativeId"],
        "fleet": sim["fleet"]["nativeId"],
        "below": sim["billingPeriods"][0]["nativeId"],
        "esim": sim["esimProfile"]["nativeId"],
        "sms": commands[0] if commands else "HC" + "1" * 32,
        "mine": mine["nativeId"],
        "own fleet": mine["fleet"]["nativeId"],
    }


KINDS = {"sim": "Sim", "fleet": "Fleet", "below": "BillingPeriod", "esim": "EsimProfile", "sms": "SmsCommand"}


async def told_of(site: Site, caller: Caller, query: str, account: str, names: Mapping[str, str], mine: str) -> str:
    variables = {name: encode_id(account, kind, names[name]) for name, kind in KINDS.items()}
    ids = {**variables, "mine": encode_id(TWILIO, "Sim", mine)}
    return told(await site.ask(caller, query, ids), {**variables, "account": account})


def told(answer: dict[str, Any], given: Mapping[str, str]) -> str:
    """The answer, with names in the place of what the caller had said himself."""
    text = str({name: value for name, value in answer.items() if name != "extensions"})
    for name, value in given.items():
        text = text.replace(value, f"<{name}>")
    return text
