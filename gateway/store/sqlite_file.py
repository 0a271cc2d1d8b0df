"""The file of the embedded store: made, opened, and known to be ours."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from gateway.store.packing import unpack_job
from gateway.store.store import StoreGone

__all__ = ["NAME", "VERSION", "open_file", "reason_of"]

NAME = "store.sqlite"
"""The file's name in its folder. SQLite keeps two more beside it, and needs a disk of this machine for them."""

VERSION = 2
"""Of the tables, kept as `PRAGMA user_version`. Version 1 did not tell whose a job is, but in its body."""
OURS = 0x53494D47
"""Kept as `PRAGMA application_id`: "SIMG"."""
PATIENCE = 5000
"""Milliseconds to wait while another process writes."""
PAUSE = 0.01
"""Seconds between two attempts to open what another process is just opening."""
MOST_LOG = 64 * 1024 * 1024
"""Bytes that the write-ahead log keeps when it is empty."""

JOBS_OF_CALLER = "CREATE INDEX jobs_of_caller ON jobs (caller, created, id)"

TABLES = (
    "CREATE TABLE owners (id TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE writes (id TEXT PRIMARY KEY, likeness TEXT NOT NULL, owner TEXT NOT NULL, stage TEXT NOT NULL,"
    " began REAL NOT NULL, over REAL, body BLOB NOT NULL)",
    "CREATE INDEX writes_alike ON writes (likeness, began)",
    "CREATE INDEX writes_open ON writes (began) WHERE over IS NULL",
    "CREATE INDEX writes_over ON writes (over) WHERE over IS NOT NULL",
    "CREATE TABLE jobs (id TEXT PRIMARY KEY, created REAL NOT NULL, owner TEXT NOT NULL, over REAL,"
    " cancelled INTEGER NOT NULL, body BLOB NOT NULL, caller TEXT NOT NULL DEFAULT '')",
    "CREATE INDEX jobs_created ON jobs (created, id)",
    JOBS_OF_CALLER,
    "CREATE INDEX jobs_open ON jobs (created) WHERE over IS NULL",
    "CREATE INDEX jobs_over ON jobs (over) WHERE over IS NOT NULL",
    "CREATE TABLE items (job_id TEXT NOT NULL, number INTEGER NOT NULL, outcome TEXT, body BLOB NOT NULL,"
    " PRIMARY KEY (job_id, number)) WITHOUT ROWID",
    "CREATE INDEX items_outcome ON items (job_id, outcome, number)",
)

REASONS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_BUSY": "another process keeps it locked",
    "SQLITE_LOCKED": "another process keeps it locked",
    "SQLITE_CORRUPT": "its file is damaged",
    "SQLITE_NOTADB": "its file is damaged, or not a store",
    "SQLITE_READONLY": "it can only be read",
    "SQLITE_PERM": "its file may not be used",
    "SQLITE_CANTOPEN": "its file cannot be opened",
    "SQLITE_IOERR": "the disk fails",
}


def open_file(path: Path) -> sqlite3.Connection:
    """A connection for the thread that calls this. Raises StoreGone, which names the file."""
    connection = None
    try:
        _make(path)
        connection = sqlite3.connect(path, isolation_level=None)
        _prepare_patiently(connection)
    except (OSError, sqlite3.Error, _Foreign) as error:
        if connection is not None:
            connection.close()
        raise StoreGone(f"the store {path} cannot be used: {reason_of(error)}") from error
    return connection


def reason_of(error: Exception) -> str:
    """Why the store cannot be used, in our words."""
    if isinstance(error, OSError):
        return error.strerror or "the disk fails"
    # An extended name begins with the plain one: SQLITE_IOERR_WRITE.
    name = getattr(error, "sqlite_errorname", "")
    return next((words for start, words in REASONS.items() if name.startswith(start)), None) or (
        str(error) if isinstance(error, _Foreign) else "its file does not do what it should"
    )


class _Foreign(Exception):
    """Somebody else's file, or one of a later gateway."""


def _make(path: Path) -> None:
    """Make the folder and the file where they are missing, both for their owner only. SQLite gives the files that it
    keeps beside this one the same rights."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # One that is there is not even opened: closing it would end the locks that this process has on it.
    with suppress(FileExistsError):
        path.touch(0o600, exist_ok=False)


def _prepare_patiently(connection: sqlite3.Connection) -> None:
    """Several processes may begin at once, and SQLite does not wait for each other in all that this needs."""
    end = monotonic() + PATIENCE / 1000
    while True:
        try:
            _prepare(connection)
        except sqlite3.OperationalError as error:
            connection.rollback()
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or monotonic() > end:
                raise
            sleep(PAUSE)
        else:
            return


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    connection.execute("BEGIN IMMEDIATE")
    _make_tables(connection)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # messages and codes go when they are no longer needed
    connection.execute(f"PRAGMA journal_size_limit = {MOST_LOG}")


def _make_tables(connection: sqlite3.Connection) -> None:
    """Make them in an empty file, and bring older ones up to date; another process may have been faster. Raises
    _Foreign for a file with others."""
    owner, version = _number(connection, "application_id"), _number(connection, "user_version")
    if (owner, version) == (OURS, VERSION):
        return
    if (owner, version) == (OURS, 1):
        _tell_whose_jobs(connection)
        return
    if owner == OURS:
        raise _Foreign(f"it is of version {version}, and this gateway knows {VERSION}")
    if owner or version or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise _Foreign("it is a file of something else")
    for table in TABLES:
        connection.execute(table)
    connection.execute(f"PRAGMA application_id = {OURS}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _tell_whose_jobs(connection: sqlite3.Connection) -> None:
    """From version 1 to 2."""
    connection.execute("ALTER TABLE jobs ADD COLUMN caller TEXT NOT NULL DEFAULT ''")
    bodies = connection.execute("SELECT id, body FROM jobs").fetchall()
    callers = [(unpack_job(body, "", cancelled=False).caller, id) for id, body in bodies]  # noqa: A001 - the column's
    connection.executemany("UPDATE jobs SET caller = ? WHERE id = ?", callers)
    connection.execute(JOBS_OF_CALLER)
    connection.execute("PRAGMA user_version = 2")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
