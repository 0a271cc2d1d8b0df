"""An application behind the server that `serve` starts, on a socket of this process, and raw talks with it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp

from gateway.commands.connection import Patience
from gateway.commands.web import Server, listen, uvicorn_config

__all__ = ["PATIENT", "Talk", "served", "talk"]

PATIENT = Patience(header=60.0, write=60.0)
"""For tests of something else."""

MOST = 60
"""Seconds until a test has waited for something in vain."""

QUIET = {"version": 1, "disable_existing_loggers": False}
"""Leaves logging as the tests have it."""


class _Served(Server):
    """It leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served(app: Callable[[], ASGIApp], patience: Patience = PATIENT, **given: Any) -> AsyncIterator[int]:
    """The port on loopback where what `app` makes answers, as long as the block lasts."""
    ready = asyncio.Event()
    with listen("127.0.0.1", 0) as listener:
        server = _Served(uvicorn_config(app, QUIET, 0, patience=patience, **given), ready.set)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Talk:
    """One connection, written to byte by byte as a test likes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, text: bytes) -> None:
        self.writer.write(text)
        await self.writer.drain()

    async def hear(self) -> Answer:
        """The next answer; its body must have a Content-Length, as all of ours have."""
        async with asyncio.timeout(MOST):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.partition(":") for line in head[1:] if line)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(head[0].split()[1]), headers, body)

    async def ends(self) -> bytes:
        """What comes until the other side closes."""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(MOST):
                return await self.reader.read()
        return b""


@asynccontextmanager
async def talk(port: int) -> AsyncIterator[Talk]:
    """A connection to that port."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Talk(reader, writer)
    finally:
        writer.transport.abort()
