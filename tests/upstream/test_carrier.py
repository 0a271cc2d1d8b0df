"""Connections: kept, few, never lost; and what is told when one breaks."""

import asyncio
import socket
import time
from contextlib import AsyncExitStack
from types import UnionType

import aiohttp
import httpx
import msgspec
import pytest

from gateway.upstream.carrier import FAILURES, Carrier, in_words_of_httpx
from gateway.upstream.client import Client
from gateway.upstream.errand import ERRAND, Errand
from gateway.upstream.exchange import Times, Unreached, Writer, exchange, what_broke
from schema.errors import BadResponse, Denied, GatewayError, RateLimited, TimedOut, Unavailable
from tests.ports import free_port
from tests.upstream.a_client import SECRET, a_client
from tests.upstream.raw_server import Arrived, a_raw_server, answer, reset, saying
from tests.upstream.test_body import bomb
from tests.waiting import in_some_round

AIOHTTP = {
    "ClientConnectionError": Unavailable,
    "ClientConnectionResetError": Unavailable,
    "ClientConnectorCertificateError": Unreached,
    "ClientConnectorDNSError": Unreached,
    "ClientConnectorError": Unreached,
    "ClientConnectorSSLError": Unreached,
    "ClientError": Unavailable,
    "ClientHttpProxyError": BadResponse,
    "ClientOSError": Unavailable,
    "ClientPayloadError": Unavailable,
    "ClientProxyConnectionError": Unreached,
    "ClientResponseError": BadResponse,
    "ClientSSLError": Unreached,
    "ConnectionTimeoutError": Unreached,
    "ContentTypeError": BadResponse,
    "InvalidURL": BadResponse,
    "InvalidUrlClientError": BadResponse,
    "InvalidUrlRedirectClientError": BadResponse,
    "NonHttpUrlClientError": BadResponse,
    "NonHttpUrlRedirectClientError": BadResponse,
    "RedirectClientError": Unavailable,
    "ServerConnectionError": Unavailable,
    "ServerDisconnectedError": Unavailable,
    "ServerFingerprintMismatch": Unreached,
    "ServerTimeoutError": TimedOut,
    "SocketTimeoutError": TimedOut,
    "TooManyRedirects": BadResponse,
    "UnixClientConnectorError": Unreached,
    "UploadAbortedError": Unavailable,
    "WSServerHandshakeError": BadResponse,
}
HTTPX = {
    "CloseError": Unavailable,
    "ConnectError": Unreached,
    "ConnectTimeout": Unreached,
    "LocalProtocolError": BadResponse,
    "NetworkError": Unavailable,
    "PoolTimeout": Unreached,
    "ProtocolError": BadResponse,
    "ProxyError": Unreached,
    "ReadError": Unavailable,
    "ReadTimeout": TimedOut,
    "RemoteProtocolError": BadResponse,
    "TimeoutException": TimedOut,
    "UnsupportedProtocol": BadResponse,
    "WriteError": Unavailable,
    "WriteTimeout": TimedOut,
}


def kinds_below(root: type[Exception]) -> dict[str, type[Exception]]:
    found: dict[str, type[Exception]] = {}
    for kind in root.__subclasses__():
        if kind.__module__.startswith(("aiohttp.", "httpx")):
            found |= {kind.__name__: kind} | kinds_below(kind)
    return found


def test_every_failure_of_aiohttp_is_classified():
    """Each class of exception that aiohttp has is one of our errors, chosen by hand, also those of its next version."""
    kinds = {"ClientError": aiohttp.ClientError} | kinds_below(aiohttp.ClientError)

    made = {name: what_broke(in_words_of_httpx(kind.__new__(kind))) for name, kind in kinds.items()}

    assert {name: type(error) for name, error in made.items()} == AIOHTTP


def test_every_failure_of_httpx_is_classified():
    """The same for what another transport may raise."""
    kinds = kinds_below(httpx.TransportError)

    assert {name: type(what_broke(kind("text"))) for name, kind in kinds.items()} == HTTPX


@pytest.mark.parametrize(
    "error", [TimeoutError(), OSError(104, "reset"), ValueError(), UnicodeDecodeError("a", b"", 0, 1, "")]
)
def test_failures_that_are_not_aiohttps_own(error: Exception):
    """What Python raises below aiohttp is caught and classified, too."""
    assert isinstance(error, FAILURES)
    assert isinstance(what_broke(in_words_of_httpx(error)), TimedOut | Unavailable | BadResponse)


async def test_calls_in_a_row_use_one_connection():
    """A connection is kept for the next call, also after a refusal and after an empty answer."""
    answers = [answer(), answer(status="404 Gone"), b"HTTP/1.1 204 None\r\n\r\n", answer(status="500 Oops"), answer()]

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(answers[len(server.requests) - 1])

    async with a_raw_server(behave) as server, a_client(server.url) as client:
        for _ in answers:
            await _came_of(client)

    assert (len(server.requests), server.accepted) == (5, 1)


