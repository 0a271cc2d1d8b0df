"""What each mutation answers: the state after it, what became of it, and what was wrong."""

from typing import Any, ClassVar, Self

import strawberry

from schema.command import Command
from schema.connection import Problem
from schema.fleet import Fleet
from schema.lifecycle import EsimProfile
from schema.network import NetworkAccessProfile
from schema.rate_plan import RatePlan
from schema.relation import fact
from schema.sim import Sim
from schema.write import PlannedCall, WriteOutcome, Written

__all__ = [
    "CommandPayload",
    "DeletePayload",
    "EsimProfilePayload",
    "FleetPayload",
    "NetworkAccessProfilePayload",
    "Payload",
    "RatePlanPayload",
    "SimPayload",
]


@strawberry.type(description="What became of a change.")
class Payload:
    THING: ClassVar[str]
    """The field for the state after it."""

    outcome: WriteOutcome = strawberry.field(description="What became of it.")
    plan: list[PlannedCall] | None = fact("The calls it would take, for a dry run; null otherwise.")
    problems: list[Problem] = strawberry.field(
        description="Why it was refused or is not known, and warnings beside what was done all the same."
    )

    @classmethod
    def of(cls, written: Written, wanted: object) -> Self:
        """The payload for what became of it; `wanted` is the input it came of."""
        state = {cls.THING: cls.state(written, wanted)}
        return cls(outcome=written.outcome, plan=written.plan, problems=written.problems, **state)

    @classmethod
    def state(cls, written: Written, wanted: object) -> Any:  # Any: each payload has its own type
        """What there is to show after it."""
        del wanted
        return written.thing


@strawberry.type(description="What became of a change of a SIM.")
class SimPayload(Payload):
    THING = "sim"
    sim: Sim | None = fact("The SIM as it is now, as far as it could be read; null where nothing can be shown.")


@strawberry.type(description="What became of a message to a device.")
class CommandPayload(Payload):
    THING = "command"
    command: Command | None = fact(
        "The command, whose own `status` tells how far it has come; null where none was made."
    )


@strawberry.type(description="What became of a change of a fleet.")
class FleetPayload(Payload):
    THING = "fleet"
    fleet: Fleet | None = fact("The fleet as it is now; null where nothing can be shown.")


@strawberry.type(description="What became of a change of a network access profile.")
class NetworkAccessProfilePayload(Payload):
    THING = "network_access_profile"
    network_access_profile: NetworkAccessProfile | None = fact(
        "The profile as it is now; null where nothing can be shown."
    )


@strawberry.type(description="What became of an order of an eSIM profile.")
class EsimProfilePayload(Payload):
    THING = "esim_profile"
    esim_profile: EsimProfile | None = fact("The eSIM profile as it is now; null where none was made.")


@strawberry.type(description="What became of a change of a rate plan.")
class RatePlanPayload(Payload):
    THING = "rate_plan"
    rate_plan: RatePlan | None = fact("The rate plan as it is now; null where nothing can be shown.")


@strawberry.type(description="What became of a deletion.")
class DeletePayload(Payload):
    THING = "deleted_id"
    deleted_id: strawberry.ID | None = fact("The id of what is gone; null where it is not, or that is not known.")

    @classmethod
    def state(cls, written: Written, wanted: object) -> Any:  # Any: as above
        """The id the caller gave, when what it names is gone."""
        return getattr(wanted, "id", None) if written.outcome is WriteOutcome.APPLIED else None
