"""The jobs of one request: what its fields ask of them, as the schema has it. A job exists for who began it, and for
who may look after everything."""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

from gateway.batch.entities import Entities
from gateway.deadline import Deadline
from gateway.jobs.asked import Asked, BulkInput, Refusal, asked_of, planned
from gateway.jobs.jobs import Doubtful, Jobs
from gateway.jobs.shown import counts_of, item_of, job_of, not_known, outcome_of
from gateway.jobs.visible import Visible
from gateway.lists.cursor import Place, Positions, Sealer, fingerprint
from gateway.rights import Caller
from gateway.store.store import StoreGone
from gateway.writes.inputs import Rules
from schema.connection import Connection, Edge, PageInfo, Problem, page_size
from schema.context import Answers
from schema.errors import Conflict, Invalid, NotFound, RateLimited
from schema.job import Job, JobCounts, JobItem, JobItemArgs, JobPayload, JobStatus
from schema.write import WriteOutcome

__all__ = ["RequestedJobs"]

T = TypeVar("T")

ANSWER_TIME = 1.0
"""Seconds before the request's time is over at which it is answered with what is known of a new job."""
PLACE = "jobs"
"""The one list that a cursor of ours is a place in."""


class RequestedJobs:
    """`caller` is who sent the request, `entities` loads what exists for him."""

    def __init__(
        self,
        jobs: Jobs,
        sealer: Sealer,
        deadline: Deadline,
        caller: Caller,
        rules: Rules,
        *,
        entities: Entities,
    ) -> None:
        self._jobs = jobs
        self._entities = entities
        self._visible = Visible(jobs.parts.store, caller, entities)
        self._store = jobs.parts.store
        self._sealer = sealer
        self._deadline = deadline
        self._caller = caller
        self._rules = rules

    async def start(self, wanted: BulkInput) -> JobPayload:
        """Begin a job, or only look what it would take. What is wrong is told, never raised."""
        try:
            asked = await asked_of(wanted, self._entities, self._caller.name, self._rules, self._jobs.parts.writer)
            if wanted.dry_run:
                plan = await planned(asked, self._entities.calls, self._seconds())
                return JobPayload(outcome=WriteOutcome.DRY_RUN, plan=plan, problems=asked.problems)
        except Refusal as refusal:
            return JobPayload(outcome=WriteOutcome.REFUSED, problems=refusal.problems)
        return await self._begun(asked)

    async def cancel(self, id: str) -> JobPayload:
        """Stop a job. As above."""
        try:
            is_told = await self._visible.job(id) is not None and await self._jobs.cancel(id)
            found = await self._visible.job(id)
        except StoreGone as error:
            return not_known(error)
        if found is None:
            problem = Problem.of(NotFound("id: there is no such job", path=["id"]))
            return JobPayload(outcome=WriteOutcome.REFUSED, problems=[problem])
        job = self._visible.shown(found)
        if is_told or job.status is JobStatus.CANCELLED:
            return JobPayload(job=job, outcome=outcome_of(job))
        problem = Problem.of(Invalid("id: the job is over", path=["id"]))
        return JobPayload(job=job, outcome=WriteOutcome.REFUSED, problems=[problem])

    async def by_id(self, ids: Sequence[str]) -> Answers[Job]:
        answers: Answers[Job] = []
        for each in ids:
            try:
                found = await self._visible.job(each)
                answers.append(None if found is None else self._visible.shown(found))
            except StoreGone as error:
                answers.append(error)
        return answers

    async def page(self, first: int | None, after: str | None) -> Connection[Job]:
        """One page of the jobs there are for the caller, the newest first. Raises Invalid, StoreGone."""
        wanted, question = page_size(first), fingerprint(PLACE, self._visible.owner)
        before = None
        if (token := self._token(question, after)) is not None:
            created, _, last = token.partition(" ")
            before = (float(created), last)
        found = await self._store.jobs(before, wanted + 1, self._visible.owner)
        jobs = [(self._visible.shown(each), f"{each.created!r} {each.id}") for each in found[:wanted]]
        edges = [self._edge(question, job, token) for job, token in jobs]
        return _connection(edges, has_more=len(found) > wanted, total=None)

    async def counts(self, jobs: Sequence[Job]) -> Answers[JobCounts]:
        answers: Answers[JobCounts] = []
        for job in jobs:
            try:
                answers.append(counts_of(job, dict(await self._store.tally(job.native_id))))
            except StoreGone as error:
                answers.append(error)
        return answers

    async def items(self, job: Job, args: JobItemArgs) -> Connection[JobItem]:
        """One page of a job's items. Raises Invalid, StoreGone."""
        wanted = page_size(args.first)
        outcomes = None if args.outcome is None else sorted({each.name for each in args.outcome})
        question = fingerprint(PLACE, job.native_id, outcomes)
        start = int(self._token(question, args.after) or 0)
        page = await self._visible.items(job, start, wanted, outcomes)
        edges = [self._edge(question, item_of(each), str(each.number + 1)) for each in page.items]
        total = job.total
        if outcomes is not None:
            tally = await self._store.tally(job.native_id)
            total = sum(tally.get(each, 0) for each in outcomes)
        connection = _connection(edges, has_more=page.behind is not None, total=None if page.hides_some else total)
        if page.behind is not None and not edges:  # nothing to show of so many, and more behind them
            connection.page_info.end_cursor = self._edge(question, None, str(page.behind)).place()
        return connection

    # --- beginning one -----------------------------------------------------------------------------------------

    async def _begun(self, asked: Asked) -> JobPayload:
        try:
            new = await self._jobs.begin(asked, self._caller.name)
        except Doubtful as error:
            return not_known(error)
        except (Conflict, RateLimited, StoreGone) as error:
            return JobPayload(outcome=WriteOutcome.REFUSED, problems=[Problem.of(error)])
        await self._jobs.selected(new, self._seconds())
        try:
            found = await self._store.job(new)
        except StoreGone as error:
            return not_known(error)
        if found is None:  # it is kept for days: somebody has emptied the store meanwhile
            return not_known(StoreGone("the job cannot be read any more"))
        job = job_of(found)
        is_refused = job.status is JobStatus.REFUSED
        return JobPayload(job=job, outcome=outcome_of(job), problems=job.problems if is_refused else asked.problems)

    def _seconds(self) -> float:
        return max(0.0, self._deadline.at - asyncio.get_running_loop().time() - ANSWER_TIME)

    # --- pages -------------------------------------------------------------------------------------------------

    def _token(self, question: bytes, after: str | None) -> str | None:
        """Behind what the reader stands. Raises Invalid."""
        if not after:
            return None
        place = self._sealer.read(question, after).places.get(PLACE)
        return None if place is None else place.token

    def _edge(self, question: bytes, node: T, token: str) -> Edge[T]:
        return Edge(node=node, place=lambda: self._sealer.write(question, Positions({PLACE: Place(0, token)})))


def _connection(edges: list[Edge[T]], *, has_more: bool, total: int | None) -> Connection[T]:
    info = PageInfo(
        has_next_page=has_more,
        start_cursor=edges[0].place() if edges else None,
        end_cursor=edges[-1].place() if edges else None,
    )
    return Connection(edges=edges, page_info=info, total_count=total, problems=[])
