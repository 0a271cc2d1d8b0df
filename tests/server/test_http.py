"""GraphQL over HTTP: every request gets an answer with a code; no byte sequence gets a 500."""

import json
from typing import Any

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.opening import open_accounts
from gateway.registry import platforms
from gateway.server.app import ServerOptions, build_app
from gateway.server.execution import Answer
from tests.world import START, World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEW = "application/graphql-response+json"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world():
    async with a_world(["twilio-supersim"], sims=12) as made:
        yield made


async def posted(world: World, body: bytes, **headers: str) -> httpx.Response:
    given_headers = {"content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return await world.http.post("/graphql", content=body, headers=given_headers)


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"[{}]", 400),
        (b"null", 400),
        (b'"query"', 400),
        (b"{}", 400),
        (b'{"query": ""}', 400),
        (b'{"query": 7}', 400),
        (b'{"query": "{accounts{name}}", "variables": []}', 400),
        (b'{"query": "{accounts{name}}", "operationName": 7}', 400),
        (b'{"query": "{accounts{name}}", "extensions": "x"}', 400),
        (b'\xff\xfe{"query": 1}', 400),
        (b"[" * 100_000, 400),
    ],
    ids=range(14),
)
async def test_what_is_no_request_is_refused(world: World, body: bytes, status: int):
    """Bodies that are no GraphQL request get 400, with a sentence and a code."""
    response = await posted(world, body)

    assert (response.status_code, codes(response)) == (status, ["INVALID"])


