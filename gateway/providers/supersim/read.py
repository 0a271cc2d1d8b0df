"""What Super SIM's answers mean here: one function for each resource."""

from decimal import Decimal, InvalidOperation

from gateway.providers.supersim.wire import (
    WireBillingPeriod,
    WireEsimProfile,
    WireFleet,
    WireIpAddress,
    WireIpCommand,
    WireNetwork,
    WireProfile,
    WireSettingsUpdate,
    WireSim,
    WireSmsCommand,
    WireUsageRecord,
)
from gateway.upstream.read import address, country, currency, digits, moment, size, text
from schema.command import CommandDirection, CommandStatus, IpCommand, PayloadEncoding, SmsCommand
from schema.fleet import Fleet
from schema.lifecycle import (
    BillingPeriod,
    BillingPeriodType,
    EsimProfile,
    EsimProfileStatus,
    SettingsUpdate,
    SettingsUpdateStatus,
)
from schema.network import IpAddress, Network, NetworkAccessProfile, NetworkIdentifier
from schema.sim import Sim
from schema.status import SimStatus, SimTarget
from schema.usage import Money, UsageRecord

__all__ = [
    "BYTES_PER_MB",
    "COMMAND_DIRECTION",
    "COMMAND_STATUS",
    "ESIM_STATUS",
    "SETTINGS_STATUS",
    "SIM_STATUS",
    "billing_period",
    "esim_profile",
    "fleet",
    "ip_address",
    "ip_command",
    "network",
    "profile",
    "settings_update",
    "sim",
    "sms_command",
    "usage_record",
]

BYTES_PER_MB = 1_000_000
"""`data_limit` is in MB; that this is 10^6 bytes is not stated anywhere (unverified)."""

SIM_STATUS = {
    "new": SimStatus.INVENTORY,
    "ready": SimStatus.READY,
    "active": SimStatus.ACTIVE,
    "inactive": SimStatus.SUSPENDED,
    "scheduled": SimStatus.PENDING,
}
TRANSITIONS = {  # Twilio page "How to Determine a Super SIM's Status"
    "new": [SimTarget.READY, SimTarget.ACTIVE],
    "ready": [SimTarget.ACTIVE, SimTarget.SUSPENDED],
    "active": [SimTarget.SUSPENDED],
    "inactive": [SimTarget.ACTIVE],
}
COMMAND_STATUS = {
    "queued": CommandStatus.QUEUED,
    "sent": CommandStatus.SENT,
    "delivered": CommandStatus.DELIVERED,
    "received": CommandStatus.RECEIVED,
    "failed": CommandStatus.FAILED,
}
COMMAND_DIRECTION = {"to_sim": CommandDirection.TO_SIM, "from_sim": CommandDirection.FROM_SIM}
ENCODING = {"text": PayloadEncoding.TEXT, "binary": PayloadEncoding.BINARY}
ESIM_STATUS = {
    "new": EsimProfileStatus.NEW,
    "reserving": EsimProfileStatus.RESERVING,
    "available": EsimProfileStatus.AVAILABLE,
    "downloaded": EsimProfileStatus.DOWNLOADED,
    "installed": EsimProfileStatus.INSTALLED,
    "failed": EsimProfileStatus.FAILED,
}
SETTINGS_STATUS = {
    "scheduled": SettingsUpdateStatus.SCHEDULED,
    "in-progress": SettingsUpdateStatus.IN_PROGRESS,
    "successful": SettingsUpdateStatus.SUCCESSFUL,
    "failed": SettingsUpdateStatus.FAILED,
}
PERIOD_TYPE = {"ready": BillingPeriodType.READY, "active": BillingPeriodType.ACTIVE}
IP_VERSION = {"IPv4": 4, "IPv6": 6}


def sim(wire: WireSim) -> Sim:
    return Sim(
        native_id=wire.sid,
        iccid=digits(wire.iccid),
        name=text(wire.unique_name),
        status=SIM_STATUS.get(wire.status or "", SimStatus.UNKNOWN),
        native_status=text(wire.status),
        allowed_transitions=TRANSITIONS.get(wire.status or "", []),
        fleet_id=text(wire.fleet_sid),
        created_at=moment(wire.date_created),
        updated_at=moment(wire.date_updated),
    )


def billing_period(sim_id: str, wire: WireBillingPeriod) -> BillingPeriod:
    """A period of this SIM, also where the row does not name it."""
    owner = text(wire.sim_sid) or sim_id
    return BillingPeriod(
        native_id=f"{owner}/{wire.sid}",
        sim_id=owner,
        type=PERIOD_TYPE.get(wire.period_type or "", BillingPeriodType.UNKNOWN),
        native_type=text(wire.period_type),
        starts_at=moment(wire.start_time),
        ends_at=moment(wire.end_time),
        created_at=moment(wire.date_created),
        updated_at=moment(wire.date_updated),
    )


def ip_address(wire: WireIpAddress) -> IpAddress | None:
    """None for a row without a readable address: there is nothing to tell of it."""
    readable = address(wire.ip_address)
    if readable is None:
        return None
    return IpAddress(address=readable, version=IP_VERSION.get(wire.ip_address_version or ""))


