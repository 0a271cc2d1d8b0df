"""From an execution's result to what the caller may see: nothing of ours but codes and sentences we wrote."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError

from gateway.documents.refusal import shortened
from gateway.tracing import request_id
from schema.errors import GatewayError

__all__ = ["masked", "told", "told_errors"]

log = logging.getLogger("gateway.server")


def told(data: Mapping[str, Any] | None, errors: Sequence[GraphQLError] | None, *, is_executed: bool) -> dict[str, Any]:
    """The response's JSON. A request that was not executed has no `data` at all (GraphQL, 7.1)."""
    answer: dict[str, Any] = {}
    if errors:
        answer["errors"] = told_errors(errors)
    if is_executed:
        answer["data"] = data
    return answer


def told_errors(errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
    """Each error with a code; what nobody foresaw is masked, and logged with its traceback."""
    return [_told(error) for error in errors]


def _told(error: GraphQLError) -> dict[str, Any]:
    formatted: dict[str, Any] = dict(error.formatted)
    cause = error.original_error
    if isinstance(cause, GatewayError):
        formatted["extensions"] = cause.extensions
    elif cause is None or isinstance(cause, GraphQLError):
        formatted["message"] = shortened(error.message)
        formatted["extensions"] = {"code": "INVALID", "retryable": False, **(error.extensions or {})}
    else:
        formatted |= masked(cause, "a resolver failed")
    return formatted


def masked(cause: BaseException, what: str) -> dict[str, Any]:
    """The error a caller sees of what nobody foresaw: the request's id, under which the log has it with its
    traceback."""
    number = request_id()
    log.error("%s in a way nobody foresaw, in request %s", what, number, exc_info=cause)
    return {
        "message": f"something went wrong here; the log has it as {number}",
        "extensions": {"code": "INTERNAL", "retryable": False, "requestId": number},
    }
