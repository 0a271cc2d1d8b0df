"""Global SIM's JSON, field for field, in its own words (documentation "Sessions & Activity" and "Billing").

The documentation shows samples and no types, so nothing is required but what a thing cannot be told without.
"""

from typing import Any

import msgspec

__all__ = [
    "WireActivity",
    "WireBill",
    "WireBillLine",
    "WireBillSummary",
    "WireData",
    "WireDevice",
    "WireDeviceSim",
    "WireEvent",
    "WireNetwork",
    "WireSession",
    "WireSessions",
]


class WireNetwork(msgspec.Struct):
    """A session shows all five, a SIM's own activity three, the feed `country` and `operator` alone."""

    country: str | None = None
    country_code: str | None = None
    operator: str | None = None
    network_code: str | None = None
    network_type: str | None = None


class WireData(msgspec.Struct):
    upload_mb: float | None = None
    download_mb: float | None = None
    total_mb: float | None = None


class WireSession(msgspec.Struct):
    """How an open session looks is not documented: `end_time` null or absent."""

    session_id: str
    start_time: str | None = None
    end_time: str | None = None
    duration_seconds: float | None = None
    network: WireNetwork | None = None
    data_usage: WireData | None = None
    ip_address: str | None = None


class WireSessions(msgspec.Struct):
    sessions: list[WireSession]
    total: int | None = None


class WireEvent(msgspec.Struct):
    """A `network_change` has two networks and no `network`. The feed names SIM and device and has no `details`."""

    event_id: str | None = None
    event_type: str | None = None
    timestamp: str | None = None
    iccid: str | None = None
    msisdn: str | None = None
    device_id: str | None = None
    network: WireNetwork | None = None
    previous_network: WireNetwork | None = None
    current_network: WireNetwork | None = None
    details: Any = None  # Any: the documentation shows another object for each type of event


class WireActivity(msgspec.Struct):
    activity: list[WireEvent]
    total: int | None = None


class WireDeviceSim(msgspec.Struct):
    """`data_usage_mb` has no stated period; `linked_at` is when the SIM came into the device."""

    iccid: str | None = None
    status: str | None = None
    msisdn: str | None = None
    current_network: WireNetwork | None = None
    data_usage_mb: float | None = None
    linked_at: str | None = None


class WireDevice(msgspec.Struct):
    device_id: str | None = None
    device_name: str | None = None
    sim: WireDeviceSim | None = None


class WireBillSummary(msgspec.Struct):
    """Money is a number in every sample; text is taken too."""

    subscription_fees: float | str | None = None
    data_costs: float | str | None = None
    currency: str | None = None


class WireBillLine(msgspec.Struct):
    """One SIM of a bill, in the currency of its summary."""

    iccid: str | None = None
    msisdn: str | None = None
    subscription_fee: float | str | None = None
    data_usage_mb: float | None = None
    data_cost: float | str | None = None


class WireBillData(msgspec.Struct):
    total_mb: float | None = None


class WireBill(msgspec.Struct):
    by_sim: list[WireBillLine]
    summary: WireBillSummary | None = None
    data_usage: WireBillData | None = None
