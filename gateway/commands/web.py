"""How the gateway is served: uvicorn, its limits, and a clean end."""

import asyncio
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import resource_tracker
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from gateway.commands.connection import Connection, Patience
from gateway.commands.crowd import Crowd
from gateway.commands.failure import Failure
from gateway.commands.hangup import take_hangups
from gateway.commands.stopping import Stoppable

__all__ = [
    "Server",
    "have_files",
    "listen",
    "not_listening",
    "serve_here",
    "serve_with_workers",
    "stopped",
    "uvicorn_config",
]

STOPPING = (signal.SIGINT, signal.SIGTERM)
KEEP_ALIVE = 5
"""Seconds an idle connection is kept."""

WORKER_PATIENCE = 30
"""Seconds after which a worker that does not answer is ended: one that only stands still may be changing something."""
HEAD = 64 * 1024
"""Bytes of a request line and headers; a query may come in the URL."""
FILES = 4096
"""Open files: twice `Patience.connections`, and as many again for calls to providers, the cache and the store."""

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
    factory: Factory,
    log_config: dict[str, Any],  # Any: the form that logging.config wants
    graceful: float,
    workers: int = 1,
    *,
    patience: Patience = Patience(),  # noqa: B008  frozen
    trusted_proxies: Sequence[str] = (),
) -> uvicorn.Config:
    """`graceful` is how many seconds an answer under way has when the gateway is stopped.

    `trusted_proxies` are addresses and networks: X-Forwarded-For and X-Forwarded-Proto of others mean nothing.
    """
    return uvicorn.Config(
        Stoppable(factory),
        factory=True,
        workers=workers,
        lifespan="on",
        http=partial(Connection, patience, Crowd(patience.connections)),  # type: ignore[arg-type]  # it is called as a class would be
        ws="none",
        log_config=log_config,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
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
    have_files()
    await Server(config, ready).serve(sockets=[listener])


def serve_with_workers(config: uvicorn.Config, listener: socket.socket) -> None:
    """Serve in worker processes until told to stop. They get the application's factory from here, pickled.

    Failure where one could not start: the others are stopped then too.
    """
    have_files()
    workers = _Workers(config, sockets=[listener])
    workers.run()
    if any(each.exitcode == STARTUP_FAILURE for each in workers.processes):
        raise Failure("a worker could not start; the log says why")


def have_files() -> None:
    """As many as FILES, or as this process may have: the usual limit, 1024, is for programs that watch them with
    select(). Processes started later have as many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Workers(Multiprocess):
    """Workers that leave Ctrl-C to this process, which ends them in good order. SIGHUP is passed on to them: each reads
    the configuration again, and none is started anew for it."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self._is_outdated = False
        """What workers are started with has been told to be read again."""
        take_hangups()

    def init_processes(self) -> None:
        with _without_signals():
            super().init_processes()
        self._let_go()

    def keep_subprocess_alive(self) -> None:
        before = set(self.processes)
        with _without_signals():
            super().keep_subprocess_alive()
        self._let_go()
        if self._is_outdated:
            self._hang_up(each for each in self.processes if each not in before)

    def handle_hup(self) -> None:
        self._is_outdated = True
        self._hang_up(self.processes)

    def _hang_up(self, processes: Iterable[Process]) -> None:
        for each in processes:
            if each.pid is not None and each.exitcode is None:
                with suppress(ProcessLookupError):
                    os.kill(each.pid, signal.SIGHUP)

    def _let_go(self) -> None:
        """Close the workers' ends of the lines to them: only then one that has died is known at once, and not after all
        the patience there is for one that stands still."""
        for each in self.processes:
            each.child_conn.close()


@contextmanager
def _without_signals() -> Iterator[None]:
    """Processes started meanwhile never see Ctrl-C, and SIGHUP only once they are ready for it; here both wait until
    the block ends."""
    resource_tracker.ensure_running()  # begun by the first process it would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
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
