"""Programmable Wireless as it is changed. Twilio and KORE take the same forms; KORE may answer 202.

Parameters: OpenAPI `wireless` v1 of Twilio, and KORE's `ProgrammableWireless`.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from msgspec import UNSET

from gateway.changes import (
    CreateRatePlan,
    DeleteRatePlan,
    DeleteSim,
    DeleteSmsCommand,
    SendSmsCommand,
    UpdateRatePlan,
    UpdateSim,
)
from gateway.protocols.twilio_forms import delete, form, megabytes, post
from gateway.protocols.twilio_rest import segment
from gateway.provider import Provider
from gateway.providers.wireless import read
from gateway.providers.wireless.extra import CommandExtra, SimExtra
from gateway.providers.wireless.notes import NO_FLEETS
from gateway.providers.wireless.wire import WireCommand, WireRatePlan, WireSim
from gateway.upstream.client import Form, Written
from gateway.upstream.extra import OF_SMS, read_extra
from gateway.writing import Done
from schema.command import PayloadEncoding, SmsCommand
from schema.errors import Invalid, Unsupported
from schema.rate_plan import RatePlan
from schema.sim import Sim
from schema.status import SimStatus, SimTarget

__all__ = ["WirelessWrites"]

T = TypeVar("T")
W = TypeVar("W")

MODE = {PayloadEncoding.TEXT: "text", PayloadEncoding.BINARY: "binary"}

MOST_WITH_SID = 125
"""Characters that are left of a message's 160 beside a SID of 34 and the blank between them. The OpenAPI text of
`IncludeSid` says 128, which would make 163."""


class WirelessWrites(Provider):
    targets: ClassVar[Mapping[SimTarget, str]] = {
        SimTarget.READY: "ready",
        SimTarget.ACTIVE: "active",
        SimTarget.SUSPENDED: "suspended",
        SimTarget.DEACTIVATED: "deactivated",
    }
    target_notes: ClassVar[Mapping[SimTarget, str]] = {
        SimTarget.TERMINATED: "it follows DEACTIVATED by itself after 72 hours; deleting a SIM removes it at once",
    }
    settable: ClassVar[frozenset[str]] = frozenset(targets.values())
    """KORE page "Sim Resource"; Twilio's OpenAPI file types the parameter with all the words there are."""

    status_consequences: ClassVar[Mapping[str, str]] = {
        "ready": "the SIM becomes active by itself, and is charged, after 250 KB, 5 commands or 3 months",
        "active": "the SIM is charged from then on",
        "suspended": "the SIM is free for 3 months and charged after that",
        "deactivated": "the SIM is canceled after 72 hours, for good",
    }
    """Twilio page "Understanding SIM states"."""

    write_consequences: ClassVar[Mapping[str, str]] = {"delete_sim": "this API has no way to bring the SIM back"}

    async def update_sim(self, write: UpdateSim) -> Done[Sim]:
        """HTTP 200 even where the change has only begun: the status then is `scheduled` or `updating`."""
        fields = _of_sim(write, self.native_target(write))
        done = _done(await post(self.client, _path("Sims", write.sim_id), WireSim, fields), read.sim)
        is_begun = done.thing is not None and done.thing.status is SimStatus.PENDING
        return Done(done.thing, done.is_pending or is_begun, done.request_id)

    async def delete_sim(self, write: DeleteSim) -> Done[Sim]:
        return _gone(await delete(self.client, _path("Sims", write.sim_id)))

    async def send_sms_command(self, write: SendSmsCommand) -> Done[SmsCommand]:
        return _done(await post(self.client, "v1/Commands", WireCommand, _of_command(write)), read.command)

    async def delete_sms_command(self, write: DeleteSmsCommand) -> Done[SmsCommand]:
        return _gone(await delete(self.client, _path("Commands", write.command_id)))

    async def create_rate_plan(self, write: CreateRatePlan) -> Done[RatePlan]:
        return _done(await post(self.client, "v1/RatePlans", WireRatePlan, _of_rate_plan(write)), read.rate_plan)

    async def update_rate_plan(self, write: UpdateRatePlan) -> Done[RatePlan]:
        fields = form(("UniqueName", write.name), ("FriendlyName", write.friendly_name))
        return _done(
            await post(self.client, _path("RatePlans", write.rate_plan_id), WireRatePlan, fields), read.rate_plan
        )

    async def delete_rate_plan(self, write: DeleteRatePlan) -> Done[RatePlan]:
        return _gone(await delete(self.client, _path("RatePlans", write.rate_plan_id)))


