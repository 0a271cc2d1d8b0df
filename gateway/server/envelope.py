"""What every answer has, whatever it answers: its number, headers that keep browsers at home, and never a crash."""

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.server.media import JSON
from gateway.tracing import REQUEST_ID, request_id_of

__all__ = ["HEADERS", "Envelope"]

REQUEST_ID_HEADER = "X-Request-Id"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""For what says nothing else of itself: GraphiQL's page and files have a policy of their own."""

Crashed = Callable[[BaseException, str], dict[str, Any]]  # Any: an error's JSON
"""`gateway.server.answer.masked`: logs what nobody foresaw and gives the error the caller sees."""


class Envelope:
    """Middleware around everything else."""

    def __init__(self, app: ASGIApp, crashed: Crashed) -> None:
        self._app = app
        self._crashed = crashed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with a number that the log has too."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = request_id_of(Headers(scope=scope).get(REQUEST_ID_HEADER))
        token = REQUEST_ID.set(number)
        try:
            await self._answered(scope, receive, _Sealing(send, number))
        finally:
            REQUEST_ID.reset(token)

    async def _answered(self, scope: Scope, receive: Receive, send: "_Sealing") -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            if send.has_begun:
                raise  # half an answer cannot be taken back: the connection ends
            body = {"errors": [self._crashed(error, "a request could not be answered")]}
            await Response(msgspec.json.encode(body), 500, media_type=JSON)(scope, receive, send)


class _Sealing:
    """Adds to an answer's beginning what it lacks."""

    def __init__(self, send: Send, number: str) -> None:
        self._send = send
        self._number = number
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers[REQUEST_ID_HEADER] = self._number
        await self._send(message)
