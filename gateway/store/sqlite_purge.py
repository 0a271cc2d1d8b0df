"""What the embedded store drops in time, a little in each transaction so that nobody waits long."""

import sqlite3

from gateway.store.store import KEPT_JOBS, KEPT_WRITES

__all__ = ["purge_some"]

AT_ONCE = 500
"""Writes, jobs or items dropped in one transaction."""


def purge_some(connection: sqlite3.Connection, now: float) -> bool:
    """Drop some of what is older than it is kept; True where more may be left."""
    connection.execute("DELETE FROM owners WHERE until <= ?", (now,))
    writes = connection.execute(
        "DELETE FROM writes WHERE id IN (SELECT id FROM writes WHERE over <= ? LIMIT ?)", (now - KEPT_WRITES, AT_ONCE)
    ).rowcount
    return _purge_job(connection, now) or writes == AT_ONCE


def _purge_job(connection: sqlite3.Connection, now: float) -> bool:
    """Some items of one job, and the job with the last of them."""
    job = connection.execute("SELECT id FROM jobs WHERE over <= ? LIMIT 1", (now - KEPT_JOBS,)).fetchone()
    if job is None:
        return False
    items = connection.execute(
        "DELETE FROM items WHERE job_id = ?1 AND number IN (SELECT number FROM items WHERE job_id = ?1 LIMIT ?2)",
        (*job, AT_ONCE),
    ).rowcount
    if items < AT_ONCE:
        connection.execute("DELETE FROM jobs WHERE id = ?", job)
    return True
