"""Queries of all kinds over a whole world, what they are estimated to cost, and what arrives."""

from collections.abc import Mapping
from typing import Any

from graphql import FragmentDefinitionNode, GraphQLSchema, get_operation_ast, parse

from gateway.batch.plan import Learned
from gateway.cost.estimate import Estimate, estimate
from gateway.kinds import LISTS
from schema import build_schema
from schema.ids import decode_id
from tests.world import World

__all__ = ["FIND", "QUERIES", "SCHEMA", "check", "cost", "ids_in", "lists_of_one_page"]

SCHEMA: GraphQLSchema = build_schema()

FIND = """{ sims(first: 60) { nodes { id iccid deviceId fleet { id networkAccessProfile { id
  networks(first: 1) { nodes { id } } } } ratePlan { id } currentSession { id } commands(first: 1) { nodes { id } }
  billingPeriods { id } settingsUpdates(first: 1) { nodes { id } } } } }"""
"""What gives an id of each kind."""

SPAN = 'since: "2026-10-01T00:00:00Z", until: "2026-11-01T00:00:00Z"'
QUARTER = 'since: "2026-08-01T00:00:00Z", until: "2026-11-01T00:00:00Z"'
DAYS = 'since: "2026-11-10T00:00:00Z", until: "2026-11-12T00:00:00Z"'

QUERIES: Mapping[str, str] = {
    "page": """query($first: Int = 100) { sims(first: $first) { nodes { iccid status nativeStatus account { name }
        currentSession { startedAt network { name } } fleet { name } } problems { code } } }""",
    "empty page": "{ sims(first: 0) { nodes { id } } }",
    "nobody chosen": "{ sims(filter: {accounts: []}) { nodes { id } } }",
    "one word": "{ sims(first: 30, filter: {status: [ACTIVE]}) { nodes { id status } } }",
    "several words": "{ sims(first: 30, filter: {status: [READY]}) { nodes { id } } }",
    "several statuses": "{ sims(first: 30, filter: {status: [TERMINATED, READY]}) { nodes { id } } }",
    "no word": "{ sims(first: 30, filter: {status: [UNKNOWN]}) { nodes { id } } }",
    "by name": '{ sims(first: 30, filter: {name: "x"}) { nodes { id } } }',
    "details": "{ sims(first: 60) { nodes { imsi extra } } }",
    "two providers": """{ sims(first: 30, filter: {providers: ["kore-wireless", "cisco-control-center"]}) {
        nodes { id imsi ratePlan { name } } } }""",
    "of a fleet": """query($Fleet: ID!) { sims(first: 30, filter: {fleetId: $Fleet}) {
        nodes { id status fleet { name sims(first: 5) { nodes { id } } } } } }""",
    "by iccids": "query($iccid: String!) { sims(filter: {iccid: [$iccid]}) { nodes { id } } }",
    "by iccid": "query($iccid: String!) { sim(by: {iccid: $iccid}) { id imsi } }",
    "by nobody's iccid": '{ sim(by: {iccid: "8999999999999999999"}) { id } }',
    "by device": "query($device: String!) { sim(by: {deviceId: $device}) { id imsi fleet { name } } }",
    "by id": "query($Sim: ID!) { sim(by: {id: $Sim}) { id imsi commands { nodes { id } } usage { bytesTotal } } }",
    "nodes": """query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Sim { imsi fleet { name } }
        ... on Fleet { sims(first: 2) { nodes { status } } } ... on SmsCommand { sim { iccid } }
        ... on DataSession { startedAt sim { iccid } } ... on BillingPeriod { sim { imsi } } } }""",
    "profile": """query($NetworkAccessProfile: ID!, $Network: ID!) { node(id: $NetworkAccessProfile) {
        ... on NetworkAccessProfile { networks(first: 5) { nodes { name } } network(id: $Network) { name } } } }""",
    "fleet": """query($Fleet: ID!) { fleet(id: $Fleet) { name networkAccessProfile { networks { nodes { name } } }
        sims(first: 100) { nodes { status currentSession { id } } } } }""",
    "fleets": "{ fleets { nodes { name sims(first: 3) { nodes { id } } networkAccessProfile { name } } } }",
    "commands": "{ commands(first: 20) { nodes { id payload sim { iccid status } } } }",
    "some commands": "{ commands(first: 20, filter: {status: [DELIVERED], direction: TO_SIM}) { nodes { id } } }",
    "strange commands": "{ commands(first: 5, filter: {status: [UNKNOWN]}) { nodes { id } } }",
    "events": "{ events(first: 40) { nodes { type sim { iccid status } } } }",
    "events of days": f"{{ events(first: 10, filter: {{{DAYS}}}) {{ nodes {{ type }} }} }}",
    "catalogues": """{ networks(first: 10, filter: {country: "DE"}) { nodes { name } } ratePlans { nodes { name } }
        networkAccessProfiles { nodes { networks(first: 3) { nodes { name } } } } accounts { name health } }""",
    "profiles and updates": """{ esimProfiles { nodes { iccid sim { status } } }
        settingsUpdates { nodes { status sim { iccid } } } }""",
    "usage of SIMs": "{ sims(first: 40) { nodes { id dataUsed usage { bytesTotal } } } }",
    "usage by day": "{ sims(first: 40) { nodes { id usage(granularity: DAY) { bytesTotal } } } }",
    "usage by hour": f"{{ sims(first: 20) {{ nodes {{ usage(granularity: HOUR, {DAYS}) {{ bytesTotal }} }} }} }}",
    "few things": """{ sims(first: 20) { nodes { cycleUsage { bytesTotal } zoneUsage { zone } ipAddresses { address }
        billingPeriods { startsAt } } } }""",
    "things of SIMs": """{ sims(first: 30) { nodes { sessions(first: 5) { nodes { id sim { iccid imsi } } }
        events(first: 4) { nodes { type } } commands(first: 2) { nodes { sim { imsi } } }
        settingsUpdates(first: 2) { nodes { id } } esimProfile { iccid sim { name } } } } }""",
    "some things of SIMs": """{ sims(first: 30) { nodes { events(first: 4, type: NETWORK_CHANGED) { nodes { type } }
        sessions(first: 5, since: "2026-11-10T00:00:00Z") { nodes { id } } } } }""",
    "usage": f"{{ usage(filter: {{{SPAN}}}) {{ nodes {{ bytesTotal }} }} }}",
    "usage by country": f"{{ usage(filter: {{{SPAN}, groupBy: COUNTRY}}) {{ nodes {{ country }} }} }}",
    "usage by account": f"{{ usage(filter: {{{SPAN}, groupBy: ACCOUNT, granularity: DAY}}) {{ nodes {{ asOf }} }} }}",
    "usage by SIM": f"{{ usage(filter: {{{SPAN}, groupBy: SIM}}) {{ nodes {{ sim {{ iccid status }} }} }} }}",
    "usage of months": f"{{ usage(filter: {{{QUARTER}, groupBy: SIM}}) {{ nodes {{ sim {{ iccid }} }} }} }}",
    "usage by network": f"{{ usage(filter: {{{SPAN}, groupBy: NETWORK}}) {{ nodes {{ network {{ name }} }} }} }}",
    "twice the same": """query($Sim: ID!) { a: sims(first: 2) { nodes { id } edges { node { status } } }
        b: sims(first: 2) { nodes { status fleet { name } } } sim(by: {id: $Sim}) { status } }""",
    "fragments": """{ sims(first: 10) { ...P } } fragment P on SimConnection { nodes { ...Q } }
        fragment Q on Sim { id status fleet { name } ...R } fragment R on Sim { status currentSession { id } }""",
}


