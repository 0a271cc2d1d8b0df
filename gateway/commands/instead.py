"""Answers in the application's place: of the server itself, to what the application is not asked."""

import json
from dataclasses import dataclass

import h11

from gateway.server.envelope import HEADERS
from gateway.server.media import JSON
from gateway.tracing import request_id

__all__ = ["Instead"]


@dataclass(frozen=True)
class Instead:
    """An error with a code, after which the connection is closed. `retry_after` is seconds; without it trying again
    does not help."""

    status: int
    code: str
    message: str
    retry_after: int | None = None

    def body(self) -> bytes:
        error = {"message": self.message, "extensions": {"code": self.code, "retryable": self.retry_after is not None}}
        return json.dumps({"errors": [error]}).encode()

    def headers(self, body: bytes) -> list[tuple[bytes, bytes]]:
        """As every answer has them."""
        told = {"Content-Type": JSON, "Content-Length": str(len(body)), "X-Request-Id": request_id(), **HEADERS}
        told |= {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        told |= {"Connection": "close"}
        return [(name.lower().encode(), value.encode()) for name, value in told.items()]

    def events(self) -> list[h11.Response | h11.Data | h11.EndOfMessage]:
        """For a request that is none."""
        body = self.body()
        response = h11.Response(status_code=self.status, headers=self.headers(body))
        return [response, h11.Data(data=body), h11.EndOfMessage()]
