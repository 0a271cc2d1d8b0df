"""What an account can be told to change: one record for each write, in that account's own terms.

A record's tag is the name of the provider's operation. UNSET leaves a thing as it is, None clears it. Records are kept
until their outcome is known, so that they can be encoded; ids are native ones.
"""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from schema.command import PayloadEncoding
from schema.status import SimTarget

__all__ = [
    "AddProfileNetwork",
    "CreateFleet",
    "CreateNetworkAccessProfile",
    "CreateRatePlan",
    "DeleteRatePlan",
    "DeleteSim",
    "DeleteSmsCommand",
    "HttpMethod",
    "OrderEsimProfile",
    "RegisterSim",
    "RemoveProfileNetwork",
    "SendIpCommand",
    "SendSmsCommand",
    "UpdateFleet",
    "UpdateNetworkAccessProfile",
    "UpdateRatePlan",
    "UpdateSim",
    "Write",
    "operation_of",
]

HttpMethod = Literal["GET", "POST"]
Extra = dict[str, Any]
"""What only this provider has, under the provider's own names, as in `Sim.extra`. Any: each has its own values; the
adapter checks them."""


class _Write(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    pass


class RegisterSim(_Write, frozen=True, tag="register_sim"):
    iccid: str
    registration_code: str


class UpdateSim(_Write, frozen=True, tag="update_sim"):
    """At most one of `status` and `native_status`."""

    sim_id: str
    name: str | UnsetType | None = UNSET
    status: SimTarget | UnsetType = UNSET
    native_status: str | UnsetType = UNSET
    fleet_id: str | UnsetType | None = UNSET
    rate_plan_id: str | UnsetType | None = UNSET
    callback_url: str | UnsetType = UNSET
    callback_method: HttpMethod | UnsetType = UNSET
    extra: Extra | UnsetType = UNSET


class DeleteSim(_Write, frozen=True, tag="delete_sim"):
    sim_id: str


class SendSmsCommand(_Write, frozen=True, tag="send_sms_command"):
    """`payload` is text, or base64 where the encoding is BINARY. `extra` as in UpdateSim."""

    sim_id: str
    payload: str
    encoding: PayloadEncoding = PayloadEncoding.TEXT
    delivery_receipt_requested: bool | UnsetType = UNSET
    callback_url: str | UnsetType = UNSET
    callback_method: HttpMethod | UnsetType = UNSET
    extra: Extra | UnsetType = UNSET


class SendIpCommand(_Write, frozen=True, tag="send_ip_command"):
    """A UDP datagram to a port of the device."""

    sim_id: str
    payload: str
    port: int
    encoding: PayloadEncoding = PayloadEncoding.TEXT
    callback_url: str | UnsetType = UNSET
    callback_method: HttpMethod | UnsetType = UNSET


class DeleteSmsCommand(_Write, frozen=True, tag="delete_sms_command"):
    command_id: str


class CreateFleet(_Write, frozen=True, tag="create_fleet"):
    """`data_limit` is in bytes, a multiple of 1,000,000."""

    network_access_profile_id: str
    name: str | UnsetType = UNSET
    data_enabled: bool | UnsetType = UNSET
    data_limit: int | UnsetType = UNSET
    sms_commands_enabled: bool | UnsetType = UNSET
    sms_commands_url: str | UnsetType = UNSET
    sms_commands_method: HttpMethod | UnsetType = UNSET
    ip_commands_url: str | UnsetType = UNSET
    ip_commands_method: HttpMethod | UnsetType = UNSET


class UpdateFleet(_Write, frozen=True, tag="update_fleet"):
    fleet_id: str
    name: str | UnsetType | None = UNSET
    network_access_profile_id: str | UnsetType = UNSET
    data_limit: int | UnsetType = UNSET
    sms_commands_url: str | UnsetType | None = UNSET
    sms_commands_method: HttpMethod | UnsetType = UNSET
    ip_commands_url: str | UnsetType | None = UNSET
    ip_commands_method: HttpMethod | UnsetType = UNSET


class CreateNetworkAccessProfile(_Write, frozen=True, tag="create_network_access_profile"):
    name: str | UnsetType = UNSET
    network_ids: tuple[str, ...] = ()


class UpdateNetworkAccessProfile(_Write, frozen=True, tag="update_network_access_profile"):
    profile_id: str
    name: str | UnsetType | None = UNSET


class AddProfileNetwork(_Write, frozen=True, tag="add_profile_network"):
    profile_id: str
    network_id: str


class RemoveProfileNetwork(_Write, frozen=True, tag="remove_profile_network"):
    profile_id: str
    network_id: str


class OrderEsimProfile(_Write, frozen=True, tag="order_esim_profile"):
    """Either for a known eUICC (`eid`) or with a matching id to be made (`generate_matching_id`)."""

    eid: str | UnsetType = UNSET
    generate_matching_id: bool | UnsetType = UNSET
    callback_url: str | UnsetType = UNSET
    callback_method: HttpMethod | UnsetType = UNSET


class CreateRatePlan(_Write, frozen=True, tag="create_rate_plan"):
    """Limits are in bytes, multiples of 1,000,000."""

    name: str | UnsetType = UNSET
    friendly_name: str | UnsetType = UNSET
    data_enabled: bool | UnsetType = UNSET
    data_limit: int | UnsetType = UNSET
    data_metering: str | UnsetType = UNSET
    data_limit_strategy: str | UnsetType = UNSET
    messaging_enabled: bool | UnsetType = UNSET
    national_roaming_enabled: bool | UnsetType = UNSET
    national_roaming_data_limit: int | UnsetType = UNSET
    international_roaming: tuple[str, ...] | UnsetType = UNSET
    international_roaming_data_limit: int | UnsetType = UNSET


class UpdateRatePlan(_Write, frozen=True, tag="update_rate_plan"):
    rate_plan_id: str
    name: str | UnsetType | None = UNSET
    friendly_name: str | UnsetType | None = UNSET


class DeleteRatePlan(_Write, frozen=True, tag="delete_rate_plan"):
    rate_plan_id: str


Write = (
    RegisterSim
    | UpdateSim
    | DeleteSim
    | SendSmsCommand
    | SendIpCommand
    | DeleteSmsCommand
    | CreateFleet
    | UpdateFleet
    | CreateNetworkAccessProfile
    | UpdateNetworkAccessProfile
    | AddProfileNetwork
    | RemoveProfileNetwork
    | OrderEsimProfile
    | CreateRatePlan
    | UpdateRatePlan
    | DeleteRatePlan
)


def operation_of(write: Write) -> str:
    """The name of the provider's operation that does it."""
    return str(write.__struct_config__.tag)
