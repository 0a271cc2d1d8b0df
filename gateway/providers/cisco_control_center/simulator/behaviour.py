"""The switches of this simulator: what no source settles, and what a test may want otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.simulation.simulator import Switch, chosen

__all__ = ["SWITCHES", "Behaviour", "behaviour_of"]

_ON_OFF: Final = ("on", "off")

SWITCHES: Final[Mapping[str, Switch]] = {
    "rate": Switch("5", "Calls the account may begin in a second; 1 is the usual tier (unverified), 0 no limit"),
    "serial": Switch("on", "Refuse a call while another of the account is being answered", _ON_OFF),
    "busy_ms": Switch("0", "Milliseconds a call takes, during which the account is busy"),
    "throttle_status": Switch("400", "HTTP status of a throttle, whose code is 40000029", ("400", "429")),
    "ip_allowed": Switch("on", "off: the caller's address is not on the list and every key is refused", _ON_OFF),
    "edit_seconds": Switch("0", "Seconds until an edited status takes effect; above 0 the edit answers 202"),
    "sms_limit": Switch("320", "Characters in one text message without a dataCoding; set per account"),
    "sms_seconds": Switch("3", "Seconds until a sent text message is delivered"),
    "sms_order": Switch(
        "newest", "Order of a search for text messages; changed: the longest unchanged first", ("newest", "changed")
    ),
    "sms_id_key": Switch("smsMsgId", "Name of the id in the answer to a sent message", ("smsMsgId", "smsMessageId")),
    "sms_key_case": Switch(
        "mixed", "Letter case of the SMS keys in usage by zone", ("mixed", "SMSMOUsage", "smsmousage")
    ),
    "null_ip": Switch("text", 'A session without IPv4 has "null" as text, or a real null', ("text", "null")),
    "apn": Switch("off", "The session names its apn", _ON_OFF),
    "session_details": Switch("off", "Some operators: also sessionDetails, with lastSessionEndTime", _ON_OFF),
    "eid_key": Switch("eid", "Name of the EID in device details", ("eid", "euiccid")),
    "fields": Switch("off", "Device details honour ?fields=", _ON_OFF),
    "total_count": Switch("off", "A device search also tells totalCount", _ON_OFF),
    "bulk": Switch("off", "GET /bulk/devices/{iccid,iccid,...} exists", _ON_OFF),
    "device_usage": Switch("off", "GET /devices/{iccid}/usage exists", _ON_OFF),
    "zone_dates": Switch("iso", "Dates in usage by zone: 2018-09-26T03:02:18.393Z or as elsewhere", ("iso", "blank")),
}
"""All but `serial`, `ip_allowed` and `busy_ms` stand for something unverified in public sources."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The switches, read."""

    rate: int
    serial: bool
    busy: float
    throttle_status: int
    ip_allowed: bool
    edit_seconds: float
    sms_limit: int
    sms_seconds: float
    sms_by_change: bool
    sms_id_key: str
    sms_key_case: str
    null_ip: str | None
    apn: bool
    session_details: bool
    eid_key: str
    fields: bool
    total_count: bool
    bulk: bool
    device_usage: bool
    iso_zone_dates: bool


def behaviour_of(given: Mapping[str, str]) -> Behaviour:
    """The behaviour these switches ask for.

    Raises:
        ValueError: an unknown switch, or a value it cannot have.
    """
    value = chosen(SWITCHES, given)
    return Behaviour(
        rate=int(_number(value, "rate")),
        serial=value["serial"] == "on",
        busy=_number(value, "busy_ms") / 1000,
        throttle_status=int(value["throttle_status"]),
        ip_allowed=value["ip_allowed"] == "on",
        edit_seconds=_number(value, "edit_seconds"),
        sms_limit=int(_number(value, "sms_limit")),
        sms_seconds=_number(value, "sms_seconds"),
        sms_by_change=value["sms_order"] == "changed",
        sms_id_key=value["sms_id_key"],
        sms_key_case=value["sms_key_case"],
        null_ip="null" if value["null_ip"] == "text" else None,
        apn=value["apn"] == "on",
        session_details=value["session_details"] == "on",
        eid_key=value["eid_key"],
        fields=value["fields"] == "on",
        total_count=value["total_count"] == "on",
        bulk=value["bulk"] == "on",
        device_usage=value["device_usage"] == "on",
        iso_zone_dates=value["zone_dates"] == "iso",
    )


def _number(value: Mapping[str, str], name: str) -> float:
    try:
        number = float(value[name])
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1_000_000:
        raise ValueError(f"switch {name!r} is a number from 0 to 1000000, not {value[name]!r}")
    return number
