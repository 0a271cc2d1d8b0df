"""Control Center's JSON, field for field, in its own words (Cisco DevNet; the community's OpenAPI reconstruction).

Fields may be missing, null, empty, or the text "null"; only what identifies a thing is required. Plain values that we
only pass on may be of any plain type: no source is strict about them.
"""

from typing import Any

import msgspec

__all__ = [
    "Plain",
    "WireAnswer",
    "WireCycleUsage",
    "WireDevice",
    "WireDevices",
    "WireEdited",
    "WireMessage",
    "WireMessageIds",
    "WireRow",
    "WireSent",
    "WireSession",
    "WireZones",
]

Plain = str | int | float | bool | None


class WireRow(msgspec.Struct, rename="camel"):
    """A device in a search: these four fields and no more."""

    iccid: str
    status: str | None = None
    rate_plan: str | None = None
    communication_plan: str | None = None


class WireDevices(msgspec.Struct, rename="camel"):
    """`lastPage` says whether this is the last page; it is no page number. Some operators tell `totalCount`."""

    devices: list[WireRow]
    last_page: bool
    total_count: int | None = None


class WireDevice(msgspec.Struct, rename="camel"):
    iccid: str
    imsi: str | None = None
    msisdn: str | None = None
    imei: str | None = None
    eid: str | None = None
    euiccid: str | None = None
    """What some operators call `eid`."""
    device_id: str | None = msgspec.field(name="deviceID", default=None)
    status: str | None = None
    rate_plan: str | None = None
    date_added: str | None = None
    date_activated: str | None = None
    date_updated: str | None = None
    fixed_ip_address: str | None = msgspec.field(name="fixedIPAddress", default=None)
    fixed_ipv6_address: str | None = None
    """Cased unlike the one above, in Cisco's own answers too."""
    # From here on: what the schema has no field for.
    communication_plan: Plain = None
    customer: Plain = None
    end_consumer_id: Plain = None
    date_shipped: Plain = None
    account_id: Plain = None
    modem_id: Plain = msgspec.field(name="modemID", default=None)
    sim_notes: Plain = None
    global_sim_type: Plain = None
    sim_profile_id: Plain = None
    mec: Any = None  # Any: named in the documentation, never shown
    operator_custom_1: Plain = None
    operator_custom_2: Plain = None
    operator_custom_3: Plain = None
    operator_custom_4: Plain = None
    operator_custom_5: Plain = None
    account_custom_1: Plain = None
    account_custom_2: Plain = None
    account_custom_3: Plain = None
    account_custom_4: Plain = None
    account_custom_5: Plain = None
    account_custom_6: Plain = None
    account_custom_7: Plain = None
    account_custom_8: Plain = None
    account_custom_9: Plain = None
    account_custom_10: Plain = None
    customer_custom_1: Plain = None
    customer_custom_2: Plain = None
    customer_custom_3: Plain = None
    customer_custom_4: Plain = None
    customer_custom_5: Plain = None


class WireSession(msgspec.Struct, rename="camel"):
    """The current or the latest session. `ipv6Address` is a prefix, and missing when there is none."""

    iccid: str
    date_session_started: str | None = None
    date_session_ended: str | None = None
    ip_address: str | None = None
    ipv6_address: str | None = None
    apn: str | None = None


class WireCycleUsage(msgspec.Struct, rename="camel"):
    """Bytes, messages, seconds and sessions since the billing cycle began; when that was is not told."""

    iccid: str
    ctd_data_usage: int | None = None
    ctd_sms_usage: int | None = msgspec.field(name="ctdSMSUsage", default=None)
    ctd_voice_usage: int | None = None
    ctd_session_count: int | None = None


class WireZones(msgspec.Struct, rename="camel"):
    """Rows by "<rate plan>, <version>". The letter case of a row's keys varies, so rows stay as they are."""

    cycle_start_date: str | None = None
    cycle_end_date: str | None = None
    device_cycle_usage_in_zones: dict[str, list[dict[str, Any]]] | None = None  # Any: numbers, texts and nulls


class WireMessageIds(msgspec.Struct, rename="camel"):
    sms_msg_ids: list[int | str]
    last_page: bool


class WireMessage(msgspec.Struct, rename="camel"):
    """`iccid` is in no published list of fields, but seen."""

    sms_msg_id: int | str
    iccid: str | None = None
    status: str | None = None
    msg_type: str | None = None
    message_text: str | None = None
    sender_login: str | None = None
    sent_to: str | None = None
    sent_from: str | None = None
    date_sent: str | None = None
    date_received: str | None = None
    date_modified: str | None = None


class WireAnswer(msgspec.Struct, rename="camel"):
    """What comes back from a change with a status of success: an error body among them, seen with HTTP 202."""

    error_code: str | int | None = None


class WireEdited(WireAnswer):
    """`{"iccid": "..."}`, which says nothing that was not known."""


class WireSent(WireAnswer, rename="camel"):
    sms_msg_id: int | str | None = None
    sms_message_id: int | str | None = None
    """What some call the id (unverified)."""
