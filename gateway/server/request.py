"""A GraphQL request as HTTP carries it (GraphQL over HTTP, draft of 2025): read, checked, bounded."""

import re
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request

__all__ = ["DRY", "TOO_LARGE", "WHOLE_MAX", "WHOLE_MIN", "BadRequest", "GraphQLRequest", "read_get", "read_post"]

WHOLE_MIN, WHOLE_MAX = -(2**63), 2**63 - 1
"""What a whole number in a request may be: 64 bits, as BigInt."""
TOO_LARGE = "a whole number may have 64 bits; an id or an ICCID is a string, in quotes"


DRY = "dry"


@dataclass
class GraphQLRequest:
    """What is asked: a document, which operation of it, and its variables."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)  # Any: the caller's own JSON
    extensions: dict[str, Any] = field(default_factory=dict)  # Any: as above
    may_change: bool = True
    """Whether mutations are allowed: not by GET."""
    max_age: float | None = None
    """How old an answer from memory may be, in seconds: `max-age` of the request's Cache-Control (RFC 9111, 5.2.1)."""

    is_bulk: bool = False
    """Nobody waits for it: others go first at accounts whose calls are limited."""

    @property
    def plan(self) -> Any:  # Any: it is checked when it is read
        """`extensions.plan`: true for the calls made, "dry" for those that would be, else nothing."""
        return self.extensions.get("plan") or None


PLANS = (None, False, True, DRY)
MOST_DIGITS_OF_AGE = 12

BULK = 5
"""From this urgency on, of 0 to 7, a request is bulk; `Priority: u=7` is for work in the background (RFC 9218, 4.1)."""
_URGENCY = re.compile(r"(?:^|,)\s*u=([0-7])\s*(?:[,;]|$)")


class BadRequest(Exception):
    """The HTTP request is not a GraphQL request; with the status that says so."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


async def read_post(request: Request, max_body: int) -> GraphQLRequest:
    """A JSON body of `query`, `operationName`, `variables`, `extensions`. Raises BadRequest."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise BadRequest(415, "the Content-Type must be application/json")
    asked = _request(_decoded(await _body(request, max_body), "the body"))
    return _with_headers(asked, request)


def read_get(request: Request, max_body: int) -> GraphQLRequest:
    """The same parts as query parameters, `variables` and `extensions` as JSON. Raises BadRequest."""
    if len(request.url.query) > max_body:
        raise BadRequest(414, f"the query string may have {max_body} bytes")
    parts: dict[str, Any] = dict(request.query_params)  # Any: the parts of a request are of several types
    for name in ("variables", "extensions"):
        parts[name] = _decoded(parts[name].encode(), name) if parts.get(name) else None
    asked = _request(parts)
    asked.may_change = False
    return _with_headers(asked, request)


async def _body(request: Request, max_body: int) -> bytes:
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > max_body:
                raise BadRequest(413, f"the body may have {max_body} bytes")
            chunks.append(chunk)
    except ClientDisconnect:
        raise BadRequest(400, "the request ended before its body did") from None
    return b"".join(chunks)


def _decoded(raw: bytes, what: str) -> Any:  # Any: it is checked part by part next
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadRequest(400, f"{what} must be JSON") from None


def _request(parts: Any) -> GraphQLRequest:
    if not isinstance(parts, dict):
        raise BadRequest(400, "the body must be one JSON object; batches are not supported")
    query = parts.get("query")
    if not isinstance(query, str) or not query.strip():
        raise BadRequest(400, "query must be a non-empty string")
    variables = _part(parts, "variables", dict) or {}
    if not _fits(variables):
        raise BadRequest(400, f"variables: {TOO_LARGE}")
    extensions = _part(parts, "extensions", dict) or {}
    if extensions.get("plan") not in PLANS:
        raise BadRequest(400, 'extensions.plan must be true or "dry"')
    return GraphQLRequest(
        query=query,
        operation_name=_part(parts, "operationName", str),
        variables=variables,
        extensions=extensions,
    )


def _with_headers(asked: GraphQLRequest, request: Request) -> GraphQLRequest:
    asked.max_age = _max_age(request)
    urgency = _URGENCY.search(",".join(request.headers.getlist("priority")))
    asked.is_bulk = urgency is not None and int(urgency[1]) >= BULK
    return asked


def _max_age(request: Request) -> float | None:
    """Seconds; 0 for `no-cache`. What makes no sense is passed over, as caches do."""
    ages = []
    for directive in ",".join(request.headers.getlist("cache-control")).split(","):
        name, _, value = directive.strip().lower().partition("=")
        if name == "no-cache":
            ages.append(0.0)
        elif name == "max-age" and value.strip('"').isdecimal() and len(value) < MOST_DIGITS_OF_AGE:
            ages.append(float(value.strip('"')))
    return min(ages, default=None)


def _part(parts: dict[str, Any], name: str, kind: type) -> Any:
    value = parts.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadRequest(400, f"{name} must be {'a string' if kind is str else 'an object'}")
    return value or None


def _fits(value: Any) -> bool:  # Any: JSON of any shape
    """Whether every whole number in it has at most 64 bits: Python cannot even print much larger ones."""
    rest = [value]
    while rest:
        each = rest.pop()
        if isinstance(each, int) and not WHOLE_MIN <= each <= WHOLE_MAX:
            return False
        if isinstance(each, dict):
            rest += each.values()
        elif isinstance(each, list):
            rest += each
    return True
