"""What a caller meets on the way to an answer: whether he is known, what he may still spend, what he is told."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
import pytest_asyncio

from gateway.cache.options import CacheOptions
from gateway.documents.options import DocumentLimits, DocumentOptions
from gateway.exposure import Exposures
from gateway.rates.options import Budget
from gateway.registry import platforms
from gateway.rights import EVERYTHING, Caller, Reach
from gateway.simulation.request_log import Request
from gateway.simulation.serving import serving
from schema.ids import Key
from schema.scopes import ALL_SCOPES, Scope
from tests.waiting import until, until_true
from tests.world import START, World, a_gateway, a_world, settings_of

READS = ALL_SCOPES - {Scope.ADMIN}
OPS = Caller("ops", ALL_SCOPES, EVERYTHING)
BOARD = Caller("board", READS, EVERYTHING)
HASTY = Caller("hasty", READS, EVERYTHING, requests=3)
POOR = Caller("poor", READS, EVERYTHING, cost=5)
METERED = Caller("metered", READS, EVERYTHING, cost=100)
SENDER = Caller("sender", READS, EVERYTHING, cost=7)
DELETER = Caller("deleter", READS, EVERYTHING, cost=7)

CALLERS = (OPS, BOARD, HASTY, POOR, METERED, SENDER, DELETER)

SIMS = "{ sims(first: 5) { nodes { iccid } problems { code } } }"
DEAR = "{ sims(first: 5) { nodes { iccid usage { bytesTotal } billingPeriods { type } } } }"
NOTHING = "{ __typename }"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    async with a_world(
        ["twilio-supersim"], sims=8, callers=CALLERS, server={"limits": DocumentLimits(batch=3)}
    ) as made:
        yield made


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def asked(world: World, **body: Any) -> httpx.Response:
    return await world.http.post("/graphql", json=body)


def code_of(response: httpx.Response) -> str:
    code: str = response.json()["errors"][0]["extensions"]["code"]
    return code


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sgw_x"}, {"Authorization": "Basic b3BzOms="}])
async def test_who_is_not_known(world: World, headers: dict[str, str]):
    """Is refused before his body is looked at, told how to say who he is, and nobody is asked for him."""
    world.forget()

    response = await world.http.post("/graphql", content=b"\xff", headers=headers)

    assert (response.status_code, code_of(response)) == (401, "UNAUTHENTICATED")
    assert response.headers["www-authenticate"].startswith('Bearer realm="SIM Gateway"')
    assert ("invalid_token" in response.headers["www-authenticate"]) is bool(headers)
    assert world.count() == {}


async def test_what_is_left_of_a_minute(world: World):
    """Every answer tells; who has used up his minute is refused with the seconds to wait, others are not."""
    hasty = world.as_("hasty")
    answers = [await asked(hasty, query=NOTHING) for _ in range(5)]

    assert [each.status_code for each in answers] == [200, 200, 200, 429, 429]
    assert [each.headers["ratelimit-remaining"] for each in answers[:3]] == ["2", "1", "0"]
    assert {each.headers["ratelimit-limit"] for each in answers} == {"3"}
    error = answers[-1].json()["errors"][0]["extensions"]
    assert (error["code"], error["retryable"], error["limit"]) == ("RATE_LIMITED", True, "requests")
    assert 1 <= error["retryAfter"] <= 61
    assert answers[-1].headers["retry-after"] == str(round(error["retryAfter"]))
    assert (await asked(world.as_("board"), query=NOTHING)).status_code == 200


async def test_what_a_request_costs(world: World):
    """The answer tells what it was estimated to cost and what it did, in provider calls, by account."""
    world.forget()
    answer = (await asked(world.as_("board"), query=SIMS)).json()

    cost = answer["extensions"]["cost"]
    assert cost["actual"] == len(world.arrived("twilio-supersim")) == 1
    assert cost["estimate"] >= cost["actual"]
    assert cost["limit"] == 2500
    assert cost["accounts"] == [{"account": "twilio-supersim", "estimate": cost["estimate"], "actual": 1}]


async def test_more_than_a_caller_may_spend(world: World):
    """Is refused before anybody is asked, and says the number; what costs less is answered."""
    poor = world.as_("poor")
    world.forget()
    refused = await asked(poor, query=DEAR)

    error = refused.json()["errors"][0]
    assert (code_of(refused), error["extensions"]["maximum"]) == ("LIMIT_EXCEEDED", 5)
    assert error["extensions"]["found"] > 5
    assert "5 are allowed" in error["message"]
    assert world.count() == {}
    assert "errors" not in (await asked(poor, query=SIMS)).json()


async def test_what_was_not_needed_is_given_back(world: World):
    """A caller with 5 calls in a minute can ask 5 times for what costs one and might have cost more."""
    answers = [await asked(world.as_("poor"), query=SIMS) for _ in range(4)]  # one was asked before

    assert [each.status_code for each in answers] == [200] * 4
    last = await asked(world.as_("poor"), query=SIMS)
    assert (last.status_code, last.json()["errors"][0]["extensions"]["limit"]) == (429, "cost")


async def left(world: World) -> int:
    """Provider calls that the caller has left, who has used some, and of requests hardly any."""
    return int((await asked(world, query=NOTHING)).headers["ratelimit-remaining"])


async def test_what_a_request_took_is_charged(world: World):
    """Neither what it might have cost nor nothing, but the calls that arrived."""
    metered = world.as_("metered")
    await asked(metered, query=SIMS)
    before = await left(metered)
    world.forget()
    answer = (await asked(metered, query="{ sims(first: 5, filter: {status: [ACTIVE]}) { nodes { id } } }")).json()

    cost, arrived = answer["extensions"]["cost"], len(world.arrived("twilio-supersim"))
    assert 0 < cost["actual"] == arrived < cost["estimate"]
    assert before - await left(metered) == arrived


async def test_what_nobody_waits_for_is_charged():
    """An old answer comes at once and a newer one is fetched behind it: by whoever asked, who pays for it."""
    moment = [START]
    async with a_world(["twilio-supersim"], sims=3) as world, serving(world.host) as url:
        table = settings_of(
            platforms()["twilio-supersim"], world.simulators["twilio-supersim"], f"{url}/twilio-supersim", "a"
        )
        async with a_gateway([table], now=lambda: moment[0], cache=CacheOptions(), callers=(METERED,)) as gateway:
            metered = gateway.as_("metered")
            await asked(metered, query=SIMS)
            before = await left(metered)
            moment[0] += timedelta(seconds=61)
            world.forget()
            answer = (await asked(metered, query=SIMS)).json()
            await until(lambda: bool(world.arrived("twilio-supersim")))

            assert answer["data"]["sims"]["nodes"]
            assert answer["extensions"]["cost"]["actual"] == 1
            assert before - await left(metered) == 1


JOB = """mutation($select: SimSelection!, $count: Int, $dry: Boolean) { sendCommands(input: {select: $select,
  expectedCount: $count, dryRun: $dry, body: {sms: {text: "x"}}}) { outcome job { id } } }"""
EVERY = {"filter": {"accounts": ["twilio-supersim"]}}


@pytest.mark.parametrize(("count", "is_dry"), [(8, True), (7, True), (7, False)])
async def test_finding_the_sims_of_a_job_is_charged(world: World, count: int, is_dry: bool):
    """Whether it is only tried out or begun, and whatever comes of it."""
    metered = world.as_("metered")
    await asked(metered, query=SIMS)
    before = await left(metered)
    world.forget()
    response = await asked(metered, query=JOB, variables={"select": EVERY, "count": count, "dry": is_dry})

    arrived = len(world.arrived("twilio-supersim"))
    assert response.json()["data"]["sendCommands"]["outcome"] == ("DRY_RUN" if count == 8 else "REFUSED")
    assert before - await left(metered) == arrived >= 1


async def test_a_job_leaves_half_of_a_minute(world: World):
    """It sends within half of its caller's minute and then waits, while his requests have the rest."""
    found = await world.as_("board").data("{ sims(first: 8) { nodes { id } } }")
    ids, sender = [each["id"] for each in found["sims"]["nodes"]], world.as_("sender")
    world.forget()
    begun = await sender.data(JOB, {"select": {"ids": ids}})
    job = {"id": begun["sendCommands"]["job"]["id"]}
    await until(lambda: len(sent(world)) >= 3)
    answers = [await asked(sender, query=SIMS) for _ in range(5)]

    async def is_written_down() -> bool:
        told = await world.as_("ops").data("query($id: ID!) { job(id: $id) { status counts { waiting } } }", job)
        return bool(told["job"] == {"status": "RUNNING", "counts": {"waiting": 5}})

    await until_true(is_written_down)
    await sender.data("mutation($id: ID!) { cancelJob(id: $id) { outcome } }", job)

    assert [each.status_code for each in answers] == [200] * 4 + [429]
    assert len(sent(world)) == 3


