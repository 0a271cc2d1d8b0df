"""Writes and the processes that own them, in the embedded store. Each function is part of one transaction."""

import sqlite3
from collections.abc import Iterable

from gateway.store.packing import pack, unpack_write
from gateway.store.records import Stage, WriteRecord
from gateway.store.store import KEPT_WRITES, LEASE, MOST, Overtaken

__all__ = ["DEAD", "alike", "beat", "claim", "find", "intend", "leave", "orphans", "put", "release", "take"]

DEAD = "NOT EXISTS (SELECT 1 FROM owners WHERE owners.id = owner AND until > ?)"
"""The owner of a row has not beaten since; its parameter is the time now."""

PUT = (
    "INSERT INTO writes (id, likeness, owner, stage, began, over, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET likeness = excluded.likeness, owner = excluded.owner, stage = excluded.stage,"
    " began = excluded.began, over = excluded.over, body = excluded.body"
)


def beat(connection: sqlite3.Connection, owner: str, now: float) -> None:
    connection.execute("INSERT OR REPLACE INTO owners (id, until) VALUES (?, ?)", (owner, now + LEASE))


def leave(connection: sqlite3.Connection, owner: str) -> None:
    connection.execute("DELETE FROM owners WHERE id = ?", (owner,))


def claim(connection: sqlite3.Connection, record: WriteRecord, now: float) -> WriteRecord | None:
    """The record that is there; None where this one was put."""
    there = find(connection, record.id, now)
    if there is None:
        put(connection, record)
    return there


def intend(connection: sqlite3.Connection, record: WriteRecord, now: float) -> None:
    """Put it, or raise Overtaken."""
    there = find(connection, record.id, now)
    if there is not None and (there.stage is Stage.OVER or there.owner != record.owner):
        raise Overtaken
    put(connection, record)


def put(connection: sqlite3.Connection, record: WriteRecord) -> None:
    row = (record.id, record.likeness, record.owner, record.stage.value, record.began, record.over, pack(record))
    connection.execute(PUT, row)


def take(connection: sqlite3.Connection, id: str, owner: str, now: float) -> WriteRecord | None:
    """The write, now of this owner; None where it is over or its owner lives."""
    taken = connection.execute(
        f"UPDATE writes SET owner = ? WHERE id = ? AND over IS NULL AND {DEAD}",  # noqa: S608 - our own words
        (owner, id, now),
    )
    return find(connection, id, now) if taken.rowcount else None


def release(connection: sqlite3.Connection, id: str, owner: str) -> None:
    connection.execute("DELETE FROM writes WHERE id = ? AND owner = ? AND over IS NULL", (id, owner))


def find(connection: sqlite3.Connection, id: str, now: float) -> WriteRecord | None:
    rows = connection.execute(
        "SELECT body, owner FROM writes WHERE id = ? AND (over IS NULL OR over > ?)", (id, now - KEPT_WRITES)
    )
    return next(iter(_records(rows)), None)


def alike(connection: sqlite3.Connection, likeness: str, since: float, now: float) -> list[WriteRecord]:
    rows = connection.execute(
        "SELECT body, owner FROM writes WHERE likeness = ? AND began >= ? AND (over IS NULL OR over > ?)"
        " ORDER BY began DESC LIMIT ?",
        (likeness, since, now - KEPT_WRITES, MOST),
    )
    return _records(rows)


def orphans(connection: sqlite3.Connection, now: float) -> list[WriteRecord]:
    rows = connection.execute(
        f"SELECT body, owner FROM writes WHERE over IS NULL AND {DEAD} ORDER BY began LIMIT ?",  # noqa: S608 - as above
        (now, MOST),
    )
    return _records(rows)


def _records(rows: Iterable[tuple[bytes, str]]) -> list[WriteRecord]:
    return [unpack_write(body, owner) for body, owner in rows]
