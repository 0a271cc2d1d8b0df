"""What only Super SIM takes, under the names of its own answers."""

import msgspec
from msgspec import UNSET, UnsetType

__all__ = ["CommandExtra", "SimExtra"]


class SimExtra(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a SIM. `account_sid` moves a SIM that is `new` to a subaccount, or back (OpenAPI `supersim` v1)."""

    account_sid: str | UnsetType = UNSET


class CommandExtra(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of an SMS command: nothing."""
