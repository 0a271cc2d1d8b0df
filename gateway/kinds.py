"""Which operations answer for which type of the schema."""

from gateway.where import (
    CommandWhere,
    EsimProfileWhere,
    EventWhere,
    FleetWhere,
    NetworkWhere,
    OfSim,
    SessionWhere,
    SettingsUpdateWhere,
    SimWhere,
    Where,
)
from schema.command import Command, IpCommand, SmsCommand
from schema.event import SimEvent
from schema.fleet import Fleet
from schema.lifecycle import BillingPeriod, EsimProfile, SettingsUpdate
from schema.network import IpAddress, Network, NetworkAccessProfile
from schema.rate_plan import RatePlan
from schema.session import DataSession
from schema.sim import Sim

__all__ = ["LISTS", "LOADS", "NESTED", "WHOLE_LISTS", "Kind"]

Kind = type

LOADS: dict[Kind, str] = {
    Sim: "load_sim",
    Fleet: "load_fleet",
    RatePlan: "load_rate_plan",
    SmsCommand: "load_sms_command",
    IpCommand: "load_ip_command",
    Network: "load_network",
    NetworkAccessProfile: "load_network_access_profile",
    EsimProfile: "load_esim_profile",
}
"""Types that can be asked for by id."""

NESTED: dict[Kind, type[OfSim | SessionWhere | SettingsUpdateWhere]] = {
    DataSession: SessionWhere,
    BillingPeriod: OfSim,
    SettingsUpdate: SettingsUpdateWhere,
}
"""Types that have no operation of their own by id: they are found in their SIM's list, whose condition this is."""

LISTS: dict[Kind, tuple[str, ...]] = {
    Sim: ("list_sims",),
    Fleet: ("list_fleets",),
    RatePlan: ("list_rate_plans",),
    Command: ("list_sms_commands", "list_ip_commands"),
    SimEvent: ("list_events",),
    Network: ("list_networks",),
    NetworkAccessProfile: ("list_network_access_profiles",),
    EsimProfile: ("list_esim_profiles",),
    SettingsUpdate: ("list_settings_updates",),
    DataSession: ("list_sessions",),
    BillingPeriod: ("list_billing_periods",),
    IpAddress: ("list_ip_addresses",),
}
"""The list operations that together give all things of a type."""

WHOLE_LISTS: dict[Kind, Where] = {
    Sim: SimWhere(),
    Fleet: FleetWhere(),
    RatePlan: Where(),
    Network: NetworkWhere(),
    NetworkAccessProfile: Where(),
    EsimProfile: EsimProfileWhere(),
    Command: CommandWhere(),
    SettingsUpdate: SettingsUpdateWhere(),
    SimEvent: EventWhere(),
}
"""Lists of everything an account has: the condition that says so."""
