"""Callers who see different accounts and fleets ask one process, which remembers, at the same time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.cache.options import CacheOptions
from gateway.rights import ANYBODY, Caller
from schema.ids import encode_id
from tests.reach.desk import KORE, TWILIO, WIRELESS, Site, a_site, ids_by_place, named_in, places_of, seeing

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPAN = 'since: "2026-11-01T00:00:00Z", until: "2026-11-11T00:00:00Z"'
SIM = """id nativeId iccid account { name } fleet { nativeId name } dataUsed esimProfile { nativeId matchingId }
  commands(first: 5) { nodes { nativeId sim { nativeId } } pageInfo { endCursor } }
  settingsUpdates(first: 5) { nodes { id sim { nativeId } } }"""
PAGE = "problems { message } pageInfo { endCursor }"
QUERIES = (
    f"query($n: Int) {{ sims(first: $n) {{ nodes {{ {SIM} }} totalCount {PAGE} }} }}",
    f"query($n: Int) {{ fleets(first: $n) {{ nodes {{ nativeId sims(first: 50) {{ nodes {{ id }} }} }} {PAGE} }} }}",
    f"query($n: Int) {{ commands(first: $n) {{ edges {{ cursor node {{ nativeId sim {{ iccid }} }} }} {PAGE} }} }}",
    f"query($n: Int) {{ esimProfiles(first: $n) {{ nodes {{ nativeId matchingId sim {{ id }} }} {PAGE} }} }}",
    f"query($n: Int) {{ settingsUpdates(first: $n) {{ nodes {{ id nativeId iccid }} {PAGE} }} }}",
    *(
        f"""query($n: Int) {{ usage(first: $n, filter: {{ {SPAN} groupBy: {group} }}) {{
          nodes {{ bytesTotal sim {{ nativeId }} fleet {{ nativeId }} }} {PAGE} }} }}"""
        for group in ("SIM", "FLEET")
    ),
    """query($sim: ID!, $fleet: ID!) {
      node(id: $sim) { id } nodes(ids: [$sim, $fleet]) { id } fleet(id: $fleet) { name } }""",
    f"""query($sim: ID!, $n: Int) {{ commands(first: $n, filter: {{ simId: $sim }}) {{ nodes {{ id }} {PAGE} }}
      settingsUpdates(filter: {{ simId: $sim }}) {{ nodes {{ id }} {PAGE} }} }}""",
    f"""query($fleet: ID!, $sim: ID!) {{ sims(filter: {{ fleetId: $fleet }}) {{ nodes {{ id }} totalCount {PAGE} }}
      usage(filter: {{ {SPAN} simId: $sim }}) {{ nodes {{ bytesTotal sim {{ id }} }} {PAGE} }} }}""",
    """query($iccid: String!) {
      sim(by: { iccid: $iccid }) { nativeId } sims(filter: { iccid: [$iccid] }) { nodes { id } } }""",
)


@dataclass
class Company:
    """`theirs` and `others` are ids by caller's name; `things` are SIMs and fleets to ask for, of anybody."""

    site: Site
    callers: list[Caller]
    theirs: dict[str, set[str]]
    others: dict[str, set[str]]
    things: list[dict[str, str]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company() -> AsyncIterator[Company]:
    async with a_site([TWILIO, KORE, WIRELESS], sims=24, cache=CacheOptions()) as site:
        found = await ids_by_place(site)
        fleets = sorted(fleet for account, fleet in found if account == TWILIO and fleet)
        callers = [
            seeing("ann", fleets=[(TWILIO, each) for each in fleets[:2]]),
            seeing("bob", WIRELESS, fleets=[(TWILIO, each) for each in fleets[2:4]]),
            seeing("cyd", KORE),
        ]
        theirs = {each.name: set().union(*(found[place] for place in places_of(each, found))) for each in callers}
        everything = set().union(*found.values())
        others = {name: everything - own for name, own in theirs.items()}
        yield Company(site, callers, theirs, others, await things_of(site))


async def things_of(site: Site) -> list[dict[str, str]]:
    page = await site.data(ANYBODY, "{ sims(first: 100) { nodes { id iccid account { name } fleet { id } } } }")
    nowhere = encode_id(TWILIO, "Fleet", "HF0")
    return [
        {"sim": sim["id"], "iccid": sim["iccid"], "fleet": sim["fleet"]["id"] if sim["fleet"] else nowhere}
        for sim in page["sims"]["nodes"]
    ]


Asked = tuple[int, int, int, int]
"""Who, which query, about which thing, how many."""

ASKED = st.tuples(st.integers(0, 2), st.integers(0, len(QUERIES) - 1), st.integers(0, 71), st.integers(1, 40))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(ASKED, min_size=4, max_size=12))
async def test_no_answer_ever_contains_what_is_others(company: Company, asked: list[Asked]):
    """Whoever asks whatever, at once and one after the other: no id and no ICCID of what is not theirs is in it."""
    answers = await asyncio.gather(*(answer(company, each) for each in asked))

    for (who, query, _, _), told in zip(asked, answers, strict=True):
        caller = company.callers[who]
        assert named_in(told) & company.others[caller.name] == set(), (caller.name, QUERIES[query])


async def answer(company: Company, asked: Asked) -> dict[str, Any]:
    who, query, thing, count = asked
    variables = {**company.things[thing % len(company.things)], "n": count}
    return await company.site.ask(company.callers[who], QUERIES[query], variables)


async def test_everybody_sees_all_that_is_theirs(company: Company):
    """The same questions find every SIM of theirs: what is others' is left out, and nothing else."""
    for caller in company.callers:
        told = await asyncio.gather(
            *(company.site.ask(caller, query, {**company.things[0], "n": 500}) for query in QUERIES)
        )
        sims = {each for each in company.theirs[caller.name] if each[:2] in ("HS", "DE", "HF")}

        assert sims - named_in(told) == set(), caller.name
        assert [each["errors"] for each in told if "errors" in each] == []


async def test_a_thing_that_is_not_there_is_not_there_twice(company: Company):
    """That there is none is remembered, too, and told again; to who sees everything as to who does not."""
    query = "query($id: ID!) { node(id: $id) { id } sim(by: { id: $id }) { id } }"
    missing = encode_id(TWILIO, "Sim", "HS" + "0" * 32)

    told = [
        await company.site.data(caller, query, {"id": missing}) for caller in [ANYBODY, *company.callers] for _ in "12"
    ]

    assert told == [{"node": None, "sim": None}] * 8


async def test_the_same_query_in_a_tight_loop(company: Company):
    """Two callers with the same query, 20 times each, while it is remembered: each always gets the same, his own."""
    first, second = company.callers[0], company.callers[1]

    async def asking(caller: Caller) -> set[frozenset[str]]:
        query = QUERIES[0]
        return {frozenset(named_in(await company.site.data(caller, query, {"n": 50}))) for _ in range(20)}

    [ann], [bob] = await asyncio.gather(asking(first), asking(second))

    assert ann <= company.theirs["ann"]
    assert bob <= company.theirs["bob"]
    assert ann & bob == set()
