"""Sends writes: each once, its intent written down before and its outcome after, whatever happens in between."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

import msgspec

from gateway.account import OpenAccount
from gateway.cache.cache import Cache
from gateway.changes import Write, operation_of
from gateway.plan import Plan
from gateway.store.records import Stage, WriteRecord
from gateway.store.store import MOST, Overtaken, StoreGone
from gateway.upstream.errand import ERRAND, Errand, NotBegun, NotSent
from gateway.writes.asking import Asking
from gateway.writes.attempt import Attempt, Came
from gateway.writes.before import known_before
from gateway.writes.changed import changes_of
from gateway.writes.ledger import Ledger
from gateway.writes.likeness import likeness_of
from gateway.writes.order import Order, Told
from gateway.writes.telling import (
    of_another_version,
    other_input,
    out_of_sight,
    still_running,
    told_of,
    too_late,
    unanswered,
    write_of,
)
from schema.connection import Problem
from schema.errors import GatewayError, Unavailable
from schema.node import Entity
from schema.write import PlannedCall, WriteOutcome

__all__ = ["Writer"]

T = TypeVar("T")

TIME = 60.0
"""Seconds that a write has that nobody waits for."""
ANSWER_TIME = 0.3
"""Seconds before a caller's time is over at which he is told what is known."""
POLL = 0.1
"""Seconds between looks at a write that another process is doing."""
ALIKE_WITHIN = 120.0
"""Seconds before a write within which another like it may show up at the provider as if it were this one."""
CLOSING_TIME = 5.0
"""Seconds that writes under way have when the process ends; of what is not over then, whoever comes next finds out."""

log = logging.getLogger("gateway.writes")


@dataclass(frozen=True)
class _UnderWay:
    """A write this process is doing, by the id under which it was ordered."""

    fingerprint: str
    task: "asyncio.Task[Told]"


