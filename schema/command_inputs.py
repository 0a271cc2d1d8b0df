"""What a caller gives to send a message to a device, or to many."""

import strawberry
from strawberry import UNSET

from schema.command import PayloadEncoding
from schema.inputs import CALLBACK_METHOD, CALLBACK_URL, DeleteInput, HttpMethod, SimSelection, WriteInput
from schema.relation import fact
from schema.scalars import JSON

__all__ = ["CommandBody", "CommandDeletion", "IpBody", "SendCommandInput", "SendCommandsInput", "SmsBody"]


@strawberry.input(
    description="A message carried by SMS: one text message at most. Providers differ; by default 160 characters of "
    "the GSM alphabet (^ { } \\ [ ] ~ | and € count two), or 70 where another character is in it, or 140 bytes."
)
class SmsBody:
    text: str = strawberry.field(description="What it says; base64 of its bytes where the encoding is BINARY.")
    encoding: PayloadEncoding | None = fact("How to read `text`.", PayloadEncoding.TEXT)
    delivery_receipt_requested: bool | None = fact(
        "Whether the network is to say that the device has it; the provider's own default where you leave this out.",
        UNSET,
    )
    extra: JSON | None = fact("What only this provider has, under its own names. An object.", UNSET)


@strawberry.input(description="A message carried as a UDP datagram to the device.")
class IpBody:
    payload: str = strawberry.field(
        description="What it says, 1 to 1,300 bytes as UTF-8; base64 of the bytes where the encoding is BINARY."
    )
    port: int = strawberry.field(description="The device's UDP port, 1 to 65,535.")
    encoding: PayloadEncoding | None = fact("How to read `payload`.", PayloadEncoding.TEXT)


@strawberry.input(one_of=True, description="What to send and what carries it: exactly one of these.")
class CommandBody:
    sms: SmsBody | None = fact("By SMS.", UNSET)
    ip: IpBody | None = fact("As a UDP datagram.", UNSET)


@strawberry.input(description="A message to one device.")
class SendCommandInput(WriteInput):
    sim_id: strawberry.ID = strawberry.field(description="The id of the device's SIM.")
    body: CommandBody = strawberry.field(description="What to send.")
    callback_url: str | None = fact(CALLBACK_URL, UNSET)
    callback_method: HttpMethod | None = fact(CALLBACK_METHOD, UNSET)


@strawberry.input(description="The same message to many devices, sent in the background as a job.")
class SendCommandsInput(WriteInput):
    select: SimSelection = strawberry.field(description="The SIMs of the devices.")
    expected_count: int | None = fact(
        "How many SIMs you mean, 1 to 200,000; needed with a filter. Nothing is sent where another number is found.",
        UNSET,
    )
    body: CommandBody = strawberry.field(description="What to send to each.")
    callback_url: str | None = fact(CALLBACK_URL, UNSET)
    callback_method: HttpMethod | None = fact(CALLBACK_METHOD, UNSET)


class CommandDeletion(DeleteInput):
    """What is given to `deleteCommand`."""
