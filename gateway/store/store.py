"""The durable store, as those see it who use it: SQLite embedded, or Redis where replicas share one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from gateway.store.records import ItemRecord, JobRecord, WriteRecord
from schema.errors import Unavailable

__all__ = ["KEPT_JOBS", "KEPT_WRITES", "LEASE", "MOST", "Overtaken", "Store", "StoreGone"]

LEASE = 5.0
"""Seconds after its last beat at which a process counts as dead and others may take over what it owned."""

KEPT_WRITES = 24 * 3600.0
"""Seconds for which a write's outcome answers a repeated idempotency key."""

KEPT_JOBS = 7 * 24 * 3600.0
"""Seconds for which a job that is over can be read."""

MOST = 100
"""Records in one answer where nobody says how many."""


class StoreGone(Unavailable):
    """The store cannot be reached or written. Nothing may be sent whose intent cannot be written down."""


class Overtaken(StoreGone):
    """This process counted as dead and another took over, which may be at it now. This one must send nothing, and has
    nothing to tidy up."""

    def __init__(self) -> None:
        super().__init__("another process of the gateway has taken this over")


class Store(Protocol):
    """Every method has happened durably when it returns, or raises StoreGone. Each is atomic, also over processes."""

    # --- processes ---------------------------------------------------------------------------------------------

    async def beat(self, owner: str) -> None:
        """This process is alive, for `LEASE` seconds from now. The first one makes it known."""

    async def leave(self, owner: str) -> None:
        """This process ends in good order: what it still owns may be taken over at once."""

    # --- writes ------------------------------------------------------------------------------------------------

    async def claim(self, record: WriteRecord) -> WriteRecord | None:
        """Put the record if there is none of its id, or one that is over and older than it may be; None then.
        Otherwise the record that is there, unchanged."""

    async def take(self, id: str, owner: str) -> WriteRecord | None:
        """Make this process the owner of a write that is not over and whose owner is dead, and give the record; None
        where there is none such: somebody lives who does it, or another was faster, or it is over."""

    async def intend(self, record: WriteRecord) -> None:
        """Put the record as it is, in stage SENT, over the one of the same id if there is one: written before the
        write is sent. Raises Overtaken where that one has another owner, or is over."""

    async def finish(self, record: WriteRecord) -> None:
        """Put the record as it is, in stage OVER; it is kept for `KEPT_WRITES` seconds from `record.over`."""

    async def release(self, id: str, owner: str) -> None:
        """Drop a record of this owner that is not over: nothing was sent, and whoever asks again may do it."""

    async def write(self, id: str) -> WriteRecord | None:
        """The record of this id; None where there is none or it is too old."""

    async def alike(self, likeness: str, since: float) -> list[WriteRecord]:
        """Writes of this likeness that began at or after this moment, in no special order, at most 100."""

    async def orphans(self) -> list[WriteRecord]:
        """Writes in stage SENT or CLAIMED whose owner is dead, at most 100."""

    # --- jobs --------------------------------------------------------------------------------------------------

    async def add_job(self, job: JobRecord) -> None:
        """A new job, without items yet."""

    async def add_items(self, job_id: str, items: Sequence[ItemRecord]) -> None:
        """More items of a job that is being selected; an item of a number that is there already is replaced. Nothing
        happens where there is no such job, here and in `finish_item`."""

    async def save_job(self, job: JobRecord) -> None:
        """Put everything of the job but `cancelled`, which others set. A job that is over is kept for `KEPT_JOBS`
        seconds. Raises Overtaken where another process owns it now."""

    async def cancel_job(self, id: str) -> bool:
        """Say that no more of it is to be done; False where there is no such job, or it is over."""

    async def take_job(self, id: str, owner: str) -> JobRecord | None:
        """Make this process the owner of a job that is not over and whose owner is dead, and give the record."""

    async def orphaned_jobs(self) -> list[str]:
        """The ids of jobs that are not over and whose owner is dead, at most 100."""

    async def job(self, id: str) -> JobRecord | None:
        """A job; None where there is none."""

    async def jobs(self, before: tuple[float, str] | None, limit: int, caller: str | None = None) -> list[JobRecord]:
        """Jobs, the newest first; only those behind this place in that order: (`created`, `id`), and only of this
        caller, where that is asked."""

    async def items(
        self, job_id: str, start: int, limit: int, outcomes: Iterable[str] = (), *, open_only: bool = False
    ) -> list[ItemRecord]:
        """Items of a job from this number on, in their order; only those of these outcomes, or only those that are
        not over, where that is asked."""

    async def finish_item(self, job_id: str, item: ItemRecord) -> None:
        """Put an item whose outcome is known."""

    async def tally(self, job_id: str) -> Mapping[str, int]:
        """How many items have come to each outcome."""

    # --- the store itself --------------------------------------------------------------------------------------

    async def purge(self) -> None:
        """Drop what is older than it is kept."""

    async def aclose(self) -> None:
        """Close it. What is under way ends first."""
