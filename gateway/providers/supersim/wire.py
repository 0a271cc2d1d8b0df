"""Super SIM's JSON, field for field, in its own words (OpenAPI `supersim` v1, 1.56.0). Every property is nullable."""

from typing import Any

import msgspec

from gateway.protocols.twilio_rest import Sid

__all__ = [
    "WireBillingPeriod",
    "WireEsimProfile",
    "WireFleet",
    "WireIpAddress",
    "WireIpCommand",
    "WireNetwork",
    "WireProfile",
    "WireSettingsUpdate",
    "WireSim",
    "WireSmsCommand",
    "WireUsageRecord",
]


class WireSim(msgspec.Struct):
    sid: Sid
    unique_name: str | None = None
    iccid: str | None = None
    status: str | None = None
    fleet_sid: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class WireBillingPeriod(msgspec.Struct):
    sid: Sid
    sim_sid: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    period_type: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class WireIpAddress(msgspec.Struct):
    ip_address: str | None = None
    ip_address_version: str | None = None


class WireFleet(msgspec.Struct):
    sid: Sid
    unique_name: str | None = None
    data_enabled: bool | None = None
    data_limit: int | None = None
    data_metering: str | None = None
    sms_commands_enabled: bool | None = None
    sms_commands_url: str | None = None
    sms_commands_method: str | None = None
    network_access_profile_sid: str | None = None
    ip_commands_url: str | None = None
    ip_commands_method: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class WireSmsCommand(msgspec.Struct):
    sid: Sid
    sim_sid: str | None = None
    payload: str | None = None
    status: str | None = None
    direction: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class WireIpCommand(msgspec.Struct):
    sid: Sid
    sim_sid: str | None = None
    sim_iccid: str | None = None
    status: str | None = None
    direction: str | None = None
    device_ip: str | None = None
    device_port: int | None = None
    payload_type: str | None = None
    payload: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class WirePeriod(msgspec.Struct):
    start_time: str | None = None
    end_time: str | None = None


class WireUsageRecord(msgspec.Struct):
    """`data_total_billed` is typed number and shown as a string in every published example."""

    sim_sid: str | None = None
    fleet_sid: str | None = None
    network_sid: str | None = None
    iso_country: str | None = None
    period: WirePeriod | None = None
    data_upload: int | None = None
    data_download: int | None = None
    data_total: int | None = None
    data_total_billed: str | float | None = None
    billed_unit: str | None = None


class WireEsimProfile(msgspec.Struct):
    sid: Sid
    iccid: str | None = None
    sim_sid: str | None = None
    status: str | None = None
    eid: str | None = None
    smdp_plus_address: str | None = None
    matching_id: str | None = None
    activation_code: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class WireIdentifier(msgspec.Struct):
    mcc: str | None = None
    mnc: str | None = None


class WireNetwork(msgspec.Struct):
    """A network, and equally a network of an access profile."""

    sid: Sid
    friendly_name: str | None = None
    iso_country: str | None = None
    identifiers: list[WireIdentifier | None] | None = None


class WireProfile(msgspec.Struct):
    sid: Sid
    unique_name: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class WireSettingsUpdate(msgspec.Struct):
    sid: Sid
    iccid: str | None = None
    sim_sid: str | None = None
    status: str | None = None
    packages: list[Any] | None = None  # Any: "array of objects" is all the description says
    date_completed: str | None = None
    date_created: str | None = None
    date_updated: str | None = None
