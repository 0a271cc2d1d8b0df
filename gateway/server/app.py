"""The ASGI application: /graphql with GraphiQL for browsers, and health."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.context import RequestContext
from gateway.graphiql.page import graphiql_page, graphiql_routes
from gateway.lists.cursor import Sealer
from gateway.server.answer import masked
from gateway.server.execution import Answer, Executor
from gateway.server.health import health_routes
from gateway.server.process import Open, ProcessOptions, opened
from gateway.server.request import DRY, BadRequest, GraphQLRequest, read_get, read_post
from gateway.upstream.errand import Urgency
from schema import build_schema

__all__ = ["GRAPHQL_RESPONSE", "ServerOptions", "build_app"]

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"


@dataclass(frozen=True)
class ServerOptions:
    """What the server side is told. `cursor_key` must be one that every replica has; random when it is None."""

    deadline: float = 10.0
    max_body: int = 256 * 1024
    graphiql: bool = True
    cursor_key: bytes | None = None
    process: ProcessOptions = ProcessOptions()  # noqa: RUF009  frozen
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def build_app(options: ServerOptions, open_: Open) -> Starlette:
    """The application. `open_` is called inside the running loop when it starts; the accounts are closed at its end."""
    schema = build_schema()
    sealer = Sealer(options.cursor_key or token_bytes(32))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opened(options.process, open_, sealer, options.now) as process:

            def new_context(asked: GraphQLRequest) -> RequestContext:
                return RequestContext(
                    process,
                    options.deadline,
                    max_age=asked.max_age,
                    urgency=Urgency.BULK if asked.is_bulk else Urgency.INTERACTIVE,
                    is_dry=asked.plan == DRY,
                )

            app.state.accounts, app.state.process = process.accounts, process
            app.state.executor = Executor(schema, new_context, options.deadline)
            yield

    routes: list[BaseRoute] = [
        Route("/", home),
        Route("/graphql", _Endpoint(options).serve, methods=["GET", "POST"]),
        *health_routes(),
        *(graphiql_routes("/graphql") if options.graphiql else []),
    ]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={405: _not_allowed})


async def home(request: Request) -> Response:
    """Whoever comes to the root wants what is at /graphql."""
    del request
    return RedirectResponse("/graphql")


class _Endpoint:
    def __init__(self, options: ServerOptions) -> None:
        self._options = options

    async def serve(self, request: Request) -> Response:
        """A query by GET (and HEAD, which is a GET without its body) or anything by POST."""
        return await (self.post(request) if request.method == "POST" else self.get(request))

    async def get(self, request: Request) -> Response:
        """A query in the query string; a browser that comes without one gets GraphiQL."""
        if self._options.graphiql and "query" not in request.query_params and "text/html" in _accepted(request):
            return graphiql_page(request)
        try:
            return await _answered(request, read_get(request, self._options.max_body))
        except BadRequest as bad:
            return _refused(request, bad)

    async def post(self, request: Request) -> Response:
        try:
            return await _answered(request, await read_post(request, self._options.max_body))
        except BadRequest as bad:
            return _refused(request, bad)


async def _answered(request: Request, asked: Any) -> Response:
    executor: Executor = request.app.state.executor
    answer: Answer = await executor.run(asked)
    media = _media(request)
    status = 200 if answer.is_executed or media == JSON else 400
    return Response(_encoded(answer.body), status, media_type=media)


def _encoded(body: dict[str, Any]) -> bytes:
    """JSON, whatever is in it: what cannot be written is an answer with one masked error."""
    try:
        return msgspec.json.encode(body, enc_hook=str)
    except Exception as error:  # whatever a provider's value made the encoder raise
        return msgspec.json.encode({"errors": [masked(error, "an answer could not be written")], "data": None})


def _refused(request: Request, bad: BadRequest, headers: Mapping[str, str] | None = None) -> Response:
    body = {"errors": [{"message": bad.message, "extensions": {"code": "INVALID", "retryable": False}}]}
    return Response(msgspec.json.encode(body), bad.status, headers, media_type=_media(request))


async def _not_allowed(request: Request, error: Exception) -> Response:
    """405 with the methods that are served here, in `Allow` and in words (RFC 9110, 15.5.6)."""
    told = error.headers if isinstance(error, HTTPException) and error.headers else {}
    served = ", ".join(sorted(told.get("Allow", "").split(", ")))
    return _refused(request, BadRequest(405, f"this path answers {served}"), {"Allow": served})


def _media(request: Request) -> str:
    """The newer type for who asks for it, JSON for everyone else (GraphQL over HTTP, 6.4)."""
    return GRAPHQL_RESPONSE if GRAPHQL_RESPONSE in _accepted(request) else JSON


def _accepted(request: Request) -> str:
    return request.headers.get("accept", "").lower()
