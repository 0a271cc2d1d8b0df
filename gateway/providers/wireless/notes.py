"""What Programmable Wireless lacks and why, and the limits of what it has: for `accounts { capabilities { note } }`."""

__all__ = ["NOTES", "NO_FLEETS"]

NO_FLEETS = "Programmable Wireless has rate plans instead of fleets"
NO_NETWORKS = "Programmable Wireless does not list networks; a session names the one it was in"
NO_PROFILES = "Programmable Wireless has no network access profiles"
NO_IP_COMMANDS = "commands over IP are in the list of SMS commands; `transport` tells them apart"
NO_ESIMS = "Programmable Wireless lists no eSIM profiles; an EID is on the SIM"

READS = {
    "list_sessions": "the last 30 days; packets are counted, bytes are not",
    "list_usage": "of one SIM or of the whole account; at most 18 months back, complete after 48 hours",
    "list_sms_commands": "the last 30 days; the order is the provider's, newest first is not promised",
    "list_events": "Programmable Wireless has no events in its REST API",
    "list_fleets": NO_FLEETS,
    "load_fleet": NO_FLEETS,
    "list_networks": NO_NETWORKS,
    "load_network": NO_NETWORKS,
    "list_network_access_profiles": NO_PROFILES,
    "load_network_access_profile": NO_PROFILES,
    "list_profile_networks": NO_PROFILES,
    "load_profile_network": NO_PROFILES,
    "list_ip_commands": NO_IP_COMMANDS,
    "load_ip_command": NO_IP_COMMANDS,
    "list_esim_profiles": NO_ESIMS,
    "load_esim_profile": NO_ESIMS,
    "list_ip_addresses": "Programmable Wireless lists no addresses; a deprecated one may be in the SIM's extra",
    "load_cycle_usage": "Programmable Wireless tells usage by span, not by billing cycle",
}
WRITES = {
    "register_sim": "SIMs are registered in the provider's console, not by this API",
    "update_sim": "in extra: friendly_name, reset_status, commands_callback_url, sms_url, sms_fallback_url, the method "
    "of each address, account_sid; voice addresses are deprecated over there and cannot be set",
    "delete_sim": "in which statuses it is allowed is not published",
    "send_sms_command": "160 characters or 140 bytes; in extra: include_sid (none, start, end), then 125 characters",
    "send_ip_command": "Programmable Wireless has no way to choose IP or a port for a command",
    "create_fleet": NO_FLEETS,
    "update_fleet": NO_FLEETS,
    "create_network_access_profile": NO_PROFILES,
    "update_network_access_profile": NO_PROFILES,
    "add_profile_network": NO_PROFILES,
    "remove_profile_network": NO_PROFILES,
    "order_esim_profile": "Programmable Wireless has no eSIM profiles to order",
    "update_rate_plan": "only the two names of a rate plan can be changed",
}
NOTES = {**READS, **WRITES}
