"""Callers waiting for their turn in this process: who is let in, who is sent away and why, and when to look again."""

import asyncio
from collections.abc import Callable
from math import inf
from typing import Protocol

from gateway.upstream.errand import Errand, Urgency, errand
from gateway.upstream.pace.gate import Gate
from gateway.upstream.pace.limits import Limits
from gateway.upstream.pace.queue import Queue, Waiter
from gateway.upstream.pace.refusal import NoTurn
from schema.errors import GatewayError

__all__ = ["COME_BACK", "Ledger", "Line"]

COME_BACK = 5.0
"""Seconds after which to ask again where this replica has no part of the account."""

MARGIN = 0.005
"""Seconds before its time is over that a caller is refused, so that it still learns why."""

LOOK_EVERY = 0.01
"""Seconds between two looks for callers whose time is over."""


class Ledger(Protocol):
    """Where the places of this process are written down for others to read."""

    def begin(self) -> int:
        """The number of one that is taken now."""

    def end(self, place: int, now: float) -> None:
        """It is left."""


class Line:
    """The queue of one account before its gate. Alone it asks the gate; `keep_together` gives it another to ask.

    No task of its own: whoever leaves lets the next one in, and one timer does where time alone opens the gate.
    """

    def __init__(self, limits: Limits, gate: Gate, clock: Callable[[], float], ledger: Ledger | None = None) -> None:
        self._limits = limits
        self._clock = clock
        self._gate = gate
        self._ledger = ledger
        self._queue = Queue()
        self._ask: Callable[[], None] | None = None
        self._soonest: Callable[[float, int], float] = gate.wait
        self._opening: asyncio.TimerHandle | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._ending_at = inf

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def first(self) -> Urgency | None:
        """How urgent the most urgent one in the line is."""
        return self._queue.first()

    def enter(self, now: float) -> int | None:
        """Let somebody in who has only just come, if nobody waits and the gate here is open; the place's number."""
        if self._ask is not None or self._queue or not self._gate.enter(now):
            return None
        return self._new_place()

    async def wait(self) -> int:
        """Wait for a turn; the place's number, or NoTurn: at once where it is known that no turn comes in
        time."""
        own = errand()
        now = self._clock()
        waiter = self._admit(own, now)
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._withdraw(waiter)
            raise
        finally:
            own.queued += self._clock() - now

    def leave(self, place: int, now: float) -> None:
        """Somebody's call has ended: let the next one in."""
        self._gate.leave(now)
        self._left(place, now)
        if self._queue:
            self._go_on()

    def let_in(self, place: int) -> bool:
        """Give a place that others allowed to whose turn it is; False where nobody waits any more."""
        waiter = self._queue.take()
        if waiter is None:
            return False
        self._gate.admit()
        waiter.future.set_result(place)
        return True

    def keep_together(self, ask: Callable[[], None], soonest: Callable[[float, int], float]) -> None:
        """From now on `ask` is told when somebody waits or gave up, and lets them in; `soonest` estimates as
        `Gate.wait` does."""
        self._ask, self._soonest = ask, soonest
        _end(self._opening)
        if self._queue:
            ask()

    def keep_alone(self) -> None:
        """From now on only the gate here is asked. Without any part of the account, everybody is refused."""
        self._ask, self._soonest = None, self._gate.wait
        now = self._clock()
        while self._gate.is_closed and (waiter := self._queue.take()):
            waiter.future.set_exception(self._without_part())
        if self._queue:
            self.refuse_until(now + self._gate.wait(now))
            self._serve()

    def refuse_until(self, moment: float) -> None:
        """Nobody can have a turn before this moment: refuse whose time is over by then."""
        now = self._clock()
        for waiter in self._queue.take_late(moment + MARGIN):
            waiter.future.set_exception(self._refusal(max(waiter.due, moment) - now))
        self._emptied()

    def send_away(self, why: Callable[[], GatewayError]) -> None:
        """Nobody who waits now is let in."""
        while waiter := self._queue.take():
            waiter.future.set_exception(why())
        self._emptied()

    def aclose(self) -> None:
        """Nobody is let in any more."""
        _end(self._opening)
        _end(self._ending)
        while waiter := self._queue.take():
            waiter.future.set_exception(NoTurn("the gateway is about to end", retry_after=COME_BACK))

    def _admit(self, own: Errand, now: float) -> Waiter:
        if self._ask is None and self._gate.is_closed:
            raise self._without_part()
        soonest = self._soonest(now, self._queue.ahead(own.urgency))
        if self._queue.is_full(own.urgency):
            most = self._queue.most(own.urgency)
            raise NoTurn(f"{most} calls wait for the account already", retry_after=soonest or None)
        if soonest > 0 and now + soonest > own.until - MARGIN:
            raise self._refusal(soonest)
        waiter = Waiter(asyncio.get_running_loop().create_future(), own, now + soonest)
        self._queue.add(waiter)
        self._end_at(own.until, now)
        self._go_on()
        return waiter

    def _withdraw(self, waiter: Waiter) -> None:
        """Somebody gave up. If the place had just come, it goes to the next."""
        self._queue.drop(waiter)
        future = waiter.future
        if not future.done() or future.cancelled() or future.exception() is not None:
            self._emptied()
            return
        now = self._clock()
        self._gate.give_back(now)
        self._left(future.result(), now)
        if self._queue or self._ask is not None:
            self._go_on()

    def _emptied(self) -> None:
        """Where others keep a place in the line for this process, they are told that nobody waits any more."""
        if self._ask is not None and not self._queue:
            self._ask()

    def _new_place(self) -> int:
        return 0 if self._ledger is None else self._ledger.begin()

    def _left(self, place: int, now: float) -> None:
        if self._ledger is not None:
            self._ledger.end(place, now)

    def _go_on(self) -> None:
        if self._ask is None:
            self._serve()
        else:
            self._ask()

    def _serve(self) -> None:
        """Let in who may come in now, and look again when the next one may."""
        _end(self._opening)
        while self._queue:
            now = self._clock()
            seconds = self._gate.held_for(now) if self._gate.is_full(now) else self._gate.wait(now)
            if seconds > 0:
                self._open_in(seconds)
                return
            if (waiter := self._queue.take()) is None:
                return
            self._gate.enter(now)
            waiter.future.set_result(self._new_place())

    def _open_in(self, seconds: float) -> None:
        if seconds < inf:
            self._opening = asyncio.get_running_loop().call_later(seconds, self._serve)

    def _end_at(self, until: float, now: float) -> None:
        """Look for callers whose time is over when this one's is. Where only concurrency is limited nobody knows when
        a turn comes: there the caller's own timeout ends the waiting."""
        if until >= self._ending_at or self._limits.calls is None:
            return
        _end(self._ending)
        self._ending_at = until
        delay = max(LOOK_EVERY, until - MARGIN - now)
        self._ending = asyncio.get_running_loop().call_later(delay, self._send_away)

    def _send_away(self) -> None:
        self._ending, self._ending_at = None, inf
        now = self._clock()
        self.refuse_until(now + self._soonest(now, 0) if self._queue else now)
        self._end_at(self._queue.earliest(), now)

    def _refusal(self, seconds: float) -> NoTurn:
        limits = self._limits
        if limits.calls is None:
            message = "the provider wants a pause that ends after this request's time"
        else:
            at_most = f"{limits.calls} calls in {limits.window:g} s, {limits.concurrency} at once"
            message = f"the account has no turn within this request's time: {at_most}"
        # Where others' calls have yet to end, nobody knows when that will be.
        return NoTurn(message, retry_after=seconds if seconds > MARGIN else None)

    def _without_part(self) -> NoTurn:
        message = "the replicas of the gateway cannot reach each other, and this one has no part of the account's calls"
        return NoTurn(message, retry_after=COME_BACK)


def _end(timer: asyncio.TimerHandle | None) -> None:
    """Cancel a timer, if there is one."""
    if timer is not None:
        timer.cancel()
