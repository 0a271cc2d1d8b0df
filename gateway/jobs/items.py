"""The items of a job, each from the store to its order, and from its outcome back to the store."""

import logging

import msgspec

from gateway.jobs.body import Body, Result, made_by, write_for
from gateway.jobs.keeping import insisted
from gateway.jobs.parts import Parts
from gateway.store.records import ItemRecord, JobRecord
from gateway.upstream.errand import Urgency
from gateway.writes.order import Order, Told
from schema.connection import Problem
from schema.errors import BadResponse, NotFound
from schema.write import WriteOutcome

__all__ = ["Items"]

TWICE = 2
"""How often an order is looked at whose outcome is not known: it may be that it was only not known yet."""

log = logging.getLogger("gateway.jobs")


class Items:
    """Of a job whose SIMs are known."""

    def __init__(self, parts: Parts, job: JobRecord, body: Body) -> None:
        self._parts = parts
        self._job = job
        self._body = body

    async def fetch(self, start: int, limit: int) -> list[ItemRecord]:
        items = await insisted(lambda: self._parts.store.items(self._job.id, start, limit, open_only=True))
        # A selection that was interrupted may have left more items than the one after it.
        return [each for each in items if each.number < (self._job.total or 0)]

    async def do(self, item: ItemRecord) -> Told:
        """Order it. It has an id for good, so that it is done once, however often that is."""
        order = self._order(item)
        if isinstance(order, Told):
            return order
        try:
            told = await self._parts.writer.run(order)
            for _ in range(TWICE - 1):
                if told.outcome is WriteOutcome.UNKNOWN:
                    told = await self._parts.writer.run(order)
        except Exception:
            log.exception("an item of job %s failed in a way nobody foresaw", self._job.id)
            error = BadResponse("it failed in a way nobody foresaw, and it may have happened")
            return _told(WriteOutcome.UNKNOWN, [Problem.of(error.at(item.account, ""))])
        return told

    def _order(self, item: ItemRecord) -> Order | Told:
        """What is to be done for it, or why nothing can."""
        refused = self._body.refused.get(item.account)
        if refused:
            return _told(WriteOutcome.REFUSED, refused)
        if item.account not in self._parts.accounts:
            gone = NotFound(f"there is no account {item.account!r} any more")
            return _told(WriteOutcome.REFUSED, [Problem.of(gone)])
        return Order(
            account=item.account,
            write=write_for(self._body.writes[item.account], item.native_id),
            caller=self._job.caller,
            id=f"job:{self._job.id}:{item.number}",
            fingerprint=f"job:{self._job.id}",
            job=self._job.id,
            urgency=Urgency.BULK,
        )

    async def done(self, item: ItemRecord, told: Told) -> None:
        """Write its outcome down, which for good or ill is the last word about it."""
        kind = made_by(self._body.writes.get(item.account), told.outcome)
        made = told.native_id if kind else None
        result = Result(command_kind=kind if made else None, command_id=made, problems=told.problems)
        item.outcome, item.over = told.outcome.name, self._parts.now().timestamp()
        item.result = msgspec.json.encode(result)
        await insisted(lambda: self._parts.store.finish_item(self._job.id, item))


def _told(outcome: WriteOutcome, problems: list[Problem]) -> Told:
    return Told(outcome=outcome, problems=problems)