async def test_there_are_never_more_connections_than_allowed():
    """However many calls there are at once, they share so many connections, and all are answered."""
    go_on = asyncio.Event()

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        await go_on.wait()
        writer.write(answer())

    async with a_raw_server(behave) as server, a_client(server.url, connections=3, connect=60) as client:
        calls = [asyncio.create_task(_came_of(client)) for _ in range(20)]
        await server.until(lambda it: len(it.requests) == 3)
        before = len(server.requests)
        go_on.set()
        answers = await asyncio.gather(*calls)

    assert (before, server.accepted) == (3, 3)
    assert answers == [None] * 20


@pytest.mark.parametrize("pieces", [[b"{}"], [b"{", b"}"], [b"{" + b" " * 100_000, b"}"]], ids=["one", "two", "large"])
async def test_cancelled_calls_lose_no_connection(pieces: list[bytes]):
    """Whenever calls are cancelled (connecting, sending, waiting, reading), as many as there are connections still
    work afterwards."""
    body = b"".join(pieces)
    head = answer(body).removesuffix(body)
    async with (
        a_raw_server(saying(head, *pieces)) as server,
        a_client(server.url, connections=3, connect=60, read=60, whole=60) as client,
    ):
        for moment in range(60):
            calls = [asyncio.create_task(_came_of(client)) for _ in range(3)]
            for _ in range(moment):
                await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        async with asyncio.timeout(60):
            answers = await asyncio.gather(*(_came_of(client) for _ in range(3)))

    assert answers == [None] * 3


async def test_a_connection_that_nobody_reads_to_the_end_is_not_used_again():
    """What is left of an answer that was given up cannot become the next call's answer."""
    large = answer(b" " * (17 * 1024 * 1024))

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(large if len(server.requests) == 1 else answer())

    async with a_raw_server(behave) as server, a_client(server.url, connections=1) as client:
        too_large = await _came_of(client)
        after_that = await _came_of(client)

    assert isinstance(too_large, BadResponse)
    assert "larger than" in str(too_large)
    assert (after_that, server.accepted) == (None, 2)


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
async def test_nothing_is_sent_twice(method: str):
    """A kept connection that breaks when it is used again is told of: nobody sends the call again unasked."""

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        if len(server.requests) == 1:
            writer.write(answer())
        else:
            writer.close()

    async with a_raw_server(behave) as server:
        carrier = Carrier(server.url, 1)
        request = Writer(Times()).write(method, server.url, {})
        await exchange(carrier, request)
        with pytest.raises(Unavailable) as caught:
            await exchange(carrier, request)
        await carrier.aclose()

    assert not isinstance(caught.value, Unreached)
    assert len(server.requests) == 2


async def test_nothing_there():
    """A port where nobody listens: not a byte was sent, and the error says so to whoever may try again."""
    assert isinstance(await _failure_at(f"http://127.0.0.1:{free_port()}"), Unreached)


