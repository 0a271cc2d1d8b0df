"""Plausible questions for every operation, made from what the provider's own lists contain."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from gateway.page import Page, PageRequest
from gateway.provider import Provider
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
    UsageWhere,
    Where,
)
from schema.command import IpCommand, SmsCommand
from schema.event import SimEvent
from schema.fleet import Fleet
from schema.lifecycle import BillingPeriod, EsimProfile, SettingsUpdate
from schema.network import IpAddress, Network, NetworkAccessProfile
from schema.rate_plan import RatePlan
from schema.session import DataSession
from schema.sim import Sim
from schema.usage import UsageRecord, ZoneUsage

SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)

LISTS: dict[str, tuple[type, Callable[[str], Where]]] = {
    "list_sims": (Sim, lambda _: SimWhere()),
    "list_fleets": (Fleet, lambda _: FleetWhere()),
    "list_rate_plans": (RatePlan, lambda _: Where()),
    "list_sessions": (DataSession, SessionWhere),
    "list_usage": (UsageRecord, lambda sim_id: UsageWhere(SINCE, UNTIL, sim_id=sim_id)),
    "list_zone_usage": (ZoneUsage, OfSim),
    "list_sms_commands": (SmsCommand, lambda _: CommandWhere()),
    "list_ip_commands": (IpCommand, lambda _: CommandWhere()),
    "list_events": (SimEvent, lambda _: EventWhere()),
    "list_networks": (Network, lambda _: NetworkWhere()),
    "list_network_access_profiles": (NetworkAccessProfile, lambda _: Where()),
    "list_profile_networks": (Network, lambda profile_id: NetworkWhere(profile_id=profile_id)),
    "list_esim_profiles": (EsimProfile, lambda _: EsimProfileWhere()),
    "list_settings_updates": (SettingsUpdate, lambda _: SettingsUpdateWhere()),
    "list_billing_periods": (BillingPeriod, OfSim),
    "list_ip_addresses": (IpAddress, OfSim),
}
"""Every list operation: what it lists, and a condition made from a parent's id."""

LOADS: dict[str, str] = {
    "load_sim": "list_sims",
    "load_fleet": "list_fleets",
    "load_rate_plan": "list_rate_plans",
    "load_sms_command": "list_sms_commands",
    "load_ip_command": "list_ip_commands",
    "load_network": "list_networks",
    "load_network_access_profile": "list_network_access_profiles",
    "load_esim_profile": "list_esim_profiles",
}
"""Every operation by id, and the list whose ids it takes."""

ODD = {"find_sim_by_iccid", "find_sim_by_device", "load_profile_network", "load_cycle_usage"}
"""Operations with a test of their own."""


async def parent_of(provider: Provider, operation: str) -> str:
    """An id to ask a nested list for: a SIM that has been used or, for a profile's networks, a profile."""
    if operation == "list_profile_networks":
        profiles = await provider.list_network_access_profiles(Where(), PageRequest(1))
        return profiles.items[0].native_id
    sims = await provider.list_sims(SimWhere(), PageRequest(min(30, provider.page_size)))
    for sim in sims.items:
        found: Page[Any] = await getattr(provider, operation)(LISTS[operation][1](sim.native_id), PageRequest(5))
        if found.items:
            return sim.native_id
    return sims.items[0].native_id


async def a_page(provider: Provider, operation: str, size: int, token: str | None = None) -> Page[Any]:
    nested = operation in ("list_sessions", "list_usage", "list_zone_usage", "list_profile_networks",
                           "list_billing_periods", "list_ip_addresses")  # fmt: skip
    parent = await parent_of(provider, operation) if nested else ""
    where = LISTS[operation][1](parent)
    ask: Callable[..., Awaitable[Page[Any]]] = getattr(provider, operation)
    return await ask(where, PageRequest(size, token))
