"""A request's body: bounded in size and time, and JSON that means one thing only."""

import asyncio
import json
from typing import Any, NoReturn

import msgspec
from starlette.requests import ClientDisconnect, Request

from gateway.documents.numbers import TOO_LARGE, WHOLE_MAX, WHOLE_MIN
from gateway.server.media import charset_of, content_type
from gateway.server.refusal import BadRequest, too_much

__all__ = [
    "BODY_TIMEOUT",
    "DEEPEST",
    "MOST_VALUES",
    "decoded",
    "read_body",
    "refuse_other_types",
]

BODY_TIMEOUT = 10.0
"""Seconds a body may take to arrive, unless configured."""

DEEPEST = 100
"""Levels of lists and objects in a body. What is said of variables in `[limits]` is less."""

MOST_VALUES = 25_000
"""Values in a body, all counted: lists and objects are costly to look at. What is said of an operation is less."""

_SHOWN = 40
"""Characters of a caller's text that a message quotes."""


def refuse_other_types(request: Request) -> None:
    """Only JSON in UTF-8, as it is. A form on another site can send no such thing, and nothing is ever inflated.

    Raises BadRequest.
    """
    given = request.headers.getlist("content-type")
    kind, parameters = content_type(given[0] if len(given) == 1 else "")
    if kind != "application/json":
        raise BadRequest(415, "the Content-Type must be application/json", headers={"Accept-Post": "application/json"})
    if charset_of(parameters) != "utf-8":
        raise BadRequest(415, "the charset must be utf-8", headers={"Accept-Post": "application/json"})
    coding = ",".join(request.headers.getlist("content-encoding")).strip().lower()
    if coding not in ("", "identity"):
        message = "the body must be as it is, without a Content-Encoding"
        raise BadRequest(415, message, headers={"Accept-Encoding": "identity"})


async def read_body(request: Request, max_body: int, seconds: float = BODY_TIMEOUT) -> bytes:
    """The whole of it. Raises BadRequest: before anything is read where its length says too much."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > max_body:
        _too_long(max_body, int(length[:20]))
    try:
        async with asyncio.timeout(seconds):
            return await _read(request, max_body)
    except TimeoutError:
        message = f"the body may take {seconds:g} s to arrive"
        raise BadRequest(408, message, "TIMEOUT", retryable=True, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise BadRequest(400, "the request ended before its body did") from None


async def _read(request: Request, max_body: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_body:
            _too_long(max_body, len(body))
    return bytes(body)


def _too_long(max_body: int, found: int) -> NoReturn:
    raise too_much(413, f"the body may have {max_body} bytes", "max_body", max_body, found)


def decoded(raw: bytes, what: str) -> Any:  # Any: JSON of any shape
    """What the JSON says. `what` it is names it in messages. Raises BadRequest.

    It must mean the same to everybody who reads it (RFC 8259, 8.1 and 4): UTF-8 without a byte order mark, no lone
    surrogates, no name twice in an object.
    """
    _refuse_many(raw, what)
    try:
        value = msgspec.json.decode(raw)
    except RecursionError:
        raise _too_deep(what) from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BadRequest(400, f"{what} must be JSON, in UTF-8") from None
    _refuse_shape(value, what)
    _refuse_doubled(raw, what)
    return value


def _refuse_shape(value: Any, what: str) -> None:  # Any: as above
    """Numbers of more than 64 bits, which Python may not even print, and what is nested or goes on without end."""
    level, depth, count = [value], 0, 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise _too_deep(what)
        below: list[Any] = []
        for each in level:
            count += 1
            if count > MOST_VALUES:
                raise _too_many(what, count)
            if isinstance(each, dict):
                below += each.values()
            elif isinstance(each, list):
                below += each
            elif isinstance(each, int) and not WHOLE_MIN <= each <= WHOLE_MAX:
                raise BadRequest(400, f"{what}: {TOO_LARGE}")
        level = below


def _refuse_many(raw: bytes, what: str) -> None:
    """Lists and objects beside one another, before they are made: that is what takes time. Those that are only within
    one another are told as what they are, and of the brackets in a document its own limits speak."""
    brackets = raw.count(b"[") + raw.count(b"{")
    if brackets > MOST_VALUES and raw.count(b",") > DEEPEST:
        raise _too_many(what, brackets)


def _too_many(what: str, found: int) -> BadRequest:
    return too_much(400, f"{what} may have {MOST_VALUES} values or brackets", "values", MOST_VALUES, found)


def _too_deep(what: str) -> BadRequest:
    return BadRequest(400, f"{what} may have lists and objects in {DEEPEST} levels")


def _refuse_doubled(raw: bytes, what: str) -> None:
    """A proxy may read the first of two, we the last. The standard library's reader shows both."""

    def once(pairs: list[tuple[str, Any]]) -> None:
        if len(dict(pairs)) < len(pairs):
            raise BadRequest(400, f"{what} has {_doubled(pairs)} twice in one object")

    if b"{" in raw:
        json.loads(raw, object_pairs_hook=once, parse_int=len, parse_float=len)  # what they are was looked at before


def _doubled(pairs: list[tuple[str, Any]]) -> str:
    """The first name that was there before, or its beginning."""
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return ascii(name[:_SHOWN])
        seen.add(name)
    raise ValueError("no name is there twice")  # pragma: no cover  asked only where one is
