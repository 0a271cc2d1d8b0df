"""The policy around one HTTP exchange: whether the provider is asked at all, when, and whether again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from gateway.upstream.breaker import Breaker, NotAsked, State
from gateway.upstream.errand import ERRAND, Errand, NotBegun, NotSent, errand
from gateway.upstream.retries import Budget, backoff
from schema.errors import BadResponse, GatewayError, RateLimited, TimedOut, Unavailable

__all__ = ["Attempts", "Turns"]

T = TypeVar("T")

MOST_REPEATS = 2
A_TRY = 0.25
"""Seconds a repeat needs at least to be worth beginning before nobody wants the answer any more."""
LONGEST_WAIT = 60.0
"""Seconds beyond which nobody waits for a repeat, however much time there is."""
SILENCE = 1.0
"""Seconds after which a provider that has not answered counts as silent when the call's time is over."""
LONG_SILENCE = 5.0
"""The same when the call is given up before: whoever asked had enough of it."""
EARLY = 0.5
"""Seconds before its end from which on a call is given up because its time is over."""
LATE = 0.5
"""Seconds after its end at which a call cannot have been given up but by a process that itself stood still."""

_WORTH_REPEATING = (Unavailable, TimedOut, RateLimited)


class Turns(Protocol):
    """What is needed of an account's pace."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for a turn and hold its place. Raises RateLimited when there is none in time."""

    def throttled(self, retry_after: float | None, began: float | None = None) -> None:
        """Told that the provider asked for fewer calls, and perhaps for how many seconds, of a call that began then."""

    def send_away(self, why: Callable[[], GatewayError]) -> None:
        """Refuse everybody who waits for a turn."""


@dataclass(slots=True)
class _Failed:
    """What came of an attempt that may be worth a repeat. A value, so that our own refusals, which are raised, cannot
    be taken for it."""

    error: GatewayError


@dataclass(slots=True)
class _Probe:
    """The call that finds out whether the provider is well again, of which errand, and when it is over."""

    errand: Errand | None
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Attempts:
    """The policy of one account. `clock` is in seconds, `random` gives 0 to 1, `sleep` waits seconds."""

    def __init__(
        self,
        pace: Turns,
        breaker: Breaker,
        budget: Budget,
        clock: Callable[[], float],
        random: Callable[[], float],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.breaker = breaker
        self._pace = pace
        self._budget = budget
        self._clock = clock
        self._random = random
        self._sleep = sleep
        self._probe: _Probe | None = None

    async def run(self, once: Callable[[], Awaitable[T]], *, may_repeat: bool) -> T:
        """Do `once` in its turn, and where it `may_repeat` and that can help, up to twice more.

        Raises what the last attempt raised; NotAsked while the account is known to be broken; RateLimited when our own
        pace has no turn in time. No place is held while waiting for a repeat.
        """
        if errand().is_dry:
            raise NotSent
        self._budget.earn()
        came, failed, repeat = await self._attempt(once), None, 0
        try:
            while isinstance(came, _Failed):
                failed = came
                wait = self._wait(failed.error, repeat) if may_repeat else None
                if wait is None:
                    raise failed.error
                await self._sleep(wait)
                try:
                    came = await self._attempt(once)
                except (NotAsked, RateLimited):
                    raise failed.error from None  # what the provider did says more than why it was not asked again
                repeat += 1
            return came
        finally:
            # Else error and traceback would hold each other, and the answer read so far, until garbage is collected.
            del came, failed

    async def _attempt(self, once: Callable[[], Awaitable[T]]) -> T | _Failed:
        if self.breaker.state is State.CLOSED:
            return await self._sent(once, self.breaker.enter())
        return await self._probed(once)

    async def _probed(self, once: Callable[[], Awaitable[T]]) -> T | _Failed:
        """An attempt while the breaker is not closed, as its probe.

        An errand may take several calls at once. The others wait for the probe among them: refused, they would end the
        errand and the probe with it, and the account would never come back.
        """
        while self._probe is not None and self._probe.errand is ERRAND.get(None):
            await self._probe.over.wait()
        ticket = self.breaker.enter()
        if self.breaker.state is State.CLOSED:
            return await self._sent(once, ticket)
        probe = self._probe = _Probe(ERRAND.get(None))
        try:
            return await self._sent(once, ticket)
        finally:
            probe.over.set()
            if self._probe is probe:
                self._probe = None

    async def _sent(self, once: Callable[[], Awaitable[T]], ticket: int) -> T | _Failed:
        breaker = self.breaker
        try:
            async with self._pace.turn():
                breaker.check(ticket)
                began = self._clock()
                try:
                    answer = await once()
                except BaseException as error:
                    # Inside the turn: nobody shall get the place before the pace knows of a throttling.
                    self._judge(ticket, error, began)
                    if isinstance(error, _WORTH_REPEATING):
                        return _Failed(error)
                    raise
                breaker.succeeded(ticket)
                return answer
        except BaseException:
            breaker.dropped(ticket)
            raise

    def _judge(self, ticket: int, error: BaseException, began: float) -> None:
        """Tell the breaker and the pace what a failed call says of the provider.

        NotBegun says nothing: nothing was sent. Nor does BadResponse: something answered, so it is no outage, and fifty
        records of a kind that nobody can read any more shall not take the rest of the account with them; but it is no
        sign of health either.
        """
        if isinstance(error, RateLimited):
            self._pace.throttled(error.retry_after, began)
            self.breaker.succeeded(ticket)
        elif isinstance(error, Unavailable | TimedOut):
            self._failed(ticket, error.message)
        elif isinstance(error, GatewayError) and not isinstance(error, BadResponse | NotBegun):
            self.breaker.succeeded(ticket)
        elif isinstance(error, asyncio.CancelledError) and self._was_silent(began):
            self._failed(ticket, "no answer in time")

    def _failed(self, ticket: int, reason: str) -> None:
        """Where that opens the breaker, those who wait for their turn hear it now, and the probe finds nobody ahead."""
        self.breaker.failed(ticket, reason)
        if self.breaker.state is State.OPEN:
            self._pace.send_away(self.breaker.refusal)

    def _was_silent(self, began: float) -> bool:
        """Whether a call that was given up tells of a provider that does not answer.

        Askers have less time than a connection: without this a provider that hangs would never be found out. One that
        leaves early says nothing, nor does a call ended long after its time: then it was this process that hung.
        """
        now = self._clock()
        waited, left = now - began - errand().held_up, errand().until - now
        return left > -LATE and (waited > LONG_SILENCE or (waited > SILENCE and left < EARLY))

    def _wait(self, error: GatewayError, repeat: int) -> float | None:
        """Seconds until a repeat; None when there is to be none."""
        if repeat >= MOST_REPEATS or self.breaker.retry_in > 0:
            return None
        wait = backoff(repeat, error.retry_after, self._random)
        if wait > LONGEST_WAIT or self._clock() + wait + A_TRY > errand().until:
            return None
        return wait if self._budget.pay() else None
