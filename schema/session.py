"""Data sessions: each time a SIM's device was online."""

import datetime as dt
from enum import Enum

import strawberry
from strawberry import Private

from schema.lifecycle import LazySim, sim_of
from schema.network import GeoPoint, NetworkRef
from schema.node import Entity
from schema.relation import fact, relation
from schema.scalars import BigInt

__all__ = ["DataSession", "RadioAccess"]


@strawberry.enum(description="The radio access technology (3GPP RAT) of a connection.")
class RadioAccess(Enum):
    GSM_2G = strawberry.enum_value("GSM_2G", description="GSM, GPRS or EDGE.")
    UMTS_3G = strawberry.enum_value("UMTS_3G", description="UMTS or HSPA.")
    LTE_4G = strawberry.enum_value("LTE_4G", description="LTE.")
    LTE_M = strawberry.enum_value("LTE_M", description="LTE-M, also called Cat-M1.")
    NB_IOT = strawberry.enum_value("NB_IOT", description="Narrowband IoT.")
    NR_5G = strawberry.enum_value("NR_5G", description="5G New Radio.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="Not told, or a word this gateway does not know.")


@strawberry.type(description="One connection of a device to the Internet through its SIM.")
class DataSession(Entity):
    sim_id: Private[str | None] = None
    sim: LazySim | None = relation(sim_of, "The SIM it was made with.")
    started_at: dt.datetime | None = fact("When it began.")
    ended_at: dt.datetime | None = fact("When it ended; null while it is open.")
    updated_at: dt.datetime | None = fact("When its numbers were last brought up to date.")
    active: bool | None = fact("True while it is open; null where the provider does not tell.")
    duration: float | None = fact("Seconds from start to end; null while it is open.")
    radio_access: RadioAccess = fact("The radio technology last used.", RadioAccess.UNKNOWN)
    native_radio_access: str | None = fact("The same in the provider's word.")
    network: NetworkRef | None = fact("The network last used.")
    cell_id: str | None = fact("The cell last used, in the operator's numbering.")
    cell_location: GeoPoint | None = fact("Where that cell's tower stands; not where the device is.")
    bytes_up: BigInt | None = fact("Bytes sent by the device.")
    bytes_down: BigInt | None = fact("Bytes received by the device.")
    bytes_total: BigInt | None = fact("Bytes both ways.")
    packets_up: BigInt | None = fact("IP packets sent by the device. Not bytes.")
    packets_down: BigInt | None = fact("IP packets received by the device. Not bytes.")
    ip_address: str | None = fact("The device's IPv4 address.")
    ipv6_prefix: str | None = fact("The device's IPv6 prefix, with its length.")
    imei: str | None = fact("The device's IMEI.")
    apn: str | None = fact("The access point name.")
