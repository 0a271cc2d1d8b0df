"""Jobs and their items as the schema has them, from their records."""

from datetime import UTC, datetime

from gateway.jobs.body import read_body, read_fault, read_result
from gateway.store.records import ItemRecord, JobRecord
from gateway.store.store import StoreGone
from schema.connection import Problem
from schema.ids import Key
from schema.job import Job, JobCounts, JobItem, JobPayload, JobStatus
from schema.write import WriteOutcome

__all__ = ["counts_of", "item_of", "job_of", "not_known", "outcome_of"]

OVER = {JobStatus.CANCELLED, JobStatus.DONE, JobStatus.REFUSED}


def job_of(record: JobRecord) -> Job:
    status = JobStatus[record.state]
    if record.cancelled and status not in OVER:
        status = JobStatus.CANCELLING
    return Job(
        native_id=record.id,
        kind=read_body(record).kind,
        status=status,
        created_at=_moment(record.created),
        started_at=None if record.started is None else _moment(record.started),
        finished_at=None if record.over is None else _moment(record.over),
        total=record.total,
        problems=read_fault(record),
    )


def outcome_of(job: Job) -> WriteOutcome:
    """What a payload says of a job: that it was taken, however far it has come. What became of its SIMs it tells."""
    return WriteOutcome.REFUSED if job.status is JobStatus.REFUSED else WriteOutcome.PENDING


def counts_of(job: Job, tally: dict[str, int]) -> JobCounts:
    counted = {each: tally.get(each.name, 0) for each in WriteOutcome}
    return JobCounts(
        waiting=max(0, (job.total or 0) - sum(counted.values())),
        applied=counted[WriteOutcome.APPLIED],
        pending=counted[WriteOutcome.PENDING],
        refused=counted[WriteOutcome.REFUSED],
        unknown=counted[WriteOutcome.UNKNOWN],
    )


def item_of(record: ItemRecord) -> JobItem:
    result = read_result(record)
    return JobItem(
        key=Key(record.account, record.native_id),
        number=record.number,
        outcome=None if record.outcome is None else WriteOutcome[record.outcome],
        command_kind=result.command_kind,
        command_id=result.command_id,
        problems=result.problems,
        finished_at=None if record.over is None else _moment(record.over),
    )


def not_known(error: StoreGone) -> JobPayload:
    problem = Problem.of(error)
    problem.message, problem.retryable = f"it may have happened: {error.message}", False
    return JobPayload(outcome=WriteOutcome.UNKNOWN, problems=[problem])


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
