"""WAYSCloud's errors, in the documented shape and in the others its own SDK is ready for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import JSONResponse

__all__ = ["SHAPES", "Refusal", "bad_key", "invalid", "not_found", "too_many"]

Body = dict[str, object]


class Refusal(Exception):
    """A request WAYSCloud would refuse.

    `code` is its machine-readable word, `details` the documented field/provided/expected triple.
    """

    def __init__(self, status: int, code: str, message: str, details: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers: dict[str, str] = {}

    def response(self, shape: str) -> JSONResponse:
        """The answer, its body in one of `SHAPES`."""
        return JSONResponse(SHAPES[shape](self), status_code=self.status, headers=self.headers)


def invalid(field: str, provided: str, expected: str, *, status: int = 400) -> Refusal:
    """A parameter out of its range or format; documented as 400, by its framework's habit 422."""
    details = {"field": field, "provided": provided, "expected": expected}
    return Refusal(status, "INVALID_PARAMETER", "Invalid parameter value", details)


def bad_key() -> Refusal:
    """No key, an unknown one, or one in a form that is not taken (`bearer` in lower case)."""
    return Refusal(401, "AUTH_FAILED", "Invalid or expired API key")


def not_found(message: str) -> Refusal:
    """An unknown SIM, device or path; the word is ours (unverified)."""
    return Refusal(404, "NOT_FOUND", message)


def too_many(retry_after: int | None) -> Refusal:
    """More than the minute allows; the word is ours. `retry_after` in seconds, None leaves the header out."""
    refusal = Refusal(429, "RATE_LIMIT_EXCEEDED", "Too many requests")
    if retry_after is not None:
        refusal.headers["Retry-After"] = str(retry_after)
    return refusal


def _documented(refusal: Refusal) -> Body:
    return {"error": _error(refusal)}


def _error(refusal: Refusal) -> Body:
    error: Body = {"code": refusal.code, "message": refusal.message}
    if refusal.details:
        error["details"] = dict(refusal.details)
    return error


def _detail_list(refusal: Refusal) -> Body:
    field = (refusal.details or {}).get("field", "")
    place = ["query", field] if field else ["header"]
    return {"detail": [{"loc": place, "msg": refusal.message, "type": "value_error"}]}


SHAPES: Final[Mapping[str, Callable[[Refusal], Body]]] = {
    "error": _documented,
    "detail": lambda refusal: {"detail": refusal.message},
    "detail_list": _detail_list,
    "detail_error": lambda refusal: {"detail": {"error": _error(refusal)}},
    "message": lambda refusal: {"message": refusal.message},
}
"""`error` is documented (Error Handling page); the SDK and related clients read the others too."""
