"""Both stores to test on: opened as often as a test likes, over one file or one Redis, with a clock of the test's."""

import os
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from gateway.store.opening import StoreOptions, opened_store
from gateway.store.records import ItemRecord, JobRecord, Stage, WriteRecord
from gateway.store.sqlite_file import NAME
from gateway.store.store import Store

__all__ = ["START", "Clock", "Desk", "a_desk", "a_job", "a_write", "an_item", "process"]

START = 1_800_000_000.0
ROOT = Path(__file__).parents[2]


@dataclass
class Clock:
    time: float = START

    def __call__(self) -> float:
        return self.time


@dataclass
class Desk:
    """`store` is open; so is everything that `another` gives, until the test ends."""

    options: StoreOptions
    stack: AsyncExitStack
    clock: Clock = field(default_factory=Clock)
    store: Store = field(init=False)

    async def another(self) -> Store:
        """A second store as a second process has it: over the same file or Redis."""
        return await self.stack.enter_async_context(opened_store(self.options, self.clock))

    async def dies(self, owner: str) -> None:
        """As if a process had not beaten for long; the others live on."""
        if self.options.redis is not None:
            async with self.redis() as redis:
                await redis.delete(f"{self.options.prefix}:store:owner:{owner}")
            return
        assert self.options.folder is not None
        connection = sqlite3.connect(self.options.folder / NAME, isolation_level=None)
        connection.execute("UPDATE owners SET until = 0 WHERE id = ?", (owner,))
        connection.close()

    @asynccontextmanager
    async def redis(self) -> AsyncIterator["Redis"]:
        """The Redis itself."""
        redis = Redis.from_url(str(self.options.redis))
        try:
            yield redis
        finally:
            await redis.aclose()


@asynccontextmanager
async def a_desk(options: StoreOptions) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        desk = Desk(options, stack)
        desk.store = await desk.another()
        yield desk


@asynccontextmanager
async def process(module: str, options: StoreOptions, *args: str) -> AsyncIterator[Process]:
    """One of the programs beside this file, killed at the end."""
    place = options.redis or str(options.folder)
    command = (sys.executable, "-m", f"tests.store.{module}", place, options.prefix, *args)
    started = await create_subprocess_exec(
        *command, cwd=ROOT, stdin=PIPE, stdout=PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


def a_write(id: str = "w", **parts: Any) -> WriteRecord:  # Any: each part has its own type
    """A claim of process `a`."""
    usual: dict[str, Any] = {  # Any: as above
        "id": id,
        "fingerprint": "asked",
        "likeness": "sent",
        "account": "eu",
        "operation": "send_sms_command",
        "write": b'{"type":"send_sms_command"}',
        "caller": "ops",
        "owner": "a",
        "stage": Stage.CLAIMED,
        "began": START,
    }
    return WriteRecord(**{**usual, **parts})


def a_job(id: str = "j", **parts: Any) -> JobRecord:  # Any: as above
    usual: dict[str, Any] = {  # Any: as above
        "id": id,
        "caller": "ops",
        "body": b"all of them",
        "state": "RUNNING",
        "owner": "a",
        "created": START,
    }
    return JobRecord(**{**usual, **parts})


def an_item(number: int, **parts: Any) -> ItemRecord:  # Any: as above
    return ItemRecord(**{"number": number, "account": "eu", "native_id": f"HS{number}", **parts})
