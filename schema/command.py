"""Commands: short messages to and from a device through its SIM."""

import datetime as dt
from enum import Enum

import strawberry
from strawberry import Private

from schema.lifecycle import LazySim, sim_of
from schema.node import Entity
from schema.relation import fact, relation

__all__ = ["Command", "CommandDirection", "CommandStatus", "IpCommand", "PayloadEncoding", "SmsCommand"]


@strawberry.enum(description="Which way a command went.")
class CommandDirection(Enum):
    TO_SIM = strawberry.enum_value("TO_SIM", description="Sent to the device.")
    FROM_SIM = strawberry.enum_value("FROM_SIM", description="Sent by the device.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="Not told, or a word this gateway does not know.")


@strawberry.enum(description="How far a command has come.")
class CommandStatus(Enum):
    QUEUED = strawberry.enum_value("QUEUED", description="Waiting to be sent.")
    SENT = strawberry.enum_value("SENT", description="Handed to the network.")
    DELIVERED = strawberry.enum_value("DELIVERED", description="The device has it.")
    RECEIVED = strawberry.enum_value("RECEIVED", description="It came from the device.")
    FAILED = strawberry.enum_value("FAILED", description="It was not delivered.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="Not told, or a word this gateway does not know.")


@strawberry.enum(description="How to read a payload.")
class PayloadEncoding(Enum):
    TEXT = strawberry.enum_value("TEXT", description="The payload is text.")
    BINARY = strawberry.enum_value("BINARY", description="The payload is base64 of bytes.")


@strawberry.interface(description="A short message to or from a device.")
class Command(Entity):
    sim_id: Private[str | None] = None
    sim: LazySim | None = relation(sim_of, "The SIM of the device.")
    direction: CommandDirection = fact("Which way it went.", CommandDirection.UNKNOWN)
    status: CommandStatus = fact("How far it has come.", CommandStatus.UNKNOWN)
    native_status: str | None = fact("The same in the provider's word.")
    payload: str | None = fact("What it says; see the encoding.")
    payload_encoding: PayloadEncoding | None = fact("How to read the payload; null where the provider does not tell.")
    created_at: dt.datetime | None = fact("When it was made.")
    updated_at: dt.datetime | None = fact("When it last changed.")


@strawberry.type(description="A command carried as a text message.")
class SmsCommand(Command):
    transport: str | None = fact("What carried it, in the provider's word, where it offers more than SMS.")
    delivery_receipt_requested: bool | None = fact("Whether a delivery receipt was asked for.")
    sent_to: str | None = fact("The number it was sent to.")
    sent_from: str | None = fact("The number it came from.")
    sender: str | None = fact("The provider's name for who sent it.")
    received_at: dt.datetime | None = fact("When it was received.")


@strawberry.type(description="A command carried as a UDP datagram.")
class IpCommand(Command):
    device_ip: str | None = fact("The device's IP address.")
    device_port: int | None = fact("The device's UDP port.")
    iccid: str | None = fact("The SIM's ICCID, where the provider repeats it.")
