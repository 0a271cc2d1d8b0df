"""Super SIM's 11 write operations. Twilio and KORE take the same forms.

Parameters: OpenAPI `supersim` v1, 1.56.0.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from msgspec import UNSET

from gateway.changes import (
    AddProfileNetwork,
    CreateFleet,
    CreateNetworkAccessProfile,
    OrderEsimProfile,
    RegisterSim,
    RemoveProfileNetwork,
    SendIpCommand,
    SendSmsCommand,
    UpdateFleet,
    UpdateNetworkAccessProfile,
    UpdateSim,
)
from gateway.protocols.twilio_forms import delete, form, megabytes, post
from gateway.protocols.twilio_rest import segment
from gateway.provider import Provider
from gateway.providers.supersim import read
from gateway.providers.supersim.extra import CommandExtra, SimExtra
from gateway.providers.supersim.wire import (
    WireEsimProfile,
    WireFleet,
    WireIpCommand,
    WireNetwork,
    WireProfile,
    WireSim,
    WireSmsCommand,
)
from gateway.upstream.client import Form, Written
from gateway.upstream.extra import OF_SMS, read_extra
from gateway.writing import Done
from schema.command import IpCommand, PayloadEncoding, SmsCommand
from schema.errors import Unsupported
from schema.fleet import Fleet
from schema.lifecycle import EsimProfile
from schema.network import NetworkAccessProfile
from schema.sim import Sim
from schema.status import SimStatus, SimTarget

__all__ = ["NO_PLANS", "WRITE_NOTES", "SuperSimWrites"]

T = TypeVar("T")
W = TypeVar("W")

PAYLOAD_TYPE = {PayloadEncoding.TEXT: "text", PayloadEncoding.BINARY: "binary"}

NO_PLANS = "Super SIM has fleets instead of rate plans"
NO_END = "Super SIM has no final status and no way to delete a SIM: SUSPENDED (its `inactive`) blocks it"
NO_BYTES = "Super SIM sends text only by SMS; bytes can go in an IP command"
NO_RECEIPT = "Super SIM takes no wish about receipts: the command's own status becomes DELIVERED where it is"

WRITE_NOTES = {
    "update_sim": "in extra: account_sid, only while the SIM is `new`",
    "delete_sim": NO_END,
    "send_sms_command": "text only, at most 160 single-byte characters; the fleet must have SMS commands enabled",
    "send_ip_command": "at most 1,300 bytes; the fleet must have data enabled and the device be attached",
    "delete_sms_command": "Super SIM has no way to delete a command",
    "update_fleet": "whether data and SMS commands are enabled is said once, when the fleet is made",
    "create_rate_plan": NO_PLANS,
    "update_rate_plan": NO_PLANS,
    "delete_rate_plan": NO_PLANS,
}


class SuperSimWrites(Provider):
    targets: ClassVar[Mapping[SimTarget, str]] = {
        SimTarget.READY: "ready",
        SimTarget.ACTIVE: "active",
        SimTarget.SUSPENDED: "inactive",
    }
    target_notes: ClassVar[Mapping[SimTarget, str]] = {SimTarget.DEACTIVATED: NO_END, SimTarget.TERMINATED: NO_END}
    settable: ClassVar[frozenset[str]] = frozenset(targets.values())

    status_consequences: ClassVar[Mapping[str, str]] = {
        "ready": "the SIM becomes active by itself, and is charged, after 250 KB, 5 SMS commands or 3 months",
        "active": "the SIM is charged from then on",
    }
    """Twilio page "How to Determine a Super SIM's Status"."""

    write_consequences: ClassVar[Mapping[str, str]] = {
        "register_sim": "the SIM is the account's from then on: this API has no way to give it back",
        "send_sms_command": "it is tried for up to 24 hours where the device cannot be reached, and cannot be recalled",
        "send_ip_command": "it is not tried again where the device cannot be reached",
        "create_fleet": "this API has no way to delete a fleet",
        "update_fleet": "a changed data limit may take about 5 minutes to apply",
        "create_network_access_profile": "this API has no way to delete a network access profile",
        "order_esim_profile": "this API has no way to take back an order",
    }
    """What the OpenAPI file lacks; KORE pages "SMS Command", "IP Command", "Fleet"."""

    # --- SIMs --------------------------------------------------------------------------------------------------

    async def register_sim(self, write: RegisterSim) -> Done[Sim]:
        fields = form(("Iccid", write.iccid), ("RegistrationCode", write.registration_code))
        return _done(await post(self.client, "v1/Sims", WireSim, fields), read.sim)

    async def update_sim(self, write: UpdateSim) -> Done[Sim]:
        """202 with `scheduled` where it has only begun; Twilio's changelog of 21 July 2020 has either without the
        other, so either is believed."""
        fields = _of_sim(write, self.native_target(write))
        done = _done(await post(self.client, f"v1/Sims/{segment(write.sim_id)}", WireSim, fields), read.sim)
        is_begun = done.thing is not None and done.thing.status is SimStatus.PENDING
        return Done(done.thing, done.is_pending or is_begun, done.request_id)

    # --- Commands ----------------------------------------------------------------------------------------------

    async def send_sms_command(self, write: SendSmsCommand) -> Done[SmsCommand]:
        fields = _of_sms(write)
        return _done(await post(self.client, "v1/SmsCommands", WireSmsCommand, fields), read.sms_command)

    async def send_ip_command(self, write: SendIpCommand) -> Done[IpCommand]:
        fields = form(
            ("Sim", write.sim_id),
            ("Payload", write.payload),
            ("PayloadType", PAYLOAD_TYPE[write.encoding]),
            ("DevicePort", write.port),
            ("CallbackUrl", write.callback_url),
            ("CallbackMethod", write.callback_method),
        )
        return _done(await post(self.client, "v1/IpCommands", WireIpCommand, fields), read.ip_command)

    # --- Fleets ------------------------------------------------------------------------------------------------

    async def create_fleet(self, write: CreateFleet) -> Done[Fleet]:
        fields = form(
            ("NetworkAccessProfile", write.network_access_profile_id),
            ("DataEnabled", write.data_enabled),
            ("SmsCommandsEnabled", write.sms_commands_enabled),
        )
        fields = [*fields, *_of_fleet(write)]
        return _done(await post(self.client, "v1/Fleets", WireFleet, fields), read.fleet)

    async def update_fleet(self, write: UpdateFleet) -> Done[Fleet]:
        fields = [*form(("NetworkAccessProfile", write.network_access_profile_id)), *_of_fleet(write)]
        return _done(await post(self.client, f"v1/Fleets/{segment(write.fleet_id)}", WireFleet, fields), read.fleet)

    # --- Network access profiles -------------------------------------------------------------------------------

    async def create_network_access_profile(self, write: CreateNetworkAccessProfile) -> Done[NetworkAccessProfile]:
        fields = form(("UniqueName", write.name), ("Networks", write.network_ids))
        return _done(await post(self.client, "v1/NetworkAccessProfiles", WireProfile, fields), read.profile)

    async def update_network_access_profile(self, write: UpdateNetworkAccessProfile) -> Done[NetworkAccessProfile]:
        fields = form(("UniqueName", write.name))
        return _done(await post(self.client, _profile(write.profile_id), WireProfile, fields), read.profile)

    async def add_profile_network(self, write: AddProfileNetwork) -> Done[NetworkAccessProfile]:
        """The answer is the network. It is read all the same: what cannot be is no proof that it was added."""
        path = f"{_profile(write.profile_id)}/Networks"
        written = await post(self.client, path, WireNetwork, form(("Network", write.network_id)))
        return Done(None, written.is_pending, written.request_id)

    async def remove_profile_network(self, write: RemoveProfileNetwork) -> Done[NetworkAccessProfile]:
        written = await delete(self.client, f"{_profile(write.profile_id)}/Networks/{segment(write.network_id)}")
        return Done(None, written.is_pending, written.request_id)

    # --- eSIM profiles -----------------------------------------------------------------------------------------

    async def order_esim_profile(self, write: OrderEsimProfile) -> Done[EsimProfile]:
        fields = form(
            ("Eid", write.eid),
            ("GenerateMatchingId", write.generate_matching_id),
            ("CallbackUrl", write.callback_url),
            ("CallbackMethod", write.callback_method),
        )
        return _done(await post(self.client, "v1/ESimProfiles", WireEsimProfile, fields), read.esim_profile)


def _done(written: Written[W], read_as: Callable[[W], T]) -> Done[T]:
    return Done(read_as(written.body), written.is_pending, written.request_id)


def _profile(profile_id: str) -> str:
    return f"v1/NetworkAccessProfiles/{segment(profile_id)}"


def _of_sim(write: UpdateSim, status: str | None) -> Form:
    """`status` is a word of theirs, None where the SIM keeps its own. A cleared fleet is sent, and theirs to refuse."""
    if write.rate_plan_id is not UNSET:
        raise Unsupported(NO_PLANS, path=["input", "ratePlanId"])
    return form(
        ("UniqueName", write.name),
        ("Status", status or UNSET),
        ("Fleet", write.fleet_id),
        ("CallbackUrl", write.callback_url),
        ("CallbackMethod", write.callback_method),
        ("AccountSid", read_extra(SimExtra, write.extra).account_sid),
    )


def _of_sms(write: SendSmsCommand) -> Form:
    if write.encoding is PayloadEncoding.BINARY:
        raise Unsupported(NO_BYTES, path=["input", "body", "sms", "encoding"])
    if write.delivery_receipt_requested is not UNSET:
        raise Unsupported(NO_RECEIPT, path=["input", "body", "sms", "deliveryReceiptRequested"])
    read_extra(CommandExtra, write.extra, OF_SMS)
    return form(
        ("Sim", write.sim_id),
        ("Payload", write.payload),
        ("CallbackUrl", write.callback_url),
        ("CallbackMethod", write.callback_method),
    )


def _of_fleet(write: CreateFleet | UpdateFleet) -> Form:
    return form(
        ("UniqueName", write.name),
        ("DataLimit", megabytes(write.data_limit)),
        ("SmsCommandsUrl", write.sms_commands_url),
        ("SmsCommandsMethod", write.sms_commands_method),
        ("IpCommandsUrl", write.ip_commands_url),
        ("IpCommandsMethod", write.ip_commands_method),
    )
