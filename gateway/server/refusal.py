"""What is refused before anything is executed: an HTTP status, a code, and a sentence of ours."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from gateway.server.media import media_or_json

__all__ = ["BadRequest", "refused", "too_much"]


class BadRequest(Exception):
    """The HTTP request is not one that is answered. `headers` go with the answer, `details` into its `extensions`."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str = "INVALID",
        *,
        retryable: bool = False,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, int | str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        self.extensions: dict[str, Any] = {"code": code, "retryable": retryable, **(details or {})}  # Any: told as JSON

    @property
    def body(self) -> dict[str, Any]:  # Any: as above
        """The answer's JSON."""
        return {"errors": [{"message": self.message, "extensions": self.extensions}]}


def too_much(status: int, message: str, limit: str, maximum: int, found: int) -> BadRequest:
    """More than a limit allows; `limit` is its name in gateway.toml, `found` what was seen before reading ended."""
    return BadRequest(status, message, "LIMIT_EXCEEDED", details={"limit": limit, "maximum": maximum, "found": found})


def refused(accept: str, bad: BadRequest) -> Response:
    """The answer, in a media type the caller takes if it can be; `accept` is his Accept header."""
    return Response(msgspec.json.encode(bad.body), bad.status, bad.headers, media_type=media_or_json(accept))