class Writer:
    """The only way from an order to a provider."""

    def __init__(self, accounts: Mapping[str, OpenAccount], cache: Cache, ledger: Ledger, owner: str) -> None:
        self.owner = owner
        self._accounts = accounts
        self._cache = cache
        self._ledger = ledger
        self._clock = asyncio.get_running_loop().time
        self._under_way: dict[str, _UnderWay] = {}
        self._in_hand: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()  # Any: of orders and of what follows them

    async def run(self, order: Order, seconds: float | None = None, plan: Plan | None = None) -> Told:
        """Carry out an order. Who has waited for `seconds` is told UNKNOWN, and the order goes on.

        Raises nothing that a provider, a store or a caller can do.
        """
        if seconds is not None and seconds <= ANSWER_TIME:
            return too_late(order)
        until = self._clock() + (TIME if seconds is None else max(0.0, seconds - ANSWER_TIME))
        joined = None if order.id is None else self._under_way.get(order.id)
        if joined is not None and joined.fingerprint != order.fingerprint:
            return other_input()
        task = self._begin(order, until, plan) if joined is None else joined.task
        await asyncio.wait({task}, timeout=until + ANSWER_TIME / 2 - self._clock())
        if not task.done() or task.cancelled():
            return unanswered(order)
        return task.result()

    async def planned(self, account: str, write: Write) -> PlannedCall:
        """The call a write takes and what is known to follow from it. Nothing is sent.

        Raises GatewayError where it would be refused before it is sent.
        """
        operation, opened = operation_of(write), self._accounts[account]
        if not opened.provider.supports(operation):
            raise opened.provider.lacks(operation).at(account, operation)
        before = ERRAND.set(Errand(is_dry=True))
        try:
            consequence = opened.provider.consequence(operation, write)
            await getattr(opened.provider, operation)(write)
        except NotSent:
            return PlannedCall(account=account, operation=operation, consequence=consequence)
        except GatewayError as error:
            raise error.at(account, operation) from error.__cause__
        finally:
            ERRAND.reset(before)
        raise AssertionError(f"{operation} was done without a call")

    async def is_other_input(self, order: Order) -> bool:
        """Whether its idempotency key was used for something else. Raises StoreGone."""
        held = None if order.id is None else await self._ledger.store.write(order.id)
        return held is not None and held.fingerprint != order.fingerprint

    async def mend(self) -> None:
        """Find out what came of the writes that processes now dead have left, but for those of jobs, whose runner asks
        for them again."""
        for record in await self._ledger.store.orphans():
            if record.id.startswith("job:") or self._is_at(record):
                continue
            with self._holding(record.id):
                taken = await self._taken(record)
                if taken is not None:
                    await self._left_behind(taken, self._clock() + TIME)

    async def aclose(self) -> None:
        """Let what is under way come to its end, for a moment; then leave it to whoever comes next."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSING_TIME)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _is_at(self, record: WriteRecord) -> bool:
        """Whether this process is about it. It may count as dead all the same, when it could not beat for a while."""
        is_saving = self._ledger.unsaved(record) is not None
        return is_saving or record.id in self._under_way or record.id in self._in_hand

    @contextmanager
    def _holding(self, id: str) -> Iterator[None]:
        """Nothing else in this process tries to find out about this write for the length of the block."""
        self._in_hand.add(id)
        try:
            yield
        finally:
            self._in_hand.discard(id)

    # --- one order ---------------------------------------------------------------------------------------------

    def _begin(self, order: Order, until: float, plan: Plan | None) -> "asyncio.Task[Told]":
        task = self._owned(self._safely(order, until, plan))
        if order.id is not None:
            key = order.id
            self._under_way[key] = _UnderWay(order.fingerprint, task)
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return task

    def _owned(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":  # Any: what coroutines have
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _safely(self, order: Order, until: float, plan: Plan | None) -> Told:
        try:
            told = await self._told(order, until, plan)
        except StoreGone as error:
            problem = Problem.of(error.at(order.account, operation_of(order.write)))
            return Told(outcome=WriteOutcome.REFUSED, problems=[problem], is_retryable=True)
        return msgspec.structs.replace(told, problems=[*told.problems, *order.warnings])

    async def _told(self, order: Order, until: float, plan: Plan | None) -> Told:
        record = self._record(order)
        while order.id is not None:
            unsaved = self._ledger.unsaved(record)
            if unsaved is not None:
                return unsaved
            held = await self._ledger.store.claim(record)
            if held is None:
                break
            if held.fingerprint != record.fingerprint:
                return other_input()
            try:
                told = await self._known(held, until)
            except StoreGone as error:
                return out_of_sight(order, error)
            if told is not None:
                return told
        return await self._carried_out(order, record, until, plan)

    async def _known(self, held: WriteRecord, until: float) -> Told | None:
        """What came of the same order before. None where it was let go, and may be done now."""
        current: WriteRecord | None = held
        while current is not None and current.stage is not Stage.OVER:
            if held.id not in self._in_hand:
                with self._holding(held.id):
                    taken = await self._taken(current)
                    if taken is not None:
                        return await self._left_behind(taken, until)
            if self._clock() + POLL >= until:
                return still_running()
            await asyncio.sleep(POLL)
            current = await self._ledger.store.write(held.id)
        return None if current is None else self._ledger.told_of(current)

    async def _taken(self, record: WriteRecord) -> WriteRecord | None:
        """A write that nobody is at, as it is now and in our own name; None where somebody is, or it is over. What is
        in our own name and not in hand was left behind when the store could not be reached."""
        if record.owner != self.owner:
            return await self._ledger.store.take(record.id, self.owner)
        now = await self._ledger.store.write(record.id)
        return now if now is not None and now.owner == self.owner and now.stage is not Stage.OVER else None

    async def _left_behind(self, record: WriteRecord, until: float) -> Told | None:
        """A write that its process did not end. Where it was not sent it is let go; else it is found out what came of
        it, and it is never sent again."""
        if record.stage is Stage.CLAIMED or record.sent is None:
            await self._ledger.store.release(record.id, self.owner)
            return None
        gone = Unavailable("the gateway was stopped before the provider's answer came").at(
            record.account, record.operation
        )
        account, write = self._accounts.get(record.account), write_of(record)
        if write is None:
            return of_another_version(gone)
        order = Order(record.account, write, record.caller, record.id)
        if account is None:
            return await self._ended(order, record, Came(WriteOutcome.UNKNOWN, problems=[Problem.of(gone)]), None)
        attempt = Attempt(account, order, until, partial(self._forget, order))
        came = await attempt.find_out(gone, datetime.fromtimestamp(record.sent, UTC), None, self._others(record))
        return await self._ended(order, record, came, None)

    async def _carried_out(self, order: Order, record: WriteRecord, until: float, plan: Plan | None) -> Told:
        account = self._accounts[order.account]
        before = await known_before(
            self._cache, order.account, order.write, Asking(account, order.urgency, self._soon(until), plan)
        )
        attempt = Attempt(account, order, until, partial(self._forget, order, before=before), plan)
        with self._holding(record.id):
            try:
                came = await attempt.carry_out(partial(self._intend, record), before, self._others(record))
            finally:
                if plan is not None:
                    plan.asked(order.account, record.operation, attempt.errand)
            if record.owner == self.owner:
                return await self._concluded(order, record, came, before)
        return await self._told(order, until, plan)

    def _soon(self, until: float) -> float:
        """When to stop looking at what is to be changed: the change itself needs its time."""
        return self._clock() + max(0.0, until - self._clock()) / 3

    async def _concluded(self, order: Order, record: WriteRecord, came: Came, before: Entity | None) -> Told:
        """What was not executed is let go; all else has come to its end."""
        if came.outcome is WriteOutcome.REFUSED and (came.is_retryable or record.stage is Stage.CLAIMED):
            await self._let_go(order, record)
            if record.stage is Stage.CLAIMED:
                return told_of(came)
        return await self._ended(order, record, came, before)

    async def _intend(self, record: WriteRecord) -> None:
        """Write down that it is about to be sent."""
        before = record.stage, record.sent
        record.stage, record.sent = Stage.SENT, self._ledger.now().timestamp()
        try:
            await self._ledger.store.intend(record)
        except StoreGone as error:
            record.stage, record.sent = before
            if isinstance(error, Overtaken):
                record.owner = ""  # whoever has it now is asked what came of it
            raise NotBegun(f"nothing was sent: {error.message}") from error

    async def _ended(self, order: Order, record: WriteRecord, came: Came, before: Entity | None) -> Told:
        """Forget what is no longer so, write down what came of it, and then tell it."""
        told = told_of(came)
        if came.outcome is not WriteOutcome.REFUSED:
            await self._forget(order, told.native_id, before)
        told.problems += await self._ledger.audit(record, order.write, came, before)
        is_open = came.outcome is WriteOutcome.REFUSED and came.is_retryable
        if not is_open:
            await self._ledger.finish(record, told, keep_trying=self._owned)
        return told

    async def _forget(self, order: Order, native_id: str | None = None, before: Entity | None = None) -> None:
        await self._cache.forget(order.account, *changes_of(order.write, native_id, before))

    async def _let_go(self, order: Order, record: WriteRecord) -> None:
        """It was not executed: whoever orders it again may have it done."""
        if order.id is None and record.stage is Stage.CLAIMED:
            return  # it was never written down
        try:
            await self._ledger.store.release(record.id, self.owner)
        except StoreGone:
            log.warning("the claim of a write to %s could not be let go", order.account)

    def _others(self, record: WriteRecord) -> Callable[[], Any]:  # Any: what `Attempt` takes
        async def others() -> Collection[str] | None:
            """The ids of what writes like this one have made; None while it is not known of each."""
            try:
                alike = await self._ledger.store.alike(record.likeness, record.began - ALIKE_WITHIN)
            except StoreGone:
                return None
            if len(alike) >= MOST:
                return None
            sent = [each for each in alike if each.id != record.id and each.sent is not None]
            if any(each.outcome in (None, WriteOutcome.UNKNOWN.name) for each in sent):
                return None
            return {each.native_id for each in sent if each.native_id is not None}

        return others

    def _record(self, order: Order) -> WriteRecord:
        return WriteRecord(
            id=order.id or uuid4().hex,
            fingerprint=order.fingerprint,
            likeness=likeness_of(order.account, order.write),
            account=order.account,
            operation=operation_of(order.write),
            write=msgspec.json.encode(order.write),
            caller=order.caller,
            owner=self.owner,
            stage=Stage.CLAIMED,
            began=self._ledger.now().timestamp(),
        )