def sent(world: World) -> list[Request]:
    return [each for each in world.arrived("twilio-supersim") if each.method == "POST"]


async def test_what_is_refused_by_every_provider_is_paid_too(world: World):
    """A deletion that cannot be is looked at first: nobody asks a provider more often that way than he may."""
    found = await world.as_("board").data("{ sims(first: 1) { nodes { id } } }")
    query = (
        "mutation($id: ID!) { " + " ".join(f"m{n}: deleteSim(input: {{id: $id}}) {{ outcome }}" for n in range(3)) + "}"
    )
    world.forget()
    answers = [
        await asked(world.as_("deleter"), query=query, variables={"id": found["sims"]["nodes"][0]["id"]})
        for _ in range(4)
    ]

    assert [each.status_code for each in answers] == [200, 200, 429, 429]
    assert len(world.arrived("twilio-supersim")) == 6


async def test_a_batch(world: World):
    """Each request in it has its answer in its place and counts as one; a list that is too long has none."""
    board = world.as_("board")
    before = int((await asked(board, query=NOTHING)).headers["ratelimit-remaining"])
    response = await board.http.post(
        "/graphql", json=[{"query": NOTHING}, {"query": "{"}, {"query": "{accounts{name}}"}]
    )
    too_long = await board.http.post("/graphql", json=[{"query": NOTHING}] * 4)

    first, second, third = response.json()
    assert first["data"] == {"__typename": "Query"}
    assert (second["errors"][0]["extensions"]["code"], "data" in second) == ("INVALID", False)
    assert third["data"] == {"accounts": [{"name": "twilio-supersim"}]}
    assert int(response.headers["ratelimit-remaining"]) == before - 3
    assert (too_long.status_code, too_long.json()["errors"][0]["extensions"]["limit"]) == (400, "batch")


