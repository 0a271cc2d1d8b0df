"""The jobs of this process: those begun here, and those of processes that are gone."""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import msgspec

from gateway.jobs.asked import Asked
from gateway.jobs.keeping import insisted
from gateway.jobs.parts import Parts
from gateway.jobs.run import Run
from gateway.jobs.terms import Terms
from gateway.rights import ANYBODY
from gateway.store.records import JobRecord, Stage, WriteRecord
from gateway.store.store import LEASE, Overtaken, StoreGone
from schema.errors import Conflict, RateLimited
from schema.job import JobStatus
from schema.write import WriteOutcome

__all__ = ["Doubtful", "Jobs"]

MOST_JOBS = 50
"""Jobs that are begun here while others are not over; each takes its share of every account's pace."""
MOST_OF_ONE = 10
"""Of those, jobs of one caller. Who is not told apart from others may have all."""
TOO_MANY = (
    f"no more jobs can be begun for now: a caller may have {MOST_OF_ONE} under way, and fewer while there is much to "
    "do; wait until one is over, or cancel one"
)
"""The same whether they are his own or those of others."""
AFTER_A_MISTAKE = 30.0
"""Seconds after which a job goes on that failed in a way nobody foresaw."""
LOOK = 0.05
"""Seconds between looks for a job that another request with the same key is just making."""

log = logging.getLogger("gateway.jobs")


class Doubtful(StoreGone):
    """The store was lost while a job was put into it: it may be there."""


