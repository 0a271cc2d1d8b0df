"""What a mutation answers: what became of the write, the calls it takes, and what was wrong."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import strawberry

from schema.connection import Problem
from schema.relation import fact

__all__ = ["PlannedCall", "WriteOutcome", "Written"]


@strawberry.enum(description="What became of a change or a command.")
class WriteOutcome(Enum):
    APPLIED = strawberry.enum_value(
        "APPLIED", description="The provider has done it. A command is accepted for delivery: see its own status."
    )
    PENDING = strawberry.enum_value(
        "PENDING", description="The provider has taken it and will do it; a later read shows the end."
    )
    REFUSED = strawberry.enum_value("REFUSED", description="Nothing was changed; `problems` say why.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="The provider's answer was lost and reading back does not decide: it may have happened. It is "
        "never sent again by itself.",
    )
    DRY_RUN = strawberry.enum_value("DRY_RUN", description="Nothing was sent; `plan` says what would be.")


@strawberry.type(description="A call that a change takes.")
class PlannedCall:
    account: str = strawberry.field(description="The account it is made to.")
    operation: str = strawberry.field(description="The operation, as in `Capability.operation`.")
    count: int = fact("How many such calls.", 1)
    consequence: str | None = fact("What is known to follow from it: that a SIM is charged, that there is no way back.")


@dataclass
class Written:
    """What became of a write, before it is one of the payload types. `thing` is the state after it, or what there is to
    be seen of it; Any: each payload has its own type."""

    outcome: WriteOutcome
    thing: Any = None
    plan: list[PlannedCall] | None = None
    problems: list[Problem] = field(default_factory=list)
