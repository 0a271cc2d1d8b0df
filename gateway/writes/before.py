"""What a write changes, as it was known before: for the audit log, and for telling whether an answer that was lost was
one of success."""

from gateway.cache.cache import Cache
from gateway.changes import (
    AddProfileNetwork,
    DeleteRatePlan,
    DeleteSim,
    DeleteSmsCommand,
    RemoveProfileNetwork,
    UpdateFleet,
    UpdateNetworkAccessProfile,
    UpdateRatePlan,
    UpdateSim,
    Write,
)
from gateway.writes.changed import target_of
from gateway.writes.proof import Ask
from schema.command import SmsCommand
from schema.errors import GatewayError
from schema.fleet import Fleet
from schema.network import NetworkAccessProfile
from schema.node import Entity
from schema.rate_plan import RatePlan
from schema.sim import Sim

__all__ = ["kind_of", "known_before"]

KINDS: dict[type, type[Entity]] = {
    UpdateSim: Sim,
    DeleteSim: Sim,
    DeleteSmsCommand: SmsCommand,
    UpdateFleet: Fleet,
    UpdateNetworkAccessProfile: NetworkAccessProfile,
    AddProfileNetwork: NetworkAccessProfile,
    RemoveProfileNetwork: NetworkAccessProfile,
    UpdateRatePlan: RatePlan,
    DeleteRatePlan: RatePlan,
}


DELETED = {DeleteSim: "load_sim", DeleteSmsCommand: "load_sms_command", DeleteRatePlan: "load_rate_plan"}
"""How to ask for what is deleted."""


def kind_of(write: Write) -> type[Entity] | None:
    """What kind of thing it changes; None where it makes something."""
    return KINDS.get(type(write))


async def known_before(cache: Cache, account: str, write: Write, ask: Ask) -> Entity | None:
    """From memory; nobody is asked for it, but for what is deleted: that it was there is known by nothing else
    afterwards, and whose it was neither."""
    kind, native_id = kind_of(write), target_of(write)
    if kind is None or native_id is None:
        return None
    known = (await cache.things(account, kind, [native_id], None)).get(native_id)
    if known is not None or type(write) not in DELETED:
        return known
    try:
        found: Entity | None = await ask(DELETED[type(write)], native_id)
    except GatewayError:
        return None
    return found
