"""One order carried out at its provider: sent, and its end found out, also where the answer was lost."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.account import OpenAccount
from gateway.cache.stamps import stamp
from gateway.changes import SendIpCommand, SendSmsCommand, UpdateSim, operation_of
from gateway.plan import Plan
from gateway.upstream.errand import ERRAND, Errand, NotBegun
from gateway.upstream.exchange import Unreached
from gateway.writes.asking import Asking
from gateway.writes.changed import DELETIONS
from gateway.writes.order import Order
from gateway.writes.proof import Found, Suspect, is_settled, proof_of, shows, state_of
from gateway.writing import Done
from schema.connection import Problem
from schema.errors import GatewayError, TimedOut
from schema.write import WriteOutcome

__all__ = ["Attempt", "Came"]

READING_TIME, READING_SHARE = 3.0, 0.3
"""Seconds, but at most this share of an order's time, that are kept for reading back a lost answer."""
LEAST_TIME = 0.5
"""Seconds that a write must have for its answer to be worth sending."""
TRIES = (0.1, 0.5, None)
"""Seconds after which a write that found no connection is tried again; it was not sent."""
LOOKS = (0.0, 0.6)
"""Seconds before each look for a write whose answer was lost: it may take a moment to show."""
FIRST_LOOK, LONGEST_LOOK = 0.25, 2.0
"""Seconds between looks at what is under way."""

Intend = Callable[[], Awaitable[None]]
"""Writes the intent down. Raises NotBegun."""
Others = Callable[[], Awaitable[Collection[str] | None]]
"""See `Suspect.others`."""
Forget = Callable[[], Awaitable[None]]
"""Makes the cache forget what the write changes."""


@dataclass
class Came:
    """What came of an order. `thing` is the state after it; Any: each write has its own."""

    outcome: WriteOutcome
    thing: Any = None
    problems: list[Problem] = field(default_factory=list)
    request_id: str | None = None
    is_retryable: bool = False


