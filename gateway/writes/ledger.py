"""Where it is written down what became of a write: in the store, for whoever asks again, and in the audit log, for
whoever asks who did what."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import msgspec

from gateway.audit.log import AuditGone, AuditLog
from gateway.audit.record import AuditRecord, changes_of, named_target
from gateway.changes import Write
from gateway.store.records import Stage, WriteRecord
from gateway.store.store import Store, StoreGone
from gateway.writes.attempt import Came
from gateway.writes.order import Told
from schema.connection import Problem
from schema.errors import Unavailable
from schema.node import Entity

__all__ = ["Ledger"]

Owned = Callable[[Coroutine[Any, Any, None]], object]
"""Runs something as a task that somebody ends and awaits. Any: what coroutines have."""

SAVING_TRIES, SAVING_PAUSE = 120, 1.0
"""How often, and after how many seconds, an outcome is put into a store that cannot be reached."""

log = logging.getLogger("gateway.writes")


class Ledger:
    """`now` is the time of day, in UTC."""

    def __init__(self, store: Store, audit: AuditLog, now: Callable[[], datetime]) -> None:
        self.store = store
        self.now = now
        self._audit = audit
        self._unsaved: dict[tuple[str, str], Told] = {}

    def unsaved(self, record: WriteRecord) -> Told | None:
        """What was told of a write whose outcome could not be put into the store yet."""
        return self._unsaved.get((record.id, record.fingerprint))

    def told_of(self, record: WriteRecord) -> Told:
        """What was told of a write that is over."""
        return msgspec.json.decode(record.result or b"", type=Told)

    async def finish(self, record: WriteRecord, told: Told, keep_trying: Owned) -> None:
        """Write the outcome down. Where the store is gone the caller is not kept waiting: it is tried for a while."""
        record.stage, record.over = Stage.OVER, self.now().timestamp()
        record.outcome, record.native_id = told.outcome.name, told.native_id
        if not record.id.startswith("key:"):  # nobody can ask for it again: what it was is not kept
            told = msgspec.structs.replace(told, thing=None)
        record.result, record.write = msgspec.json.encode(told), b""
        try:
            await self.store.finish(record)
        except StoreGone:
            log.warning("the outcome of a write to %s cannot be written down yet", record.account)
            self._unsaved[record.id, record.fingerprint] = told
            keep_trying(self._saved(record))

    async def audit(self, record: WriteRecord, write: Write, came: Came, before: Entity | None) -> list[Problem]:
        """Put it into the audit log; where that fails, which cannot undo it, the problem to tell of."""
        thing = came.thing
        first = came.problems[0] if came.problems else None
        entry = AuditRecord(
            at=self.now(),
            write=record.id,
            caller=record.caller,
            job=record.id.split(":")[1] if record.id.startswith("job:") else None,
            account=record.account,
            operation=record.operation,
            target=named_target(write) or (thing.native_id if isinstance(thing, Entity) else None),
            changes=changes_of(write, before),
            outcome=came.outcome,
            code=None if first is None else first.code,
            native_code=None if first is None else first.native_code,
            request_id=came.request_id,
        )
        try:
            await self._audit.append(entry)
        except AuditGone:
            log.exception("the audit log lacks the write %s to %s", record.id, record.account)
            problem = Problem.of(Unavailable("it could not be written to the audit log").at(record.account, "audit"))
            problem.retryable = False  # to do it again would not help, and would do it twice
            return [problem]
        return []

    async def _saved(self, record: WriteRecord) -> None:
        try:
            for _ in range(SAVING_TRIES):
                await asyncio.sleep(SAVING_PAUSE)
                if await self._is_saved(record):
                    return
            log.error("the outcome of the write %s to %s was never written down", record.id, record.account)
        finally:
            del self._unsaved[record.id, record.fingerprint]

    async def _is_saved(self, record: WriteRecord) -> bool:
        try:
            await self.store.finish(record)
        except StoreGone:
            return False
        return True
