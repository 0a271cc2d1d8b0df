"""The writes of one request: from its inputs to what its payloads tell, within what exists for the caller."""

import asyncio
from dataclasses import replace
from typing import Any

from gateway.cache.codec import Unreadable, decode
from gateway.calls import Calls
from gateway.changes import Write, operation_of
from gateway.deadline import Deadline
from gateway.upstream.errand import Urgency
from gateway.writes.changed import DELETIONS, changes_of, kind_of, target_of
from gateway.writes.expected import refusals_expected
from gateway.writes.inputs import Mistakes, Rules, order_of
from gateway.writes.order import Order, Told
from gateway.writes.proof import state_of
from gateway.writes.telling import other_input
from gateway.writes.within import whose_it_is
from gateway.writes.writer import Writer
from schema.connection import Problem
from schema.errors import GatewayError, NotFound
from schema.inputs import WriteInput
from schema.write import WriteOutcome, Written

__all__ = ["Writes"]


class Writes:
    """`caller` is who sent the request, `urgency` how soon he wants it."""

    def __init__(
        self, writer: Writer, calls: Calls, deadline: Deadline, caller: str, rules: Rules, *, urgency: Urgency
    ) -> None:
        self._urgency = urgency
        self._writer = writer
        self._calls = calls
        self._deadline = deadline
        self._caller = caller
        self._rules = rules

    async def write(self, wanted: WriteInput) -> Written:
        """Do it, or only look what doing it would take. What is wrong is told, never raised."""
        try:
            order = order_of(wanted, self._calls.accounts, self._caller, self._rules, self._calls.reach)
            await self._check_reach(order)
        except Mistakes as mistakes:
            return Written(WriteOutcome.REFUSED, problems=[Problem.of(each) for each in mistakes.errors])
        except GatewayError as error:
            return Written(WriteOutcome.REFUSED, problems=[Problem.of(error)])
        return await (self._planned(order) if wanted.dry_run else self._done(order))

    async def _check_reach(self, order: Order) -> None:
        """Raises NotFound where the SIM it is about is in no fleet that the caller sees, or is not there at all, and
        another GatewayError where that cannot be known. Who sees the whole account is told by its provider."""
        question = whose_it_is(order.write)
        if question is None or self._calls.fleets(order.account) is None:
            return
        operation, native_id = question
        if await self._calls.ask(order.account, operation, native_id) is None:
            absent = NotFound("there is no such thing to be changed", path=["input"])
            raise absent.at(order.account, operation_of(order.write))

    async def _planned(self, order: Order) -> Written:
        """What is known beforehand: what would be sent, and what stands in its way as things are now."""
        try:
            if await self._writer.is_other_input(order):
                return Written(WriteOutcome.REFUSED, problems=other_input().problems)
            call = await self._writer.planned(order.account, order.write)
        except GatewayError as error:
            return Written(WriteOutcome.REFUSED, problems=[Problem.of(error), *order.warnings])
        try:
            thing = await self._now(order.write, order.account)
            expected = refusals_expected(order, thing)
        except GatewayError as error:
            thing, expected = None, [Problem.of(error)]
        return Written(WriteOutcome.DRY_RUN, thing, [call], [*order.warnings, *expected])

    async def _done(self, order: Order) -> Written:
        left = self._deadline.at - asyncio.get_running_loop().time()
        told = await self._writer.run(replace(order, urgency=self._urgency), left, self._calls.plan)
        if told.outcome is not WriteOutcome.REFUSED:
            self._calls.forget(order.account, changes_of(order.write, told.native_id, None))
        return Written(told.outcome, await self._shown(order, told), None, told.problems)

    async def _shown(self, order: Order, told: Told) -> Any:  # Any: each payload has its own thing
        """The state after it, as it was told then; as it is now where that was written by another version. Where
        nothing was done, what is remembered: a provider that refused is not asked more."""
        if told.outcome is WriteOutcome.REFUSED:
            return await self._remembered(order)
        try:
            thing = None if told.thing is None else decode(told.thing)
        except Unreadable:
            thing = None
        if thing is None and not isinstance(order.write, DELETIONS):
            return await self._readable(order)
        try:
            return await self._calls.seen(order.account, thing)
        except GatewayError:
            return None

    async def _remembered(self, order: Order) -> Any:  # Any: as above
        kind, native_id = kind_of(order.write), target_of(order.write)
        if kind is None or native_id is None:
            return None
        return (await self._calls.known(order.account, kind, [native_id])).get(native_id)

    async def _readable(self, order: Order) -> Any:  # Any: as above
        """What it is about, as it is now; None where that cannot be read: the outcome does not depend on it."""
        try:
            return await self._now(order.write, order.account)
        except GatewayError:
            return None

    async def _now(self, write: Write, account: str) -> Any:  # Any: as above
        return await state_of(_Reading(self._calls, account), write)


class _Reading:
    """Fulfils `proof.Ask` with the request's own reading, from memory where it may be."""

    def __init__(self, calls: Calls, account: str) -> None:
        self._calls = calls
        self._account = account

    async def __call__(self, operation: str, *args: object) -> Any:  # Any: each operation has its own answer
        return await self._calls.ask(self._account, operation, *args)

    def most_rows(self, operation: str) -> int:
        return self._calls.accounts[self._account].provider.most_rows(operation)