def fleet(wire: WireFleet) -> Fleet:
    return Fleet(
        native_id=wire.sid,
        network_access_profile_id=text(wire.network_access_profile_sid),
        name=text(wire.unique_name),
        data_enabled=wire.data_enabled,
        data_limit=None if wire.data_limit is None else size(wire.data_limit * BYTES_PER_MB),
        data_metering=text(wire.data_metering),
        sms_commands_enabled=wire.sms_commands_enabled,
        sms_commands_url=text(wire.sms_commands_url),
        sms_commands_method=text(wire.sms_commands_method),
        ip_commands_url=text(wire.ip_commands_url),
        ip_commands_method=text(wire.ip_commands_method),
        created_at=moment(wire.date_created),
        updated_at=moment(wire.date_updated),
    )


def sms_command(wire: WireSmsCommand) -> SmsCommand:
    return SmsCommand(
        native_id=wire.sid,
        sim_id=text(wire.sim_sid),
        direction=COMMAND_DIRECTION.get(wire.direction or "", CommandDirection.UNKNOWN),
        status=COMMAND_STATUS.get(wire.status or "", CommandStatus.UNKNOWN),
        native_status=text(wire.status),
        payload=wire.payload,
        payload_encoding=PayloadEncoding.TEXT,
        created_at=moment(wire.date_created),
        updated_at=moment(wire.date_updated),
    )


def ip_command(wire: WireIpCommand) -> IpCommand:
    return IpCommand(
        native_id=wire.sid,
        sim_id=text(wire.sim_sid),
        iccid=digits(wire.sim_iccid),
        direction=COMMAND_DIRECTION.get(wire.direction or "", CommandDirection.UNKNOWN),
        status=COMMAND_STATUS.get(wire.status or "", CommandStatus.UNKNOWN),
        native_status=text(wire.status),
        payload=wire.payload,
        payload_encoding=ENCODING.get(wire.payload_type or ""),
        device_ip=address(wire.device_ip),
        device_port=_port(wire.device_port),
        created_at=moment(wire.date_created),
        updated_at=moment(wire.date_updated),
    )


def _port(value: int | None) -> int | None:
    return value if value is not None and 0 <= value < 2**16 else None


def usage_record(wire: WireUsageRecord) -> UsageRecord:
    period = wire.period
    return UsageRecord(
        sim_id=text(wire.sim_sid),
        fleet_id=text(wire.fleet_sid),
        network_id=text(wire.network_sid),
        country=country(wire.iso_country),
        period_start=moment(period.start_time) if period else None,
        period_end=moment(period.end_time) if period else None,
        bytes_up=size(wire.data_upload),
        bytes_down=size(wire.data_download),
        bytes_total=size(wire.data_total),
        costs=_costs(wire),
    )


def _costs(wire: WireUsageRecord) -> list[Money] | None:
    """Money lags usage by up to a day and is 0 meanwhile: zero for some usage is unknown, not free."""
    try:
        amount = Decimal(str(wire.data_total_billed))
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount < 0 or (amount == 0 and wire.data_total != 0):
        return None
    return [Money(amount=amount, currency=currency(wire.billed_unit))]


def esim_profile(wire: WireEsimProfile) -> EsimProfile:
    return EsimProfile(
        native_id=wire.sid,
        sim_id=text(wire.sim_sid),
        iccid=digits(wire.iccid),
        eid=digits(wire.eid),
        status=ESIM_STATUS.get(wire.status or "", EsimProfileStatus.UNKNOWN),
        native_status=text(wire.status),
        smdp_plus_address=text(wire.smdp_plus_address),
        matching_id=text(wire.matching_id),
        activation_code=text(wire.activation_code),
        error_code=text(wire.error_code),
        error_message=text(wire.error_message),
        created_at=moment(wire.date_created),
        updated_at=moment(wire.date_updated),
    )


def network(wire: WireNetwork) -> Network:
    return Network(
        native_id=wire.sid,
        name=text(wire.friendly_name),
        country=country(wire.iso_country),
        identifiers=[
            NetworkIdentifier(mcc=text(each.mcc), mnc=text(each.mnc)) for each in wire.identifiers or () if each
        ],
    )


def profile(wire: WireProfile) -> NetworkAccessProfile:
    return NetworkAccessProfile(
        native_id=wire.sid,
        name=text(wire.unique_name),
        created_at=moment(wire.date_created),
        updated_at=moment(wire.date_updated),
    )


def settings_update(sim_id: str | None, wire: WireSettingsUpdate) -> SettingsUpdate:
    """An update of this SIM where the list is of one, else of the SIM the row names.

    Where neither is known its id is the provider's own alone: true, but nothing it could be fetched again by, since
    the API has no update by id.
    """
    owner = text(wire.sim_sid) or sim_id
    return SettingsUpdate(
        native_id=wire.sid if owner is None else f"{owner}/{wire.sid}",
        sim_id=owner,
        iccid=digits(wire.iccid),
        status=SETTINGS_STATUS.get(wire.status or "", SettingsUpdateStatus.UNKNOWN),
        native_status=text(wire.status),
        packages=None if wire.packages is None else [each for each in wire.packages if each is not None],
        completed_at=moment(wire.date_completed),
        created_at=moment(wire.date_created),
        updated_at=moment(wire.date_updated),
    )
