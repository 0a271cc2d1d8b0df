"""Serving an ASGI app on loopback for as long as a block lasts: for the command line and for tests."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp

__all__ = ["serving"]


class _Server(uvicorn.Server):
    """A server that tells when it is ready and leaves the process's signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve `app` and give its URL, e.g. `http://127.0.0.1:41234`; port 0 takes a free one.

    OSError when the port is taken. On leaving, answers still under way are cancelled.
    """
    listener = _listener(host, port)
    config = uvicorn.Config(app, lifespan="off", log_level="critical", access_log=False, ws="none")
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="serving")
    try:
        await _ready(server, task)
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        await _stop(server, task, listener)


def _listener(host: str, port: int) -> socket.socket:
    """A bound socket. Only with its protocol named does asyncio switch off the delay of small packets (40 ms each)."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


async def _ready(server: _Server, task: asyncio.Task[None]) -> None:
    waiting = asyncio.create_task(server.ready.wait(), name="serving-ready")
    try:
        await asyncio.wait([waiting, task], return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    if task.done():
        task.result()


async def _stop(server: _Server, task: asyncio.Task[None], listener: socket.socket) -> None:
    """Cancel the serving task and what it still answers, and close every connection."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    answers = list(server.server_state.tasks)
    for answer in answers:
        answer.cancel()
    await asyncio.gather(*answers, return_exceptions=True)
    server.force_exit = True
    if server.started:
        await server.shutdown(sockets=[listener])
    listener.close()
