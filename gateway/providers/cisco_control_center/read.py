"""What Control Center's answers mean here: one function for each resource."""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from ipaddress import IPv6Network, ip_network
from typing import Any

import msgspec

from gateway.providers.cisco_control_center.wire import (
    WireCycleUsage,
    WireDevice,
    WireMessage,
    WireRow,
    WireSession,
    WireZones,
)
from gateway.upstream.read import address, moment, msisdn, size, text
from schema.command import CommandDirection, CommandStatus, PayloadEncoding, SmsCommand
from schema.network import IpAddress
from schema.scalars import JSON
from schema.session import DataSession
from schema.sim import Sim
from schema.status import SimStatus, SimTarget
from schema.usage import UsageRecord, ZoneUsage

__all__ = [
    "COMMAND_STATUS",
    "DIRECTION",
    "SIM_STATUS",
    "cycle_usage",
    "ip_addresses",
    "row",
    "session",
    "sim",
    "sms_command",
    "zone_usage",
]

SIM_STATUS = {
    "INVENTORY": SimStatus.INVENTORY,
    "ACTIVATION_READY": SimStatus.READY,
    "TEST_READY": SimStatus.READY,
    "ACTIVATED": SimStatus.ACTIVE,
    "DEACTIVATED": SimStatus.SUSPENDED,
    "RETIRED": SimStatus.TERMINATED,
    "PURGED": SimStatus.TERMINATED,
    "REPLACED": SimStatus.TERMINATED,
}
"""Operators may add words of their own: those are UNKNOWN. DEACTIVATED is the stop that can be taken back here."""

TRANSITIONS = {  # error 10000029: never back before activation; the others are inferred, as the README says
    "INVENTORY": [SimTarget.READY, SimTarget.ACTIVE],
    "ACTIVATION_READY": [SimTarget.ACTIVE],
    "TEST_READY": [SimTarget.ACTIVE],
    "ACTIVATED": [SimTarget.SUSPENDED, SimTarget.TERMINATED],
    "DEACTIVATED": [SimTarget.ACTIVE, SimTarget.TERMINATED],
}

COMMAND_STATUS = {  # Cisco DevNet, Get SMS Details
    "Received": CommandStatus.RECEIVED,
    "Pending": CommandStatus.QUEUED,
    "Delivered": CommandStatus.DELIVERED,
    "Failed": CommandStatus.FAILED,
    "Cancelled": CommandStatus.FAILED,
}
"""CancelPending and CancelFailed stay UNKNOWN: neither says whether the message was delivered."""

DIRECTION = {"MT": CommandDirection.TO_SIM, "MO": CommandDirection.FROM_SIM}

PLACED = {
    *("iccid", "imsi", "msisdn", "imei", "eid", "euiccid", "device_id", "status", "rate_plan"),
    *("date_added", "date_activated", "date_updated", "fixed_ip_address", "fixed_ipv6_address"),
}
"""The fields of a device that the schema has a place for. All others go to `extra`, under Cisco's names."""
EXTRA = {each.encode_name: each.name for each in msgspec.structs.fields(WireDevice) if each.name not in PLACED}

BYTES = {"bytes": 1}
SECONDS = {"seconds": 1, "minutes": 60}
"""Units seen or self-evident. Kilobytes and up are not: no source says whether of 1,000 or 1,024."""

GRAPHQL_INT = 2**31
_DATE_WITH_OFFSET = re.compile(r"(\d{4}-\d\d-\d\d)([+-]\d\d:?\d\d)")


def row(wire: WireRow) -> Sim:
    """A device in a search: identity, status and rate plan. Its communication plan is in `extra`, which is told whole
    or not at all."""
    return Sim(
        native_id=wire.iccid,
        iccid=wire.iccid,
        status=SIM_STATUS.get(wire.status or "", SimStatus.UNKNOWN),
        native_status=text(wire.status),
        allowed_transitions=TRANSITIONS.get(wire.status or "", []),
        rate_plan_id=text(wire.rate_plan),
        is_complete=False,
    )


def sim(wire: WireDevice) -> Sim:
    """A device with everything Cisco tells of it."""
    return Sim(
        native_id=wire.iccid,
        iccid=wire.iccid,
        imsi=text(wire.imsi),
        msisdn=msisdn(wire.msisdn),
        eid=text(wire.eid) or text(wire.euiccid),
        imei=text(wire.imei),
        name=text(wire.device_id),
        status=SIM_STATUS.get(wire.status or "", SimStatus.UNKNOWN),
        native_status=text(wire.status),
        allowed_transitions=TRANSITIONS.get(wire.status or "", []),
        rate_plan_id=text(wire.rate_plan),
        created_at=moment(wire.date_added),
        activated_at=moment(wire.date_activated),
        updated_at=moment(wire.date_updated),
        extra=_extra(wire),
    )


def ip_addresses(wire: WireDevice) -> list[IpAddress]:
    """The addresses fixed for a device. One that cannot be read is left out: there is nothing to tell of it."""
    given = (wire.fixed_ip_address, wire.fixed_ipv6_address)
    readable = [each for each in (address(value) or _prefix(value) for value in given) if each is not None]
    return [IpAddress(address=each, version=ip_network(each, strict=False).version) for each in readable]


