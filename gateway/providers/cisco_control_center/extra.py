"""What only Control Center takes, under its own names, as `Sim.extra` shows them where it does."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

__all__ = ["SimExtra", "SmsExtra"]

Text = str | UnsetType
Clearable = str | UnsetType | None
"""None clears. Cisco types these fields as texts (community OpenAPI), so an empty one is sent then."""


class SimExtra(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Of a SIM (Cisco DevNet, Edit Device Details; the addresses from the community's OpenAPI). `effective_date` says
    when everything else of the same change takes effect; see `effective`."""

    effective_date: Text = UNSET
    communication_plan: Text = UNSET
    customer: Clearable = UNSET
    modem_id: Clearable = msgspec.field(name="modemID", default=UNSET)
    overage_limit_override: Literal["DEFAULT", "TEMPORARY_OVERRIDE", "PERMANENT_OVERRIDE"] | UnsetType = UNSET
    ipv4_address: Clearable = UNSET
    ipv6_address: Clearable = UNSET
    account_custom_1: Clearable = UNSET
    account_custom_2: Clearable = UNSET
    account_custom_3: Clearable = UNSET
    account_custom_4: Clearable = UNSET
    account_custom_5: Clearable = UNSET
    account_custom_6: Clearable = UNSET
    account_custom_7: Clearable = UNSET
    account_custom_8: Clearable = UNSET
    account_custom_9: Clearable = UNSET
    account_custom_10: Clearable = UNSET
    operator_custom_1: Clearable = UNSET
    operator_custom_2: Clearable = UNSET
    operator_custom_3: Clearable = UNSET
    operator_custom_4: Clearable = UNSET
    operator_custom_5: Clearable = UNSET
    customer_custom_1: Clearable = UNSET
    customer_custom_2: Clearable = UNSET
    customer_custom_3: Clearable = UNSET
    customer_custom_4: Clearable = UNSET
    customer_custom_5: Clearable = UNSET


class SmsExtra(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Of a message (Cisco DevNet, Send SMS): `data_coding` 0 the network's own alphabet, 1 ASCII, 3 Latin 1, 4 binary,
    8 Unicode; `tpvp` how long it may wait for its device, in the numbers of GSM's TP-VP (the unit is unverified)."""

    data_coding: int | UnsetType = UNSET
    tpvp: int | UnsetType = UNSET