class Attempt:
    """`until` is the event loop's time by which whoever ordered it wants to know. `forget` is done before a long wait,
    so that others are not shown meanwhile what was so before. What reading takes is told to the plan."""

    def __init__(
        self, account: OpenAccount, order: Order, until: float, forget: Forget, plan: Plan | None = None
    ) -> None:
        self._account = account
        self._order = order
        self._until = until
        self._forget = forget
        self._clock = asyncio.get_running_loop().time
        left = max(0.0, until - self._clock())
        self._send_until = until - min(READING_TIME, left * READING_SHARE)
        self._ask = Asking(account, order.urgency, until, plan)
        self.errand = Errand(until=self._send_until, urgency=order.urgency)

    async def carry_out(self, intend: Intend, before: Any, others: Others) -> Came:  # Any: the thing as it was known
        """Send it, and find out what came of it. Never raises GatewayError."""
        since = self._account.record.now()

        async def begin() -> None:
            nonlocal since
            if self._clock() + LEAST_TIME > self._send_until:
                raise NotBegun("nothing was sent: there is no time left to wait for an answer")
            since = self._account.record.now()
            await intend()

        self.errand.before_write = begin
        try:
            done = await self._sent()
        except GatewayError as error:
            if not self.errand.may_have_happened:
                return _refused(error)
            return await self.find_out(error, since, before, others)
        return await self._taken(done)

    async def find_out(
        self, error: GatewayError, since: datetime, before: Any, others: Others
    ) -> Came:  # Any: as above
        """Its answer was lost, for this reason: look whether it has happened. It is not sent again."""
        write = self._order.write
        suspect = Suspect(write, since, others, before, self._target())
        for wait in LOOKS:
            if self._clock() + wait >= self._until:
                break
            await asyncio.sleep(wait)
            found = await self._looked(suspect)
            if found is not None:
                return await self._to_the_end(Came(found.outcome, found.thing, request_id=error.request_id))
        return Came(WriteOutcome.UNKNOWN, None, [_lost(error)], error.request_id)

    async def _looked(self, suspect: Suspect) -> Found | None:
        try:
            return await proof_of(self._ask, suspect)
        except GatewayError:
            return None

    # --- sending -----------------------------------------------------------------------------------------------

    async def _sent(self) -> Done[Any]:
        """Raises GatewayError. No connection means that not a byte was sent, so that it may be tried again."""
        for wait in TRIES:
            try:
                return await self._sent_once()
            except Unreached:
                if wait is None or self._clock() + wait >= self._send_until:
                    raise
            await asyncio.sleep(wait)
        raise AssertionError("the last try ends by itself")

    async def _sent_once(self) -> Done[Any]:
        operation = operation_of(self._order.write)
        before = ERRAND.set(self.errand)
        try:
            async with asyncio.timeout_at(self._send_until):
                done: Done[Any] = await self._account.ask(operation, (self._order.write,))
                return done
        except TimeoutError:
            if not self.errand.may_have_happened:  # it says nothing of the provider
                raise NotBegun("nothing was sent: the time for it is over").at(self._account.name, operation) from None
            error = TimedOut("the provider did not answer in time").at(self._account.name, operation)
            self._account.record.failed(error)
            raise error from None
        finally:
            ERRAND.reset(before)

    async def _taken(self, done: Done[Any]) -> Came:
        """The provider took it: what state that led to."""
        came = Came(WriteOutcome.APPLIED, done.thing, request_id=done.request_id)
        if done.thing is None and not isinstance(self._order.write, DELETIONS):
            await self._read(came)
        elif done.thing is not None:
            stamp(done.thing, self._account.name, self._account.record.now())
        # A command that has an id is with the provider: how far it has come its own status tells, and no 202.
        is_sent = isinstance(self._order.write, SendSmsCommand | SendIpCommand) and came.thing is not None
        if (done.is_pending and not is_sent) or not self._shows(came.thing):
            came.outcome = WriteOutcome.PENDING
        return await self._to_the_end(came)

    async def _to_the_end(self, came: Came) -> Came:
        """Wait for the end of what is under way, for as long as was asked."""
        write, sim = self._order.write, came.thing
        if came.outcome is not WriteOutcome.PENDING or not isinstance(write, UpdateSim) or self._order.settle <= 0:
            return came
        if sim is not None and not shows(sim, write):
            return came  # nobody will see the end of it
        await self._forget()
        end, wait = min(self._clock() + self._order.settle, self._until), FIRST_LOOK
        while self._clock() + wait < end:
            await asyncio.sleep(wait)
            came.problems.clear()
            await self._read(came)
            if self._shows(came.thing):
                came.outcome = WriteOutcome.APPLIED
                return came
            wait = min(2 * wait, LONGEST_LOOK)
        return came

    def _shows(self, thing: Any) -> bool:  # Any: as above
        """Whether the state is what was asked. Only SIMs take their time; what cannot be seen is not claimed."""
        write = self._order.write
        return not isinstance(write, UpdateSim) or (thing is not None and is_settled(thing, write, self._target()))

    def _target(self) -> str | None:
        write = self._order.write
        return self._account.provider.native_target(write) if isinstance(write, UpdateSim) else None

    async def _read(self, came: Came) -> None:
        """The state as it is now, which stays as it was where it cannot be read; then the problem says so."""
        try:
            came.thing = await state_of(self._ask, self._order.write) or came.thing
        except GatewayError as error:
            problem = Problem.of(error)
            problem.retryable = False  # it was done, and is not to be done again
            came.problems.append(problem)


def _refused(error: GatewayError) -> Came:
    return Came(WriteOutcome.REFUSED, None, [Problem.of(error)], error.request_id, is_retryable=error.retryable)


def _lost(error: GatewayError) -> Problem:
    problem = Problem.of(error)
    problem.message = f"the answer was lost and it may have happened: {error.message}"
    problem.retryable = False
    problem.retry_after = None
    return problem
