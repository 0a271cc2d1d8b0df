"""One question cannot take the gateway away from everybody else."""

import asyncio
from typing import Any

import pytest

from gateway.allowance import MAX_VALUES, Allowance
from gateway.documents.options import DocumentLimits
from gateway.jobs.requested import RequestedJobs
from gateway.rights import EVERYTHING, Caller
from schema.connection import Connection
from schema.errors import Invalid
from schema.job import Job, JobItem, JobItemArgs
from schema.scopes import ALL_SCOPES
from schema.write import WriteOutcome
from tests.world import World, a_world

ASKING = Caller("asking", ALL_SCOPES, EVERYTHING)
COST = 100
THRIFTY = Caller("thrifty", ALL_SCOPES, EVERYTHING, cost=COST)
TURNS = 4
"""So often at least it is somebody else's turn meanwhile."""


async def test_a_request_that_multiplies_is_bounded():
    """Fleets of SIMs of fleets of SIMs: the answer stops at the limit, which is named, and others are answered."""
    level = "iccid"
    for _ in range(4):
        level = f"fleet {{ sims(first: 65) {{ nodes {{ {level} }} }} }}"
    query = f"{{ sims(first: 65) {{ nodes {{ {level} }} }} }}"
    async with a_world(["twilio-supersim"], sims=65) as world:
        asking = asyncio.create_task(world.ask(query))
        turns = 0
        while not asking.done():
            await asyncio.sleep(0.01)
            turns += 1
        answer = await asking

    assert turns > TURNS
    assert f"may give {MAX_VALUES // 75} things together" in answer["errors"][0]["message"]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"INVALID"}


async def test_what_a_page_shows_is_within_the_limit():
    """500 SIMs with twenty commands each would be the limit: a page people ask for is well below it."""
    query = "{ sims(first: 65) { nodes { commands(first: 20) { nodes { id } } sessions { nodes { id } } } } }"
    async with a_world(["twilio-supersim"], sims=65) as world:
        await world.data(query)


