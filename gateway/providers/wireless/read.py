"""What Programmable Wireless's answers mean here: one function for each resource."""

from datetime import datetime, timedelta

from gateway.providers.wireless.read_usage import usage_record
from gateway.providers.wireless.wire import WireCommand, WireDataSession, WireLocation, WireRatePlan, WireSim
from gateway.upstream.read import country, digits, moment, size, text
from schema.command import CommandDirection, CommandStatus, PayloadEncoding, SmsCommand
from schema.network import GeoPoint, NetworkRef
from schema.rate_plan import RatePlan
from schema.scalars import JSON, BigInt
from schema.session import DataSession, RadioAccess
from schema.sim import Sim
from schema.status import SimStatus, SimTarget

__all__ = [
    "BYTES_PER_MB",
    "COMMAND_DIRECTION",
    "COMMAND_STATUS",
    "SIM_STATUS",
    "command",
    "data_session",
    "rate_plan",
    "sim",
    "usage_record",
]

BYTES_PER_MB = 1_000_000
"""Data limits are in MB; that this is 10^6 bytes is not stated anywhere (unverified)."""

SIM_STATUS = {
    "new": SimStatus.INVENTORY,
    "ready": SimStatus.READY,
    "active": SimStatus.ACTIVE,
    "suspended": SimStatus.SUSPENDED,
    "deactivated": SimStatus.DEACTIVATED,
    "canceled": SimStatus.TERMINATED,
    "deleted": SimStatus.TERMINATED,
    "scheduled": SimStatus.PENDING,
    "updating": SimStatus.PENDING,
}
"""`deleted` is in KORE's enum and in the text of Twilio's page "Sim resource"."""

TRANSITIONS = {
    "new": [SimTarget.READY, SimTarget.ACTIVE, SimTarget.DEACTIVATED],
    "ready": [SimTarget.ACTIVE, SimTarget.SUSPENDED, SimTarget.DEACTIVATED],
    "active": [SimTarget.SUSPENDED, SimTarget.DEACTIVATED],
    "suspended": [SimTarget.ACTIVE, SimTarget.DEACTIVATED],
}
"""Twilio page "Understanding SIM states"; to `deactivated` from anywhere: the description of `CallbackUrl`. While a
change runs another is refused (33010). Suspended to active is inferred; the way back from `deactivated` is not known.
"""

COMMAND_STATUS = {
    "queued": CommandStatus.QUEUED,
    "sent": CommandStatus.SENT,
    "delivered": CommandStatus.DELIVERED,
    "received": CommandStatus.RECEIVED,
    "failed": CommandStatus.FAILED,
}
COMMAND_DIRECTION = {"to_sim": CommandDirection.TO_SIM, "from_sim": CommandDirection.FROM_SIM}
ENCODING = {"text": PayloadEncoding.TEXT, "binary": PayloadEncoding.BINARY}
RADIO = {
    "2G": RadioAccess.GSM_2G,
    "GSM": RadioAccess.GSM_2G,
    "3G": RadioAccess.UMTS_3G,
    "UMTS": RadioAccess.UMTS_3G,
    "4G": RadioAccess.LTE_4G,
    "LTE": RadioAccess.LTE_4G,
    "LTE-M": RadioAccess.LTE_M,
    "NB-IOT": RadioAccess.NB_IOT,
    "5G": RadioAccess.NR_5G,
}
"""Only `LTE` and `3G` are in published samples; the others are the usual names (unverified)."""

EXTRA = (
    "friendly_name",
    "reset_status",
    "ip_address",
    "commands_callback_url",
    "commands_callback_method",
    "sms_url",
    "sms_method",
    "sms_fallback_url",
    "sms_fallback_method",
    "voice_url",
    "voice_method",
    "voice_fallback_url",
    "voice_fallback_method",
)


def sim(wire: WireSim) -> Sim:
    extra = {name: value for name in EXTRA if (value := text(getattr(wire, name))) is not None}
    return Sim(
        native_id=wire.sid,
        iccid=digits(wire.iccid),
        eid=digits(wire.eid) or digits(wire.e_id),
        name=text(wire.unique_name) or text(wire.friendly_name),
        status=SIM_STATUS.get(wire.status or "", SimStatus.UNKNOWN),
        native_status=text(wire.status),
        allowed_transitions=list(TRANSITIONS.get(wire.status or "", ())),
        rate_plan_id=text(wire.rate_plan_sid),
        created_at=moment(wire.date_created),
        updated_at=moment(wire.date_updated),
        extra=JSON(extra) if extra else None,
    )


