"""The face of an account's pace: a turn for each call, what is left, and what follows when the provider complains."""

import asyncio
import random as chance
from collections.abc import Callable
from dataclasses import dataclass

from gateway.replicas import Scripts
from gateway.upstream.pace.commons import Commons, Complaint
from gateway.upstream.pace.gate import Gate, period_of
from gateway.upstream.pace.limits import Limits
from gateway.upstream.pace.line import Line
from gateway.upstream.pace.throttle import Throttle
from gateway.upstream.pace.together import Together
from schema.errors import GatewayError

__all__ = ["LEASE", "Pace", "Quota", "Turn"]

LEASE = 10.0
"""Seconds without a sign of life after which a replica's places come free."""

_LONG_AGO = 3600.0


@dataclass(frozen=True)
class Quota:
    """The calls of a window: allowed, left now, and the seconds until all are free again. `is_lowered`: the provider
    complained, and the account is asked less than allowed for a while."""

    limit: int
    remaining: int
    free_in: float
    is_lowered: bool


class Pace:
    """Keeps one account's limits, alone or, with `scripts`, together with every replica that serves the account.

    `workers` is how many there may be while nobody could be asked yet. Callers wait their turn inside their errand's
    time, those in a hurry first; who cannot have one in time is refused at once.
    """

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], float] | None = None,
        *,
        account: str = "",
        scripts: Scripts | None = None,
        workers: int = 1,
        lease: float = LEASE,
        random: Callable[[], float] = chance.random,
    ) -> None:
        self.limits = limits
        self._clock = clock or asyncio.get_running_loop().time
        self._throttle = Throttle(period_of(limits))
        self._gate = Gate(limits, self._throttle, self._clock())
        self._commons: Commons | None = None
        if scripts is not None:
            self._commons = Commons(scripts, account, limits, clock=self._clock, lease=lease)
        self._line = Line(limits, self._gate, self._clock, self._commons)
        self._together = self._meet(account, random, workers, lease)

    def start(self) -> None:
        """Be counted among the replicas, before the first call; needs a running loop."""
        if self._together is not None:
            self._together.start()

    def turn(self) -> "Turn":
        """Wait for a free place, hold it for the length of one call: `async with pace.turn():`.

        Raises NoTurn where there is no place within the errand's time.
        """
        return Turn(self._line, self._together, self._clock)

    def throttled(self, retry_after: float | None, began: float | None = None) -> None:
        """The provider answered that it was too much: wait so many seconds (None: it did not say), then ask less.

        Several calls that were under way together count once: those that began before the rate was lowered; where it is
        not said when the call began, those that are answered during the pause.
        """
        now = self._clock()
        if began is None:
            began = now if now >= self._throttle.paused_until else now - _LONG_AGO
        self._throttle.cut(now, retry_after, began)
        if self._together is not None:
            self._together.complain(Complaint(retry_after, began))
        self._line.refuse_until(self._throttle.paused_until)

    def send_away(self, why: Callable[[], GatewayError]) -> None:
        """Refuse everybody who waits for a turn; each is told an error of its own."""
        self._line.send_away(why)

    def quota(self) -> Quota | None:
        """What is left of the calls; None where only concurrency is limited."""
        limit, remaining = self.limits.calls, self.remaining()
        if limit is None or remaining is None:
            return None
        return Quota(limit, remaining, self.free_in(), self._throttle.factor(self._clock()) < 1)

    def remaining(self) -> int | None:
        """Calls of the window that are left; None where only concurrency is limited."""
        if self.limits.calls is None:
            return None
        now = self._clock()
        shared = self._shared(now)
        return self._gate.remaining(now) if shared is None else shared[0]

    def free_in(self) -> float:
        """Seconds until every place of the window is free again, if nothing more is asked."""
        now = self._clock()
        shared = self._shared(now)
        return self._gate.free_in(now) if shared is None else shared[1]

    async def aclose(self) -> None:
        """End what belongs to the pace. Whoever still waits is refused."""
        if self._together is not None:
            await self._together.aclose()
        self._line.aclose()

    def _shared(self, now: float) -> tuple[int, float] | None:
        return None if self._together is None else self._together.quota(now)

    def _meet(self, account: str, random: Callable[[], float], workers: int, lease: float) -> Together | None:
        if self._commons is None:
            return None
        return Together(
            self._commons,
            self.limits,
            account=account,
            gate=self._gate,
            line=self._line,
            throttle=self._throttle,
            clock=self._clock,
            random=random,
            workers=workers,
            lease=lease,
        )


class Turn:
    """One place, from the moment it is free until the call has ended. A class of its own, and nothing awaited where
    nobody waits: every call passes here."""

    __slots__ = ("_clock", "_line", "_place", "_together")

    def __init__(self, line: Line, together: Together | None, clock: Callable[[], float]) -> None:
        self._line = line
        self._together = together
        self._clock = clock
        self._place = 0

    async def __aenter__(self) -> None:
        place = self._line.enter(self._clock())
        self._place = await self._line.wait() if place is None else place

    async def __aexit__(self, *_: object) -> None:
        self._line.leave(self._place, self._clock())
        if self._together is not None:
            self._together.left()