def _path(kind: str, native_id: str) -> str:
    return f"v1/{kind}/{segment(native_id)}"


def _done(written: Written[W], read_as: Callable[[W], T]) -> Done[T]:
    return Done(read_as(written.body), written.is_pending, written.request_id)


def _gone(written: Written[None]) -> Done[T]:
    """Nothing is answered; 202 at KORE where it is under way only."""
    return Done(None, written.is_pending, written.request_id)


def _of_sim(write: UpdateSim, status: str | None) -> Form:
    """`status` is a word of theirs, None where the SIM keeps its own."""
    if write.fleet_id is not UNSET:
        raise Unsupported(NO_FLEETS, path=["input", "fleetId"])
    extra = read_extra(SimExtra, write.extra)
    return form(
        ("UniqueName", write.name),
        ("FriendlyName", extra.friendly_name),
        ("Status", status or UNSET),
        ("ResetStatus", extra.reset_status),
        ("RatePlan", write.rate_plan_id),
        ("CallbackUrl", write.callback_url),
        ("CallbackMethod", write.callback_method),
        ("CommandsCallbackUrl", extra.commands_callback_url),
        ("CommandsCallbackMethod", extra.commands_callback_method),
        ("SmsUrl", extra.sms_url),
        ("SmsMethod", extra.sms_method),
        ("SmsFallbackUrl", extra.sms_fallback_url),
        ("SmsFallbackMethod", extra.sms_fallback_method),
        ("AccountSid", extra.account_sid),
    )


def _of_command(write: SendSmsCommand) -> Form:
    extra = read_extra(CommandExtra, write.extra, OF_SMS)
    if extra.carries_sid and write.encoding is PayloadEncoding.TEXT and len(write.payload) > MOST_WITH_SID:
        message = (
            f"text: with include_sid at most {MOST_WITH_SID} characters, since the SID takes 35 of 160; "
            f"found {len(write.payload)}"
        )
        raise Invalid(message, path=["input", "body", "sms", "text"])
    return form(
        ("Command", write.payload),
        ("Sim", write.sim_id),
        ("CommandMode", MODE[write.encoding]),
        ("IncludeSid", extra.include_sid),
        ("DeliveryReceiptRequested", write.delivery_receipt_requested),
        ("CallbackUrl", write.callback_url),
        ("CallbackMethod", write.callback_method),
    )


def _of_rate_plan(write: CreateRatePlan) -> Form:
    """KORE's OpenAPI file has the strategy in the answer only; it is sent all the same, and theirs to refuse."""
    return form(
        ("UniqueName", write.name),
        ("FriendlyName", write.friendly_name),
        ("DataEnabled", write.data_enabled),
        ("DataLimit", megabytes(write.data_limit)),
        ("DataMetering", write.data_metering),
        ("DataLimitStrategy", write.data_limit_strategy),
        ("MessagingEnabled", write.messaging_enabled),
        ("NationalRoamingEnabled", write.national_roaming_enabled),
        ("NationalRoamingDataLimit", megabytes(write.national_roaming_data_limit)),
        ("InternationalRoaming", write.international_roaming),
        ("InternationalRoamingDataLimit", megabytes(write.international_roaming_data_limit)),
    )