async def test_a_body_that_is_too_long(world: World):
    """It is 413, and the answer says which limit that is, what it allows and what was found."""
    response = await posted(world, b" " * 300_000)

    [error] = response.json()["errors"]
    limit = {"limit": "max_body", "maximum": 256 * 1024, "found": 300_000}
    assert response.status_code == 413
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "retryable": False, **limit}
    assert str(256 * 1024) in error["message"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_other_content_types_are_refused(world: World, content_type: str):
    """What a form on another site could send is 415."""
    response = await posted(world, b'{"query": "{accounts{name}}"}', content_type=content_type)

    assert (response.status_code, codes(response)) == (415, ["INVALID"])


@pytest.mark.parametrize(
    "query",
    ["{", "{ nothing }", "query A { accounts { name } } query B { accounts { name } }", "mutation { x }", "{" * 15],
)
async def test_a_document_that_cannot_run(world: World, query: str):
    """It has no data; the status is 400 for who asks for the newer media type and 200 for who does not."""
    body = json.dumps({"query": query}).encode()
    new, old = await posted(world, body, accept=NEW), await posted(world, body)

    assert (new.status_code, old.status_code) == (400, 200)
    assert new.headers["content-type"].startswith(NEW)
    assert "data" not in new.json()
    assert set(codes(new)) == {"INVALID"}


async def test_variables_of_the_wrong_type(world: World):
    """A variable that does not fit is an error with a code, not a crash; integers beyond 32 bits included."""
    for value in ("x", 2**40, 1.5, [], {}, True, 10**30):
        response = await posted(
            world,
            json.dumps(
                {"query": "query($n: Int) { sims(first: $n) { nodes { id } } }", "variables": {"n": value}}
            ).encode(),
        )
        assert set(codes(response)) == {"INVALID"}


async def test_a_query_by_get(world: World):
    """A query may come in the query string, variables as JSON."""
    query = "query($n: Int) { sims(first: $n) { nodes { iccid } } }"
    response = await world.http.get("/graphql", params={"query": query, "variables": '{"n": 2}'})
    broken = await world.http.get("/graphql", params={"query": query, "variables": "{"})
    nothing = await world.http.get("/graphql")

    assert len(response.json()["data"]["sims"]["nodes"]) == 2
    assert (broken.status_code, codes(broken)) == (400, ["INVALID"])
    assert (nothing.status_code, codes(nothing)) == (400, ["INVALID"])


async def test_a_mutation_by_get(world: World):
    """It is 405, whatever media type is asked for, with POST in `Allow`; and nothing is changed."""
    world.forget()
    for accept in (NEW, "application/json"):
        query = 'mutation { updateSim(input: {id: "x"}) { outcome } }'
        response = await world.http.get("/graphql", params={"query": query}, headers={"accept": accept})
        assert (response.status_code, codes(response), response.headers["allow"]) == (405, ["INVALID"], "POST")

    assert world.count() == {}


async def test_parts_of_a_query_string_are_there_once(world: World):
    """Of two nobody knows which is meant; what is none of ours may be there as often as it likes."""
    twice = await world.http.get("/graphql?query={accounts{name}}&query={accounts{id}}")
    others = await world.http.get("/graphql?query={accounts{name}}&x=1&x=2")

    assert (twice.status_code, codes(twice)) == (400, ["INVALID"])
    assert "errors" not in others.json()


async def test_what_cannot_be_told_in_an_accepted_type(world: World):
    """Who takes neither type gets 406 and nothing is asked; the refusal is JSON all the same."""
    world.forget()
    query = "{ sims(first: 1) { nodes { id } } }"
    response = await posted(world, json.dumps({"query": query}).encode(), accept="text/html, image/*")

    assert (response.status_code, codes(response), world.count()) == (406, ["INVALID"], {})
    assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_every_answer_has_its_headers(world: World):
    """Data, refusals, health, redirects and what is nowhere: each has a number and keeps browsers at home."""
    answers = [
        await world.http.post("/graphql", json={"query": "{accounts{name}}"}),
        await world.http.post("/graphql", content=b"{"),
        await world.http.get("/health/live"),
        await world.http.get("/"),
        await world.http.get("/nowhere"),
        await world.http.put("/graphql"),
    ]

    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


@pytest.mark.parametrize(
    ("given", "is_kept"), [("a-1_B.9", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("", False)]
)
async def test_a_caller_may_number_his_request(world: World, given: str, is_kept: bool):
    """His number comes back if it can stand in a header and in the log as it is, else there is one of ours."""
    answer = await world.http.get("/health/live", headers={"X-Request-Id": given})

    assert (answer.headers["x-request-id"] == given) is is_kept
    assert len(answer.headers["x-request-id"]) >= 7


async def test_other_methods_are_not_allowed(world: World):
    """Whatever is not served is 405, with what is in `Allow` and a code in the body; so it is at every path."""
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
        response = await world.http.request(method, "/graphql")
        assert (response.status_code, codes(response)) == (405, ["INVALID"])
        assert response.headers["allow"] == "GET, HEAD, POST"
    health = await world.http.post("/health/live")

    assert (health.status_code, codes(health), health.headers["allow"]) == (405, ["INVALID"], "GET, HEAD")


async def test_head_is_served_as_allow_says(world: World):
    """A HEAD is answered like the GET it stands for."""
    assert (await world.http.head("/graphql", params={"query": "{accounts{name}}"})).status_code == 200


async def test_empty_parts_of_a_query_string_are_absent(world: World):
    """`variables=` and the like say nothing, as a form with empty fields does."""
    parts = {"query": "{accounts{name}}", "variables": "", "extensions": "", "operationName": ""}
    response = await world.http.get("/graphql", params=parts)

    assert "errors" not in response.json()


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000, str(2**63), "9" * 20])
async def test_whole_numbers_beyond_64_bits_in_a_document(world: World, number: str):
    """They are the caller's mistake, however long: a code, a short sentence, and no word of Python's."""
    for query in (
        f"{{ sims(first: {number}) {{ nodes {{ id }} }} }}",
        f"query($n: Int = {number}) {{ sims(first: $n) {{ nodes {{ id }} }} }}",
        f"{{ node(id: {number}) {{ id }} }}",
        f'{{ sims(filter: {{accounts: ["a", {number}]}}) {{ nodes {{ id }} }} }}',
        f"{{ accounts @include(if: {number}) {{ name }} }}",
    ):
        answer = await world.ask(query)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID"]
        assert "64 bits" in answer["errors"][0]["message"]
        assert len(answer["errors"][0]["message"]) < 200


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 4300, str(2**63), str(-(2**63) - 1)])
async def test_whole_numbers_beyond_64_bits_in_variables(world: World, number: str):
    """The same in variables, wherever in them."""
    query = json.dumps("query($id: ID!, $f: SimFilter) { node(id: $id) { id } sims(filter: $f) { nodes { id } } }")
    for variables in (f'{{"id": {number}}}', f'{{"id": "x", "f": {{"accounts": ["a", {number}]}}}}'):
        response = await posted(world, f'{{"query": {query}, "variables": {variables}}}'.encode())
        assert (response.status_code, codes(response)) == (400, ["INVALID"])


