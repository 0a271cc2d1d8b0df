"""A limit that blames the other side only for its own silence."""

import asyncio
import socket
import time

import pytest

from gateway.cache.patience import Patience


async def test_silence_ends_with_the_time():
    """Where nothing comes, the wait is over with the limit."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(TimeoutError):
        async with Patience(began + 0.02):
            await asyncio.Event().wait()

    assert loop.time() - began >= 0.02


async def test_who_is_in_time_is_left_alone():
    """Within the limit nothing happens, then or later."""
    async with Patience(asyncio.get_running_loop().time() + 0.02):
        await asyncio.sleep(0)
    await asyncio.sleep(0.03)


async def test_a_pause_of_our_own_is_not_the_others():
    """What has arrived while this process was busy is read, although the time is over by then."""
    here, there = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=here)
    with there:
        async with Patience(asyncio.get_running_loop().time() + 0.02):
            there.sendall(b"answer\n")
            time.sleep(0.1)  # noqa: ASYNC251  the pause that is meant
            told = await reader.readline()
            for _ in range(3):  # reading an answer may take some turns of the loop
                await asyncio.sleep(0)
        writer.close()
        await writer.wait_closed()

    assert told == b"answer\n"


async def test_being_cancelled_is_not_being_late():
    """Who is cancelled from outside sees that, and no TimeoutError."""

    async def wait() -> None:
        async with Patience(asyncio.get_running_loop().time() + 60):
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
