"""The items of a job, each from the store to its order, and from its outcome back to the store."""

import logging

import msgspec

from gateway.changes import operation_of
from gateway.jobs.body import Body, Result, made_by, write_for
from gateway.jobs.keeping import insisted
from gateway.jobs.parts import Parts
from gateway.jobs.terms import SCOPES, Settle
from gateway.plan import Plan
from gateway.store.records import ItemRecord, JobRecord
from gateway.upstream.errand import Urgency
from gateway.writes.order import Order, Told
from schema.connection import Problem
from schema.errors import BadResponse, NotFound
from schema.write import WriteOutcome

__all__ = ["Items"]

TWICE = 2
"""How often an order is looked at whose outcome is not known: it may be that it was only not known yet."""

HELD = 5.0
"""Seconds between looks whether a caller may again what his job does."""

log = logging.getLogger("gateway.jobs")


class Items:
    """Of a job whose SIMs are known."""

    def __init__(self, parts: Parts, job: JobRecord, body: Body) -> None:
        self._parts = parts
        self._job = job
        self._body = body
        self._settling: dict[int, Settle] = {}
        self._held: set[str] = set()

    async def fetch(self, start: int, limit: int) -> list[ItemRecord]:
        items = await insisted(lambda: self._parts.store.items(self._job.id, start, limit, open_only=True))
        # A selection that was interrupted may have left more items than the one after it.
        return [each for each in items if each.number < (self._job.total or 0)]

    async def turn(self, item: ItemRecord) -> float:
        """Seconds until it may be begun: its caller must be allowed to do it still, and pays for it of his minute."""
        terms, account = self._parts.terms, item.account
        calls = self._calls(item)
        if not calls:
            return 0.0
        if not terms.may(self._job.caller, account, SCOPES[self._body.kind]):
            if account not in self._held:
                log.warning("job %s waits at account %s: its caller may not do it any more", self._job.id, account)
            self._held.add(account)
            return HELD
        self._held.discard(account)
        turn = await terms.turn(self._job.caller, calls)
        if turn.wait <= 0:
            self._settling[item.number] = turn.settle
        return turn.wait

    def _calls(self, item: ItemRecord) -> int:
        """That its write takes; 0 where nothing is asked."""
        opened, write = self._parts.accounts.get(item.account), self._body.writes.get(item.account)
        if opened is None or write is None or item.account in self._body.refused:
            return 0
        return opened.provider.calls_for(operation_of(write))

    async def do(self, item: ItemRecord) -> Told:
        """Order it. It has an id for good, so that it is done once, however often that is."""
        order = self._order(item)
        if isinstance(order, Told):
            return order
        plan, told = Plan(), None
        try:
            told = await self._ordered(order, plan)
        finally:
            settle = self._settling.pop(item.number, None)
            if settle is not None:
                made = sum(plan.calls_by_account().values())
                is_known = told is not None and told.outcome is not WriteOutcome.UNKNOWN
                await settle(made if is_known else max(made, self._calls(item)))
        return told

    async def _ordered(self, order: Order, plan: Plan) -> Told:
        try:
            told = await self._parts.writer.run(order, plan=plan)
            for _ in range(TWICE - 1):
                if told.outcome is WriteOutcome.UNKNOWN:
                    told = await self._parts.writer.run(order, plan=plan)
        except Exception:
            log.exception("an item of job %s failed in a way nobody foresaw", self._job.id)
            error = BadResponse("it failed in a way nobody foresaw, and it may have happened")
            return _told(WriteOutcome.UNKNOWN, [Problem.of(error.at(order.account, ""))])
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
