"""One job from where it stands to its end: its SIMs selected, then each done at its account, all accounts at once."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from itertools import count

import msgspec

from gateway.jobs.body import Body, read_body, write_fault
from gateway.jobs.items import Items
from gateway.jobs.keeping import insisted
from gateway.jobs.lane import Lane
from gateway.jobs.parts import Parts
from gateway.jobs.selection import Unselected, by_account, other_count
from gateway.jobs.walk import Take, walk
from gateway.plan import Plan
from gateway.store.records import ItemRecord, JobRecord
from gateway.store.store import Overtaken, StoreGone
from schema.connection import Problem
from schema.job import JobStatus

__all__ = ["Run"]

MOST_TOGETHER = 8
"""Items that are under way at one account, where it allows so many calls at once."""
LOOK = 0.5
"""Seconds between looks at whether the job was cancelled, or taken over."""
CHUNK = 500
"""Items that are put into the store at once."""

log = logging.getLogger("gateway.jobs")


class Run:
    """`selected` is set when it is settled which SIMs the job is for, or that it is not done."""

    def __init__(self, parts: Parts, job: JobRecord) -> None:
        self.job = job
        self.selected = asyncio.Event()
        self._parts = parts
        self._body = read_body(job)
        self._stop = asyncio.Event()
        self._look = asyncio.Event()
        self._is_lost = False

    def look(self) -> None:
        """See at once whether it was cancelled."""
        self._look.set()

    async def go(self) -> None:
        """To its end, or until another process has taken it over."""
        if self.job.cancelled:
            self._stop.set()
        watching = asyncio.create_task(self._watch())
        try:
            await self._through()
        except* Overtaken:
            log.warning("job %s was taken over by another process", self.job.id)
        finally:
            self.selected.set()
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _through(self) -> None:
        if self.job.state == JobStatus.SELECTING.name and not self._stop.is_set():
            try:
                await self._select()
            except Unselected as unselected:
                await self._end(JobStatus.REFUSED, unselected.problems)
                return
        self.selected.set()
        if not self._stop.is_set():
            await self._do_all()
        if not self._is_lost:
            await self._end(await self._how_it_ended())

    async def _how_it_ended(self) -> JobStatus:
        """Where it was stopped after everything was done it is done all the same."""
        if self.job.total is None:
            return JobStatus.CANCELLED
        left = await insisted(lambda: self._parts.store.items(self.job.id, 0, 1, open_only=True))
        return JobStatus.CANCELLED if left and left[0].number < self.job.total else JobStatus.DONE

    async def _end(self, status: JobStatus, problems: Sequence[Problem] = ()) -> None:
        self.job.over = self._parts.now().timestamp()
        self.job.fault = write_fault(list(problems)) if problems else b""
        self._body = Body(kind=self._body.kind)
        await self._save(status)
        log.info("job %s is over: %s", self.job.id, status.name)

    async def _save(self, status: JobStatus) -> None:
        self.job.state = status.name
        self.job.body = msgspec.json.encode(self._body)
        await insisted(lambda: self._parts.store.save_job(self.job))

    async def _watch(self) -> None:
        """Stop it when it was cancelled, or is another's."""
        while not self._stop.is_set():
            self._look.clear()
            try:
                async with asyncio.timeout(LOOK):
                    await self._look.wait()
            except TimeoutError:
                pass
            try:
                there = await self._parts.store.job(self.job.id)
            except StoreGone:
                continue
            except Exception:
                log.exception("job %s could not be looked at in a way nobody foresaw", self.job.id)
                continue
            self._is_lost = there is None or there.owner != self.job.owner
            if there is None or there.cancelled or self._is_lost:
                self._stop.set()

    # --- which SIMs --------------------------------------------------------------------------------------------

    async def _select(self) -> None:
        """Put its items into the store. Raises Unselected where it is not certain which they are."""
        body, numbers = self._body, count()

        async def take(account: str, native_ids: Sequence[str]) -> None:
            items = [ItemRecord(number=next(numbers), account=account, native_id=each) for each in native_ids]
            for begin in range(0, len(items), CHUNK):
                chunk = items[begin : begin + CHUNK]
                await insisted(partial(self._parts.store.add_items, self.job.id, chunk))

        for account, native_ids in by_account(body.keys).items():
            await take(account, native_ids)
        found = len(body.keys) or await self._walked(take)
        if self._stop.is_set():
            return
        if body.expected is not None and found != body.expected:
            raise Unselected([other_count(found, body.expected)])
        body.keys, body.where, body.fleets = [], {}, {}
        self.job.total, self.job.started = found, self._parts.now().timestamp()
        await self._save(JobStatus.RUNNING)

    async def _walked(self, take: Take) -> int:
        """As `walk`. Its caller pays for it as it goes on, whatever becomes of it."""
        body, plan, paid = self._body, Plan(), 0

        async def pay() -> None:
            nonlocal paid
            made = sum(plan.calls_by_account().values())
            owed, paid = made - paid, made
            await self._parts.terms.charge(self.job.caller, owed)

        async def take_and_pay(account: str, native_ids: list[str]) -> None:
            await pay()
            await take(account, native_ids)

        try:
            return await walk(self._parts.accounts, body.where, take_and_pay, self._stop, body.fleets, plan=plan)
        finally:
            await pay()

    # --- each of them ------------------------------------------------------------------------------------------

    async def _do_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for name in self._body.accounts:
                group.create_task(self._lane(name).run(self._places(name)))

    def _places(self, account: str) -> int:
        opened = self._parts.accounts.get(account)
        return MOST_TOGETHER if opened is None else max(1, min(opened.pace.limits.concurrency, MOST_TOGETHER))

    def _lane(self, account: str) -> Lane:
        items = Items(self._parts, self.job, self._body)
        random, timing = self._parts.random, self._parts.timing
        return Lane(
            account, items.fetch, items.do, items.done, self._stop, random=random, timing=timing, turn=items.turn
        )
