"""One request's context: everything a resolver may ask for, made of the parts that answer it."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from gateway.account import OpenAccount
from gateway.allowance import Allowance
from gateway.batch.children import Children
from gateway.batch.entities import Entities
from gateway.batch.plan import Learned, Planner
from gateway.cache.cache import Cache
from gateway.calls import Calls
from gateway.deadline import Deadline
from gateway.dry import DryCalls
from gateway.jobs.jobs import Jobs
from gateway.jobs.requested import RequestedJobs
from gateway.lists.cursor import Sealer
from gateway.lists.lists import Lists
from gateway.lookup import sims_by_device, sims_by_iccid
from gateway.plan import Plan
from gateway.replicas import Scripts
from gateway.rights import ANYBODY, Caller, Reach
from gateway.upstream.errand import Urgency
from gateway.usage.of_sims import SimUsage
from gateway.usage.over_accounts import AccountUsage
from gateway.writes.inputs import Rules
from gateway.writes.requested import Writes
from gateway.writes.writer import Writer
from schema.account import Account
from schema.connection import Connection, Problem
from schema.context import Answers
from schema.errors import Forbidden
from schema.ids import Key
from schema.job import Job, JobCounts, JobItem, JobItemArgs, JobPayload
from schema.lifecycle import EsimProfile
from schema.network import Network
from schema.relation import Loaders
from schema.scopes import Scope, forbidden_kind
from schema.session import DataSession
from schema.sim import Sim
from schema.usage import UsageFilter, UsageRecord, UsageSpan, ZoneUsage
from schema.write import WriteOutcome, Written

__all__ = ["Process", "RequestContext"]

T = TypeVar("T")

FILTER = ("input", "select", "filter")


@dataclass(frozen=True)
class Process:
    """What all requests of this process share."""

    accounts: dict[str, OpenAccount]
    cache: Cache
    learned: Learned
    sealer: Sealer
    now: Callable[[], datetime]
    health: Callable[[], dict[str, str]]
    """Of the cache: which store it has and, where that is shared, whether it can be reached."""
    is_store_there: Callable[[], bool]
    """Whether what is to be changed can be written down first."""
    writer: Writer
    jobs: Jobs
    rules: Rules
    scripts: Scripts | None = None
    """What replicas share, where there are several."""

    def visible(self, reach: Reach) -> Mapping[str, OpenAccount]:
        """The accounts that exist for who has this reach."""
        if reach.is_all:
            return self.accounts
        return {
            name: account
            for name, account in self.accounts.items()
            if reach.sees(name, account.provider_name, account.tags)
        }


class RequestContext:
    """Fulfils `schema.context.Context` for one request. Close it when the answer is made.

    `max_age` is how old, in seconds, an answer from memory may be where the caller said so. A dry one asks nobody.
    Nothing exists in it but what exists for the `caller`. `weight` is what a row of the answer may weigh: the more, the
    fewer rows it is given.
    """

    def __init__(
        self,
        process: Process,
        seconds: float,
        *,
        max_age: float | None = None,
        urgency: Urgency = Urgency.INTERACTIVE,
        is_dry: bool = False,
        caller: Caller = ANYBODY,
        weight: int = 1,
    ) -> None:
        self.loaders = Loaders()
        self.plan = Plan()
        self._allowance = Allowance(weight)
        self._reading_jobs = asyncio.Lock()
        self._caller = caller
        self._now = process.now
        self._accounts = process.visible(caller.reach)
        deadline = Deadline(seconds, asyncio.get_running_loop().time)
        kind_of_calls = DryCalls if is_dry else Calls
        self._calls = kind_of_calls(
            self._accounts,
            process.cache,
            deadline,
            max_age=max_age,
            urgency=urgency,
            plan=self.plan,
            reach=caller.reach,
        )
        sealer = process.sealer.seeing(caller.reach).remembering()
        planner = Planner(self._calls, process.learned.copy() if is_dry else process.learned)
        self._entities = Entities(planner)
        self._lists = Lists(self._calls, sealer)
        self._children = Children(planner, sealer)
        self._sim_usage = SimUsage(planner, process.now)
        self._usage = AccountUsage(self._calls, sealer)
        self._writes = Writes(process.writer, self._calls, deadline, caller.name, process.rules, urgency=urgency)
        self._jobs = RequestedJobs(process.jobs, sealer, deadline, caller, process.rules, entities=self._entities)
        self._described: dict[str, Account] = {}

    async def aclose(self) -> None:
        """End what nobody waits for any more."""
        await self.loaders.aclose()
        await self._calls.aclose()

    @property
    def now(self) -> datetime:
        return self._now()

    def accounts(self) -> list[Account]:
        return [self.account(name) for name in sorted(self._accounts)]

    def account(self, name: str) -> Account:
        if name not in self._described:
            self._described[name] = self._described_to(name)
        return self._described[name]

    def give(self, things: int) -> None:
        self._allowance.count(things)

    def _described_to(self, name: str) -> Account:
        """To who sees some fleets of it only, without what others' questions have done to it."""
        described = self._accounts[name].described()
        if self._calls.fleets(name) is not None:
            return replace(described, quota=None, last_success_at=None)
        return described

    async def load(self, kind: type[T], keys: Sequence[Key]) -> Answers[T]:
        forbidden = forbidden_kind(kind.__name__, self._caller.scopes)
        if forbidden is not None:
            return [forbidden] * len(keys)
        return await self._entities.load(kind, keys)

    async def complete(self, sims: Sequence[Sim]) -> Answers[Sim]:
        return await self._entities.complete(sims)

    async def sims_by_iccid(self, iccid: str) -> list[Sim]:
        return await sims_by_iccid(self._calls, iccid)

    async def sims_by_device(self, device_id: str) -> list[Sim]:
        return await sims_by_device(self._calls, device_id)

    async def page(self, kind: type[T], filter: Any, first: int | None, after: str | None) -> Connection[T]:
        return self._allowance.page(await self._lists.page(kind, filter, first, after))

    async def pages_of(self, kind: type[T], parents: Sequence[Key], args: Any) -> Answers[Connection[T]]:
        return self._allowance.all(await self._children.pages_of(kind, parents, args))

    async def all_of(self, kind: type[T], parents: Sequence[Key]) -> Answers[list[T]]:
        return self._allowance.all(await self._children.all_of(kind, parents))

    async def current_sessions_of(self, sims: Sequence[Key]) -> Answers[DataSession]:
        return await self._children.current_sessions_of(sims)

    async def esim_profiles_of(self, sims: Sequence[Key]) -> Answers[EsimProfile]:
        return await self._children.esim_profiles_of(sims)

    async def networks_in(self, profiles: Sequence[Key], network: Key) -> Answers[Network]:
        return await self._children.networks_in(profiles, network)

    async def usage(self, filter: UsageFilter, first: int | None, after: str | None) -> Connection[UsageRecord]:
        return self._allowance.page(await self._usage.page(filter, first, after))

    async def usage_of(self, sims: Sequence[Key], span: UsageSpan) -> Answers[list[UsageRecord]]:
        return self._allowance.all(await self._sim_usage.of_sims(sims, span))

    async def cycle_usage_of(self, sims: Sequence[Key]) -> Answers[UsageRecord]:
        return await self._sim_usage.cycle_of(sims)

    async def zone_usage_of(self, sims: Sequence[Key]) -> Answers[list[ZoneUsage]]:
        return self._allowance.all(await self._sim_usage.zones_of(sims))

    async def write(self, wanted: Any) -> Written:
        return await self._writes.write(wanted)

    async def start_job(self, wanted: Any) -> JobPayload:
        if wanted.select.filter and not self._caller.may(Scope.SIMS_READ):
            # How many SIMs match is something that is read.
            error = Forbidden(f"select.filter: this takes the scope {Scope.SIMS_READ.value}", path=FILTER)
            return JobPayload(outcome=WriteOutcome.REFUSED, problems=[Problem.of(error)])
        return await self._jobs.start(wanted)

    async def cancel_job(self, native_id: str) -> JobPayload:
        return await self._jobs.cancel(native_id)

    async def jobs_by_id(self, native_ids: Sequence[str]) -> Answers[Job]:
        return await self._jobs.by_id(native_ids)

    async def jobs(self, first: int | None, after: str | None) -> Connection[Job]:
        return await self._of_store(self._jobs.page(first, after))

    async def job_counts(self, jobs: Sequence[Job]) -> Answers[JobCounts]:
        return await self._jobs.counts(jobs)

    async def job_items(self, job: Job, args: JobItemArgs) -> Connection[JobItem]:
        return await self._of_store(self._jobs.items(job, args))

    async def _of_store(self, page: Coroutine[Any, Any, Connection[T]]) -> Connection[T]:  # Any: as asyncio has it
        """One after another, so that nothing is read of what would not be given: no budget counts what this takes."""
        try:
            async with self._reading_jobs:
                self._allowance.look()
                return self._allowance.page(await page)
        finally:
            page.close()