def data_session(sim_id: str, wire: WireDataSession) -> DataSession:
    """A session of this SIM; `end` null means that it is open. Packets cannot be turned into bytes."""
    owner = text(wire.sim_sid) or sim_id
    started, ended = moment(wire.start), moment(wire.end)
    radio = text(wire.radio_link)
    return DataSession(
        native_id=f"{owner}/{wire.sid}",
        sim_id=owner,
        started_at=started,
        ended_at=ended,
        updated_at=moment(wire.last_updated),
        active=text(wire.end) is None if started else None,
        duration=_seconds(started, ended),
        radio_access=RADIO.get((radio or "").upper(), RadioAccess.UNKNOWN),
        native_radio_access=radio,
        network=_network(wire),
        cell_id=text(wire.cell_id),
        cell_location=_place(wire.cell_location_estimate),
        packets_up=size(wire.packets_uploaded),
        packets_down=size(wire.packets_downloaded),
        imei=digits(wire.imei),
    )


def _seconds(started: datetime | None, ended: datetime | None) -> float | None:
    if started is None or ended is None or ended < started:
        return None
    return (ended - started) / timedelta(seconds=1)


def _network(wire: WireDataSession) -> NetworkRef | None:
    found = NetworkRef(
        mcc=digits(wire.operator_mcc),
        mnc=digits(wire.operator_mnc),
        name=text(wire.operator_name),
        country=country(wire.operator_country),
    )
    return found if any(vars(found).values()) else None


def _place(wire: WireLocation | None) -> GeoPoint | None:
    """Where the tower is. 0/0, in the Gulf of Guinea, is KORE's documented way to say that nobody knows."""
    if wire is None or wire.lat is None or wire.lon is None or (wire.lat, wire.lon) == (0, 0):
        return None
    if abs(wire.lat) > 90 or abs(wire.lon) > 180:
        return None
    return GeoPoint(latitude=wire.lat, longitude=wire.lon)


def command(wire: WireCommand) -> SmsCommand:
    """One kind for both transports: a command that went over IP has neither an address nor a port here."""
    return SmsCommand(
        native_id=wire.sid,
        sim_id=text(wire.sim_sid),
        direction=COMMAND_DIRECTION.get(wire.direction or "", CommandDirection.UNKNOWN),
        status=COMMAND_STATUS.get(wire.status or "", CommandStatus.UNKNOWN),
        native_status=text(wire.status),
        payload=wire.command,
        payload_encoding=ENCODING.get(wire.command_mode or ""),
        transport=text(wire.transport),
        delivery_receipt_requested=wire.delivery_receipt_requested,
        created_at=moment(wire.date_created),
        updated_at=moment(wire.date_updated),
    )


def rate_plan(wire: WireRatePlan) -> RatePlan:
    return RatePlan(
        native_id=wire.sid,
        name=text(wire.unique_name),
        friendly_name=text(wire.friendly_name),
        data_enabled=wire.data_enabled,
        data_limit=_megabytes(wire.data_limit),
        data_metering=text(wire.data_metering),
        data_limit_strategy=text(wire.data_limit_strategy),
        messaging_enabled=wire.messaging_enabled,
        voice_enabled=wire.voice_enabled,
        national_roaming_enabled=wire.national_roaming_enabled,
        national_roaming_data_limit=_megabytes(wire.national_roaming_data_limit),
        international_roaming=_words(wire.international_roaming),
        international_roaming_data_limit=_megabytes(wire.international_roaming_data_limit),
        usage_notification_url=text(wire.usage_notification_url),
        usage_notification_method=text(wire.usage_notification_method),
        created_at=moment(wire.date_created),
        updated_at=moment(wire.date_updated),
    )


def _words(values: list[str | None] | None) -> list[str] | None:
    return None if values is None else [word for value in values if (word := text(value)) is not None]


def _megabytes(value: int | None) -> BigInt | None:
    return None if value is None else size(value * BYTES_PER_MB)
