"""What each field of the schema costs. A field that asks and is missing here fails a test."""

from collections.abc import Mapping

from gateway.cost import roots, writes
from gateway.cost.price import Price, RootPrice
from gateway.cost.relations import (
    COMMANDS_BY_ID,
    DETAIL,
    ESIM_PROFILE,
    IN_STORE,
    NETWORK_IN,
    few,
    loaded,
    one,
    page_of,
)
from gateway.cost.usage import DATA_USED, USAGE, usage_over_accounts
from schema.command import Command, SmsCommand
from schema.event import SimEvent
from schema.filters import (
    CommandFilter,
    EsimProfileFilter,
    EventFilter,
    FleetFilter,
    NetworkAccessProfileFilter,
    NetworkFilter,
    RatePlanFilter,
    SettingsUpdateFilter,
    SimFilter,
)
from schema.fleet import Fleet
from schema.lifecycle import BillingPeriod, EsimProfile, SettingsUpdate
from schema.network import IpAddress, Network, NetworkAccessProfile
from schema.rate_plan import RatePlan
from schema.session import DataSession
from schema.sim import Sim

__all__ = ["PRICES", "ROOTS"]

SIM_OF = loaded(Sim, is_by_sim=True)
"""The SIM that something belongs to."""

PRICES: Mapping[str, Price] = {
    **{
        f"Sim.{name}": DETAIL
        for name in (
            *("imsi", "msisdn", "eid", "imei", "name", "status", "nativeStatus", "deviceId", "deviceName"),
            *("createdAt", "activatedAt", "updatedAt", "currentNetwork", "extra"),
        )
    },
    "Sim.fleet": loaded(Fleet),
    "Sim.ratePlan": loaded(RatePlan),
    "Sim.ipAddresses": few(IpAddress),
    "Sim.currentSession": one("list_sessions"),
    "Sim.sessions": page_of(DataSession, is_by_sim=True),
    "Sim.usage": USAGE,
    "Sim.cycleUsage": one("load_cycle_usage"),
    "Sim.zoneUsage": one("list_zone_usage"),
    "Sim.dataUsed": DATA_USED,
    "Sim.commands": page_of(Command, is_by_sim=True),
    "Sim.events": page_of(SimEvent, is_by_sim=True),
    "Sim.billingPeriods": few(BillingPeriod),
    "Sim.esimProfile": ESIM_PROFILE,
    "Sim.settingsUpdates": page_of(SettingsUpdate, is_by_sim=True),
    "Fleet.networkAccessProfile": loaded(NetworkAccessProfile),
    "Fleet.sims": page_of(Sim, is_partial=True),
    "NetworkAccessProfile.networks": page_of(Network),
    "NetworkAccessProfile.network": NETWORK_IN,
    "UsageRecord.sim": SIM_OF,
    "UsageRecord.fleet": loaded(Fleet),
    "UsageRecord.network": loaded(Network),
    "DataSession.sim": SIM_OF,
    "Command.sim": SIM_OF,
    "SmsCommand.sim": SIM_OF,
    "IpCommand.sim": SIM_OF,
    "SimEvent.sim": SIM_OF,
    "EsimProfile.sim": SIM_OF,
    "SettingsUpdate.sim": SIM_OF,
    "BillingPeriod.sim": SIM_OF,
    "Job.counts": IN_STORE,
    "Job.items": IN_STORE,
    "JobItem.sim": loaded(Sim),
    "JobItem.command": COMMANDS_BY_ID,
}
"""Relations, by the type and the name of their field."""

ROOTS: Mapping[str, RootPrice] = {
    "Query.node": roots.node,
    "Query.nodes": roots.nodes,
    "Query.sim": roots.sim,
    "Query.fleet": roots.by_id(Fleet),
    "Query.usage": RootPrice(usage_over_accounts),
    "Query.accounts": roots.FREE,
    "Query.sims": roots.listing(Sim, SimFilter),
    "Query.fleets": roots.listing(Fleet, FleetFilter),
    "Query.commands": roots.listing(Command, CommandFilter),
    "Query.events": roots.listing(SimEvent, EventFilter),
    "Query.networks": roots.listing(Network, NetworkFilter),
    "Query.networkAccessProfiles": roots.listing(NetworkAccessProfile, NetworkAccessProfileFilter),
    "Query.esimProfiles": roots.listing(EsimProfile, EsimProfileFilter),
    "Query.settingsUpdates": roots.listing(SettingsUpdate, SettingsUpdateFilter),
    "Query.ratePlans": roots.listing(RatePlan, RatePlanFilter),
    "Query.job": roots.everywhere(is_list=False),
    "Query.jobs": roots.everywhere(is_list=True),
    "Mutation.registerSim": writes.write("register_sim", "account"),
    "Mutation.updateSim": writes.write("update_sim", "id", Sim),
    "Mutation.deleteSim": writes.write("delete_sim", "id", Sim, is_deletion=True),
    "Mutation.sendCommand": writes.sending(),
    "Mutation.deleteCommand": writes.write("delete_sms_command", "id", SmsCommand, is_deletion=True),
    "Mutation.createFleet": writes.write("create_fleet", "networkAccessProfileId"),
    "Mutation.updateFleet": writes.write("update_fleet", "id", Fleet),
    "Mutation.createNetworkAccessProfile": writes.write("create_network_access_profile", "account"),
    "Mutation.updateNetworkAccessProfile": writes.write("update_network_access_profile", "id", NetworkAccessProfile),
    "Mutation.addNetworkToProfile": writes.write("add_profile_network", "profileId", NetworkAccessProfile),
    "Mutation.removeNetworkFromProfile": writes.write("remove_profile_network", "profileId", NetworkAccessProfile),
    "Mutation.orderEsimProfile": writes.write("order_esim_profile", "account"),
    "Mutation.createRatePlan": writes.write("create_rate_plan", "account"),
    "Mutation.updateRatePlan": writes.write("update_rate_plan", "id", RatePlan),
    "Mutation.deleteRatePlan": writes.write("delete_rate_plan", "id", RatePlan, is_deletion=True),
    "Mutation.updateSims": writes.bulk(),
    "Mutation.sendCommands": writes.bulk(),
    "Mutation.cancelJob": roots.everywhere(is_list=False),
}
"""Root fields, likewise."""
