"""Clients who are slow, or speak no HTTP, hold a connection for seconds and no longer; others are served meanwhile."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from gateway.commands.connection import Patience
from gateway.server.body import read_body
from gateway.server.refusal import BadRequest, refused
from tests.server.served import MOST, Answer, served, talk

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = 3.0
"""Seconds of patience: longer than a busy machine stands still. Everybody who uses it up does so at the same time."""

GET = b"GET /who HTTP/1.1\r\nHost: h\r\n\r\n"
CHUNKED = b"POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
BIG = 32 * 1024 * 1024


def application() -> Starlette:
    async def who(request: Request) -> Response:
        return JSONResponse({"client": request.client and request.client.host, "scheme": request.url.scheme})

    async def unread(request: Request) -> Response:
        return refused("", BadRequest(413, "too long"))

    async def body(request: Request) -> Response:
        seconds = float(request.query_params.get("seconds", "60"))
        try:
            return JSONResponse({"length": len(await read_body(request, 1000, seconds))})
        except BadRequest as bad:
            return refused("", bad)

    async def big(request: Request) -> Response:
        return PlainTextResponse(b"x" * BIG)

    async def untaken(request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            yield b"x" * BIG
            yield b"x"  # once the first has been taken, or its client given up

        return StreamingResponse(parts(), background=BackgroundTask(request.app.state.given_up.set))

    async def gave_up(request: Request) -> Response:
        async with asyncio.timeout(MOST):
            await request.app.state.given_up.wait()
        return Response()

    async def live(request: Request) -> Response:
        return Response()

    async def stuck(request: Request) -> Response:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return Response()

    app = Starlette(
        routes=[
            Route("/health/live", live),
            Route("/who", who),
            Route("/unread", unread, methods=["POST"]),
            Route("/body", body, methods=["POST"]),
            Route("/big", big),
            Route("/untaken", untaken),
            Route("/gave-up", gave_up),
            Route("/stuck", stuck),
        ]
    )
    app.state.given_up = asyncio.Event()
    return app


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port() -> AsyncIterator[int]:
    """A server that waits for as long as a test may take."""
    async with served(application) as number:
        yield number


def code(answer: Answer) -> str:
    [error] = json.loads(answer.body)["errors"]
    found: str = error["extensions"]["code"]
    return found


async def head_that_ends_not(port: int, beginning: bytes) -> bytes:
    async with talk(port) as slow:
        await slow.say(beginning)
        return await slow.ends()


async def head_that_trickles(port: int) -> int:
    """On a connection's second request."""
    async with talk(port) as slow:
        await slow.say(GET)
        assert (await slow.hear()).status == 200
        hearing = asyncio.create_task(slow.hear())
        while not hearing.done():
            slow.writer.write(b"G")
            await asyncio.sleep(SHORT / 20)
        return (await hearing).status


async def body_that_trickles(port: int) -> Answer:
    async with talk(port) as slow:
        await slow.say(b"POST /body?seconds=%d HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345" % SHORT)
        return await slow.hear()


async def body_nobody_reads(port: int) -> Answer:
    async with talk(port) as slow:
        await slow.say(b"POST /unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        answer = await slow.hear()
        with suppress(ConnectionError):
            async with asyncio.timeout(MOST):
                while True:
                    await slow.say(b"1\r\nx\r\n")
                    await asyncio.sleep(SHORT / 20)
        return answer


async def answer_nobody_takes(port: int) -> int:
    async with talk(port) as deaf:
        deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]  # of a stream over a socket
        await deaf.say(b"GET /untaken HTTP/1.1\r\nHost: h\r\n\r\n")
        async with talk(port) as beside:
            await beside.say(b"GET /gave-up HTTP/1.1\r\nHost: h\r\n\r\n")
            await beside.hear()
        deaf.writer.transport.resume_reading()  # type: ignore[attr-defined]  # as above
        return len(await deaf.ends())