@pytest.mark.parametrize("query", ["{ __schema { types { name } } }", '{ a: __type(name: "Sim") { name } }'])
async def test_introspection_is_for_administrators(world: World, query: str):
    """Others are told so, and may ask for the name of a type all the same."""
    assert "errors" not in (await asked(world.as_("ops"), query=query)).json()
    assert code_of(await asked(world.as_("board"), query=query)) == "FORBIDDEN"


async def test_suggestions_are_for_administrators(world: World):
    """What is written almost right is not put right for others."""
    for body in (
        {"query": "{ simz { nodes { iccid } } }"},
        {"query": "query ($f: SimFilter) { sims(filter: $f) { nodes { iccid } } }", "variables": {"f": {"nam": "x"}}},
    ):
        admin, other = await asked(world.as_("ops"), **body), await asked(world.as_("board"), **body)

        assert "Did you mean" in admin.text
        assert "Did you mean" not in other.text
        assert code_of(other) == "INVALID"


async def test_where_everything_is_shown():
    """As configured, everybody may look at the schema; or nobody, administrators included."""
    async with a_gateway([], callers=(BOARD,), exposures=Exposures("all", "all", "all")) as shown:
        assert "errors" not in (await asked(shown.as_("board"), query="{ __schema { types { name } } }")).json()
        assert "Did you mean" in (await asked(shown.as_("board"), query="{ simz }")).text
        assert (await shown.http.get("/graphql", headers={"Accept": "text/html"})).status_code == 200
    async with a_gateway([], callers=(OPS,), exposures=Exposures("off", "off", "off")) as hidden:
        assert code_of(await asked(hidden.as_("ops"), query="{ __schema { types { name } } }")) == "FORBIDDEN"
        assert "Did you mean" not in (await asked(hidden.as_("ops"), query="{ simz }")).text
        page = await hidden.as_("ops").http.get("/graphql", headers={"Accept": "text/html, */*"})
        assert (page.status_code, code_of(page)) == (400, "INVALID")


async def test_documents_named_by_their_digest():
    """As Apollo's clients do it: not known, then sent once with its digest, then known."""
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": sha256(NOTHING.encode()).hexdigest()}}
    async with a_gateway([], documents=DocumentOptions(apq=True)) as world:
        unknown = await asked(world, extensions=persisted)
        wrong = await asked(world, query="{ a: __typename }", extensions=persisted)
        sent = await asked(world, query=NOTHING, extensions=persisted)
        known = await asked(world, extensions=persisted)

    assert (unknown.json()["errors"][0]["message"], code_of(unknown)) == (
        "PersistedQueryNotFound",
        "PERSISTED_QUERY_NOT_FOUND",
    )
    assert (wrong.status_code, code_of(wrong)) == (400, "PERSISTED_QUERY_HASH_MISMATCH")
    assert sent.json()["data"] == known.json()["data"] == {"__typename": "Query"}


