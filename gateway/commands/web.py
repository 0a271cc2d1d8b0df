"""How the gateway is served: uvicorn, its limits, and a clean end."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from gateway.commands.failure import Failure
from gateway.commands.stopping import Stoppable

__all__ = ["Server", "listen", "not_listening", "serve_here", "serve_with_workers", "stopped", "uvicorn_config"]

STOPPING = (signal.SIGINT, signal.SIGTERM)
MOST_CONNECTIONS = 1000
KEEP_ALIVE = 5
"""Seconds an idle connection is kept."""

WORKER_PATIENCE = 30
"""Seconds after which a worker that does not answer is ended: one that only stands still may be changing something."""
HEAD = 64 * 1024
"""Bytes of a request line and headers; a query may come in the URL."""

Factory = Callable[[], Any]  # Any: an ASGI application


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; Failure that says which address cannot be had, and why."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise not_listening(host, port, error) from None


def not_listening(host: str, port: int, error: OSError) -> Failure:
    """Why an address cannot be had: taken, not ours, unknown."""
    # A resolver's errors have numbers of their own.
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    return Failure(f"cannot listen on {host}, port {port}: {reason}; try another --host or --port")


def uvicorn_config(
    factory: Factory, log_config: dict[str, Any], graceful: float, workers: int = 1
) -> uvicorn.Config:  # Any: the form that logging.config wants
    """`graceful` is how many seconds an answer under way has when the gateway is stopped."""
    return uvicorn.Config(
        Stoppable(factory),
        factory=True,
        workers=workers,
        lifespan="on",
        log_config=log_config,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_worker_healthcheck=WORKER_PATIENCE,
        timeout_graceful_shutdown=int(graceful) + 1,
        h11_max_incomplete_event_size=HEAD,
    )


class Server(uvicorn.Server):
    """A server that tells when it is ready, and for which being stopped is a good end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but the signal is not raised again afterwards: that would end the process as a failure."""
        before = {each: signal.signal(each, self.handle_exit) for each in STOPPING}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


async def serve_here(config: uvicorn.Config, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve in this process until it is told to stop."""
    await Server(config, ready).serve(sockets=[listener])


def serve_with_workers(config: uvicorn.Config, listener: socket.socket) -> None:
    """Serve in worker processes until told to stop. They get the application's factory from here, pickled.

    Failure where one could not start: the others are stopped then too.
    """
    workers = _Workers(config, sockets=[listener])
    workers.run()
    if any(each.exitcode == STARTUP_FAILURE for each in workers.processes):
        raise Failure("a worker could not start; the log says why")


class _Workers(Multiprocess):
    """Workers that leave Ctrl-C to this process, which ends them in good order."""

    def init_processes(self) -> None:
        with _without_interrupt():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        with _without_interrupt():
            super().keep_subprocess_alive()


@contextmanager
def _without_interrupt() -> Iterator[None]:
    """Processes started meanwhile never see Ctrl-C; here it waits until the block ends."""
    resource_tracker.ensure_running()  # begun by the first process it would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


async def stopped() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(told.set)

    before = {each: signal.signal(each, stop) for each in STOPPING}
    try:
        await told.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
