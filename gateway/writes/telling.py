"""What whoever ordered a write is told, where that is not simply what its provider answered."""

import logging

import msgspec

from gateway.cache.codec import encode
from gateway.changes import Write, operation_of
from gateway.store.records import WriteRecord
from gateway.store.store import StoreGone
from gateway.upstream.errand import NotBegun
from gateway.writes.attempt import Came
from gateway.writes.order import Order, Told
from schema.connection import Problem
from schema.errors import Conflict, GatewayError, TimedOut
from schema.node import Entity
from schema.write import WriteOutcome

__all__ = [
    "of_another_version",
    "other_input",
    "out_of_sight",
    "still_running",
    "told_of",
    "too_late",
    "unanswered",
    "write_of",
]

log = logging.getLogger("gateway.writes")


def told_of(came: Came) -> Told:
    thing = came.thing if isinstance(came.thing, Entity) else None
    return Told(
        outcome=came.outcome,
        thing=None if thing is None else encode(thing),
        native_id=None if thing is None else thing.native_id,
        problems=list(came.problems),
        is_retryable=came.is_retryable,
    )


def write_of(record: WriteRecord) -> Write | None:
    """None where it is of a version that knows other writes."""
    try:
        write: Write = msgspec.json.decode(record.write, type=Write)
    except msgspec.DecodeError:
        log.warning("a write to %s cannot be read: another version of the gateway began it", record.account)
        return None
    return write


def of_another_version(gone: GatewayError) -> Told:
    """It is left as it is, for a process that can read it."""
    problem = Problem.of(gone)
    problem.retryable = False
    return Told(outcome=WriteOutcome.UNKNOWN, problems=[problem])


def too_late(order: Order) -> Told:
    """Nothing is begun for it. Under a key it may have been done before, of which nobody has looked."""
    error = NotBegun("nothing was sent: the request's time is over").at(order.account, operation_of(order.write))
    outcome = WriteOutcome.REFUSED if order.id is None else WriteOutcome.UNKNOWN
    return Told(outcome=outcome, problems=[Problem.of(error)], is_retryable=order.id is None)


def out_of_sight(order: Order, error: StoreGone) -> Told:
    """Somebody was at it when the store was lost."""
    problem = Problem.of(error.at(order.account, operation_of(order.write)))
    problem.message = f"idempotencyKey: what became of the first request with it cannot be seen: {error.message}"
    return Told(outcome=WriteOutcome.UNKNOWN, problems=[problem])


def other_input() -> Told:
    error = Conflict("idempotencyKey: it was used for another input within 24 h", path=["input", "idempotencyKey"])
    return Told(outcome=WriteOutcome.REFUSED, problems=[Problem.of(error)])


def still_running() -> Told:
    error = TimedOut("idempotencyKey: the first request with it is not over yet; ask again", path=["input"])
    return Told(outcome=WriteOutcome.UNKNOWN, problems=[Problem.of(error)])


def unanswered(order: Order) -> Told:
    error = TimedOut("no answer within the request's time; it goes on and may happen")
    problem = Problem.of(error.at(order.account, operation_of(order.write)))
    problem.retryable = False  # it is under way
    return Told(outcome=WriteOutcome.UNKNOWN, problems=[problem])