async def test_a_server_that_does_not_speak_tls():
    """A failed handshake is a connection that never came about."""

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer())
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        error = await _failure_at(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    assert isinstance(error, Unreached)


async def test_a_server_that_accepts_nobody():
    """A connection that does not come about in time: nothing was sent."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        async with AsyncExitStack() as stack:
            for _ in range(4):  # after these the kernel answers no more
                taken = stack.enter_context(socket.socket())
                taken.setblocking(False)
                taken.connect_ex(listener.getsockname())
            error = await _failure_at(f"http://127.0.0.1:{listener.getsockname()[1]}", connect=0.2)

    assert isinstance(error, Unreached)


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200", answer(b"{" + b" " * 50)[:-20]], ids=["none", "head", "body"])
async def test_silence(begin: bytes):
    """A provider that says nothing more, before its answer or within it, did not answer in time."""
    silent = asyncio.Event()

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        await silent.wait()

    async with a_raw_server(behave) as server:
        assert type(await _failure_at(server.url, read=0.1)) is TimedOut


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\nX: ", answer(b" " * 9999)[:-9999]], ids=["head", "body"])
async def test_a_slow_drip(begin: bytes):
    """A provider that always says a little more is not listened to for ever."""

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with a_raw_server(behave) as server:

        async def dripped_on() -> None:
            error = await _failure_at(server.url, read=60, whole=0.3)
            assert not isinstance(error, Unreached)  # unless the machine stood still: connecting is a part of the whole
            assert type(error) is TimedOut

        await in_some_round(dripped_on)


async def test_an_answer_that_is_already_there_is_not_late():
    """When this process stands still longer than a provider has, what came meanwhile is read before the clock is."""

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(answer())
        time.sleep(0.3)  # noqa: ASYNC251 - the whole process stands still

    async with a_raw_server(behave) as server, a_client(server.url, read=0.1) as client:

        async def answered() -> None:
            assert await _came_of(client) is None  # unless it stood still before the answer was there, too

        await in_some_round(answered)


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200", answer(b" " * 50)[:-20], answer(b" " * 300_000)[:-20]])
@pytest.mark.parametrize("is_reset", [True, False])
async def test_a_line_that_is_cut(begin: bytes, is_reset: bool):
    """Cut before the answer or within it, with a word or without: the connection broke, and something was sent."""

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        await writer.drain()
        if is_reset:
            reset(writer)
        writer.close()

    async with a_raw_server(behave) as server:
        error = await _failure_at(server.url)

    assert type(error) is Unavailable
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", BadResponse),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", BadResponse),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", BadResponse),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", BadResponse),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", BadResponse | Unavailable),
    ],
)
async def test_what_is_no_http(said: bytes, kind: type[GatewayError] | UnionType):
    """An answer that breaks the rules of HTTP is a failure like others, not an unforeseen one. (Whether a body that
    does is told as the one or the other depends on whether it came together with its head.)"""
    async with a_raw_server(saying(said)) as server:
        assert isinstance(await _failure_at(server.url), kind)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (answer(bomb(256), "Content-Encoding: gzip"), "larger than"),
        (answer(bomb(1)[:500], "Content-Encoding: gzip"), "ends too early"),
        (answer(b"{}", "Content-Encoding: gzip"), "damaged"),
        (answer(b"{}", "Content-Encoding: br"), "nobody asked for"),
    ],
    ids=["bomb", "truncated", "damaged", "unknown"],
)
async def test_compression_gone_wrong(said: bytes, told: str):
    """Each is a BadResponse that says what it was; the next call is answered."""

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(said if len(server.requests) == 1 else answer())

    async with a_raw_server(behave) as server, a_client(server.url, connections=1) as client:
        error = await _came_of(client)
        after_that = await _came_of(client)

    assert isinstance(error, BadResponse)
    assert told in str(error)
    assert after_that is None


@pytest.mark.parametrize(("status", "kind"), [("503 Oops", Unavailable), ("429 Slow", RateLimited), ("403 No", Denied)])
@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_a_status_counts_more_than_a_body_that_cannot_be_read(
    status: str, kind: type[GatewayError], encoding: str
):
    """A refusal is what its status says even where what it says besides is damaged."""
    said = answer(b"{}", f"Content-Encoding: {encoding}", status=status)
    async with a_raw_server(saying(said)) as server:
        assert type(await _failure_at(server.url)) is kind


async def test_cookies_are_neither_kept_nor_sent():
    """What a provider would have us remember is forgotten."""
    async with a_raw_server(saying(answer(b"{}", "Set-Cookie: a=b; Path=/"))) as server, a_client(server.url) as client:
        await _came_of(client)
        await _came_of(client)

    assert [arrived.header("cookie") for arrived in server.requests] == [None, None]


async def test_the_machines_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch):
    """Calls go to the provider and nowhere else, whatever the environment says."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with a_raw_server(saying(answer())) as server, a_client(server.url) as client:
        assert await _came_of(client) is None


async def test_a_failure_gives_nothing_away():
    """Neither the error nor what it came from says the address, the path or a credential."""
    async with a_client(f"http://127.0.0.1:{free_port()}") as client:
        with pytest.raises(Unreached) as caught:
            await client.get("a-path", object)

    told = f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {caught.value.extensions}"
    assert not [word for word in (SECRET, "127.0.0.1", "a-path") if word in told]


async def test_what_fails_counts():
    """A call that never reached anyone counts as one, too: it was tried."""
    came_to = Errand()
    ERRAND.set(came_to)

    await _failure_at(f"http://127.0.0.1:{free_port()}")

    assert came_to.calls == 1


async def test_closing_ends_every_connection():
    """Nothing stays open at the provider, and closing what was never opened is fine."""
    await Carrier("http://127.0.0.1:9", 1).aclose()
    async with a_raw_server(saying(answer())) as server:
        async with a_client(server.url) as client:
            await _came_of(client)
            assert len(server.writers) == 1
        await server.until(lambda it: not it.writers)


async def _came_of(client: Client) -> GatewayError | None:
    """What went wrong with a call, if anything."""
    try:
        await client.get("x", msgspec.Raw)
    except GatewayError as error:
        return error if error.message != "the provider answered HTTP 404" else None
    return None


async def _failure_at(url: str, **times: float) -> GatewayError | None:
    async with a_client(url, **times) as client, asyncio.timeout(90):
        return await _came_of(client)
