"""The store that replicas share: a Redis or Valkey, all of it under one prefix."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gateway.store.packing import pack, unpack_item, unpack_job, unpack_write
from gateway.store.records import ItemRecord, JobRecord, Stage, WriteRecord
from gateway.store.redis_calls import RedisCalls
from gateway.store.redis_scripts import (
    ALIKE,
    CANCEL_JOB,
    ITEMS,
    ORPHANED_JOBS,
    ORPHANS,
    PURGE_JOBS,
    PUT_ITEMS,
    PUT_JOB,
    PUT_WRITE,
    RELEASE,
    TAKE_JOB,
    TAKE_WRITE,
    TALLY,
)
from gateway.store.store import KEPT_JOBS, KEPT_WRITES, LEASE, MOST, Overtaken, StoreGone

__all__ = ["RedisStore"]

ITEMS_AT_ONCE = 500
"""Items in one script: Redis does nothing else meanwhile."""
JOBS_AT_ONCE = 100
"""The same for jobs that are looked at."""
MOST_DOUBTS = 10_000
"""Writes of which it is not known whether they were put down that are taken back later."""


class RedisStore:
    """Fulfils `gateway.store.store.Store`. `now` is seconds since 1970, the same clock for all processes; only who
    lives is told by Redis's own.

    It is as durable as Redis: `appendonly yes` is needed, and with `appendfsync everysec`, Redis's default, what
    happened in the last second can be lost with its machine; with `appendfsync always` nothing is. `maxmemory-policy`
    must be `noeviction`. Items of a job are added `ITEMS_AT_ONCE` at a time, each time as a whole.
    """

    def __init__(
        self, url: str, now: Callable[[], float], *, ca: str | None = None, prefix: str = "sim-gateway"
    ) -> None:
        self._now = now
        self._calls = RedisCalls(url, ca=ca, prefix=prefix)
        self._doubts: dict[str, set[tuple[str, float]]] = {}

    async def open(self) -> None:
        """Look whether Redis keeps what it is told. Raises nothing: it is connected to when it is asked."""
        await self._calls.look()

    async def aclose(self) -> None:
        await self._calls.aclose()

    async def beat(self, owner: str) -> None:
        await self._calls.call("SET", self._key("owner", owner), 1, "PX", round(LEASE * 1000))
        await self._clear_doubts()

    async def leave(self, owner: str) -> None:
        await self._calls.call("DEL", self._key("owner", owner))

    # --- writes ------------------------------------------------------------------------------------------------

    async def claim(self, record: WriteRecord) -> WriteRecord | None:
        there = await self._put_unsent("claim", record)
        return None if there is None else unpack_write(there[0], there[1].decode())

    async def take(self, id: str, owner: str) -> WriteRecord | None:
        body = await self._calls.run(TAKE_WRITE, id, owner)
        return None if body is None else unpack_write(body, owner)

    async def intend(self, record: WriteRecord) -> None:
        sent = msgspec.structs.replace(record, stage=Stage.SENT, over=None)
        if await self._put_unsent("intend", sent) is not None:
            raise Overtaken

    async def finish(self, record: WriteRecord) -> None:
        end = self._now() if record.over is None else record.over
        await self._put("finish", msgspec.structs.replace(record, stage=Stage.OVER, over=end))

    async def release(self, id: str, owner: str) -> None:
        await self._calls.run(RELEASE, id, owner, "")

    async def write(self, id: str) -> WriteRecord | None:
        body, owner = await self._calls.call("HMGET", self._key("write", id), "body", "owner")
        return next(iter(self._kept([] if body is None else [(body, owner)])), None)

    async def alike(self, likeness: str, since: float) -> list[WriteRecord]:
        return self._kept(await self._calls.run(ALIKE, likeness, since, MOST))

    async def orphans(self) -> list[WriteRecord]:
        return self._kept(await self._calls.run(ORPHANS, MOST))

    # --- jobs --------------------------------------------------------------------------------------------------

    async def add_job(self, job: JobRecord) -> None:
        await self._put_job("add", job)

    async def add_items(self, job_id: str, items: Sequence[ItemRecord]) -> None:
        words = [word for item in items for word in (item.number, item.outcome or "", pack(item))]
        for first in range(0, len(words), 3 * ITEMS_AT_ONCE):
            await self._calls.run(PUT_ITEMS, job_id, *words[first : first + 3 * ITEMS_AT_ONCE])

    async def save_job(self, job: JobRecord) -> None:
        if await self._put_job("save", job) is not None:
            raise Overtaken

    async def cancel_job(self, id: str) -> bool:
        return bool(await self._calls.run(CANCEL_JOB, id))

    async def take_job(self, id: str, owner: str) -> JobRecord | None:
        told = await self._calls.run(TAKE_JOB, id, owner)
        return None if told is None else unpack_job(told[0], owner, cancelled=told[1] == b"1")

    async def orphaned_jobs(self) -> list[str]:
        return [each.decode() for each in await self._calls.run(ORPHANED_JOBS, MOST)]

    async def job(self, id: str) -> JobRecord | None:
        body, owner, cancelled = await self._calls.call("HMGET", self._key("job", id), "body", "owner", "cancelled")
        if body is None:
            return None
        job = unpack_job(body, owner.decode(), cancelled=cancelled == b"1")
        return job if job.over is None or job.over > self._now() - KEPT_JOBS else None

    async def jobs(self, before: tuple[float, str] | None, limit: int, caller: str | None = None) -> list[JobRecord]:
        key = self._key("jobs") if caller is None else self._key("jobs-of", caller)
        newest = "+inf" if before is None else before[0]
        found: list[JobRecord] = []
        passed, count = 0, JOBS_AT_ONCE
        while count == JOBS_AT_ONCE:
            ids = await self._calls.call("ZREVRANGEBYSCORE", key, newest, "-inf", "LIMIT", passed, JOBS_AT_ONCE)
            passed, count = passed + JOBS_AT_ONCE, len(ids)
            for each in ids:
                if len(found) == limit:
                    return found
                job = await self.job(each.decode())
                if job is not None and (before is None or (job.created, job.id) < before):
                    found.append(job)
        return found

    async def items(
        self, job_id: str, start: int, limit: int, outcomes: Iterable[str] = (), *, open_only: bool = False
    ) -> list[ItemRecord]:
        wanted = [""] if open_only else list(dict.fromkeys(outcomes))
        sets = [f"of:{job_id}:{outcome}" for outcome in wanted] or [f"numbers:{job_id}"]
        return [unpack_item(body) for body in await self._calls.run(ITEMS, job_id, start, limit, *sets)]

    async def finish_item(self, job_id: str, item: ItemRecord) -> None:
        await self.add_items(job_id, (item,))

    async def tally(self, job_id: str) -> Mapping[str, int]:
        told = await self._calls.run(TALLY, job_id)
        return {outcome.decode(): count for outcome, count in told if outcome and count}

    # --- the store itself --------------------------------------------------------------------------------------

    async def purge(self) -> None:
        """Drop jobs that are older than they are kept, a part at a time; writes go by themselves."""
        too_old, passed, count = self._now() - KEPT_JOBS, 0, JOBS_AT_ONCE
        while count == JOBS_AT_ONCE:
            count, kept = await self._calls.run(PURGE_JOBS, too_old, passed, JOBS_AT_ONCE)
            passed += kept

    # --- how ---------------------------------------------------------------------------------------------------

    def _key(self, *parts: str) -> str:
        return self._calls.prefix + ":".join(parts)

    def _kept(self, rows: Iterable[tuple[bytes, bytes]]) -> list[WriteRecord]:
        """Those that are not too old."""
        records = [unpack_write(body, owner.decode()) for body, owner in rows]
        return [each for each in records if each.over is None or each.over > self._now() - KEPT_WRITES]

    async def _put_unsent(self, how: str, record: WriteRecord) -> Any:  # Any: see _put
        """Put what nothing is sent of unless this succeeds. Where nobody knows whether it was put it is taken back as
        soon as Redis answers, or it would stand in the way of whoever asks again."""
        if record.id in self._doubts:
            raise StoreGone("the store cannot be used: what was last asked of it is still in doubt")
        try:
            return await self._put(how, record)
        except BaseException:
            if len(self._doubts) < MOST_DOUBTS:
                self._doubts.setdefault(record.id, set()).add((record.owner, record.began))
            raise

    async def _clear_doubts(self) -> None:
        for id, puts in list(self._doubts.items()):  # noqa: A001 - the word of the records
            for owner, began in list(puts):
                await self._calls.run(RELEASE, id, owner, began)
                puts.remove((owner, began))
            if not puts:
                del self._doubts[id]

    async def _put(self, how: str, record: WriteRecord) -> Any:  # Any: a record's parts, a word or nothing
        now, over = self._now(), "" if record.over is None else record.over
        kept = KEPT_WRITES if record.over is None else record.over + KEPT_WRITES - now
        return await self._calls.run(
            PUT_WRITE,
            how,
            record.id,
            record.owner,
            record.likeness,
            record.began,
            over,
            pack(record),
            now - KEPT_WRITES,
            max(1, round(kept * 1000)),
            now - 2 * KEPT_WRITES,
            round(2 * KEPT_WRITES * 1000),
        )

    async def _put_job(self, how: str, job: JobRecord) -> Any:  # Any: as above
        over, end = ("", self._now()) if job.over is None else (job.over, job.over)
        kept = max(1, round((end + KEPT_JOBS - self._now()) * 1000))
        return await self._calls.run(
            PUT_JOB, how, job.id, job.owner, job.created, over, pack(job), int(job.cancelled), kept, job.caller
        )
