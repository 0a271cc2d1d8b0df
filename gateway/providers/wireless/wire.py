"""Programmable Wireless's JSON, field for field, in its own words (OpenAPI `wireless` v1 of Twilio, and KORE's).

Every property is nullable. Objects that have nothing to tell come as `{}`.
"""

import msgspec

from gateway.protocols.twilio_rest import Sid

__all__ = [
    "WireCommand",
    "WireCommandCounts",
    "WireCommandUsage",
    "WireCommandsAbroad",
    "WireDataAbroad",
    "WireDataCounts",
    "WireDataSession",
    "WireDataUsage",
    "WireLocation",
    "WirePeriod",
    "WireRatePlan",
    "WireSim",
    "WireUsageRecord",
]


class WireSim(msgspec.Struct):
    """`e_id` is Twilio's name of the eUICC id, `eid` KORE's; both are deprecated, as is `ip_address`."""

    sid: Sid
    unique_name: str | None = None
    friendly_name: str | None = None
    rate_plan_sid: str | None = None
    iccid: str | None = None
    e_id: str | None = None
    eid: str | None = None
    status: str | None = None
    reset_status: str | None = None
    ip_address: str | None = None
    commands_callback_url: str | None = None
    commands_callback_method: str | None = None
    sms_url: str | None = None
    sms_method: str | None = None
    sms_fallback_url: str | None = None
    sms_fallback_method: str | None = None
    voice_url: str | None = None
    voice_method: str | None = None
    voice_fallback_url: str | None = None
    voice_fallback_method: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class WireLocation(msgspec.Struct):
    lat: float | None = None
    lon: float | None = None


class WireDataSession(msgspec.Struct):
    """`radio_link` is missing from Twilio's list of attributes and present in its sample. Packets, not bytes."""

    sid: Sid
    sim_sid: str | None = None
    radio_link: str | None = None
    operator_mcc: str | None = None
    operator_mnc: str | None = None
    operator_country: str | None = None
    operator_name: str | None = None
    cell_id: str | None = None
    cell_location_estimate: WireLocation | None = None
    packets_uploaded: int | None = None
    packets_downloaded: int | None = None
    last_updated: str | None = None
    start: str | None = None
    end: str | None = None
    imei: str | None = None


class WirePeriod(msgspec.Struct):
    start: str | None = None
    end: str | None = None


class WireDataCounts(msgspec.Struct):
    """`units` is always bytes."""

    upload: int | None = None
    download: int | None = None
    total: int | None = None
    billed: str | float | None = None
    billing_units: str | None = None


class WireDataAbroad(WireDataCounts):
    country_code: str | None = None


class WireDataUsage(WireDataCounts):
    home: WireDataCounts | None = None
    national_roaming: WireDataCounts | None = None
    international_roaming: list[WireDataAbroad | None] | None = None


class WireCommandCounts(msgspec.Struct):
    from_sim: int | None = None
    to_sim: int | None = None
    total: int | None = None
    billed: str | float | None = None
    billing_units: str | None = None


class WireCommandsAbroad(WireCommandCounts):
    country_code: str | None = None


class WireCommandUsage(WireCommandCounts):
    home: WireCommandCounts | None = None
    national_roaming: WireCommandCounts | None = None
    international_roaming: list[WireCommandsAbroad | None] | None = None


class WireUsageRecord(msgspec.Struct):
    """`sim_sid` only in a SIM's own list."""

    sim_sid: str | None = None
    period: WirePeriod | None = None
    data: WireDataUsage | None = None
    commands: WireCommandUsage | None = None


class WireCommand(msgspec.Struct):
    sid: Sid
    sim_sid: str | None = None
    command: str | None = None
    command_mode: str | None = None
    transport: str | None = None
    delivery_receipt_requested: bool | None = None
    status: str | None = None
    direction: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class WireRatePlan(msgspec.Struct):
    """Limits are in MB. The last three are in KORE's description and in Twilio's examples only."""

    sid: Sid
    unique_name: str | None = None
    friendly_name: str | None = None
    data_enabled: bool | None = None
    data_metering: str | None = None
    data_limit: int | None = None
    messaging_enabled: bool | None = None
    voice_enabled: bool | None = None
    national_roaming_enabled: bool | None = None
    national_roaming_data_limit: int | None = None
    international_roaming: list[str | None] | None = None
    international_roaming_data_limit: int | None = None
    date_created: str | None = None
    date_updated: str | None = None
    data_limit_strategy: str | None = None
    usage_notification_url: str | None = None
    usage_notification_method: str | None = None
