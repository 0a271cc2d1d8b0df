"""What travels with one question to a provider, through its adapter, to every call it takes: until when, how urgent, at
what cost. It travels by context, so that adapters need not hand it on."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from math import inf

from schema.errors import GatewayError, ProblemCode

__all__ = ["ERRAND", "Errand", "NotBegun", "NotSent", "Urgency", "errand"]


class Urgency(IntEnum):
    """Who waits for the answer: somebody now, or nobody in particular. The lower one goes first."""

    INTERACTIVE = 0
    BULK = 1


@dataclass(slots=True)
class Errand:
    """One question. `until` is the event loop's time after which nobody wants the answer; it grows when somebody with
    more time joins. The rest is what it came to: HTTP calls sent, seconds waited for a turn, seconds at the provider.
    """

    until: float = inf
    urgency: Urgency = Urgency.INTERACTIVE
    is_dry: bool = False
    """Nothing may be sent for it: the first call raises NotSent."""
    calls: int = 0
    queued: float = 0.0
    held_up: float = 0.0
    """Seconds of a turn in which we were not ready to send."""
    upstream: float = 0.0
    before_write: Callable[[], Awaitable[None]] | None = None
    """Done in a write's turn, just before it is sent. Where it raises, which must be NotBegun, nothing is sent."""
    is_writing: bool = False
    """The exchange under way is a write's."""
    may_have_happened: bool = False
    """A write was sent, and nothing has come back that says it was not executed."""

    def connected(self) -> None:
        """There is a connection for the exchange under way: from now on a write may have happened."""
        self.may_have_happened = self.may_have_happened or self.is_writing


class NotSent(Exception):
    """A call that a dry errand would have made. It passes through adapters, which know nothing of it."""


class NotBegun(GatewayError):
    """A write that was not sent, because what has to be done before could not be. It says nothing of the provider."""

    code = ProblemCode.UNAVAILABLE
    retryable = True


ERRAND: ContextVar[Errand] = ContextVar("ERRAND")


def errand() -> Errand:
    """The errand of this task; one without limits where nobody set one, as for a call by hand."""
    return ERRAND.get(None) or Errand()
