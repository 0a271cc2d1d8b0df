"""The embedded store: one SQLite file that all processes of one machine may share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from gateway.store import sqlite_jobs as jobs
from gateway.store import sqlite_writes as writes
from gateway.store.records import ItemRecord, JobRecord, Stage, WriteRecord
from gateway.store.sqlite_file import NAME
from gateway.store.sqlite_purge import purge_some
from gateway.store.sqlite_thread import SqliteThread

__all__ = ["SqliteStore"]


class SqliteStore:
    """Fulfils `gateway.store.store.Store`. `now` is seconds since 1970, the same clock for all processes.

    The file is in the folder, which is made if it is missing. What has happened is on disk, past the system's own
    caches (WAL with synchronous=FULL).
    """

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        self._now = now
        self._thread = SqliteThread(folder / NAME)

    async def open(self) -> None:
        """Make or open the file. Raises StoreGone, which names the file, where it is damaged or somebody else's."""
        await self._thread.open()

    async def aclose(self) -> None:
        await self._thread.aclose()

    async def beat(self, owner: str) -> None:
        now = self._now()
        await self._thread.write(lambda connection: writes.beat(connection, owner, now))

    async def leave(self, owner: str) -> None:
        await self._thread.write(lambda connection: writes.leave(connection, owner))

    # --- writes ------------------------------------------------------------------------------------------------

    async def claim(self, record: WriteRecord) -> WriteRecord | None:
        now, copy = self._now(), msgspec.structs.replace(record)
        return await self._thread.write(lambda connection: writes.claim(connection, copy, now))

    async def take(self, id: str, owner: str) -> WriteRecord | None:
        now = self._now()
        return await self._thread.write(lambda connection: writes.take(connection, id, owner, now))

    async def intend(self, record: WriteRecord) -> None:
        now, sent = self._now(), msgspec.structs.replace(record, stage=Stage.SENT, over=None)
        await self._thread.write(lambda connection: writes.intend(connection, sent, now))

    async def finish(self, record: WriteRecord) -> None:
        end = self._now() if record.over is None else record.over
        over = msgspec.structs.replace(record, stage=Stage.OVER, over=end)
        await self._thread.write(lambda connection: writes.put(connection, over))

    async def release(self, id: str, owner: str) -> None:
        await self._thread.write(lambda connection: writes.release(connection, id, owner))

    async def write(self, id: str) -> WriteRecord | None:
        now = self._now()
        return await self._thread.read(lambda connection: writes.find(connection, id, now))

    async def alike(self, likeness: str, since: float) -> list[WriteRecord]:
        now = self._now()
        return await self._thread.read(lambda connection: writes.alike(connection, likeness, since, now))

    async def orphans(self) -> list[WriteRecord]:
        now = self._now()
        return await self._thread.read(lambda connection: writes.orphans(connection, now))

    # --- jobs --------------------------------------------------------------------------------------------------

    async def add_job(self, job: JobRecord) -> None:
        copy = msgspec.structs.replace(job)
        await self._thread.write(lambda connection: jobs.add(connection, copy))

    async def add_items(self, job_id: str, items: Sequence[ItemRecord]) -> None:
        copies = [msgspec.structs.replace(item) for item in items]
        await self._thread.write(lambda connection: jobs.add_items(connection, job_id, copies))

    async def save_job(self, job: JobRecord) -> None:
        copy = msgspec.structs.replace(job)
        await self._thread.write(lambda connection: jobs.save(connection, copy))

    async def cancel_job(self, id: str) -> bool:
        return await self._thread.write(lambda connection: jobs.cancel(connection, id))

    async def take_job(self, id: str, owner: str) -> JobRecord | None:
        now = self._now()
        return await self._thread.write(lambda connection: jobs.take(connection, id, owner, now))

    async def orphaned_jobs(self) -> list[str]:
        now = self._now()
        return await self._thread.read(lambda connection: jobs.orphans(connection, now))

    async def job(self, id: str) -> JobRecord | None:
        now = self._now()
        return await self._thread.read(lambda connection: jobs.find(connection, id, now))

    async def jobs(self, before: tuple[float, str] | None, limit: int, caller: str | None = None) -> list[JobRecord]:
        now = self._now()
        return await self._thread.read(lambda connection: jobs.page(connection, before, limit, caller, now))

    async def items(
        self, job_id: str, start: int, limit: int, outcomes: Iterable[str] = (), *, open_only: bool = False
    ) -> list[ItemRecord]:
        wanted = tuple(outcomes)
        return await self._thread.read(
            lambda connection: jobs.items(connection, job_id, start, limit, wanted, open_only=open_only)
        )

    async def finish_item(self, job_id: str, item: ItemRecord) -> None:
        await self.add_items(job_id, (item,))

    async def tally(self, job_id: str) -> Mapping[str, int]:
        return await self._thread.read(lambda connection: jobs.tally(connection, job_id))

    # --- the store itself --------------------------------------------------------------------------------------

    async def purge(self) -> None:
        """Drop what is older than it is kept, a part at a time."""
        now = self._now()
        while await self._thread.write(lambda connection: purge_some(connection, now)):
            pass
