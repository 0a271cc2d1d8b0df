"""Jobs and their items in the embedded store. Each function is part of one transaction."""

import sqlite3
from collections.abc import Iterable, Sequence

from gateway.store.packing import pack, unpack_item, unpack_job
from gateway.store.records import ItemRecord, JobRecord
from gateway.store.sqlite_writes import DEAD
from gateway.store.store import KEPT_JOBS, MOST, Overtaken

__all__ = ["add", "add_items", "cancel", "find", "items", "orphans", "page", "save", "take", "tally"]

JOB = "SELECT body, owner, cancelled FROM jobs WHERE (over IS NULL OR over > ?)"
"""Its parameter is the moment after which a job must have ended to be still kept."""

PUT_ITEM = (
    "INSERT OR REPLACE INTO items (job_id, number, outcome, body)"
    " SELECT id, ?, ?, ? FROM jobs WHERE id = ?"  # none where the job is kept no more
)


def add(connection: sqlite3.Connection, job: JobRecord) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO jobs (id, caller, created, owner, over, cancelled, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (job.id, job.caller, job.created, job.owner, job.over, job.cancelled, pack(job)),
    )


def save(connection: sqlite3.Connection, job: JobRecord) -> None:
    """Put all but `cancelled`, or raise Overtaken."""
    there = connection.execute("SELECT owner FROM jobs WHERE id = ?", (job.id,)).fetchone()
    if there is not None and job.owner and there[0] != job.owner:
        raise Overtaken
    connection.execute(
        "UPDATE jobs SET created = ?, owner = ?, over = ?, body = ? WHERE id = ?",
        (job.created, job.owner, job.over, pack(job), job.id),
    )


def cancel(connection: sqlite3.Connection, id: str) -> bool:
    return bool(connection.execute("UPDATE jobs SET cancelled = 1 WHERE id = ? AND over IS NULL", (id,)).rowcount)


def take(connection: sqlite3.Connection, id: str, owner: str, now: float) -> JobRecord | None:
    """The job, now of this owner; None where it is over or its owner lives."""
    taken = connection.execute(
        f"UPDATE jobs SET owner = ? WHERE id = ? AND over IS NULL AND {DEAD}",  # noqa: S608 - our own words
        (owner, id, now),
    )
    return find(connection, id, now) if taken.rowcount else None


def orphans(connection: sqlite3.Connection, now: float) -> list[str]:
    rows = connection.execute(
        f"SELECT id FROM jobs WHERE over IS NULL AND {DEAD} ORDER BY created LIMIT ?",  # noqa: S608 - as above
        (now, MOST),
    )
    return [row[0] for row in rows]


def find(connection: sqlite3.Connection, id: str, now: float) -> JobRecord | None:
    rows = connection.execute(f"{JOB} AND id = ?", (now - KEPT_JOBS, id))
    return next(iter(_records(rows)), None)


def page(
    connection: sqlite3.Connection, before: tuple[float, str] | None, limit: int, caller: str | None, now: float
) -> list[JobRecord]:
    behind, place = ("", ()) if before is None else (" AND (created, id) < (?, ?)", before)
    whose, name = ("", ()) if caller is None else (" AND caller = ?", (caller,))
    rows = connection.execute(
        f"{JOB}{behind}{whose} ORDER BY created DESC, id DESC LIMIT ?", (now - KEPT_JOBS, *place, *name, limit)
    )
    return _records(rows)


def add_items(connection: sqlite3.Connection, job_id: str, items: Sequence[ItemRecord]) -> None:
    rows = [(item.number, item.outcome, pack(item), job_id) for item in items]
    connection.executemany(PUT_ITEM, rows)


def items(
    connection: sqlite3.Connection, job_id: str, start: int, limit: int, outcomes: Iterable[str], *, open_only: bool
) -> list[ItemRecord]:
    wanted = tuple(outcomes)
    query = "SELECT body FROM items WHERE job_id = ? AND number >= ?"
    if open_only:
        wanted, query = (), f"{query} AND outcome IS NULL"
    elif wanted:
        query = f"{query} AND outcome IN ({', '.join('?' * len(wanted))})"
    rows = connection.execute(f"{query} ORDER BY number LIMIT ?", (job_id, start, *wanted, limit))
    return [unpack_item(body) for (body,) in rows]


def tally(connection: sqlite3.Connection, job_id: str) -> dict[str, int]:
    rows = connection.execute(
        "SELECT outcome, count(*) FROM items WHERE job_id = ? AND outcome IS NOT NULL GROUP BY outcome", (job_id,)
    )
    return dict(rows.fetchall())


def _records(rows: Iterable[tuple[bytes, str, int]]) -> list[JobRecord]:
    return [unpack_job(body, owner, cancelled=bool(cancelled)) for body, owner, cancelled in rows]
