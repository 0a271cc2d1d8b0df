"""Accounts: whom the gateway asks, what each can do and how each is doing."""

import datetime as dt
from enum import Enum

import strawberry

from schema.ids import encode_id
from schema.node import Node
from schema.relation import computed, fact, inventory

__all__ = ["Account", "Capability", "Health", "Quota"]


@strawberry.enum(description="How an account is doing, from the calls made to it.")
class Health(Enum):
    UP = strawberry.enum_value("UP", description="The last call was answered.")
    DEGRADED = strawberry.enum_value(
        "DEGRADED", description="The last call failed, but one within the last minute did not."
    )
    DOWN = strawberry.enum_value("DOWN", description="The last calls failed.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="It has not been asked anything yet.")


@strawberry.type(description="One thing an account can be asked, or cannot.")
class Capability:
    operation: str = strawberry.field(description="The operation's name, as in `Problem.operation`.")
    supported: bool = strawberry.field(description="Whether the provider's API has it.")
    note: str | None = fact("Limits worth knowing, or why it is missing.")


@strawberry.type(description="The calls an account may still make.")
class Quota:
    limit: int | None = fact("Calls per window.")
    window: float | None = fact("Seconds of a window.")
    remaining: int | None = fact("Calls left in the running window.")
    resets_at: dt.datetime | None = fact("When the window has room for all calls again.")
    is_lowered: bool = fact("True while it is asked less than allowed, because its provider complained.", False)


@strawberry.type(description="One set of credentials at one provider, under the operator's own name for it.")
class Account(Node):
    id: strawberry.ID = computed(lambda root, _: encode_id(root.name, "Account", root.name), "An opaque id.")
    name: str = strawberry.field(description="The operator's name for the account: [a-z0-9-]+.")
    provider: str = strawberry.field(
        description="The kind of platform: twilio-supersim, kore-supersim, twilio-wireless, kore-wireless, "
        "cisco-control-center, wayscloud, or one added to the gateway."
    )
    capabilities: list[Capability] = inventory("Every operation, and whether this account has it.")
    health: Health = fact("How it is doing.", Health.UNKNOWN)
    health_reason: str | None = fact("Why it is not UP.")
    last_success_at: dt.datetime | None = fact("When it last answered; null also for who sees some of its fleets only.")
    quota: Quota | None = fact(
        "What is left of its call limit; null where no limit is kept, and for who sees some of its fleets only."
    )
