"""What a write makes untrue: exactly the things and lists that the cache and the request must forget."""

from gateway.cache.question import Change
from gateway.changes import (
    AddProfileNetwork,
    CreateFleet,
    CreateNetworkAccessProfile,
    CreateRatePlan,
    DeleteRatePlan,
    DeleteSim,
    DeleteSmsCommand,
    OrderEsimProfile,
    RegisterSim,
    RemoveProfileNetwork,
    SendIpCommand,
    SendSmsCommand,
    UpdateFleet,
    UpdateNetworkAccessProfile,
    UpdateRatePlan,
    UpdateSim,
    Write,
)
from schema.command import IpCommand, SmsCommand
from schema.fleet import Fleet
from schema.lifecycle import BillingPeriod, EsimProfile, SettingsUpdate
from schema.network import Network, NetworkAccessProfile
from schema.node import Entity
from schema.rate_plan import RatePlan
from schema.sim import Sim

__all__ = ["DELETIONS", "changes_of", "kind_of", "target_of"]

DELETIONS = (DeleteSim, DeleteSmsCommand, DeleteRatePlan)
_KINDS: dict[type, type[Entity]] = {
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


def changes_of(  # noqa: PLR0911  a case for each kind of write
    write: Write, native_id: str | None, before: Entity | None
) -> list[Change]:
    """`native_id` is of what was made, where something was; `before` is what was known of what was changed."""
    match write:
        case RegisterSim():
            return [Change(Sim, native_id)]
        case UpdateSim():
            # A status begins and ends billing periods, and a fleet brings settings with it.
            below = [Change(kind, None, write.sim_id) for kind in (BillingPeriod, SettingsUpdate)]
            return [Change(Sim, write.sim_id), *below]
        case DeleteSim():
            return [Change(Sim, write.sim_id)]
        case SendSmsCommand():
            return [Change(SmsCommand, native_id, write.sim_id)]
        case SendIpCommand():
            return [Change(IpCommand, native_id, write.sim_id)]
        case DeleteSmsCommand():
            return [Change(SmsCommand, write.command_id, before.sim_id if isinstance(before, SmsCommand) else None)]
        case CreateFleet() | UpdateFleet():
            return [Change(Fleet, target_of(write) or native_id)]
        case CreateNetworkAccessProfile() | UpdateNetworkAccessProfile():
            return [Change(NetworkAccessProfile, target_of(write) or native_id)]
        case AddProfileNetwork() | RemoveProfileNetwork():
            profile = Change(NetworkAccessProfile, write.profile_id)
            return [profile, Change(Network, None, write.profile_id)]
        case OrderEsimProfile():
            return [Change(EsimProfile, native_id)]
        case CreateRatePlan() | UpdateRatePlan() | DeleteRatePlan():
            return [Change(RatePlan, target_of(write) or native_id)]


def kind_of(write: Write) -> type[Entity] | None:
    """What kind of thing it changes; None where it makes something."""
    return _KINDS.get(type(write))


def target_of(write: Write) -> str | None:
    """The native id of the thing a write is about; None where it makes a new one."""
    match write:
        case UpdateSim() | DeleteSim() | SendSmsCommand() | SendIpCommand():
            return write.sim_id
        case DeleteSmsCommand():
            return write.command_id
        case UpdateFleet():
            return write.fleet_id
        case UpdateNetworkAccessProfile() | AddProfileNetwork() | RemoveProfileNetwork():
            return write.profile_id
        case UpdateRatePlan() | DeleteRatePlan():
            return write.rate_plan_id
    return None
