"""What travels with one question to a provider, through its adapter, to every call it takes: until when, how urgent, at
what cost. It travels by context, so that adapters need not hand it on."""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from math import inf

__all__ = ["ERRAND", "Errand", "NotSent", "Urgency", "errand"]


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
    upstream: float = 0.0


class NotSent(Exception):
    """A call that a dry errand would have made. It passes through adapters, which know nothing of it."""


ERRAND: ContextVar[Errand] = ContextVar("ERRAND")


def errand() -> Errand:
    """The errand of this task; one without limits where nobody set one, as for a call by hand."""
    return ERRAND.get(None) or Errand()
