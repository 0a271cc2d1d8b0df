"""What callers get whose answer is still under way when the gateway has to end: a refusal, not a broken line."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.commands.instead import Instead

__all__ = ["Stoppable"]

STOPPED = Instead(503, "UNAVAILABLE", "the gateway is being stopped", retry_after=1)


@dataclass(frozen=True)
class Stoppable:
    """Makes the application that `factory` makes, with cancelled requests answered. Pickled with its factory."""

    factory: Callable[[], ASGIApp]

    def __call__(self) -> ASGIApp:
        app = self.factory()

        async def stoppable(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            await _answered(app, scope, receive, send)

        return stoppable


async def _answered(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """The server cancels a request for one reason only: the time for ending in good order is over."""
    has_begun = False

    async def noted(message: Message) -> None:
        nonlocal has_begun
        has_begun = True
        await send(message)

    try:
        await app(scope, receive, noted)
    except asyncio.CancelledError:
        if has_begun:
            raise
        body = STOPPED.body()
        await send({"type": "http.response.start", "status": STOPPED.status, "headers": STOPPED.headers(body)})
        await send({"type": "http.response.body", "body": body})
