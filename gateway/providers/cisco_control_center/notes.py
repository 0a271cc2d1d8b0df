"""Why Control Center has no such operation, or what is worth knowing of one that it has."""

from collections.abc import Mapping
from typing import Final

__all__ = ["NOTES", "NO_FLEETS"]

NO_FLEETS = "Control Center has no fleets; a SIM's communication plan, customer and custom fields are in its extra"
NO_NETWORKS = "Control Center has no list of networks"
NO_PROFILES = "Control Center has no network access profiles; a SIM's communication plan is in its extra"
NO_IP_COMMANDS = "Control Center's commands are text messages only"
NO_ESIMS = "Control Center lists no eSIM profiles; an EID is on the SIM"
NO_PLAN_CHANGES = "Control Center's public API changes no rate plans; a SIM is moved from one to another by name"

READS: Final[Mapping[str, str]] = {
    "list_sims": "SIMs changed within a year, the longest unchanged first; a SIM that changes while the list is "
    "read may hide another; names are told for one SIM at a time, so there is no filter by name",
    "load_rate_plan": "only the plan's name is known",
    "list_rate_plans": "Control Center names a SIM's plan and nothing more of it",
    "list_sessions": "the current or else the latest session only",
    "list_usage": "Control Center tells a SIM's usage by billing cycle: see cycleUsage and zoneUsage; its "
    "reports of the account's usage are for administrators and are not read",
    "load_cycle_usage": "when the cycle began is told by zoneUsage",
    "list_sms_commands": "messages of the last 30 days, in the provider's order, which is documented as the "
    "longest unchanged first; every message is a call of its own",
    "list_ip_addresses": "the fixed addresses; a session's own address is on the session",
    "list_events": "Control Center tells events by push notification; a SIM's audit trail is not read",
    "find_sim_by_device": "Control Center keeps no device registry; its deviceID is the SIM's name",
    "list_billing_periods": "Control Center lists no billing periods; the running cycle's dates are in zoneUsage",
    "list_settings_updates": "Control Center lists no updates of a SIM's settings",
    "load_fleet": NO_FLEETS,
    "list_fleets": NO_FLEETS,
    "load_network": NO_NETWORKS,
    "list_networks": NO_NETWORKS,
    "load_network_access_profile": NO_PROFILES,
    "load_profile_network": NO_PROFILES,
    "list_network_access_profiles": NO_PROFILES,
    "list_profile_networks": NO_PROFILES,
    "load_ip_command": NO_IP_COMMANDS,
    "list_ip_commands": NO_IP_COMMANDS,
    "load_esim_profile": NO_ESIMS,
    "list_esim_profiles": NO_ESIMS,
}

WRITES: Final[Mapping[str, str]] = {
    "update_sim": "Control Center answers with the ICCID only, so that the SIM is read back; what only it has goes "
    "into `extra` under its own names, with effectiveDate for a change at a later time",
    "send_sms_command": "Control Center answers with the message's id only; how long a text may be depends on its "
    "dataCoding, without which it is the account's own limit, 320 characters by default",
    "register_sim": "Control Center's public API takes no SIMs into an account; the operator delivers them there",
    "delete_sim": "Control Center deletes no SIMs; the statuses RETIRED and PURGED end one",
    "send_ip_command": NO_IP_COMMANDS,
    "delete_sms_command": "Control Center's public API takes no message back",
    "create_fleet": NO_FLEETS,
    "update_fleet": NO_FLEETS,
    "create_network_access_profile": NO_PROFILES,
    "update_network_access_profile": NO_PROFILES,
    "add_profile_network": NO_PROFILES,
    "remove_profile_network": NO_PROFILES,
    "order_esim_profile": NO_ESIMS,
    "create_rate_plan": NO_PLAN_CHANGES,
    "update_rate_plan": NO_PLAN_CHANGES,
    "delete_rate_plan": NO_PLAN_CHANGES,
}

NOTES: Final[Mapping[str, str]] = {**READS, **WRITES}
