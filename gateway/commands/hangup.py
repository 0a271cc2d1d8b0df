"""SIGHUP, which tells a running gateway to read its configuration again."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

__all__ = ["hangups_held", "on_hangup", "take_hangups"]

HANGUP = {signal.SIGHUP}


@contextmanager
def hangups_held() -> Iterator[None]:
    """Have SIGHUP wait, in this process and in those it starts, until somebody is there who knows what to do.

    By itself it ends a process: without this a gateway that is told while it starts or ends would be gone.
    """
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, HANGUP)
    # For threads that do not hold it. One that is held waits all the same.
    handler = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)  # while it is ignored: what waits still comes too late
        signal.signal(signal.SIGHUP, handler)


def take_hangups() -> None:
    """Have it wait no longer in this process: it has a handler now."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANGUP)


@asynccontextmanager
async def on_hangup(again: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Call `again` at every SIGHUP until the block ends, one call after the other; several signals may be one call.

    Where one is waiting it is called before the block begins. For the main thread's loop.
    """
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    if signal.SIGHUP in signal.sigpending():
        signal.sigwait(HANGUP)
        await again()
    handler = signal.getsignal(signal.SIGHUP)
    loop.add_signal_handler(signal.SIGHUP, told.set)
    mask = signal.pthread_sigmask(signal.SIG_UNBLOCK, HANGUP)
    task = asyncio.create_task(_whenever(told, again))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)  # first: where it was held, it shall not end us now
        loop.remove_signal_handler(signal.SIGHUP)
        signal.signal(signal.SIGHUP, handler)


async def _whenever(told: asyncio.Event, again: Callable[[], Awaitable[None]]) -> None:
    while True:
        await told.wait()
        told.clear()
        await again()
