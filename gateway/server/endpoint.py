"""`/graphql` over HTTP: who asks, what, and how the answer is told. GraphiQL for a browser that asks nothing."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gateway.auth.refusal import IssuerGone, Unauthenticated
from gateway.exposure import Exposure, Exposures
from gateway.graphiql.page import graphiql_page
from gateway.rights import Caller
from gateway.server.answer import masked
from gateway.server.csrf import refuse_other_sites
from gateway.server.door import Door
from gateway.server.execution import Answer, Executor
from gateway.server.media import GRAPHQL_RESPONSE, JSON, media_of
from gateway.server.page_key import ask_for_key, page_credentials
from gateway.server.refusal import BadRequest, refused
from gateway.server.request import GraphQLRequest, read_get, read_post

__all__ = ["Endpoint", "EndpointOptions"]


@dataclass(frozen=True)
class EndpointOptions:
    """`max_body` is in bytes, `body_timeout` in seconds; `batch` is how many requests one body may carry, 0: no
    batches. `origins` are sites whose pages may ask."""

    max_body: int = 256 * 1024
    body_timeout: float = 10.0
    batch: int = 0
    graphiql: Exposure = "admin"
    origins: tuple[str, ...] = ()


class Endpoint:
    """Answers every request to one path. What comes in goes through the door first, before its body is read."""

    def __init__(self, options: EndpointOptions) -> None:
        self._options = options

    async def serve(self, request: Request) -> Response:
        """A query by GET (and HEAD, which is a GET without its body) or anything by POST."""
        try:
            if self._is_for_page(request):
                return await self._page(request)
            return await self._answered(request)
        except BadRequest as bad:
            return refused(_accepted(request), bad)

    async def _answered(self, request: Request) -> Response:
        media = media_of(_accepted(request))
        if media is None:
            raise BadRequest(406, f"answers are {GRAPHQL_RESPONSE} or {JSON}")
        if request.method != "POST":
            refuse_other_sites(request.headers, self._options.origins)
        door: Door = request.app.state.door
        caller = await door.caller(request.headers)
        standing = await door.counted(caller)
        asked = await self._read(request)
        if isinstance(asked, list):
            standing = await door.counted(caller, len(asked) - 1) if len(asked) > 1 else standing
            return await _batch(request, asked, caller, media, standing.headers())
        answer = await _run(request, asked, caller)
        status = 200 if answer.is_executed or media != GRAPHQL_RESPONSE else 400
        headers = (answer.standing or standing).headers()
        return Response(_encoded(answer.body), answer.status or status, headers, media_type=media)

    async def _read(self, request: Request) -> GraphQLRequest | list[GraphQLRequest]:
        options = self._options
        if request.method != "POST":
            return read_get(request, options.max_body)
        return await read_post(request, options.max_body, seconds=options.body_timeout, batch=options.batch)

    # --- GraphiQL ----------------------------------------------------------------------------------------------

    def _is_for_page(self, request: Request) -> bool:
        """Whether a browser wants to show something, and asks nothing."""
        is_query = request.method == "POST" or "query" in request.query_params
        return self._options.graphiql != "off" and not is_query and "text/html" in _accepted(request)

    async def _page(self, request: Request) -> Response:
        door: Door = request.app.state.door
        if self._options.graphiql == "all" or not door.identity.asks:
            return graphiql_page(request)
        key = page_credentials(request.headers)
        if key is None:
            return ask_for_key()
        try:
            caller = await door.identity.known_by(key)
        except (Unauthenticated, IssuerGone):
            return ask_for_key()
        if not Exposures.allows(self._options.graphiql, caller):
            raise BadRequest(403, "GraphiQL takes the scope admin here", "FORBIDDEN")
        return graphiql_page(request)


async def _run(request: Request, asked: GraphQLRequest, caller: Caller) -> Answer:
    executor: Executor = request.app.state.executor
    return await executor.run(asked, caller)


async def _batch(
    request: Request, asked: list[GraphQLRequest], caller: Caller, media: str, headers: Mapping[str, str]
) -> Response:
    """Each answer in its place; one that is refused spoils no other."""

    async def answer(each: GraphQLRequest) -> dict[str, Any]:  # Any: told as JSON
        try:
            return (await _run(request, each, caller)).body
        except BadRequest as bad:
            return bad.body

    bodies = await asyncio.gather(*map(answer, asked))
    return Response(b"[" + b",".join(map(_encoded, bodies)) + b"]", 200, headers, media_type=media)


def _encoded(body: dict[str, Any]) -> bytes:
    """JSON, whatever is in it: what cannot be written is an answer with one masked error."""
    try:
        return msgspec.json.encode(body, enc_hook=str)
    except Exception as error:  # whatever a provider's value made the encoder raise
        return msgspec.json.encode({"errors": [masked(error, "an answer could not be written")], "data": None})


def _accepted(request: Request) -> str:
    return ",".join(request.headers.getlist("accept")).lower()
