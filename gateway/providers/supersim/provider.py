"""Super SIM's 20 read operations; what it can be told to change is in `writes`.

Twilio and KORE serve the same API; only the door differs (see `__init__`).
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import ClassVar

from gateway.page import Page, PageRequest
from gateway.protocols.twilio_rest import Listed, find, iso, read_page, segment
from gateway.protocols.twilio_words import Vocabulary, Words, leaves_words, read_narrowed
from gateway.providers.supersim import read
from gateway.providers.supersim.wire import (
    WireBillingPeriod,
    WireEsimProfile,
    WireFleet,
    WireIpAddress,
    WireIpCommand,
    WireNetwork,
    WireProfile,
    WireSettingsUpdate,
    WireSim,
    WireSmsCommand,
    WireUsageRecord,
)
from gateway.providers.supersim.writes import NO_PLANS, WRITE_NOTES, SuperSimWrites
from gateway.where import (
    CommandWhere,
    EsimProfileWhere,
    FleetWhere,
    NetworkWhere,
    OfSim,
    SettingsUpdateWhere,
    SimWhere,
    UsageWhere,
    Where,
)
from schema.command import IpCommand, SmsCommand
from schema.errors import NotFound, Unsupported
from schema.fleet import Fleet
from schema.lifecycle import BillingPeriod, EsimProfile, SettingsUpdate
from schema.network import IpAddress, Network, NetworkAccessProfile
from schema.sim import Sim
from schema.usage import Granularity, UsageGroup, UsageRecord

__all__ = ["SuperSim"]

SIMS = Listed("v1/Sims", "sims", WireSim, read.sim)
FLEETS = Listed("v1/Fleets", "fleets", WireFleet, read.fleet)
SMS_COMMANDS = Listed("v1/SmsCommands", "sms_commands", WireSmsCommand, read.sms_command)
IP_COMMANDS = Listed("v1/IpCommands", "ip_commands", WireIpCommand, read.ip_command)
USAGE = Listed("v1/UsageRecords", "usage_records", WireUsageRecord, read.usage_record, needs_all=True)
ESIM_PROFILES = Listed("v1/ESimProfiles", "esim_profiles", WireEsimProfile, read.esim_profile)
NETWORKS = Listed("v1/Networks", "networks", WireNetwork, read.network)
PROFILES = Listed("v1/NetworkAccessProfiles", "network_access_profiles", WireProfile, read.profile)

SIM_WORDS: Vocabulary = {"status": Words("Status", read.SIM_STATUS)}
COMMAND_WORDS: Vocabulary = {
    "status": Words("Status", read.COMMAND_STATUS),
    "direction": Words("Direction", read.COMMAND_DIRECTION),
}
ESIM_WORDS: Vocabulary = {"status": Words("Status", read.ESIM_STATUS)}
SETTINGS_WORDS: Vocabulary = {"status": Words("Status", read.SETTINGS_STATUS)}
WORDS = {
    "list_sims": SIM_WORDS,
    "list_sms_commands": COMMAND_WORDS,
    "list_ip_commands": COMMAND_WORDS,
    "list_esim_profiles": ESIM_WORDS,
    "list_settings_updates": SETTINGS_WORDS,
}

GROUP = {
    UsageGroup.SIM: "sim",
    UsageGroup.FLEET: "fleet",
    UsageGroup.NETWORK: "network",
    UsageGroup.COUNTRY: "isoCountry",
}
GRANULARITY = {Granularity.HOUR: "hour", Granularity.DAY: "day", Granularity.ALL: "all"}
LONGEST = {
    Granularity.HOUR: timedelta(days=31),
    Granularity.DAY: timedelta(days=89),
    Granularity.ALL: timedelta(days=545),
}
"""31 days, 3 months and 18 months (errors 83603, 83604), the months as short as months can be in a row."""


class SuperSim(SuperSimWrites):
    page_size = 1000
    filters: ClassVar[Mapping[str, frozenset[str]]] = {
        "list_sims": frozenset({"status", "fleet_id"}),
        "list_fleets": frozenset({"network_access_profile_id"}),
        "list_sms_commands": frozenset({"sim_id", "status", "direction"}),
        "list_ip_commands": frozenset({"sim_id", "status", "direction"}),
        "list_networks": frozenset({"country", "mcc", "mnc"}),
        "list_profile_networks": frozenset({"profile_id"}),
        "list_esim_profiles": frozenset({"eid", "sim_id", "status"}),
        "list_settings_updates": frozenset({"sim_id", "status"}),
        "list_billing_periods": frozenset({"sim_id"}),
        "list_ip_addresses": frozenset({"sim_id"}),
    }
    notes: ClassVar[Mapping[str, str]] = {
        "list_usage": "at most 18 months back; costs follow up to a day later",
        "list_sessions": "Super SIM has no sessions in its REST API, only in its event streams",
        "list_events": "Super SIM has no events in its REST API, only in its event streams",
        "list_rate_plans": NO_PLANS,
        "list_sms_commands": "the order of the list is the provider's; newest first is not promised",
        "list_ip_commands": "the order of the list is the provider's; newest first is not promised",
        **WRITE_NOTES,
    }

    def leaves_some(self, operation: str, where: Where) -> bool:
        return leaves_words(WORDS.get(operation, {}), where) or super().leaves_some(operation, where)

    def usage_span(self, where: UsageWhere) -> timedelta | None:
        return LONGEST[Granularity.HOUR] if where.group is UsageGroup.SIM else LONGEST[where.granularity]

    # --- by id -------------------------------------------------------------------------------------------------

    async def load_sim(self, native_id: str) -> Sim | None:
        return await find(self.client, SIMS, native_id)

    async def find_sim_by_iccid(self, iccid: str) -> Sim | None:
        page = await read_page(self.client, SIMS, [("Iccid", iccid)], PageRequest(1))
        return next((sim for sim in page.items if sim.iccid == iccid), None)

    async def load_fleet(self, native_id: str) -> Fleet | None:
        return await find(self.client, FLEETS, native_id)

    async def load_sms_command(self, native_id: str) -> SmsCommand | None:
        return await find(self.client, SMS_COMMANDS, native_id)

    async def load_ip_command(self, native_id: str) -> IpCommand | None:
        return await find(self.client, IP_COMMANDS, native_id)

    async def load_network(self, native_id: str) -> Network | None:
        return await find(self.client, NETWORKS, native_id)

    async def load_network_access_profile(self, native_id: str) -> NetworkAccessProfile | None:
        return await find(self.client, PROFILES, native_id)

    async def load_profile_network(self, profile_id: str, network_id: str) -> Network | None:
        try:
            networks = _networks_of(profile_id)
        except NotFound:
            return None
        return await find(self.client, networks, network_id)

    async def load_esim_profile(self, native_id: str) -> EsimProfile | None:
        return await find(self.client, ESIM_PROFILES, native_id)

    # --- lists -------------------------------------------------------------------------------------------------

    async def list_sims(self, where: SimWhere, page: PageRequest) -> Page[Sim]:
        if where.rate_plan_id is not None:
            raise Unsupported(NO_PLANS)
        return await read_narrowed(self.client, SIMS, SIM_WORDS, where, page, ("Fleet", where.fleet_id))

    async def list_fleets(self, where: FleetWhere, page: PageRequest) -> Page[Fleet]:
        asked = [("NetworkAccessProfile", where.network_access_profile_id)]
        return await read_page(self.client, FLEETS, asked, page)

    async def list_usage(self, where: UsageWhere, page: PageRequest) -> Page[UsageRecord]:
        """`EndTime` is exclusive, as our `until` is."""
        asked = [
            ("Sim", where.sim_id),
            ("Fleet", where.fleet_id),
            ("Network", where.network_id),
            ("IsoCountry", where.country),
            ("Group", GROUP[where.group] if where.group else None),
            ("Granularity", GRANULARITY[where.granularity]),
            ("StartTime", iso(where.since)),
            ("EndTime", iso(where.until)),
        ]
        return await read_page(self.client, USAGE, asked, page)

    async def list_sms_commands(self, where: CommandWhere, page: PageRequest) -> Page[SmsCommand]:
        return await read_narrowed(self.client, SMS_COMMANDS, COMMAND_WORDS, where, page, ("Sim", where.sim_id))

    async def list_ip_commands(self, where: CommandWhere, page: PageRequest) -> Page[IpCommand]:
        return await read_narrowed(self.client, IP_COMMANDS, COMMAND_WORDS, where, page, ("Sim", where.sim_id))

    async def list_networks(self, where: NetworkWhere, page: PageRequest) -> Page[Network]:
        asked = [("IsoCountry", where.country), ("Mcc", where.mcc), ("Mnc", where.mnc)]
        return await read_page(self.client, NETWORKS, asked, page)

    async def list_network_access_profiles(self, where: Where, page: PageRequest) -> Page[NetworkAccessProfile]:
        del where
        return await read_page(self.client, PROFILES, [], page)

    async def list_profile_networks(self, where: NetworkWhere, page: PageRequest) -> Page[Network]:
        return await read_page(self.client, _networks_of(where.profile_id or ""), [], page)

    async def list_esim_profiles(self, where: EsimProfileWhere, page: PageRequest) -> Page[EsimProfile]:
        asked = [("Eid", where.eid), ("SimSid", where.sim_id)]
        return await read_narrowed(self.client, ESIM_PROFILES, ESIM_WORDS, where, page, *asked)

    async def list_settings_updates(self, where: SettingsUpdateWhere, page: PageRequest) -> Page[SettingsUpdate]:
        one = partial(read.settings_update, where.sim_id)
        listed = Listed("v1/SettingsUpdates", "settings_updates", WireSettingsUpdate, one)
        return await read_narrowed(self.client, listed, SETTINGS_WORDS, where, page, ("Sim", where.sim_id))

    async def list_billing_periods(self, where: OfSim, page: PageRequest) -> Page[BillingPeriod]:
        path = f"v1/Sims/{segment(where.sim_id)}/BillingPeriods"
        listed = Listed(path, "billing_periods", WireBillingPeriod, partial(read.billing_period, where.sim_id))
        return await read_page(self.client, listed, [], page)

    async def list_ip_addresses(self, where: OfSim, page: PageRequest) -> Page[IpAddress]:
        path = f"v1/Sims/{segment(where.sim_id)}/IpAddresses"
        found = await read_page(self.client, Listed(path, "ip_addresses", WireIpAddress, read.ip_address), [], page)
        readable = [each for each in found.items if each is not None]
        return Page(readable, found.next, broken=found.broken, is_partial=found.is_partial)


def _networks_of(profile_id: str) -> Listed[WireNetwork, Network]:
    path = f"v1/NetworkAccessProfiles/{segment(profile_id)}/Networks"
    return Listed(path, "networks", WireNetwork, read.network)
