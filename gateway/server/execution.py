"""Runs one GraphQL request: a context of its own, a deadline, and everything closed behind it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    OperationType,
    execute,
    get_operation_ast,
    parse,
    validate,
)

from gateway.context import RequestContext
from gateway.server.answer import told
from gateway.server.request import DRY, TOO_LARGE, WHOLE_MAX, WHOLE_MIN, GraphQLRequest

__all__ = ["Answer", "Executor"]

GRACE = 1.0
"""Seconds beyond the deadline for resolvers to come to an end; by then every call has ended by itself."""

MOST_DIGITS = len(str(WHOLE_MIN))


@dataclass
class Answer:
    """The response's JSON, and whether the request was executed at all."""

    body: dict[str, Any]
    is_executed: bool


class Executor:
    """Executes requests against the schema, each with a fresh context."""

    def __init__(
        self, schema: GraphQLSchema, new_context: Callable[[GraphQLRequest], RequestContext], deadline: float
    ) -> None:
        self._schema = schema
        self._new_context = new_context
        self._deadline = deadline

    async def run(self, request: GraphQLRequest) -> Answer:
        """The answer, within the deadline. Never raises for what a caller or a provider does."""
        document = self._read(request)
        if not isinstance(document, DocumentNode):
            return Answer(told(None, document, is_executed=False), is_executed=False)
        context = self._new_context(request)
        try:
            async with asyncio.timeout(self._deadline + GRACE):
                result = await self._executed(document, request, context)
        except TimeoutError:
            late = GraphQLError("the request's time is over", extensions={"code": "TIMEOUT", "retryable": True})
            result = ExecutionResult(None, [late])
            return _answer(request, result, context, is_executed=True)
        finally:
            await context.aclose()
        is_executed = result.data is not None or any(error.path for error in result.errors or ())
        return _answer(request, result, context, is_executed=is_executed)

    async def _executed(
        self, document: DocumentNode, request: GraphQLRequest, context: RequestContext
    ) -> ExecutionResult:
        result = execute(
            self._schema,
            document,
            context_value=context,
            variable_values=request.variables,
            operation_name=request.operation_name,
        )
        return await result if isinstance(result, Awaitable) else result

    def _read(self, request: GraphQLRequest) -> DocumentNode | list[GraphQLError]:
        """The document, if it can be run; else why not."""
        try:
            document = parse(request.query)
        except GraphQLError as error:
            return [error]
        except RecursionError:
            return [GraphQLError("the document is nested too deeply")]
        if errors := validate(self._schema, document, [_WholeNumbers]) or validate(self._schema, document):
            return errors
        refusal = _refusal(document, request)
        return document if refusal is None else [GraphQLError(refusal)]


def _refusal(document: DocumentNode, request: GraphQLRequest) -> str | None:
    """Why the operation that is asked for may not be run; None where it may."""
    operation = get_operation_ast(document, request.operation_name)
    if operation is None:
        return "operationName must name one of the document's operations where it has several"
    if operation.operation is OperationType.MUTATION and not request.may_change:
        return "a mutation cannot be sent by GET"
    if operation.operation is OperationType.MUTATION and request.plan == DRY:
        return "a mutation has no dry plan"
    return None


def _answer(request: GraphQLRequest, result: ExecutionResult, context: RequestContext, *, is_executed: bool) -> Answer:
    """With the plan of who asked for one. What a dry run made up is nobody's data, and its errors are none."""
    if request.plan == DRY and is_executed:
        return Answer({"data": None, "extensions": {"plan": context.plan.shown()}}, is_executed)
    body = told(result.data, result.errors, is_executed=is_executed)
    if request.plan and is_executed:
        body["extensions"] = {"plan": context.plan.shown()}
    return Answer(body, is_executed)


class _WholeNumbers(ASTValidationRule):
    """Whole numbers have at most 64 bits. Looked at before all else: to read a much longer one is an error of
    Python's, which nobody could tell from one of ours."""

    def enter_int_value(self, node: IntValueNode, *_args: Any) -> None:  # Any: where the node stands
        if len(node.value) > MOST_DIGITS or not WHOLE_MIN <= int(node.value) <= WHOLE_MAX:
            self.report_error(GraphQLError(TOO_LARGE, node))
