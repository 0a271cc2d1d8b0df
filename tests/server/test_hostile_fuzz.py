"""Whatever arrives, what comes back is an answer: never a 5xx, never silence, and each error in it has a code."""

import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.opening import open_accounts
from gateway.registry import platforms
from gateway.server.app import ServerOptions, build_app
from tests.server.served import served, talk
from tests.world import START, World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

SDL = Path(__file__).parents[2] / "schema" / "schema.graphql"
fuzzed = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    async with a_world(["twilio-supersim"], sims=6) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port() -> AsyncIterator[int]:
    """A gateway without accounts, as `serve` serves it."""
    async with served(
        lambda: build_app(ServerOptions(), lambda _: open_accounts([], platforms(), lambda: START))
    ) as number:
        yield number


async def checked(port: int, *request: bytes) -> None:
    """What comes back is an answer of ours: JSON with data, or with errors that each have a code."""
    async with talk(port) as talking:
        await talking.say(b"".join(request))
        answer = await talking.hear()
    assert answer.status < 500
    if answer.status != HTTPStatus.TEMPORARY_REDIRECT:
        check(json.loads(answer.body))


def check(told: dict[str, Any]) -> None:
    assert told.get("errors") or "data" in told or "status" in told
    codes = [error["extensions"]["code"] for error in told.get("errors", ())]
    assert all(codes)
    assert "INTERNAL" not in codes


def lines(headers: dict[str, bytes]) -> bytes:
    return b"".join(b"%s: %s\r\n" % (name.encode(), value) for name, value in headers.items()) + b"\r\n"


NAMES = st.sampled_from(
    [
        "accept",
        "accept-encoding",
        "authorization",
        "cache-control",
        "content-encoding",
        "content-type",
        "cookie",
        "if-none-match",
        "origin",
        "priority",
        "range",
        "sec-fetch-site",
        "te",
        "x-api-key",
        "x-forwarded-for",
        "x-request-id",
    ]
)
VALUES = st.binary(max_size=30).map(lambda raw: bytes(each for each in raw if each >= 0x20 and each != 0x7F).strip())
LIKELY = st.sampled_from(
    [b"application/json", b"*/*", b"application/graphql-response+json", b"gzip", b"max-age=0", b"u=9"]
)
HEADERS = st.dictionaries(NAMES, VALUES | LIKELY, max_size=4)
BODIES = st.binary(max_size=200) | st.sampled_from(
    [b'{"query": "{__typename}"}', b'{"query": "{accounts{name}}", "variables": {}}', b'{"documentId": "x"}']
)


@fuzzed
@given(body=BODIES, headers=HEADERS)
async def test_any_body_and_headers(port: int, body: bytes, headers: dict[str, bytes]) -> None:
    """Whatever the bytes of a body and of its headers are."""
    own = {"content-type": b"application/json", "content-length": b"%d" % len(body)}
    await checked(port, b"POST /graphql HTTP/1.1\r\nHost: h\r\n", lines(own | headers), body)


@fuzzed
@given(query=st.binary(max_size=60), headers=HEADERS, name=st.sampled_from(["query", "variables", "extensions", "id"]))
async def test_any_query_string(port: int, query: bytes, headers: dict[str, bytes], name: str) -> None:
    """Whatever stands in a query string, encoded or as it is."""
    plain = bytes(each for each in query if 0x21 <= each <= 0x7E)
    path = b"/graphql?query={__typename}&%s=%s&%s" % (name.encode(), quote_from_bytes(query).encode(), plain)
    await checked(port, b"GET %s HTTP/1.1\r\nHost: h\r\n" % path, lines(headers))


@fuzzed
@given(path=st.binary(max_size=40), method=st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"BREW"]))
async def test_any_path(port: int, path: bytes, method: bytes) -> None:
    """Whatever the path and the method are."""
    target = b"/" + quote_from_bytes(path, safe="/%?&=.;:@").encode()
    await checked(port, b"%s %s HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n" % (method, target))


@settings(fuzzed, max_examples=40)
@given(case=schemathesis.graphql.from_path(SDL).as_strategy())
async def test_any_operation_of_the_schema(world: World, case: Any) -> None:
    """Any operation the schema allows, with arguments nobody foresaw: no 5xx, and each error has a code."""
    response = await world.http.post("/graphql", json={"query": case.body})

    assert response.status_code < 500
    check(response.json())
