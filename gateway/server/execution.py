"""Runs one GraphQL request of one caller: looked at before it costs anything, a context of its own, a deadline, and
everything closed behind it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema

from gateway.context import RequestContext
from gateway.cost.estimate import Estimate, Spent
from gateway.documents.document import Document, Operation
from gateway.documents.documents import HASH_MISMATCH, Documents
from gateway.documents.options import DocumentLimits
from gateway.documents.places import placed
from gateway.documents.variables import given_below
from gateway.execution.restricted import Executed, run
from gateway.exposure import Exposures
from gateway.rates.rates import Rates
from gateway.rates.refusal import OverBudget, TooCostly
from gateway.rates.standing import Standing
from gateway.rights import Caller
from gateway.server.answer import told
from gateway.server.door import over_budget
from gateway.server.request import DRY, GraphQLRequest, mutation_by_get
from schema.scopes import Scope

__all__ = ["Answer", "Executor", "Parts"]

GRACE = 1.0
"""Seconds beyond the deadline for resolvers to come to an end; by then every call has ended by itself."""


@dataclass
class Answer:
    """The response's JSON, whether the request was executed at all, how the caller stands after it, and the HTTP status
    where that does not follow from the rest."""

    body: dict[str, Any]  # Any: told as JSON
    is_executed: bool
    standing: Standing | None = None
    status: int | None = None


@dataclass(frozen=True)
class Parts:
    """What all requests are run with. `new_context` makes the context of one, in which a row may weigh so
    much; `price` says what it costs at most."""

    schema: GraphQLSchema
    documents: Documents
    limits: DocumentLimits
    rates: Rates
    exposures: Exposures
    new_context: Callable[[GraphQLRequest, Caller, int], RequestContext]
    price: Callable[[Document, Operation, GraphQLRequest, Caller], Estimate]
    deadline: float


class _Late(GraphQLError):
    """It was executed, and nothing of it is there in time."""


class Executor:
    """Executes requests against the schema, each with a fresh context."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def run(self, asked: GraphQLRequest, caller: Caller) -> Answer:
        """The answer, within the deadline. Raises BadRequest for a mutation by GET and a caller who has used up his
        minute; nothing else, whatever a caller or a provider does."""
        found = self._found(asked, caller)
        if not isinstance(found, Document):
            return _not_executed(found)
        operation = found.operation(asked.operation_name)
        if operation is not None and operation.is_mutation and not asked.may_change:
            raise mutation_by_get()
        refusal = self._refusal(found, operation, asked, caller)
        if operation is None or refusal is not None:
            return _not_executed([refusal] if refusal is not None else [])
        below = given_below(asked.variables, self._parts.limits, operation.shape)
        if isinstance(below, GraphQLError):
            return _not_executed([below])
        context = partial(self._parts.new_context, asked, caller, operation.shape.widest + below)
        return await self._paid(found, operation, asked, caller, context)

    def _found(self, asked: GraphQLRequest, caller: Caller) -> Document | list[GraphQLError]:
        parts = self._parts
        return parts.documents.find(
            asked.query,
            asked.document_id,
            asked.extensions,
            is_exempt=caller.may(Scope.ADMIN),
            has_suggestions=Exposures.allows(parts.exposures.suggestions, caller),
        )

    def _refusal(
        self, document: Document, operation: Operation | None, asked: GraphQLRequest, caller: Caller
    ) -> GraphQLError | None:
        """Why the operation may not be run, before anything is asked; None where it may."""
        is_hidden = not Exposures.allows(self._parts.exposures.introspection, caller)
        if operation is not None and operation.is_introspection and is_hidden:
            is_for_some = self._parts.exposures.introspection == "admin"
            message = f"introspection {'takes the scope admin' if is_for_some else 'is off'} here"
            return GraphQLError(message, extensions={"code": "FORBIDDEN", "retryable": False})
        return document.refusal(asked.operation_name, is_dry=asked.plan == DRY)

    async def _paid(
        self,
        document: Document,
        operation: Operation,
        asked: GraphQLRequest,
        caller: Caller,
        new_context: Callable[[], RequestContext],
    ) -> Answer:
        """Within what the caller may spend: set aside what it may cost at most, and give back what it did not. What is
        only played through may be no larger, and costs nothing."""
        rates = self._parts.rates
        estimate = self._parts.price(document, operation, asked, caller)
        try:
            standing = await rates.reserve(caller, estimate.total)
        except TooCostly as much:
            return _not_executed([GraphQLError(much.message, extensions=much.extensions)])
        except OverBudget as over:
            raise over_budget(over) from None
        context = new_context()
        try:
            executed = await self._executed(document, asked, context, caller)
        finally:
            await context.aclose()
            plan = context.plan
            spent = Spent() if asked.plan == DRY else estimate.spent(plan.calls_by_account(), plan.untold)
            await rates.settle(caller, standing, spent.total)
        for error in executed.result.errors or ():
            placed(error, document.places)
        answer = _told(asked, executed, context)
        if answer.is_executed and (rates.is_counting or asked.plan == DRY):
            cost = estimate.shown(spent, rates.most(caller))
            answer.body["extensions"] = {"cost": cost, **answer.body.get("extensions", {})}
        answer.standing = standing
        return answer

    async def _executed(
        self, document: Document, asked: GraphQLRequest, context: RequestContext, caller: Caller
    ) -> Executed:
        try:
            async with asyncio.timeout(self._parts.deadline + GRACE):
                return await run(
                    self._parts.schema,
                    document.ast,
                    scopes=caller.scopes,
                    context=context,
                    variables=asked.variables,
                    operation_name=asked.operation_name,
                    hide_suggestions=not Exposures.allows(self._parts.exposures.suggestions, caller),
                )
        except TimeoutError:
            late = _Late("the request's time is over", extensions={"code": "TIMEOUT", "retryable": True})
            return Executed(ExecutionResult(None, [late]), [])


def _told(asked: GraphQLRequest, executed: Executed, context: RequestContext) -> Answer:
    is_executed = _is_executed(executed.result)
    if asked.plan == DRY and is_executed:  # what was made up is nobody's data, and its errors are none
        return Answer({"data": None, "extensions": {"plan": context.plan.shown()}}, is_executed)
    body = told(executed.result.data, executed.result.errors, is_executed=is_executed)
    extensions: dict[str, Any] = {}  # Any: told as JSON
    if executed.masked:
        extensions["masked"] = executed.masked
    if asked.plan:
        extensions["plan"] = context.plan.shown()
    if extensions and is_executed:
        body["extensions"] = extensions
    return Answer(body, is_executed)


def _is_executed(result: ExecutionResult) -> bool:
    """Variables that do not fit are found when execution begins."""
    return result.data is not None or any(error.path or isinstance(error, _Late) for error in result.errors or ())


def _not_executed(errors: list[GraphQLError]) -> Answer:
    is_mismatch = any((error.extensions or {}).get("code") == HASH_MISMATCH for error in errors)
    return Answer(told(None, errors, is_executed=False), is_executed=False, status=400 if is_mismatch else None)