def cost(world: World, query: str, variables: Mapping[str, Any], **known: Any) -> Estimate:
    """The estimate for every account of this world."""
    document = parse(query)
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    operation = get_operation_ast(document)
    assert operation is not None
    return estimate(SCHEMA, operation, fragments, variables, world.accounts.by_name, **known)


async def check(world: World, query: str, variables: Mapping[str, Any]) -> Estimate:
    """Ask it; no more may arrive than was estimated for a cold cache, in all and at each account."""
    world.forget()
    found = cost(world, query, variables)
    answer = await world.ask(query, dict(variables))
    assert answer.get("data") is not None, answer
    arrived = world.count()
    assert sum(arrived.values()) <= found.total, (query, arrived, found)
    beyond = {name: calls for name, calls in arrived.items() if calls > found.by_account.get(name, 0)}
    assert not beyond, (query, beyond, found)
    return found


def lists_of_one_page(world: World) -> Learned:
    """What is known when the whole list of everything is known to be one page."""
    learned = Learned()
    for operations in LISTS.values():
        for operation in operations:
            for account in world.accounts.by_name:
                learned.learn((account, operation, ""), 1, is_end=True)
    return learned


def ids_in(value: Any) -> dict[str, list[str]]:
    """The ids in an answer, by the kind of thing."""
    found: dict[str, list[str]] = {}
    rest = [value]
    while rest:
        each = rest.pop()
        if isinstance(each, list):
            rest += each
        elif isinstance(each, dict):
            rest += each.values()
            if "id" in each:
                found.setdefault(decode_id(each["id"]).kind, []).append(each["id"])
    return found