async def test_an_answer_that_cannot_be_written(caplog: pytest.LogCaptureFixture):
    """The caller gets a code and a number, the log the same number with the traceback."""

    class Unwritable:
        async def run(self, *_asked: object) -> Answer:
            return Answer({"data": {"name": "\ud800"}}, is_executed=True)

    app = build_app(ServerOptions(), lambda _: open_accounts([], platforms(), lambda: START))
    async with app.router.lifespan_context(app):
        app.state.executor = Unwritable()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as http:
            response = await http.post("/graphql", json={"query": "{accounts{name}}"})

    [error] = response.json()["errors"]
    [record] = [each for each in caplog.records if each.name == "gateway.server"]
    assert (response.status_code, response.json()["data"], error["extensions"]["code"]) == (200, None, "INTERNAL")
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    assert error["message"].rpartition(" ")[2] == error["extensions"]["requestId"]
    assert error["extensions"]["requestId"] in record.getMessage()
    assert record.exc_info is not None


async def test_the_network_of_a_profile_wants_the_id_of_a_network(world: World):
    """Another thing's id is INVALID and asks nobody, as everywhere else."""
    [profile] = (await world.data("{ networkAccessProfiles(first: 1) { nodes { id } } }"))["networkAccessProfiles"][
        "nodes"
    ]
    [sim] = (await world.data("{ sims(first: 1) { nodes { id } } }"))["sims"]["nodes"]
    query = """query($profile: ID!, $id: ID!) {
        node(id: $profile) { ... on NetworkAccessProfile { network(id: $id) { id } } } }"""
    world.forget()
    answer = await world.ask(query, {"profile": profile["id"], "id": sim["id"]})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID"]
    assert "Sim" in answer["errors"][0]["message"]
    assert len(world.arrived("twilio-supersim")) == 1


async def test_a_browser_gets_graphiql(world: World):
    """GET with an Accept of a browser is the page; with a query it is the answer."""
    browser = {"accept": "text/html,*/*;q=0.8"}
    page = await world.http.get("/graphql", headers=browser)
    answer = await world.http.get("/graphql", params={"query": "{accounts{name}}"}, headers=browser)

    assert page.headers["content-type"].startswith("text/html")
    assert answer.json()["data"]["accounts"]


async def test_the_root_leads_to_the_endpoint(world: World):
    """Who asks for / is sent on to /graphql."""
    response = await world.http.get("/")

    assert (response.status_code, response.headers["location"]) == (307, "/graphql")


async def test_health():
    """Live says that the process runs, ready which accounts are ailing; both are JSON and never cached."""
    async with a_world(["twilio-supersim"], sims=12) as world:
        world.host.fault("twilio-supersim", "status", 503)
        await world.ask("{ sims { nodes { id } } }")
        live, ready = await world.http.get("/health/live"), await world.http.get("/health/ready")

    assert live.json() == {"status": "UP"}
    assert (ready.status_code, ready.json()["accounts"].keys()) == (200, {"twilio-supersim"})
    assert ready.json()["status"] == "DEGRADED"
    assert ready.headers["cache-control"] == "no-store"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300))
async def test_any_bytes_get_an_answer(world: World, body: bytes):
    """No body makes a 5xx or an answer without JSON."""
    response = await posted(world, body)

    assert response.status_code < 500
    assert response.json()["errors"]


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("query", "operationName", "variables", "extensions", "id"), JSON_VALUES),
    )
)
async def test_any_json_gets_an_answer(world: World, parts: dict[str, Any]):
    """No JSON object makes a 5xx; whatever is wrong has a code."""
    response = await posted(world, json.dumps(parts).encode())

    assert response.status_code < 500
    assert response.json().keys() <= {"data", "errors"}


IDS = st.text(max_size=40) | st.sampled_from(["HS" + "0" * 32, "dHdpbGlvLXN1cGVyc2ltOlNpbTp4"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(node=IDS, iccid=IDS, after=IDS, first=st.integers(-(2**31), 2**31 - 1), name=st.text(max_size=30))
async def test_any_arguments_get_an_answer(world: World, node: str, iccid: str, after: str, first: int, name: str):
    """Whatever is in the arguments: an answer, and each error in it has a code of the closed set or INVALID."""
    query = """query($node: ID!, $iccid: String!, $after: String, $first: Int, $name: String) {
        node(id: $node) { id } sim(by: {iccid: $iccid}) { id } fleet(id: $node) { id }
        sims(first: $first, after: $after, filter: {name: $name, fleetId: $node}) { nodes { id } }
        commands(first: 1, filter: {simId: $node}) { nodes { id } problems { code } } }"""
    answer = await world.ask(query, {"node": node, "iccid": iccid, "after": after, "first": first, "name": name})

    assert {error["extensions"]["code"] for error in answer.get("errors", [])} <= {"INVALID", "REFUSED"}
