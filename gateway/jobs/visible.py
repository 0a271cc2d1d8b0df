"""Which jobs exist for a caller, and which of their items."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.batch.entities import Entities
from gateway.jobs.shown import job_of
from gateway.rights import Caller
from gateway.store.records import ItemRecord, JobRecord
from gateway.store.store import Store
from schema.errors import GatewayError
from schema.ids import Key
from schema.job import Job
from schema.scopes import Scope
from schema.sim import Sim

__all__ = ["ItemPage", "Visible"]

MOST_READS = 20
"""Pages of items that are read for one of ours, where most of them are left out."""


@dataclass
class ItemPage:
    """Items in their order. `behind` is the number to go on at, None at the end."""

    items: list[ItemRecord]
    behind: int | None
    hides_some: bool
    """Whether items that were passed over are not the caller's to see."""


class Visible:
    """`owner` is whose jobs exist for the caller: None where everybody's do."""

    def __init__(self, store: Store, caller: Caller, entities: Entities) -> None:
        self._store = store
        self._entities = entities
        self._calls = entities.calls
        sees_all = caller.reach.is_all and not caller.reach.fleets
        self.owner = None if sees_all and caller.may(Scope.ADMIN) else caller.name

    async def job(self, id: str) -> JobRecord | None:
        """A job; None where there is none for the caller. Raises StoreGone."""
        found = await self._store.job(id)
        return found if found is not None and self.owner in (None, found.caller) else None

    def shown(self, record: JobRecord) -> Job:
        """As the schema has it, without a word about accounts that the caller sees no more."""
        job = job_of(record)
        job.problems = [each for each in job.problems if each.account is None or each.account in self._calls.accounts]
        return job

    async def items(self, job: Job, start: int, wanted: int, outcomes: Sequence[str] | None) -> ItemPage:
        """Items from a number on, without those of SIMs that the caller sees no more. Raises GatewayError."""
        page = ItemPage([], start, hides_some=False)
        # While SIMs are selected it is not settled which items there will be.
        end = job.total or 0
        for _ in range(MOST_READS):
            if page.behind is None or page.behind >= end or outcomes == []:
                page.behind = None
                break
            size = wanted - len(page.items) + 1
            found = await self._store.items(job.native_id, page.behind, size, outcomes or ())
            found = [each for each in found if each.number < end]
            self._add(page, found[: size - 1], await self._seen(found[: size - 1]))
            page.behind = found[-1].number if len(found) == size else None
            if len(page.items) == wanted:
                break
        return page

    def _add(self, page: ItemPage, found: list[ItemRecord], seen: list[ItemRecord]) -> None:
        page.items += seen
        page.hides_some = page.hides_some or len(seen) < len(found)

    async def _seen(self, items: list[ItemRecord]) -> list[ItemRecord]:
        here = [each for each in items if each.account in self._calls.accounts or self.owner is None]
        doubtful = [each for each in here if self._calls.fleets(each.account) is not None]
        keys = [Key(each.account, each.native_id) for each in doubtful]
        hidden: set[int] = set()
        for item, sim in zip(doubtful, await self._entities.load(Sim, keys), strict=True):
            if isinstance(sim, GatewayError):
                raise sim
            if sim is None:
                hidden.add(item.number)
        return [each for each in here if each.number not in hidden]
