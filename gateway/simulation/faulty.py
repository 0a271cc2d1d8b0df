"""Carrying out a fault: each is a way to answer, with or without asking the simulator first."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.types import Message, Receive, Scope, Send

from gateway.simulation.bomb import bomb
from gateway.simulation.faults import Fault
from gateway.simulation.simulator import Simulator

__all__ = ["Answer", "Exchange", "Line", "Sleep", "answer_of", "line_of", "misbehave", "send_answer"]

Sleep = Callable[[float], Awaitable[object]]
_FOREIGN = "https://elsewhere.invalid"
_JSON = [(b"content-type", b"application/json")]
_PACKED = [*_JSON, (b"content-encoding", b"gzip")]
_HTML = [(b"content-type", b"text/html")]
_UNTOUCHED = {"status", "throttle", "html", "page"}


@dataclass(slots=True)
class Answer:
    """A whole answer, held so that it can be spoiled."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Line(Protocol):
    """The server's end of a connection."""

    def abort(self) -> None:
        """Cut it at once."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its whole body, and the way to answer it. `line` is None where there is no socket."""

    scope: Scope
    body: bytes
    receive: Receive
    send: Send
    line: Line | None = None


def line_of(send: Send) -> Line | None:
    """The connection a server's own `send` leads to. ASGI has no word for it, but uvicorn's `send` knows it."""
    line: Line | None = getattr(getattr(send, "__self__", None), "transport", None)
    return line


async def misbehave(fault: Fault, simulator: Simulator, exchange: Exchange, sleep: Sleep) -> None:
    """Answer a request in the way of the fault. All but drop, status, throttle, html and page do what was asked
    first."""
    send = exchange.send
    if fault.kind == "drop":
        await _drop(exchange)
        return
    if fault.kind in _UNTOUCHED:
        await send_answer(_refusal(fault, simulator), send)
        return
    answer = await answer_of(simulator, exchange.scope, exchange.body)
    if fault.kind == "hang":
        await _hang(fault.number(600), exchange.receive, sleep)
    elif fault.kind == "reset" and answer.body:
        await _send_half(answer, send)
    elif fault.kind == "reset":
        await _drop(exchange)  # an answer without a body has no middle
    elif fault.kind == "drip":
        await _drip(answer, fault.number(5), send, sleep)
    else:
        await send_answer(_spoiled(fault, answer), send)


async def answer_of(simulator: Simulator, scope: Scope, body: bytes) -> Answer:
    """The simulator's own answer, held back."""
    answer = Answer(500, [], b"")

    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def hold(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    await simulator.app(scope, replay, hold)
    return answer


async def send_answer(answer: Answer, send: Send) -> None:
    """Send a whole answer, its length set to what it is."""
    await send({"type": "http.response.start", "status": answer.status, "headers": _with_length(answer)})
    await send({"type": "http.response.body", "body": answer.body})


def _with_length(answer: Answer) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
    return [*kept, (b"content-length", str(len(answer.body)).encode())]


def _json(status: int, body: object, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status, [*_JSON, *headers], json.dumps(body).encode())


def _refusal(fault: Fault, simulator: Simulator) -> Answer:
    if fault.kind == "html":
        page = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
        return Answer(502, _HTML, page)
    if fault.kind == "page":
        return Answer(200, _HTML, b"<!doctype html><html><body><form><input name=user></form></body></html>")
    if fault.kind == "throttle":
        status, body = _throttled(simulator)
        wait = [(b"retry-after", fault.value.encode())] if fault.value else []
        return _json(status, body, *wait)
    status = int(fault.number(500))
    return _json(status, _own_words(simulator, status))


def _throttled(simulator: Simulator) -> tuple[int, object]:
    return simulator.throttled() if simulator.throttled else (429, _own_words(simulator, 429))


def _own_words(simulator: Simulator, status: int) -> object:
    return simulator.refusal(status) if simulator.refusal else {"message": "simulated fault"}


def _spoiled(fault: Fault, answer: Answer) -> Answer:
    """The answer with another body, still said to be JSON."""
    if fault.kind == "foreign-link":
        return _foreign(answer)
    if fault.kind == "truncated-gzip":
        packed = gzip.compress(answer.body or b"{}")
        return Answer(answer.status, _PACKED, packed[: len(packed) // 2])
    if fault.kind == "bomb":
        return Answer(200, _PACKED, bomb(int(fault.number(1024))))
    return Answer(200, _JSON, _NONSENSE[fault.kind](fault))


def _nested(fault: Fault) -> bytes:
    depth = int(fault.number(100_000))
    return b'{"a":' * depth + b"1" + b"}" * depth


def _big(fault: Fault) -> bytes:
    return b'{"padding":"' + b"x" * int(fault.number(32) * 1024 * 1024) + b'"}'


_NONSENSE: dict[str, Callable[[Fault], bytes]] = {
    "garbage": lambda _: b'{"sims": [{"sid": oops',
    "empty": lambda _: b"",
    "wrong-type": lambda _: json.dumps([["unexpected", 42], None, {"meta": "none", "sims": 7}]).encode(),
    "nested": _nested,
    "big": _big,
}


def _foreign(answer: Answer) -> Answer:
    """The real answer whose next page is somewhere else; other answers stay as they are."""
    try:
        content = json.loads(answer.body)
    except ValueError:
        return answer
    if not isinstance(content, dict) or not isinstance(content.get("meta"), dict):
        return answer
    content["meta"]["next_page_url"] = f"{_FOREIGN}/v1/Sims?PageToken=x"
    return Answer(answer.status, answer.headers, json.dumps(content).encode())


async def _hang(longest: float, receive: Receive, sleep: Sleep) -> None:
    """Say nothing until the caller goes away or the time is over."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    waiting = [asyncio.ensure_future(gone()), asyncio.ensure_future(sleep(longest))]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _drop(exchange: Exchange) -> None:
    """Cut the line, and see it cut: a server answers 500 for whoever returns before."""
    if exchange.line is None:
        raise ConnectionResetError("the line is cut")
    exchange.line.abort()
    while (await exchange.receive())["type"] != "http.disconnect":
        pass


async def _send_half(answer: Answer, send: Send) -> None:
    """Promise the whole length, send half: the server then has to cut the line."""
    await send({"type": "http.response.start", "status": answer.status, "headers": _with_length(answer)})
    await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})


async def _drip(answer: Answer, over: float, send: Send, sleep: Sleep) -> None:
    pieces = 20
    size = max(1, -(-len(answer.body) // pieces))
    await send({"type": "http.response.start", "status": answer.status, "headers": _with_length(answer)})
    for start in range(0, len(answer.body), size):
        await sleep(over / pieces)
        piece = answer.body[start : start + size]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