async def answer_taken_slowly(port: int) -> int:
    """For longer than the patience there is, and never a part of it too late."""
    async with talk(port) as slow:
        await slow.say(b"GET /big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        for _ in range(16):
            await slow.reader.readexactly(BIG // 20)
            await asyncio.sleep(SHORT / 15)
        return BIG // 20 * 16 + len(await slow.ends())


HEADS = {
    b"": b"",
    b"\r\n": b"",
    b"G": b"HTTP/1.1 408 ",
    b"GET /who HTTP/1.1\r\nHost: h\r\nX-A: b": b"HTTP/1.1 408 ",
}
"""Beginnings of a request, and of what is answered."""


async def test_slow_clients() -> None:
    """None of them holds a connection for longer than the patience there is, and each is told what can be told."""
    async with served(application, Patience(header=SHORT, write=SHORT)) as port:
        *heads, trickling, body, unread, deaf, slow = await asyncio.gather(
            *(head_that_ends_not(port, each) for each in HEADS),
            head_that_trickles(port),
            body_that_trickles(port),
            body_nobody_reads(port),
            answer_nobody_takes(port),
            answer_taken_slowly(port),
        )

    assert [head[: len(begins)] for head, begins in zip(heads, HEADS.values(), strict=True)] == [*HEADS.values()]
    assert trickling == 408
    assert (body.status, code(body), body.headers["connection"]) == (408, "TIMEOUT", "close")
    assert (unread.status, code(unread)) == (413, "INVALID")
    assert deaf < BIG < slow


async def test_a_body_that_comes_after_its_refusal(port: int) -> None:
    """The connection can be used again, as its client may not know yet."""
    async with talk(port) as quick:
        await quick.say(b"POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
        assert (await quick.hear()).status == 413
        await quick.say(b"12345" + GET)

        assert (await quick.hear()).status == 200


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40), 400),  # TLS
        (b"GET /who\r\n\r\n", 400),
        (b"GET /who HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"GET /who HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET /who HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\nY\x00: c\r\n\r\n", 400),
        (b"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (b"GET /" + b"x" * 70_000, 431),
        (b"GET /who HTTP/1.1\r\nHost: h\r\n" + b"X: y\r\n" * 12_000, 431),
        (CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n" + GET, 400),
        (CHUNKED.replace(b"1.1", b"1.0") + b"\r\n0\r\n\r\n" + GET, 400),
        (GET.replace(b"\r\n", b"\n"), 400),
        (GET[:-2] + b"A: b\nC: d\r\n\r\n" + GET, 400),
        (GET[:-2] + b"\n" + GET, 400),
        (GET[:-2] + b"A: b\r\n\tc\r\n\r\n" + GET, 400),
    ],
    ids=range(16),
)
async def test_what_is_no_http(port: int, said: bytes, status: int) -> None:
    """It is answered with a status, a code and the headers every answer has, and the connection ends."""
    async with talk(port) as strange:
        await strange.say(said)
        answer = await strange.hear()
        rest = await strange.ends()

    assert (answer.status, code(answer), rest) == (status, "INVALID", b"")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]
    assert "server" not in answer.headers


async def test_a_broken_body(port: int) -> None:
    """Chunks that are none are 400, while the application still waits for the rest."""
    async with talk(port) as strange:
        await strange.say(b"POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12")
        await strange.say(b"345\r\nZZ\r\n")
        answer = await strange.hear()

    assert (answer.status, code(answer)) == (400, "INVALID")


async def test_a_broken_body_after_its_refusal(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """There is no second answer to one request: the connection ends, without a word in the log."""
    async with talk(port) as strange:
        await strange.say(b"POST /unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert (await strange.hear()).status == 413
        await strange.say(b"ZZ\r\n")

        assert (await strange.ends(), caplog.records) == (b"", [])


async def test_a_body_that_breaks_off(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """Its sender is gone, which is no event; the next one is served."""
    async with talk(port) as gone:
        await gone.say(b"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n123")
    answer = await asked(port)

    assert (answer.status, caplog.records) == (200, [])


async def test_an_upgrade_is_not_made(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """Who asks for a WebSocket gets the plain answer, and no line of the log."""
    async with talk(port) as strange:
        await strange.say(GET[:-2] + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")

        assert (await strange.hear()).status == 200
    assert caplog.records == []


async def test_pipelined_requests(port: int) -> None:
    """A flood of them on one connection is answered in order, one by one."""
    async with talk(port) as flood:
        await flood.say(GET * 200)

        assert [(await flood.hear()).status for _ in range(200)] == [200] * 200


async def test_a_doubtful_head_after_another_request(port: int) -> None:
    """Bodies may have any line ends; a pipelined head may not, and nothing after it is answered."""
    async with talk(port) as strange:
        await strange.say(CHUNKED + b"\r\n5\r\na\n\n b\r\n0\r\n\r\n" + GET.replace(b"\r\n", b"\n") + GET)

        assert [(await strange.hear()).status for _ in range(2)] == [200, 400]
        assert await strange.ends() == b""


async def test_more_requests_than_are_answered() -> None:
    """One too many gets 503 and when to come again, and who watches the process an answer; afterwards all is as
    before."""
    async with served(application, Patience(header=60, connections=6)) as port, AsyncExitStack() as stack:
        for _ in range(6):
            held = await stack.enter_async_context(talk(port))
            await held.say(b"GET /stuck HTTP/1.1\r\nHost: h\r\n\r\n")
        busy = await asked(port)
        live = await asked(port, GET.replace(b"/who", b"/health/live"))
        await stack.aclose()
        assert await is_served_again(port)

    assert (busy.status, code(busy), busy.headers["retry-after"]) == (503, "UNAVAILABLE", "1")
    assert live.status == 200


async def test_heads_without_end_keep_nobody_out() -> None:
    """Where too many have sent no request, it is the one waiting longest that has to go."""
    async with served(application, Patience(header=60, connections=6)) as port, AsyncExitStack() as stack:
        waiting = []
        for _ in range(30):
            waiting.append(await stack.enter_async_context(talk(port)))
            await waiting[-1].say(b"GET /who HTTP/1.1\r\n")
        answer = await asked(port)
        first = await waiting[0].ends()
        await waiting[-1].say(b"Host: h\r\n\r\n")

        assert (answer.status, first, (await waiting[-1].hear()).status) == (200, b"", 200)


async def test_untaken_answers_keep_nobody_out() -> None:
    """A client who does not take his answer waits as one does who has sent no request."""
    async with served(application, Patience(write=60, connections=6)) as port, AsyncExitStack() as stack:
        for _ in range(9):
            deaf = await stack.enter_async_context(talk(port))
            deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]  # of a stream over a socket
            await deaf.say(b"GET /untaken HTTP/1.1\r\nHost: h\r\n\r\n")

        assert (await asked(port)).status == 200


async def is_served_again(port: int) -> bool:
    """Within half a minute: the server hears one by one that clients are gone."""
    for _ in range(600):
        with suppress(asyncio.IncompleteReadError):
            if (await asked(port)).status == 200:
                return True
        await asyncio.sleep(0.05)
    return False


async def asked(port: int, request: bytes = GET) -> Answer:
    async with talk(port) as asking:
        await asking.say(request)
        return await asking.hear()


@pytest.mark.parametrize(("trusted", "client"), [((), "127.0.0.1"), (("127.0.0.0/8",), "203.0.113.9")])
async def test_only_a_configured_proxy_says_who_asks(trusted: tuple[str, ...], client: str) -> None:
    """X-Forwarded-* of anybody else means nothing, from this machine either."""
    async with served(application, trusted_proxies=trusted) as port, talk(port) as asking:
        await asking.say(GET[:-2] + b"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n\r\n")
        told = json.loads((await asking.hear()).body)

    assert told == {"client": client, "scheme": "https" if trusted else "http"}
