"""The life of a SIM, in words every provider's own words map to."""

from enum import Enum

import strawberry

__all__ = ["SimStatus", "SimTarget"]


@strawberry.enum(description="Where a SIM is in its life. The provider's own word stands beside it as `nativeStatus`.")
class SimStatus(Enum):
    INVENTORY = strawberry.enum_value("INVENTORY", description="Never used.")
    READY = strawberry.enum_value("READY", description="May connect; not charged yet, or in test.")
    ACTIVE = strawberry.enum_value("ACTIVE", description="May connect and is charged.")
    SUSPENDED = strawberry.enum_value("SUSPENDED", description="Blocked; can come back.")
    DEACTIVATED = strawberry.enum_value("DEACTIVATED", description="Blocked and on the way to TERMINATED.")
    TERMINATED = strawberry.enum_value("TERMINATED", description="Gone for good.")
    PENDING = strawberry.enum_value(
        "PENDING", description="A change is running; what it leads to shows when it is done."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="The provider did not say, or in a word this gateway does not know: see `nativeStatus`.",
    )


@strawberry.enum(description="A status a SIM can be asked to take.")
class SimTarget(Enum):
    READY = strawberry.enum_value("READY", description="May connect, not charged yet.")
    ACTIVE = strawberry.enum_value("ACTIVE", description="May connect and is charged.")
    SUSPENDED = strawberry.enum_value("SUSPENDED", description="Blocked; can come back.")
    DEACTIVATED = strawberry.enum_value("DEACTIVATED", description="Blocked and on the way to TERMINATED.")
    TERMINATED = strawberry.enum_value("TERMINATED", description="Gone for good.")
