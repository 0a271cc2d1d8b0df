"""What a dry run can foresee of a provider's refusal. It is only told: their rules may have changed."""

from typing import Any

import msgspec

from gateway.changes import UpdateSim, operation_of
from gateway.writes.changed import kind_of
from gateway.writes.order import Order
from schema.connection import Problem
from schema.errors import NotFound, Refused
from schema.sim import Sim

__all__ = ["refusals_expected"]


def refusals_expected(order: Order, thing: Any) -> list[Problem]:  # Any: what the write is about
    """Given what there is now: that there is nothing to change, or that the status cannot be taken from here."""
    write = order.write
    where = order.account, operation_of(write)
    if thing is None:
        absent = NotFound("there is no such thing to be changed", path=["input"])
        return [Problem.of(absent.at(*where))] if kind_of(write) is not None else []
    if not isinstance(thing, Sim) or not isinstance(write, UpdateSim) or write.status is msgspec.UNSET:
        return []
    if write.status in thing.allowed_transitions or write.status.name == thing.status.name:
        return []
    refusal = Refused(
        f"status: from {thing.status.name} the provider is not known to allow {write.status.name}",
        path=["input", "status"],
    )
    return [Problem.of(refusal.at(*where))]
