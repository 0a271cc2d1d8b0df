"""A GraphQL request as HTTP carries it (GraphQL over HTTP, edition of September 2026): its parts, checked."""

import re
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from gateway.documents.asked import DOCUMENT_ID, document_id_in
from gateway.server.body import (
    BODY_TIMEOUT,
    decoded,
    read_body,
    refuse_other_types,
)
from gateway.server.refusal import BadRequest, too_much

__all__ = [
    "DRY",
    "BadRequest",
    "GraphQLRequest",
    "mutation_by_get",
    "read_get",
    "read_post",
]

DRY = "dry"


@dataclass
class GraphQLRequest:
    """What is asked: a document, which operation of it, and its variables.

    The document is there as text, or known here by `document_id` or by what `extensions` say of it.
    """

    query: str | None
    document_id: str | None = None
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


PARTS = ("query", "operationName", "variables", "extensions", *DOCUMENT_ID)

PLANS = (None, False, True, DRY)
MOST_DIGITS_OF_AGE = 12

BULK = 5
"""From this urgency on, of 0 to 7, a request is bulk; `Priority: u=7` is for work in the background (RFC 9218, 4.1)."""
_URGENCY = re.compile(r"(?:^|,)\s*u=([0-7])\s*(?:[,;]|$)")


async def read_post(
    request: Request, max_body: int, *, seconds: float = BODY_TIMEOUT, batch: int = 0
) -> GraphQLRequest | list[GraphQLRequest]:
    """What a JSON body asks: one request or, where `batch` allows some, so many in a list. Raises BadRequest.

    `seconds` is how long the body may take to arrive.
    """
    refuse_other_types(request)
    parts = decoded(await read_body(request, max_body, seconds), "the body")
    if not isinstance(parts, list) or batch == 0:
        return _with_headers(_request(parts), request)
    if len(parts) > batch:
        raise too_much(400, f"the body may have {batch} requests", "batch", batch, len(parts))
    if not parts:
        raise BadRequest(400, "the body has no request in its list")
    return [_with_headers(_request(each), request) for each in parts]


def read_get(request: Request, max_body: int) -> GraphQLRequest:
    """The same parts as query parameters, `variables` and `extensions` as JSON. Raises BadRequest."""
    length = len(request.scope["query_string"])
    if length > max_body:
        raise too_much(414, f"the query string may have {max_body} bytes", "max_body", max_body, length)
    parts: dict[str, Any] = {}  # Any: the parts of a request are of several types
    for name, value in request.query_params.multi_items():
        if name in PARTS and name in parts:
            raise BadRequest(400, f"{name} is there twice")
        parts[name] = value
    for name in ("variables", "extensions"):
        parts[name] = decoded(parts[name].encode(), name) if parts.get(name) else None
    asked = _request(parts)
    asked.may_change = False
    return _with_headers(asked, request)


def mutation_by_get() -> BadRequest:
    """A mutation wants POST (GraphQL over HTTP, 5.3)."""
    return BadRequest(405, "a mutation cannot be sent by GET", headers={"Allow": "POST"})


def _request(parts: Any) -> GraphQLRequest:
    if not isinstance(parts, dict):
        raise BadRequest(400, "the body must be one JSON object; batches are not supported")
    query = _query(parts)
    document_id = _document_id(parts, query)
    extensions = _part(parts, "extensions", dict) or {}
    if query is None and document_id is None and extensions.get("persistedQuery") is None:
        raise BadRequest(400, "query must be a string with a document, or documentId name one")
    if extensions.get("plan") not in PLANS:
        raise BadRequest(400, 'extensions.plan must be true or "dry"')
    return GraphQLRequest(
        query=query,
        document_id=document_id,
        operation_name=_part(parts, "operationName", str),
        variables=_part(parts, "variables", dict) or {},
        extensions=extensions,
    )


def _query(parts: dict[str, Any]) -> str | None:
    query = parts.get("query")
    if query is not None and not isinstance(query, str):
        raise BadRequest(400, "query must be a string")
    return query if query and query.strip() else None


def _document_id(parts: dict[str, Any], query: str | None) -> str | None:
    """`documentId`; where there is no query, also what others call it."""
    document_id: str | None = _part(parts, "documentId", str)
    return document_id if query else document_id_in(parts)


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
