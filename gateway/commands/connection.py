"""One client's connection: HTTP/1.1 as uvicorn speaks it with h11, with patience that ends.

uvicorn waits for ever for the rest of a head, for the rest of a body nobody reads any more, and for a client that does
not take its answer. Each of that holds a connection, of which there are only so many.
"""

import asyncio
import logging
import socket
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.commands.crowd import Crowd, Seldom
from gateway.commands.head import doubt_about
from gateway.commands.instead import Instead
from gateway.server.hosts import LIVE

__all__ = ["Connection", "Patience"]

_QUIET = logging.getLogger("gateway.commands.connection")
_QUIET.setLevel(logging.ERROR)  # uvicorn warns of each stranger who speaks no HTTP: as many lines as he likes

BUSY = "too many requests are under way"
_busy = Seldom(BUSY)


@dataclass(frozen=True)
class Patience:
    """Seconds: `header` for a request's head, from the connection or its first byte on; `write` for a part of
    `taken` bytes of an answer. `connections` is how many may have a request under way, and how many may have none."""

    header: float = 10.0
    write: float = 15.0
    taken: int = 32 * 1024
    connections: int = 1000


class Connection(H11Protocol):
    """uvicorn's protocol, less its endless waits. Pipelined requests are answered one after another, as there."""

    def __init__(self, patience: Patience, crowd: Crowd, **given: Any) -> None:  # Any: what uvicorn gives its protocols
        super().__init__(**given)
        self._patience = patience
        self._crowd = crowd
        self._doubt: str | None = None
        self._waiting: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._left = 0
        self.logger = _QUIET
        self.limit_concurrency = None  # uvicorn's answer is no JSON
        self._served, self.app = self.app, self._answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._crowd.enter(transport, self.client[0] if self.client else "")
        _send_at_once(transport)
        transport.set_write_buffer_limits(high=0)  # pause_writing tells of every byte that is not taken
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._crowd.leave(self.transport)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._wait()  # uvicorn has stopped its keep-alive clock, and nothing else runs

    def handle_events(self) -> None:
        before = self.cycle
        raw = self.conn.trailing_data[0] if self.conn.their_state is h11.IDLE else b""
        super().handle_events()
        if self.cycle is not before:  # a request, which will be answered once this returns
            self._crowd.ask(self.transport)
            self._doubt = doubt_about(raw, self.scope["http_version"], self.headers)
        if self.conn.their_state is not h11.IDLE and self.conn.our_state is not h11.DONE:
            self._stop_waiting()  # a request is there: its body has a time limit of its own

    def on_response_complete(self) -> None:
        """The answer may come before the body has. That is let in, as its sender may read only then, but not long."""
        is_unread = self.conn.their_state is h11.SEND_BODY
        super().on_response_complete()
        if is_unread and not self.transport.is_closing():
            self._wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._writing is None:
            self._watch_writing()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's sentence
        """For what h11 cannot read. Called where its error is caught, which says whether a head is too long."""
        error = sys.exc_info()[1]
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        self._refuse(Instead(status, "INVALID", "this is no HTTP/1.1 request, or its head is too long"))

    def _should_upgrade(self) -> bool:
        """Never; uvicorn's would also log two lines whenever it is asked."""
        return False

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(self._patience.header, self._waited)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _waited(self) -> None:
        """It took too long. Who has begun a head is told so; who has sent nothing at all is let go."""
        self._waiting = None
        if self.transport.is_closing():
            return
        if self.conn.their_state is h11.IDLE and self.conn.our_state is h11.IDLE and self.conn.trailing_data[0]:
            late = f"the request's head may take {self._patience.header:g} s to arrive"
            self._refuse(Instead(408, "TIMEOUT", late))
        else:
            self.transport.close()

    def _refuse(self, instead: Instead) -> None:
        """Answer in the application's place, and close."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True  # what the application has to say comes too late
            self.cycle.message_event.set()
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        for event in instead.events():
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch_writing(self) -> None:
        self._left = self.transport.get_write_buffer_size()
        self._writing = self.loop.call_later(self._patience.write, self._written)

    def _written(self) -> None:
        """End it unless a part was taken since, or all but a part."""
        taken = self._left - self.transport.get_write_buffer_size()
        if taken < self._patience.taken:
            self._writing = None
            self.transport.abort()
            return
        self._watch_writing()

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:  # Any: as uvicorn's types have it
        """Have the application do it, unless the request is refused here."""
        with ExitStack() as under_way:
            under_way.callback(self._crowd.answer, self.transport)

            async def begin(message: Any) -> None:  # Any: as above
                under_way.close()  # from now on it is the client who takes his time
                await send(message)

            instead = self._instead(scope["path"])
            if instead is None:
                await self._served(scope, receive, begin)
                return
            body = instead.body()
            await begin({"type": "http.response.start", "status": instead.status, "headers": instead.headers(body)})
            await begin({"type": "http.response.body", "body": body})

    def _instead(self, path: str) -> Instead | None:
        """Who watches the process hears from it however busy it is; any other is told to come again."""
        if self._doubt is not None:
            return Instead(400, "INVALID", self._doubt)
        if self._crowd.is_busy and path != LIVE:
            _busy.warn()
            return Instead(503, "UNAVAILABLE", BUSY, retry_after=1)
        return None


def _send_at_once(transport: asyncio.Transport) -> None:
    """An answer is written in two parts, and the second must not wait for a slow acknowledgement of the first. asyncio
    sees to it only where the listening socket has its protocol named, which `socket.create_server` does not."""
    connected = transport.get_extra_info("socket")
    if connected is not None and connected.family in (socket.AF_INET, socket.AF_INET6):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
