"""An account whose provider is broken is left alone, and asked again by one call at a time until it is well."""

import logging
from collections.abc import Callable
from enum import Enum

from schema.errors import Unavailable

__all__ = ["Breaker", "NotAsked", "State"]

IN_A_ROW = 5
"""Failures with nothing else between them that open the breaker."""
ENOUGH_CALLS = 20
"""Calls within the window from which on a share of failures means something; half of them failed opens the breaker."""
SLOTS = 10
SLOT = 3.0
"""The window is as many slots of so many seconds: 30 s, forgotten 3 s at a time."""
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 30.0
"""Seconds until the first probe, and at most between later ones; each that fails doubles the pause."""
JITTER = 0.2
"""A pause is this share shorter or longer, so that replicas do not all probe at one moment."""
WHILE_PROBING = 1.0
"""Seconds after which somebody may come back who was refused while a probe is under way."""

log = logging.getLogger("gateway.upstream")


class State(Enum):
    """CLOSED asks; OPEN does not; HALF_OPEN has one call under way, whose end decides."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


class NotAsked(Unavailable):
    """Refused here: the provider was not asked, because of what came of the calls before."""


class Breaker:
    """The breaker of one account. A call asks `enter` for a ticket, and brings it back with what came of it.

    A ticket is only good for the spell (closed, open, one probe) in which it was given: what a call came to that began
    before the breaker opened neither closes it nor keeps it open. `clock` is in seconds, `random` gives 0 to 1.
    """

    def __init__(self, account: str, clock: Callable[[], float], random: Callable[[], float]) -> None:
        self.state = State.CLOSED
        self._account = account
        self._clock = clock
        self._random = random
        self._spell = 0
        self._in_a_row = 0
        self._tally = _Tally()
        self._pause = FIRST_PAUSE
        self._probe_at = 0.0
        self._reason = ""

    @property
    def retry_in(self) -> float:
        """Seconds until it is worth coming back; 0 when a call would be let through now."""
        if self.state is State.CLOSED:
            return 0.0
        if self.state is State.HALF_OPEN:
            return WHILE_PROBING
        return max(0.0, self._probe_at - self._clock())

    def enter(self) -> int:
        """A ticket for a call that may begin, perhaps as the probe. Raises NotAsked."""
        if self.state is not State.CLOSED:
            self._begin_probe()
        return self._spell

    def check(self, ticket: int) -> None:
        """Raises NotAsked when the breaker opened since, while the call waited for its turn."""
        if self.state is not State.CLOSED and ticket != self._spell:
            raise self.refusal()

    def succeeded(self, ticket: int) -> None:
        """The provider answered: whatever it said, it is there."""
        if ticket != self._spell:
            return
        if self.state is State.HALF_OPEN:
            self._close()
        else:
            self._in_a_row = 0
            self._tally.add(self._clock(), 0)

    def failed(self, ticket: int, reason: str) -> None:
        """The provider was not reached, did not answer, or said that it is broken; `reason` in our words."""
        if ticket != self._spell:
            return
        self._reason = reason
        self._in_a_row += 1
        self._tally.add(self._clock(), 1)
        if self.state is State.HALF_OPEN:
            self._open(min(LONGEST_PAUSE, self._pause * 2))
        elif self._in_a_row >= IN_A_ROW or self._tally.is_bad:
            log.warning("%s: not asked for a while after repeated failures (last: %s)", self._account, reason)
            self._open(FIRST_PAUSE)

    def dropped(self, ticket: int) -> None:
        """The call tells neither way: it was not sent, given up early, or answered with what nobody can read.

        A probe's place is free again. Without effect on a ticket that was brought back before.
        """
        if ticket == self._spell and self.state is State.HALF_OPEN:
            self._begin_spell(State.OPEN)

    def _begin_probe(self) -> None:
        if self.state is State.HALF_OPEN or self._clock() < self._probe_at:
            raise self.refusal()
        self._begin_spell(State.HALF_OPEN)

    def refusal(self) -> NotAsked:
        """What a call is told that is not made."""
        return NotAsked(
            f"the provider is not asked after repeated failures (last: {self._reason})", retry_after=self.retry_in
        )

    def _open(self, pause: float) -> None:
        self._pause = pause
        self._probe_at = self._clock() + pause * (1 - JITTER + 2 * JITTER * self._random())
        self._begin_spell(State.OPEN)

    def _close(self) -> None:
        log.warning("%s: answers again", self._account)
        self._in_a_row = 0
        self._tally = _Tally()
        self._begin_spell(State.CLOSED)

    def _begin_spell(self, state: State) -> None:
        self.state = state
        self._spell += 1


class _Tally:
    """Calls and failed calls of the window, by slots of time."""

    __slots__ = ("_calls", "_failed", "_now", "_slots")

    def __init__(self) -> None:
        self._slots = [[0, 0] for _ in range(SLOTS)]
        self._now = 0
        self._calls = 0
        self._failed = 0

    @property
    def is_bad(self) -> bool:
        return self._calls >= ENOUGH_CALLS and self._failed * 2 >= self._calls

    def add(self, time: float, failed: int) -> None:
        now = int(time / SLOT)
        if now != self._now:
            self._forget(now)
        slot = self._slots[now % SLOTS]
        slot[0] += 1
        slot[1] += failed
        self._calls += 1
        self._failed += failed

    def _forget(self, now: int) -> None:
        """Empty the slots between the last call and now, which still hold what was a window ago."""
        for each in range(max(self._now, now - SLOTS) + 1, now + 1):
            slot = self._slots[each % SLOTS]
            self._calls -= slot[0]
            self._failed -= slot[1]
            slot[0] = slot[1] = 0
        self._now = now
