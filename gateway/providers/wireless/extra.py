"""What only Programmable Wireless takes, under the names that `Sim.extra` shows. None clears."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from gateway.changes import HttpMethod

__all__ = ["CommandExtra", "SimExtra"]


class SimExtra(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a SIM. `account_sid` moves a new SIM to a subaccount. Voice addresses are deprecated (OpenAPI `wireless` v1)
    and left out."""

    friendly_name: str | UnsetType | None = UNSET
    reset_status: Literal["resetting"] | UnsetType = UNSET
    commands_callback_url: str | UnsetType | None = UNSET
    commands_callback_method: HttpMethod | UnsetType = UNSET
    sms_url: str | UnsetType | None = UNSET
    sms_method: HttpMethod | UnsetType = UNSET
    sms_fallback_url: str | UnsetType | None = UNSET
    sms_fallback_method: HttpMethod | UnsetType = UNSET
    account_sid: str | UnsetType = UNSET


class CommandExtra(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a command: whether its SID is put into the text, so that a device can tell one that it has already had."""

    include_sid: Literal["none", "start", "end"] | UnsetType = UNSET

    @property
    def carries_sid(self) -> bool:
        return self.include_sid in ("start", "end")
