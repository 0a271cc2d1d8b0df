"""What a query is estimated to cost is never less than what arrives at the providers, and not far above it."""

from typing import Any

import pytest
import pytest_asyncio

from gateway.cost.estimate import Estimate
from gateway.lists.cursor import Place, Positions
from gateway.plan import Plan
from tests.cost.asking import FIND, QUERIES, check, cost, ids_in, lists_of_one_page
from tests.world import World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

FACTOR = 20
"""So many times the dry plan's calls an estimate may be: a sum may take so many pages of which one is made up."""
PLAIN = 5
"""The same for queries without a condition that is applied here."""
PLAIN_QUERIES = (
    "page",
    "by iccid",
    "by nobody's iccid",
    "fleet",
    "commands",
    "events",
    "few things",
    "usage of SIMs",
    "usage",
    "usage by country",
    "things of SIMs",
    "catalogues",
    "twice the same",
    "fragments",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world():
    async with a_world(sims=10, unhurried=True, calls=1000, window=1.0) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def variables(world: World):
    """A value for every variable of the queries."""
    answer = await world.data(FIND)
    found, sims = ids_in(answer), answer["sims"]["nodes"]
    every = [each for ids in found.values() for each in sorted(set(ids))[:12]]
    return {
        **{kind: ids[0] for kind, ids in found.items()},
        "ids": every[:100],
        "iccid": sims[0]["iccid"],
        "device": next(sim["deviceId"] for sim in sims if sim["deviceId"]),
    }


def given(query: str, variables: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in variables.items() if f"${name}:" in query}


@pytest.mark.parametrize("name", QUERIES)
async def test_no_more_arrives_than_was_estimated(world: World, variables: dict[str, Any], name: str):
    """For each query: no more calls arrive than were estimated, in all and at each account."""
    await check(world, QUERIES[name], given(QUERIES[name], variables))


@pytest.mark.parametrize("name", QUERIES)
async def test_it_is_near_the_dry_plan(world: World, variables: dict[str, Any], name: str):
    """With lists as long as the dry plan takes them to be, an estimate is at most so many times what that says."""
    query = QUERIES[name]
    asked = given(query, variables)
    answer = await world.http.post("/graphql", json={"query": query, "variables": asked, "extensions": {"plan": "dry"}})
    planned = sum(line["calls"] for line in answer.json()["extensions"]["plan"])

    found = cost(world, query, asked, learned=lists_of_one_page(world))

    assert found.total <= (PLAIN if name in PLAIN_QUERIES else FACTOR) * planned


async def test_rows_are_counted_once_in_all(world: World):
    """All rows may come from any account, but not from all of them: the total is less than the accounts' sum."""
    found = cost(world, "{ sims(first: 100) { nodes { currentSession { id } } } }", {})

    able = {"twilio-wireless", "kore-wireless", "cisco-control-center", "wayscloud"}
    assert {name for name, calls in found.by_account.items() if calls > 100} == able
    assert found.total == 5 * 1 + 6 + 1 + 100  # a page each, a second one at Cisco, and a session for each row


async def test_a_filter_narrows(world: World, variables: dict[str, Any]):
    """Accounts that a filter or an id leaves out cost nothing."""
    query = "query($f: SimFilter) { sims(first: 10, filter: $f) { nodes { status } } }"

    one = cost(world, query, {"f": {"accounts": ["wayscloud"], "providers": ["wayscloud", "kore-wireless"]}})
    fleet = cost(world, query, {"f": {"fleetId": variables["Fleet"]}})

    assert set(one.by_account) == {"wayscloud"}
    assert len(fleet.by_account) == 1
    assert cost(world, query, {"f": {"status": []}}) == Estimate()
    assert cost(world, query, {"f": {"fleetId": "nonsense"}}) == Estimate()


async def test_what_is_left_out_costs_nothing(world: World):
    """@skip and @include count, with variables and their defaults, on fields and fragments."""
    query = """query($on: Boolean = false, $off: Boolean!) { sims(first: 9) { nodes { id
        fleet @include(if: $on) { name } ... @skip(if: $off) { currentSession { id } } ...R @include(if: $on) } } }
        fragment R on Sim { ratePlan { name } }"""
    bare = cost(world, "{ sims(first: 9) { nodes { id } } }", {})

    assert cost(world, query, {"off": True}) == bare
    assert cost(world, query, {"off": False}).total == bare.total + 9
    assert cost(world, query, {"off": True, "on": True}).total > bare.total


async def test_what_lists_leave_out_is_asked_for_once(world: World):
    """Details of SIMs cost nothing where rows are whole; else a call each, and two more where a device may mislead."""
    query = "query($name: String!) { sims(first: 9, filter: {accounts: [$name]}) { nodes { imsi name status } } }"

    def beside_the_list(name: str) -> int:
        bare = query.replace("imsi name status", "id")
        return cost(world, query, {"name": name}).total - cost(world, bare, {"name": name}).total

    assert [beside_the_list(name) for name in ("twilio-supersim", "cisco-control-center", "wayscloud")] == [0, 9, 27]


async def test_the_length_of_a_list_is_used_where_it_is_known(world: World):
    """Fifty fleets by id are fifty calls or, where the whole list is known to be a page, one."""
    query = '{ sims(first: 50, filter: {accounts: ["twilio-supersim"]}) { nodes { fleet { name } } } }'

    assert cost(world, query, {}).total == 1 + 50 + 10  # ten pages of a list nobody knows may be tried in vain
    assert cost(world, query, {}, learned=lists_of_one_page(world)).total == 1 + 1


async def test_asking_the_same_twice_costs_once(world: World):
    """An alias, an edge's node and a fragment on the same rows ask nothing again."""
    once = cost(world, "{ sims(first: 5) { nodes { fleet { name } usage { bytesTotal } } } }", {})

    again = cost(
        world,
        """{ a: sims(first: 5) { nodes { fleet { name } x: fleet { id } usage { bytesTotal } } }
             sims(first: 5) { edges { node { fleet { id } ...F } } } }
           fragment F on Sim { dataUsed usage { bytesUp } }""",
        {},
    )

    assert again == once


async def test_other_arguments_cost_again(world: World):
    """The same relation with other arguments is another question."""
    query = (
        '{ sims(first: 5, filter: {accounts: ["wayscloud"]}) { nodes { a: events(first: 1) { nodes { type } } %s } } }'
    )

    once, twice = cost(world, query % "", {}), cost(world, query % "b: events(first: 2) { nodes { type } }", {})

    assert twice.total == once.total + 5


async def test_a_cursor_goes_on_with_pages_as_they_were(world: World):
    """Where it can be read its pages are as small as it says, and lists that are over cost nothing; where it cannot be
    read they are as small as they may be."""
    query = """query($after: String) { events(first: 100, after: $after, filter: {accounts: ["wayscloud"]}) {
        nodes { type } } }"""

    def at(place: Place | None) -> int:
        told = None if place is None else Positions({"wayscloud/list_events": place})
        return cost(world, query, {"after": "x"}, places=lambda _: told).total

    assert cost(world, query, {}).total == 1
    assert at(Place(100, "t")) == 2
    assert at(Place(10, "t", 3)) == 2 + 9
    assert at(Place(100, done=True)) == at(None) == 0
    assert cost(world, query, {"after": "x"}).total == 2 + 1


async def test_every_page_of_a_walk(world: World):
    """From page to page no more arrives than was estimated."""
    query = """query($after: String) { sims(first: 23, after: $after, filter: {status: [ACTIVE, READY]}) {
        nodes { id imsi } pageInfo { hasNextPage endCursor } } }"""
    after, pages = None, 0
    while pages < 20:
        await check(world, query, {"after": after})
        page = (await world.data(query, {"after": after}))["sims"]["pageInfo"]
        after, pages = page["endCursor"], pages + 1
        if not page["hasNextPage"]:
            break

    assert 1 < pages < 20


async def test_a_cursor_is_good_for_one_parent(world: World):
    """Going on in the list of one SIM costs as much however many SIMs there are."""
    query = """query($first: Int!) { sims(first: $first, filter: {accounts: ["wayscloud"]}) { nodes {
        events(first: 10, after: "x") { nodes { type } } } } }"""

    assert cost(world, query, {"first": 50}) == cost(world, query, {"first": 1})


async def test_who_sees_some_fleets_costs_more(world: World):
    """Each fleet that exists for the caller is a list of its own, and of what else there is it is asked whose it is."""
    name = "twilio-supersim"
    for query in ("{ sims { nodes { id } } }", "{ commands { nodes { id } } }"):
        whole, fenced = cost(world, query, {}), cost(world, query, {}, fleets={name: 3})

        assert fenced.by_account[name] >= 3 * whole.by_account[name]
        assert fenced.total > whole.total


async def test_it_is_shown_beside_what_was_made():
    """`extensions.cost` has the estimate, the calls made and the limit, and both for each account that has either."""
    plan = Plan()
    plan.expected("a", "list_sims", 1)
    plan.expected("a", "load_sim", 1)
    plan.expected("c", "load_sim", 1)
    plan.remembered("d", "load_sim", 9)

    estimated = Estimate(7, {"a": 5, "b": 4})
    shown = estimated.shown(estimated.spent(plan.calls_by_account(), ()), 100)

    assert shown == {
        "estimate": 7,
        "actual": 3,
        "limit": 100,
        "accounts": [
            {"account": "a", "estimate": 5, "actual": 2},
            {"account": "b", "estimate": 4, "actual": 0},
            {"account": "c", "estimate": 0, "actual": 1},
        ],
    }