def session(wire: WireSession) -> DataSession | None:
    """None for a device that was never connected. There is no session id, so one is made of SIM and start."""
    start, end = text(wire.date_session_started), text(wire.date_session_ended)
    if start is None:
        return None
    started_at, ended_at = moment(start), moment(end)
    return DataSession(
        native_id=f"{wire.iccid}/{sha256(f'{wire.iccid} {start}'.encode()).hexdigest()[:16]}",
        sim_id=wire.iccid,
        started_at=started_at,
        ended_at=ended_at,
        active=end is None,
        duration=_seconds_between(started_at, ended_at),
        ip_address=address(wire.ip_address),
        ipv6_prefix=_prefix(wire.ipv6_address),
        apn=text(wire.apn),
    )


def cycle_usage(wire: WireCycleUsage) -> UsageRecord:
    """Usage since the billing cycle began; the cycle's dates are not told."""
    return UsageRecord(
        sim_id=wire.iccid,
        bytes_total=size(wire.ctd_data_usage),
        sms_total=_count(wire.ctd_sms_usage),
        voice_seconds=_count(wire.ctd_voice_usage),
        session_count=_count(wire.ctd_session_count),
    )


def zone_usage(wire: WireZones) -> list[ZoneUsage]:
    start, end = _date(wire.cycle_start_date), _date(wire.cycle_end_date)
    by_plan = wire.device_cycle_usage_in_zones or {}
    return [_zone(each, start, end) for rows in by_plan.values() for each in rows]


def sms_command(wire: WireMessage, sim_id: str | None = None) -> SmsCommand:
    """`sim_id` is the SIM whose messages were searched, for answers that do not name it."""
    return SmsCommand(
        native_id=str(wire.sms_msg_id),
        sim_id=text(wire.iccid) or sim_id,
        direction=DIRECTION.get(wire.msg_type or "", CommandDirection.UNKNOWN),
        status=COMMAND_STATUS.get(wire.status or "", CommandStatus.UNKNOWN),
        native_status=text(wire.status),
        payload=wire.message_text,
        payload_encoding=PayloadEncoding.TEXT,
        sent_to=text(wire.sent_to),
        sent_from=text(wire.sent_from),
        sender=text(wire.sender_login),
        created_at=moment(text(wire.date_sent)),
        updated_at=moment(text(wire.date_modified)),
        received_at=moment(text(wire.date_received)),
    )


def _extra(wire: WireDevice) -> JSON | None:
    """Only what is set: unused custom fields are empty texts and nulls, mixed."""
    values = {theirs: getattr(wire, ours) for theirs, ours in EXTRA.items()}
    told = {name: text(value) if isinstance(value, str) else value for name, value in values.items()}
    given = {name: value for name, value in told.items() if value is not None}
    return JSON(given) if given else None


def _zone(given: Mapping[str, Any], start: datetime | None, end: datetime | None) -> ZoneUsage:
    """One row. Its keys come in several letter cases: `SMSMTUsage`, `smsmtusage`."""
    row = {name.lower(): value for name, value in given.items()}
    return ZoneUsage(
        zone=_word(row.get("zone")),
        rate_plan=_word(row.get("rateplan")),
        rate_plan_version=_word(row.get("rateplanversion")),
        cycle_start=start,
        cycle_end=end,
        bytes_total=size(_amount(row, "datausage", BYTES)),
        voice_seconds=_sum(_amount(row, "voicemtusage", SECONDS), _amount(row, "voicemousage", SECONDS)),
        sms_total=_sum(_whole(row.get("smsmtusage")), _whole(row.get("smsmousage"))),
    )


def _amount(row: Mapping[str, Any], name: str, units: Mapping[str, int]) -> int | None:
    """A value in the base unit; null where its unit is none we know, except that nothing is nothing in any unit."""
    value = _whole(row.get(name))
    if value in (None, 0):
        return value
    factor = units.get(str(row.get(f"{name}unit")).lower())
    return None if factor is None or value is None else value * factor


def _sum(one: int | None, other: int | None) -> int | None:
    """Both ways together; unknown where one of them is."""
    return None if one is None or other is None else _count(one + other)


def _whole(value: object) -> int | None:
    """A count that is a number and not negative."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and isinstance(value, int) and value >= 0 else None


def _count(value: int | None) -> int | None:
    """A count that fits the schema's 32-bit Int; null for an absurd one."""
    return value if value is not None and 0 <= value < GRAPHQL_INT else None


def _word(value: object) -> str | None:
    return None if value is None else text(str(value))


def _seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()


def _prefix(value: str | None) -> str | None:
    """An IPv6 prefix with its length, in its usual form; null if it is none."""
    try:
        return str(IPv6Network(text(value) or "", strict=False))
    except ValueError:
        return None


def _date(value: str | None) -> datetime | None:
    """The dates of usage by zone: with a time, or as `2016-11-10Z` and `2016-11-10+00:00`."""
    day = _DATE_WITH_OFFSET.fullmatch(value or "")
    return moment(f"{day[1]}T00:00:00{day[2]}") if day else moment(text(value))