async def test_only_known_documents(tmp_path: Any):  # Any: pytest's own path
    """Where only known ones are run, an administrator may still try what he likes."""
    (tmp_path / "known.graphql").write_text(NOTHING)
    options = DocumentOptions(mode="only", files=(str(tmp_path),))
    async with a_gateway([], callers=(OPS, BOARD), documents=options) as world:
        board = world.as_("board")
        for name in ("documentId", "doc_id", "id"):
            assert (await asked(board, **{name: "known.graphql"})).json()["data"] == {"__typename": "Query"}
        assert code_of(await asked(board, documentId="unknown", id="known.graphql")) == "DOCUMENT_NOT_FOUND"
        by_get = await board.http.get("/graphql", params={"id": "known.graphql"})
        assert by_get.json()["data"] == {"__typename": "Query"}
        assert (await asked(board, query=NOTHING)).json()["data"] == {"__typename": "Query"}
        assert code_of(await asked(board, query="{ a: __typename }")) == "UNKNOWN_DOCUMENT"
        assert (await asked(world.as_("ops"), query="{ a: __typename }")).json()["data"] == {"a": "Query"}


@pytest.mark.parametrize(("mode", "is_told"), [("measure", True), ("off", False)])
async def test_a_budget_that_is_tried_out(mode: Any, is_told: bool):  # Any: one of the modes
    """Nothing is refused; what it costs is told where it is measured."""
    async with a_world(["twilio-supersim"], sims=3, callers=(POOR,), server={"budget": Budget(mode=mode)}) as world:
        answer = await asked(world.as_("poor"), query=DEAR)

    assert "errors" not in answer.json()
    assert ("cost" in answer.json().get("extensions", {})) is is_told
    assert "ratelimit-limit" not in answer.headers


def basic(world: World, caller: str) -> dict[str, str]:
    """What a browser sends whose user has entered this caller's key as password."""
    key = world.clients[caller].headers["authorization"].partition(" ")[2]
    return {"Authorization": "Basic " + b64encode(f"me:{key}".encode()).decode()}


async def test_the_page_is_for_administrators(world: World):
    """A browser is asked for a key, and shown the page for an administrator's alone; to ask takes more than that."""
    html = {"Accept": "text/html"}
    unknown = {"Authorization": "Basic " + b64encode(b"me:sgw_x").decode()}
    answers = [
        await world.http.get("/graphql", headers=html | each)
        for each in ({}, unknown, basic(world, "board"), basic(world, "ops"))
    ]
    executed = await world.http.post("/graphql", json={"query": NOTHING}, headers=basic(world, "ops"))

    assert [each.status_code for each in answers] == [401, 401, 403, 200]
    assert all(each.headers["www-authenticate"].startswith("Basic ") for each in answers[:2])
    assert "<html" in answers[3].text
    assert (executed.status_code, code_of(executed)) == (401, "UNAUTHENTICATED")


async def test_without_the_page_there_are_no_files_of_it():
    """They are at no path at all."""
    async with a_gateway([], exposures=Exposures(graphiql="off")) as hidden:
        assert code_of(await hidden.http.get("/graphql/assets/anything.js")) == "NOT_FOUND"


async def test_a_body_has_as_long_as_is_configured():
    """One that does not come is not waited for."""

    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with a_gateway([], body_timeout=0.05) as world:
        json = {"Content-Type": "application/json"}
        response = await world.http.post("/graphql", content=never(), headers=json)

    assert (response.status_code, code_of(response)) == (408, "TIMEOUT")
    assert "0.05 s" in response.text


async def test_an_account_of_which_some_fleets_are_seen():
    """Tells nothing of what others have asked, and costs a list for each fleet."""
    name = "twilio-supersim"
    fleets = [Key(name, f"HF{n:032x}") for n in range(2)]
    one, two = (Caller(f"sees{n}", READS, Reach(fleets=frozenset(fleets[:n]))) for n in (1, 2))
    async with a_world([name], sims=3, callers=(OPS, one, two)) as world:
        await world.as_("ops").data(SIMS)
        [whole] = (await world.as_("ops").data("{ accounts { lastSuccessAt quota { limit } } }"))["accounts"]
        [part] = (await world.as_("sees1").data("{ accounts { lastSuccessAt quota { limit } } }"))["accounts"]
        costs = [(await world.as_(each).ask(SIMS))["extensions"]["cost"]["estimate"] for each in ("sees1", "sees2")]

    assert whole["lastSuccessAt"] is not None
    assert part == {"lastSuccessAt": None, "quota": None}
    assert costs[1] > costs[0]
