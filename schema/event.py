"""Events: what happened to a SIM."""

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Private

from schema.lifecycle import LazySim, sim_of
from schema.network import NetworkRef
from schema.relation import computed, fact, relation
from schema.scalars import JSON

if TYPE_CHECKING:
    from schema.account import Account

__all__ = ["SimEvent", "SimEventType"]


@strawberry.enum(description="What happened.")
class SimEventType(Enum):
    ATTACH_ACCEPTED = strawberry.enum_value("ATTACH_ACCEPTED", description="A network let the SIM in.")
    ATTACH_REJECTED = strawberry.enum_value("ATTACH_REJECTED", description="A network refused the SIM.")
    ATTACH_FAILED = strawberry.enum_value("ATTACH_FAILED", description="Attaching went wrong.")
    CONNECTED = strawberry.enum_value("CONNECTED", description="The device went online.")
    DISCONNECTED = strawberry.enum_value("DISCONNECTED", description="The device went offline.")
    SESSION_STARTED = strawberry.enum_value("SESSION_STARTED", description="A data session began.")
    SESSION_UPDATED = strawberry.enum_value("SESSION_UPDATED", description="A data session's counters moved on.")
    SESSION_ENDED = strawberry.enum_value("SESSION_ENDED", description="A data session ended.")
    SESSION_FAILED = strawberry.enum_value("SESSION_FAILED", description="A data session could not be made.")
    NETWORK_CHANGED = strawberry.enum_value("NETWORK_CHANGED", description="The SIM moved to another network.")
    LOCATION_CHANGED = strawberry.enum_value("LOCATION_CHANGED", description="The SIM was seen elsewhere.")
    USAGE_THRESHOLD = strawberry.enum_value("USAGE_THRESHOLD", description="A usage threshold was reached.")
    STATUS_CHANGED = strawberry.enum_value("STATUS_CHANGED", description="The SIM's status changed.")
    COMMAND_UPDATED = strawberry.enum_value("COMMAND_UPDATED", description="A command moved on.")
    COMMAND_RECEIVED = strawberry.enum_value("COMMAND_RECEIVED", description="The device sent a command.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A word this gateway does not know.")


@strawberry.type(description="Something that happened to a SIM.")
class SimEvent:
    account_name: Private[str] = ""
    sim_id: Private[str | None] = None
    account: Annotated["Account", strawberry.lazy("schema.account")] = computed(
        lambda root, ctx: ctx.account(root.account_name), "The account it was read from."
    )
    native_id: str | None = fact("The provider's own id for it.")
    sim: LazySim | None = relation(sim_of, "The SIM it happened to.")
    type: SimEventType = fact("What happened.", SimEventType.UNKNOWN)
    native_type: str | None = fact("The same in the provider's word.")
    occurred_at: dt.datetime = strawberry.field(description="When it happened.")
    network: NetworkRef | None = fact("The network it happened in, or the new one.")
    previous_network: NetworkRef | None = fact("The network before, where it changed.")
    details: JSON | None = fact("What else the provider says, as it says it.")
    as_of: dt.datetime | None = fact("When the provider told it.")
    stale: bool = fact("True when the list it is in is older than it should be; see `staleReason`.", False)
    stale_reason: str | None = fact("Why an old list was served, e.g. that the provider does not answer.")
