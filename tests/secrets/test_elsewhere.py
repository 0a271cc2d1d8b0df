"""No request, and with it no credential, leaves for a host that is not the account's own."""

import asyncio

import httpx
import msgspec
import pytest

from gateway.page import PageRequest
from gateway.platform import Wiring
from gateway.protocols.twilio_rest import Listed, Sid, client_credentials, read_page
from gateway.secret import Secret
from gateway.upstream.carrier import Carrier
from gateway.upstream.errand import ERRAND, Errand
from gateway.upstream.exchange import Body, Times, Writer, exchange
from gateway.upstream.pace import Limits
from schema.errors import BadResponse
from tests.upstream.a_client import a_client
from tests.upstream.at_once import AtOnce
from tests.upstream.raw_server import Arrived, RawServer, a_raw_server, answer, saying

WRITER = Writer(Times())


class Row(msgspec.Struct):
    sid: Sid


THINGS: Listed[Row, str] = Listed("v1/Things", "things", Row, lambda row: row.sid)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "other",
    [
        "https://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://127.0.0.1:{other}/",
        "http://127.0.0.1/",
        "http://127.0.0.1:{port}@localhost:{other}/",
        "http://127.0.0.1:{port}.example/",
        "http://[::1]:{port}/",
        "//127.0.0.1:{other}/",
        "/v1/Things",
        "file:///etc/passwd",
    ],
)
async def test_another_origin_is_refused(other: str, method: str) -> None:
    """Scheme, host and port are the account's, or there is no connection, and a write is known not to have happened."""
    came_to = Errand(is_writing=True)
    ERRAND.set(came_to)
    async with a_raw_server(saying(answer())) as home, a_raw_server(saying(answer())) as stranger:
        carrier = Carrier(home.url, 2)
        url = other.format(port=port_of(home), other=port_of(stranger))
        with pytest.raises(BadResponse):
            await exchange(carrier, WRITER.write(method, url, {"Authorization": "Bearer x"}, Body(b"{}", b"a/b")))
        await carrier.aclose()

    assert (home.accepted, stranger.accepted) == (0, 0)
    assert not came_to.may_have_happened


@pytest.mark.parametrize(
    "home", ["http://127.0.0.1:{port}", "HTTP://127.0.0.1:{port}/base/path", "http://LOCALHOST:{port}"]
)
async def test_the_own_host_in_any_spelling(home: str) -> None:
    """An address that is configured in capitals, or with a path, is the same host."""
    async with (
        a_raw_server(saying(answer(b'{"sid": "1"}'))) as server,
        a_client(home.format(port=port_of(server))) as client,
    ):
        assert await client.get("a", Row) == Row("1")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Same", "308 Same"])
async def test_a_redirect_is_not_followed(status: str) -> None:
    """Not to a stranger and not within the host: its answer is an error that names the host."""
    async with a_raw_server(saying(answer())) as stranger:
        for target in (f"{stranger.url}/a", "/elsewhere"):
            moved = saying(answer(b"", f"Location: {target}", status=status))
            async with a_raw_server(moved) as home, a_client(home.url) as client:
                with pytest.raises(BadResponse, match="redirects to"):
                    await client.get("a", Row)
                assert len(home.requests) == 1

    assert stranger.accepted == 0


@pytest.mark.parametrize(
    "link",
    [
        "{stranger}/v1/Things?PageToken=2",
        "//{stranger_host}/v1/Things?PageToken=2",
        "{home}@{stranger_host}/v1/Things?PageToken=2",
        "https://{home_host}/v1/Things?PageToken=2",
        "{home}/v1/Other?PageToken=2",
    ],
)
async def test_a_link_to_the_next_page(link: str) -> None:
    """One that points elsewhere ends the list with an error; nobody is asked there."""
    async with a_raw_server(saying(answer())) as stranger:

        async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
            there = link.format(
                home=home.url,
                home_host=home.url.removeprefix("http://"),
                stranger=stranger.url,
                stranger_host=stranger.url.removeprefix("http://"),
            )
            body = {"things": [{"sid": "1"}], "meta": {"key": "things", "next_page_url": there}}
            writer.write(answer(msgspec.json.encode(body)))

        async with a_raw_server(behave) as home, a_client(home.url) as client:
            page = await read_page(client, THINGS, [], PageRequest(1))

    assert (page.items, page.next) == (["1"], None)
    assert isinstance(page.broken, BadResponse)
    assert (len(home.requests), stranger.accepted) == (1, 0)


async def test_each_gets_its_own_credentials() -> None:
    """The secret goes to the address of the tokens and the token to that of the API, wherever the other is."""
    token = answer(b'{"access_token": "a-token", "expires_in": 60}')
    async with a_raw_server(saying(token)) as issuer, a_raw_server(saying(answer(b'{"sid": "1"}'))) as home:
        wiring = Wiring(home.url, Limits(), AtOnce(), Times(30, 30, 60), _never, asyncio.get_running_loop().time)
        auth = client_credentials(wiring, f"{issuer.url}/token", "me", Secret("a-client-secret"))
        client = wiring.client(auth, _never)
        await client.get("a", Row)
        with pytest.raises(BadResponse):
            await client.post_form(f"{issuer.url}/token", Row, {"client_secret": "a-client-secret"})
        await wiring.aclose()

    assert [each.header("authorization") for each in home.requests] == ["Bearer a-token"]
    assert [each.header("authorization") for each in issuer.requests] == [None]
    assert [b"a-client-secret" in each.body for each in (*issuer.requests, *home.requests)] == [True, False]


async def test_proxies_of_the_machine_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says of proxies, and whatever a .netrc file says of hosts."""
    async with a_raw_server(saying(answer())) as proxy, a_raw_server(saying(answer(b'{"sid": "1"}'))) as home:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        async with a_client(home.url) as client:
            await client.get("a", Row)

    assert (len(home.requests), proxy.accepted) == (1, 0)


def port_of(server: RawServer) -> int:
    return httpx.URL(server.url).port or 0


def _never(*_args: object) -> object:
    raise AssertionError("nobody asks")
