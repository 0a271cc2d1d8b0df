"""Other sites' pages and other names of the gateway; and an application that breaks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.opening import open_accounts
from gateway.registry import platforms
from gateway.server.answer import masked
from gateway.server.app import ServerOptions, build_app
from gateway.server.cors import EXPOSED
from gateway.server.envelope import Envelope
from gateway.tracing import REQUEST_ID, request_id
from tests.world import START

pytestmark = pytest.mark.asyncio(loop_scope="module")

OURS = "https://app.example.com"
QUERY = {"query": "{accounts{name}}"}


@asynccontextmanager
async def a_client(**options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Of a gateway without accounts that has these options."""
    app = build_app(ServerOptions(**options), lambda _: open_accounts([], platforms(), lambda: START))
    async with app.router.lifespan_context(app), client(app) as http:
        yield http


def client(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sims.example.com:8443")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def named() -> AsyncIterator[httpx.AsyncClient]:
    """It has a name, and one site's pages may ask it."""
    async with a_client(hosts=("sims.example.com", "[::1]"), origins=(OURS,)) as http:
        yield http


def preflight(origin: str, header: str = "content-type") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": header,
    }


async def test_a_page_that_may_ask(named: httpx.AsyncClient) -> None:
    """The browser is told so, with a key in a header but never with cookies, and what of the answer it may read."""
    asked = await named.options("/graphql", headers=preflight(OURS, "authorization, content-type, x-request-id"))
    answer = await named.post("/graphql", json=QUERY, headers={"Origin": OURS})

    assert asked.status_code == 200
    assert answer.json()["data"] == {"accounts": []}
    for told in (asked, answer):
        assert told.headers["access-control-allow-origin"] == OURS
        assert "access-control-allow-credentials" not in told.headers
        assert "Origin" in told.headers["vary"]
    assert answer.headers["access-control-expose-headers"].split(", ") == list(EXPOSED)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{OURS}.evil.example", "http://app.example.com"])
async def test_a_page_that_may_not(named: httpx.AsyncClient, origin: str) -> None:
    """No browser gives such a page an answer, and a GET of it is refused."""
    asked = await named.options("/graphql", headers=preflight(origin))
    got = await named.get("/graphql", params=QUERY, headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"})

    assert asked.status_code == 400
    assert "access-control-allow-origin" not in asked.headers
    assert (got.status_code, got.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    assert "access-control-allow-origin" not in got.headers


async def test_a_header_that_is_none_of_ours(named: httpx.AsyncClient) -> None:
    """A page that may ask may not send what nobody reads."""
    assert (await named.options("/graphql", headers=preflight(OURS, "x-other"))).status_code == 400


async def test_without_sites_there_is_no_cors() -> None:
    """Unless some are configured a browser is told nothing that would let a page ask."""
    async with a_client() as http:
        asked = await http.options("/graphql", headers=preflight(OURS))

    assert asked.status_code == 405
    assert not [name for name in asked.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("sims.example.com", 200),
        ("SIMS.example.com.:1", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("127.0.0.1:8000", 421),
        ("sims.example.com.evil.example", 421),
        ("evil.example:sims.example.com", 400),
        ("[", 400),
    ],
)
async def test_the_names_it_is_reached_by(named: httpx.AsyncClient, host: str, status: int) -> None:
    """Only these get an answer, whatever the port; so a name that was pointed here later gets none."""
    answer = await named.post("/graphql", json=QUERY, headers={"Host": host})

    assert answer.status_code == status
    if status != 200:
        assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID"
        assert answer.headers["x-request-id"]


async def test_who_watches_needs_no_name(named: httpx.AsyncClient) -> None:
    """Whether the process lives is told to whoever asks it by its address, and nothing else is."""
    live = await named.get("/health/live", headers={"Host": "10.0.0.7:8000"})
    ready = await named.get("/health/ready", headers={"Host": "10.0.0.7:8000"})

    assert (live.status_code, ready.status_code) == (200, 421)


@pytest.mark.parametrize("host", ["[", "a b", "a@b", "[::1", "a:b:c"])
async def test_a_host_that_is_none(host: str) -> None:
    """It is refused where any name is good, too, and for GraphiQL's page as well."""
    async with a_client() as http:
        page = await http.get("/graphql", headers={"Host": host, "Accept": "text/html"})

    assert (page.status_code, page.json()["errors"][0]["extensions"]["code"]) == (400, "INVALID")


async def test_an_application_that_breaks(caplog: pytest.LogCaptureFixture) -> None:
    """The caller gets a code and the request's number, the log the same number and the traceback."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("the reason")

    async with client(Envelope(broken, masked)) as http:
        answer = await http.get("/", headers={"X-Request-Id": "mine"})

    [error] = answer.json()["errors"]
    [record] = caplog.records
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "mine")
    assert error["extensions"] == {"code": "INTERNAL", "retryable": False, "requestId": "mine"}
    assert "the reason" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert record.exc_info is not None
    assert "mine" in record.getMessage()


async def test_an_application_that_breaks_halfway() -> None:
    """Half an answer is not completed by something else: the server hears of it."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("the reason")

    async with client(Envelope(broken, masked)) as http:
        with pytest.raises(RuntimeError, match="the reason"):
            await http.get("/")


async def test_the_number_is_that_of_the_request() -> None:
    """Within a request it is known everywhere, and outside of one there is none."""
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(request_id())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with client(Envelope(app, masked)) as http:
        answers = [await http.get("/") for _ in range(2)]

    assert seen == [answer.headers["x-request-id"] for answer in answers]
    assert len({*seen, request_id(), request_id()}) == 4
    assert REQUEST_ID.get() == ""
