"""The ASGI application: /graphql with GraphiQL for browsers, health, and what administrators do."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.auth.issuers import IssuerSettings
from gateway.auth.options import CallerSettings
from gateway.context import Process, RequestContext
from gateway.cost.estimate import Estimate, estimate
from gateway.documents.document import Document, Operation
from gateway.documents.documents import Documents
from gateway.documents.known import NOTHING
from gateway.documents.options import DocumentLimits, DocumentOptions
from gateway.documents.trusted import known_in
from gateway.exposure import Exposures
from gateway.graphiql.page import graphiql_routes
from gateway.lists.cursor import Sealer
from gateway.platform import Settings
from gateway.rates.options import Budget
from gateway.rights import Caller
from gateway.server.admin import admin_routes
from gateway.server.admission import Admission, admitting
from gateway.server.answer import masked
from gateway.server.cors import Cors
from gateway.server.endpoint import Endpoint, EndpointOptions
from gateway.server.envelope import Envelope
from gateway.server.execution import Executor, Parts
from gateway.server.health import health_routes
from gateway.server.hosts import Hosts
from gateway.server.process import Open, ProcessOptions, opened
from gateway.server.refusal import BadRequest, refused
from gateway.server.request import DRY, GraphQLRequest
from gateway.server.terms import DoorTerms
from gateway.upstream.errand import Urgency
from schema import build_schema

__all__ = ["Beside", "ServerOptions", "build_app"]


@dataclass(frozen=True)
class ServerOptions:
    """What the server side is told. `cursor_key` must be one that every replica has; random when it is None.

    Without `callers` and `issuers` nobody is asked who he is, and everybody may do everything; `accounts` is what the
    issuers' callers are given of. `hosts` are the names it is reached by, with none of them any; `origins` are sites
    whose pages may ask.
    """

    deadline: float = 10.0
    max_body: int = 256 * 1024
    body_timeout: float = 10.0
    cursor_key: bytes | None = field(default=None, repr=False)
    callers: tuple[CallerSettings, ...] = ()
    issuers: tuple[IssuerSettings, ...] = ()
    accounts: tuple[Settings, ...] = ()
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    exposures: Exposures = Exposures()  # noqa: RUF009  frozen
    limits: DocumentLimits = DocumentLimits()  # noqa: RUF009  frozen
    documents: DocumentOptions = DocumentOptions()  # noqa: RUF009  frozen
    budget: Budget = Budget()  # noqa: RUF009  frozen
    process: ProcessOptions = ProcessOptions()  # noqa: RUF009  frozen
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


Beside = Callable[[Admission], AbstractAsyncContextManager[None]]
"""What goes on beside answering, as long as the gateway runs."""


def build_app(options: ServerOptions, open_: Open, beside: Beside | None = None) -> Starlette:
    """The application. `open_` is called inside the running loop when it starts; the accounts are closed at its end."""
    schema = build_schema()
    files = options.documents.files
    known = known_in(files) if files else NOTHING
    documents = Documents(schema, options.limits, options.documents, known)
    sealer = Sealer(options.cursor_key or token_bytes(32))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            opened(options.process, open_, sealer, options.now) as process,
            admitting(options.accounts, options.budget, process.scripts, options.now) as admission,
        ):
            await admission.admit(options.callers, options.issuers)
            door = admission.door
            process.jobs.start(DoorTerms(door, process.accounts))

            def new_context(asked: GraphQLRequest, caller: Caller, weight: int) -> RequestContext:
                return RequestContext(
                    process,
                    options.deadline,
                    max_age=asked.max_age,
                    urgency=Urgency.BULK if asked.is_bulk else Urgency.INTERACTIVE,
                    is_dry=asked.plan == DRY,
                    caller=caller,
                    weight=weight,
                )

            def price(document: Document, operation: Operation, asked: GraphQLRequest, caller: Caller) -> Estimate:
                visible = process.visible(caller.reach)
                return estimate(
                    schema,
                    operation.node,
                    document.fragments,
                    asked.variables,
                    visible,
                    learned=process.learned,
                    fleets=_fleets(process, caller),
                    places=sealer.remembering().places,
                )

            app.state.accounts, app.state.process = process.accounts, process
            app.state.admission, app.state.door = admission, door
            app.state.executor = Executor(
                Parts(
                    schema,
                    documents,
                    options.limits,
                    door.rates,
                    options.exposures,
                    new_context,
                    price,
                    options.deadline,
                )
            )
            async with beside(admission) if beside is not None else nullcontext():
                yield

    return Starlette(
        routes=_routes(options),
        lifespan=lifespan,
        middleware=[
            Middleware(Envelope, crashed=masked),
            Middleware(Hosts, hosts=options.hosts),
            *([Middleware(Cors, origins=options.origins)] if options.origins else []),
        ],
        exception_handlers={404: _nothing_here, 405: _not_allowed},
    )


def _routes(options: ServerOptions) -> list[BaseRoute]:
    graphiql = options.exposures.graphiql
    endpoint = Endpoint(
        EndpointOptions(options.max_body, options.body_timeout, options.limits.batch, graphiql, options.origins)
    )
    return [
        Route("/", home),
        Route("/graphql", endpoint.serve, methods=["GET", "POST"]),
        *health_routes(),
        *admin_routes(options.body_timeout),
        *(graphiql_routes("/graphql") if graphiql != "off" else []),
    ]


def _fleets(process: Process, caller: Caller) -> dict[str, int]:
    """How many fleets exist for the caller where not all do."""
    named = {each.account for each in caller.reach.fleets}
    return {name: len(caller.reach.fleets_in(name) or ()) for name in named & process.accounts.keys()}


async def home(request: Request) -> Response:
    """Whoever comes to the root wants what is at /graphql."""
    del request
    return RedirectResponse("/graphql")


async def _nothing_here(request: Request, error: Exception) -> Response:
    del error
    return refused(request.headers.get("accept", ""), BadRequest(404, "there is nothing at this path", "NOT_FOUND"))


async def _not_allowed(request: Request, error: Exception) -> Response:
    """405 with the methods that are served here, in `Allow` and in words (RFC 9110, 15.5.6)."""
    told = error.headers if isinstance(error, HTTPException) and error.headers else {}
    served = ", ".join(sorted(told.get("Allow", "").split(", ")))
    bad = BadRequest(405, f"this path answers {served}", headers={"Allow": served})
    return refused(request.headers.get("accept", ""), bad)