def test_rows_of_many_values_are_fewer() -> None:
    """The more may be told of a row, the fewer there are, and the message says so; after a refusal nothing is given."""
    allowance = Allowance(MAX_VALUES // 50)
    allowance.look()
    allowance.count(50)
    with pytest.raises(Invalid, match=rf"may give 50 things together where what is told of each weighs {4000} "):
        allowance.count(1)
    with pytest.raises(Invalid):
        allowance.look()

    allowance = Allowance(MAX_VALUES // 50)
    with pytest.raises(Invalid):
        allowance.count(51)
    with pytest.raises(Invalid):
        allowance.count(1)
    allowance.count(0)
    Allowance(10**9).count(1)


def test_outcomes_are_asked_for_once() -> None:
    """An outcome that is named twice is one, so that a long list is as soon compared as a short one."""
    one, other = WriteOutcome.APPLIED, WriteOutcome.REFUSED
    assert JobItemArgs(outcome=[one, other, one] * 99) == JobItemArgs(outcome=[one, other])


async def test_what_a_document_multiplies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields in many ways, items of jobs, lists within accounts, errors of each row, and what is only played through:
    each is bounded by what it would be, whoever asks."""
    async with a_world(["twilio-supersim"], sims=60, callers=[ASKING, THRIFTY], server={"limits": LIMITS}) as site:
        world = site.as_(ASKING.name)
        await wide(world)
        await long_filters(world)
        await jobs(world, monkeypatch)
        await capabilities(world)
        await played_through(site.as_(THRIFTY.name))


LIMITS = DocumentLimits(aliases=10_000, fields=10_000, tokens=10_000)


def aliases(field: str, count: int) -> str:
    return " ".join(f"a{number}: {field}" for number in range(count))


async def wide(world: World) -> None:
    """A page of rows of thousands of values each is refused, fragments opened; many fields at the root are not."""
    query = "{ sims(first: 60) { nodes { ...F } } } fragment F on Sim { %s }"
    few = await world.ask(query % aliases("nativeStatus", 100))
    many = await world.ask(query % ("...G " * 34) + f" fragment G on Sim {{ {aliases('nativeStatus', 100)} }}")
    apart = await world.ask(
        "{" + " ".join(f"b{n}: sims(first: 1) {{ nodes {{ {aliases('iccid', 300)} }} }}" for n in range(9)) + "}"
    )

    assert "errors" not in few
    assert "errors" not in apart
    assert "weighs 3410 of" in many["errors"][0]["message"]
    assert many["data"] == {"sims": None}
    assert many["errors"][0]["locations"] == [{"line": 1, "column": 3}]


async def long_filters(world: World) -> None:
    """A filter with too many names is refused, also where none of them is an account."""
    names = {"names": [str(number) for number in range(101)], "since": "2026-11-01T00:00:00Z"}
    answer = await world.ask(
        """query ($names: [String!], $since: DateTime!) { sims(filter: {accounts: $names}) { totalCount }
        usage(filter: {accounts: $names, since: $since, until: "2026-11-02T00:00:00Z"}) { totalCount } }""",
        names,
    )

    assert [each["message"] for each in answer["errors"]] == ["filter.accounts: at most 100; found 101"] * 2


async def jobs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Items of jobs count like rows of any list, and once some were refused no more are even read."""
    read: list[int | None] = []
    items_of = RequestedJobs.items

    async def items(self: RequestedJobs, job: Job, args: JobItemArgs) -> Connection[JobItem]:
        read.append(args.first)
        return await items_of(self, job, args)

    monkeypatch.setattr(RequestedJobs, "items", items)
    ids = [each["id"] for each in (await world.data("{ sims(first: 60) { nodes { id } } }"))["sims"]["nodes"]]
    begun = await world.data(BEGIN, {"ids": ids})
    assert begun["sendCommands"]["job"], begun
    aliased = " ".join(f"b{n}: items(first: {60 - n}) {{ nodes {{ {aliases('outcome', 30)} }} }}" for n in range(50))
    answer = await world.ask(f"{{ jobs {{ nodes {{ {aliased} }} }} }}")

    given = [each for each in answer["data"]["jobs"]["nodes"][0].values() if each is not None]
    assert sum(len(each["nodes"]) for each in given) < MAX_VALUES // (50 * 40)
    assert len(given) + len(answer["errors"]) == 50
    assert len(read) == len(given) + 1


async def capabilities(world: World) -> None:
    """A list that all rows share is told of each, and so it counts for each."""
    query = "{ sims(first: %d) { nodes { account { capabilities { operation } } } } }"
    few, many = await world.ask(query % 5), await world.ask(query % 60)
    (operations,) = {len(each["account"]["capabilities"]) for each in few["data"]["sims"]["nodes"]}
    wide = query.replace("operation", aliases("operation", 3_000 // operations)) % 60

    assert "errors" not in many
    assert "things together" in (await world.ask(wide))["errors"][0]["message"]


async def played_through(world: World) -> None:
    """What costs more than a caller has is refused before it is played through, too; else it costs him nothing."""

    async def dry(query: str) -> dict[str, Any]:
        body = {"query": query, "extensions": {"plan": "dry"}}
        answer: dict[str, Any] = (await world.http.post("/graphql", json=body)).json()
        return answer

    too_much = await dry("{ sims(first: 60) { nodes { commands { totalCount } } } }")
    assert [each["extensions"]["limit"] for each in too_much["errors"]] == ["cost"]
    for _ in range(3):
        played = await dry("{ sims(first: 25) { nodes { commands { totalCount } } } }")
        assert played["extensions"]["plan"]
        assert played["extensions"]["cost"]["estimate"] > COST / 3
        assert played["extensions"]["cost"]["actual"] == 0
        assert played["data"] is None


BEGIN = """mutation ($ids: [ID!]!) { sendCommands(input: {select: {ids: $ids}, body: {sms: {text: "x"}}}) {
  job { id } problems { message } } }"""
