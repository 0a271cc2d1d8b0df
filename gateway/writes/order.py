"""One write as somebody ordered it, and what became of it."""

from dataclasses import dataclass

import msgspec

from gateway.changes import Write
from gateway.upstream.errand import Urgency
from schema.connection import Problem
from schema.write import WriteOutcome

__all__ = ["Order", "Told"]


@dataclass(frozen=True)
class Order:
    """A write to an account, complete and checked.

    `id` names it for good where it must not happen twice however often it is ordered: made of an idempotency key, or of
    a job's item; None: each order is another one. `fingerprint` is of what the caller asked under that id. `settle` is
    how many seconds to wait for the end of what is pending. `warnings` are told beside whatever comes of it.
    """

    account: str
    write: Write
    caller: str
    id: str | None = None
    fingerprint: str = ""
    job: str | None = None
    settle: float = 0.0
    urgency: Urgency = Urgency.INTERACTIVE
    warnings: tuple[Problem, ...] = ()


class Told(msgspec.Struct, kw_only=True):
    """What became of an order. `thing` is the state after it, as the cache encodes it; `native_id` is of what it made
    or changed. `is_retryable`: nothing was sent, and later it may go through."""

    outcome: WriteOutcome
    thing: bytes | None = None
    native_id: str | None = None
    problems: list[Problem] = []
    is_retryable: bool = False
