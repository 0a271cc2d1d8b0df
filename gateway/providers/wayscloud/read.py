"""From Global SIM's words to ours. One function for each thing."""

import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial

from gateway.providers.wayscloud.inventory import Seen
from gateway.providers.wayscloud.wire import (
    WireBill,
    WireBillLine,
    WireDevice,
    WireEvent,
    WireNetwork,
    WireSession,
)
from gateway.upstream.read import address, country, currency, digits, moment, msisdn, size, text
from schema.event import SimEvent, SimEventType
from schema.network import NetworkRef
from schema.scalars import JSON, BigInt
from schema.session import DataSession, RadioAccess
from schema.sim import Sim
from schema.status import SimStatus
from schema.usage import Money, UsageRecord

__all__ = ["EVENT_TYPE", "SIM_STATUS", "billed_account", "billed_sim", "event", "session", "sim_in_device", "sim_seen"]

SIM_STATUS = {"active": SimStatus.ACTIVE}
"""The only word any source has; what others there are, and what they mean, is unverified."""

EVENT_TYPE = {
    "connection": SimEventType.CONNECTED,
    "disconnection": SimEventType.DISCONNECTED,
    "network_change": SimEventType.NETWORK_CHANGED,
    "data_usage_update": SimEventType.USAGE_THRESHOLD,
    "location_update": SimEventType.LOCATION_CHANGED,
}
RADIO = {  # samples show 4G; the rest is inferred
    "2G": RadioAccess.GSM_2G,
    "3G": RadioAccess.UMTS_3G,
    "4G": RadioAccess.LTE_4G,
    "LTE": RadioAccess.LTE_4G,
    "LTE-M": RadioAccess.LTE_M,
    "NB-IoT": RadioAccess.NB_IOT,
    "5G": RadioAccess.NR_5G,
}


def sim_in_device(wire: WireDevice) -> Sim | None:
    """A SIM with all that is told of it; None for a device without one."""
    iccid = digits(wire.sim.iccid) if wire.sim else None
    if wire.sim is None or iccid is None:
        return None
    told = {"data_usage_mb": wire.sim.data_usage_mb, "linked_at": text(wire.sim.linked_at)}
    extra = {name: value for name, value in told.items() if value is not None}
    return Sim(
        native_id=iccid,
        iccid=iccid,
        msisdn=msisdn(wire.sim.msisdn),
        name=text(wire.device_name),
        status=SIM_STATUS.get(wire.sim.status or "", SimStatus.UNKNOWN),
        native_status=text(wire.sim.status),
        device_id=text(wire.device_id),
        device_name=text(wire.device_name),
        current_network=network(wire.sim.current_network),
        extra=JSON(extra) if extra else None,
    )


def sim_seen(iccid: str, seen: Seen, *, is_complete: bool) -> Sim:
    """A SIM as a bill or the feed names it."""
    return Sim(native_id=iccid, iccid=iccid, msisdn=seen.msisdn, device_id=seen.device_id, is_complete=is_complete)


def network(wire: WireNetwork | None) -> NetworkRef | None:
    """`network_code` is MCC and MNC run together; only sessions carry a country's code, the rest its name."""
    if wire is None:
        return None
    code = digits(wire.network_code) or ""
    mcc, mnc = (code[:3], code[3:]) if len(code) in (5, 6) else (None, None)
    found = NetworkRef(
        mcc=mcc, mnc=mnc, name=text(wire.operator), country=country(wire.country_code) or country(wire.country)
    )
    return None if found == NetworkRef() else found


def session(wire: WireSession, sim_id: str, mb_bytes: int) -> DataSession:
    """A session. Without an end it is open, and whatever duration is told is not its last."""
    in_bytes = partial(_bytes, mb_bytes=mb_bytes)
    is_open = text(wire.end_time) is None
    native_radio = text(wire.network.network_type) if wire.network else None
    data = wire.data_usage
    return DataSession(
        native_id=f"{sim_id}/{wire.session_id}",
        sim_id=sim_id,
        started_at=moment(wire.start_time),
        ended_at=moment(wire.end_time),
        active=is_open,
        duration=None if is_open else _positive(wire.duration_seconds),
        radio_access=RADIO.get(native_radio or "", RadioAccess.UNKNOWN),
        native_radio_access=native_radio,
        network=network(wire.network),
        bytes_up=in_bytes(data.upload_mb) if data else None,
        bytes_down=in_bytes(data.download_mb) if data else None,
        bytes_total=in_bytes(data.total_mb) if data else None,
        ip_address=address(wire.ip_address),
    )


def event(wire: WireEvent, sim_id: str | None) -> SimEvent | None:
    """An event of this SIM, or of the SIM it names itself. None where it does not say when it happened."""
    at: datetime | None = moment(wire.timestamp)
    if at is None:
        return None
    return SimEvent(
        native_id=text(wire.event_id),
        sim_id=sim_id or digits(wire.iccid),
        type=EVENT_TYPE.get(wire.event_type or "", SimEventType.UNKNOWN),
        native_type=text(wire.event_type),
        occurred_at=at,
        network=network(wire.network or wire.current_network),
        previous_network=network(wire.previous_network),
        details=JSON(wire.details) if wire.details else None,
    )


def billed_account(bill: WireBill, span: tuple[datetime, datetime], mb_bytes: int) -> UsageRecord:
    """The whole bill as one record."""
    summary = bill.summary
    return UsageRecord(
        period_start=span[0],
        period_end=span[1],
        bytes_total=_bytes(bill.data_usage.total_mb, mb_bytes) if bill.data_usage else None,
        costs=_money(summary.data_costs, summary.currency) if summary else None,
        fees=_money(summary.subscription_fees, summary.currency) if summary else None,
    )


def billed_sim(bill: WireBill, span: tuple[datetime, datetime], mb_bytes: int) -> Callable[[WireBillLine], UsageRecord]:
    """How to read a line of this bill: its money is in the currency of the bill's summary."""
    told_in = bill.summary.currency if bill.summary else None

    def read(line: WireBillLine) -> UsageRecord:
        return UsageRecord(
            sim_id=digits(line.iccid),
            period_start=span[0],
            period_end=span[1],
            bytes_total=_bytes(line.data_usage_mb, mb_bytes),
            costs=_money(line.data_cost, told_in),
            fees=_money(line.subscription_fee, told_in),
        )

    return read


def _bytes(megabytes: float | None, mb_bytes: int) -> BigInt | None:
    """Bytes of a figure that was rounded to a few decimals: sums of sessions do not give the bill's total."""
    known = _positive(megabytes)
    return None if known is None or known > 2**63 else size(round(known * mb_bytes))


def _positive(value: float | None) -> float | None:
    return value if value is not None and value >= 0 and math.isfinite(value) else None


def _money(amount: float | str | None, told_in: str | None) -> list[Money] | None:
    try:
        exact = Decimal(str(amount))
    except InvalidOperation:
        return None
    return [Money(amount=exact, currency=currency(told_in))] if exact.is_finite() and exact >= 0 else None