class Jobs:
    """Each job is run by one process. All of them look for jobs whose process is gone."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._runs: dict[str, Run] = {}
        self._beginning: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()  # Any: of jobs, and of requests that begin them

    def start(self, terms: Terms | None = None) -> None:
        """Go on with what was left behind, now and whenever a process dies; on these terms, where there are any."""
        if terms is not None:
            self.parts = replace(self.parts, terms=terms)
        self._own(self._adopting())

    async def begin(self, asked: Asked, caller: str) -> str:
        """Begin a job, or find the one that was begun with the same key: its id.

        Raises Conflict where the key was used for something else, RateLimited where too many are under way, StoreGone
        where nothing was begun, and Doubtful. Who asks and leaves does not leave a job behind that nobody runs.
        """
        task = asyncio.create_task(self._begun(asked, caller))
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    async def _begun(self, asked: Asked, caller: str) -> str:
        has_room = self._has_room(caller)
        self._beginning[caller] += 1  # at once: whoever asks meanwhile finds it counted
        try:
            if not has_room and (asked.key is None or await self.parts.store.write(asked.key) is None):
                raise RateLimited(TOO_MANY)
            return await self._added(asked, self._record(asked, caller))
        finally:
            self._beginning[caller] -= 1
            self._beginning += Counter()  # without those that are 0

    def _has_room(self, caller: str) -> bool:
        own = sum(each.job.caller == caller for each in self._runs.values()) + self._beginning[caller]
        is_shared = caller == ANYBODY.name
        return len(self._runs) + self._beginning.total() < MOST_JOBS and (is_shared or own < MOST_OF_ONE)

    async def _added(self, asked: Asked, job: JobRecord) -> str:
        """Its id, or that of the one which the key stands for. Raises what `begin` does."""
        if asked.key is not None:
            held = await self.parts.store.claim(self._claim(asked, asked.key, job))
            if held is not None and held.fingerprint != asked.fingerprint:
                raise Conflict("it was used for another input within 24 h", path=["input", "idempotencyKey"])
            if held is not None and held.native_id is not None:
                job.id = held.native_id
                if await self._is_there(job.id):
                    return job.id
        try:
            await self.parts.store.add_job(job)
        except StoreGone as error:
            self._own(self._withdrawn(job))
            raise Doubtful(error.message) from error
        self._go(job)
        return job.id

    async def selected(self, id: str, seconds: float) -> None:
        """Wait until it is settled which SIMs a job is for, so many seconds at most; not at all where another process
        runs it."""
        if id in self._runs:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._runs[id].selected.wait()

    async def cancel(self, id: str) -> bool:
        """Stop a job, wherever it runs; False where it is over, or there is none. Raises StoreGone."""
        is_told = await self.parts.store.cancel_job(id)
        if id in self._runs:
            self._runs[id].look()
        return is_told

    async def aclose(self) -> None:
        """Stop at once. What is not over goes on where the next process takes it up; what is being sent is the
        writer's."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- what this process runs --------------------------------------------------------------------------------

    def _own(self, work: Coroutine[Any, Any, None]) -> None:  # Any: what coroutines have
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[Any]) -> None:  # Any: as above
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # who asked for it was told, or has left

    def _go(self, job: JobRecord) -> None:
        if job.id not in self._runs:
            self._runs[job.id] = Run(self.parts, job)
            self._own(self._running(job.id))

    async def _running(self, id: str) -> None:
        """A job to its end. A mistake of ours stops it for a while and never loses it."""
        try:
            while not await self._ran(id):
                await asyncio.sleep(AFTER_A_MISTAKE)
                job = await insisted(lambda: self.parts.store.job(id))
                if job is None or job.over is not None or job.owner != self.parts.writer.owner:
                    return
                self._runs[id] = Run(self.parts, job)
        finally:
            del self._runs[id]

    async def _ran(self, id: str) -> bool:
        try:
            await self._runs[id].go()
        except Exception:
            log.exception("job %s failed in a way nobody foresaw; it goes on later", id)
            return False
        return True

    async def _adopting(self) -> None:
        while True:
            try:
                await self._adopt()
            except StoreGone as error:
                log.debug("no jobs can be looked for: %s", error)
            except Exception:
                log.exception("jobs could not be looked for in a way nobody foresaw")
            await asyncio.sleep(LEASE)

    async def _adopt(self) -> None:
        for each in await self.parts.store.orphaned_jobs():
            if each in self._runs:
                continue  # ours: the store was gone so long that we counted as dead
            job = await self.parts.store.take_job(each, self.parts.writer.owner)
            if job is not None:
                log.info("job %s goes on here", each)
                self._go(job)

    # --- new ones ----------------------------------------------------------------------------------------------

    async def _is_there(self, id: str) -> bool:
        """Whether the job of a key that is taken was made. Where it was not after a while its process has died just
        then, and whoever asks again may make it: nothing was begun."""
        clock = asyncio.get_running_loop().time
        end = clock() + 2 * LEASE
        while await self.parts.store.job(id) is None:
            if clock() >= end:
                return False
            await asyncio.sleep(LOOK)
        return True

    async def _withdrawn(self, job: JobRecord) -> None:
        """The caller was told that it may not have been begun: so it is not, if it can be helped."""
        there = await insisted(lambda: self.parts.store.job(job.id))
        if there is None or there.owner != job.owner or job.id in self._runs:
            return
        there.state, there.over = JobStatus.REFUSED.name, self.parts.now().timestamp()
        with suppress(Overtaken):
            await insisted(lambda: self.parts.store.save_job(there))

    def _record(self, asked: Asked, caller: str) -> JobRecord:
        return JobRecord(
            id=uuid4().hex,
            caller=caller,
            body=msgspec.json.encode(asked.body),
            state=JobStatus.SELECTING.name,
            owner=self.parts.writer.owner,
            created=self.parts.now().timestamp(),
        )

    def _claim(self, asked: Asked, key: str, job: JobRecord) -> WriteRecord:
        """That this key stands for this job: an outcome from the start, as the job itself tells the rest."""
        return WriteRecord(
            id=key,
            fingerprint=asked.fingerprint,
            likeness="",
            account="",
            operation=asked.body.kind.name.lower(),
            write=b"",
            caller=job.caller,
            owner=job.owner,
            stage=Stage.OVER,
            began=job.created,
            over=job.created,
            outcome=WriteOutcome.PENDING.name,
            native_id=job.id,
        )
