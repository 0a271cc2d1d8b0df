"""The words of the simulated account: statuses, plans, customers, custom fields, made from a SIM's number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = [
    "COMMUNICATION_PLANS",
    "CUSTOM_FIELDS",
    "FINAL",
    "OPERATOR_WORD",
    "PRE_ACTIVATION",
    "RATE_PLANS",
    "SHARED_PLAN",
    "STATUSES",
    "account_id",
    "custom_field",
    "customer",
    "first_status",
]

STATUSES: Final = (
    "ACTIVATED",
    "ACTIVATION_READY",
    "DEACTIVATED",
    "INVENTORY",
    "PURGED",
    "REPLACED",
    "RETIRED",
    "TEST_READY",
)
"""Cisco's own words (DevNet, Edit Device); operators may add to them."""

PRE_ACTIVATION: Final = frozenset({"ACTIVATION_READY", "INVENTORY", "TEST_READY"})
FINAL: Final = frozenset({"PURGED", "REPLACED", "RETIRED"})
"""Final for the customer (inferred); only a purged SIM may be taken back to inventory."""

OPERATOR_WORD: Final = "OPERATOR_HOLD"
"""A status no document lists, as operators may define them."""

RATE_PLANS: Final = ("Meter 10MB", "Tracker 100MB", "Gateway 1GB", "Fleet Shared 50GB")
SHARED_PLAN: Final = RATE_PLANS[3]
"""Usage by rate plan is not offered for shared plans (community OpenAPI reconstruction)."""

COMMUNICATION_PLANS: Final = (
    "CP_Basic_ON",
    "CP_Data_SMS",
    "CP_Data_IPv6",
    "CP_Private_APN",
    "CP_Roaming",
    "CP_SMS_Only",
)
"""One for each of the world's six groups; the last has no data."""

_CUSTOMERS: Final = ("Northern Meters", "Harbour Logistics", "Citywide Parking")
_SITES: Final = ("Oslo", "Rotterdam", "Porto", "")

CUSTOM_FIELDS: Final = (
    *(f"operatorCustom{number}" for number in range(1, 6)),
    *(f"accountCustom{number}" for number in range(1, 11)),
    *(f"customerCustom{number}" for number in range(1, 6)),
)

_BY_LIFE: Final[Mapping[str, tuple[str, ...]]] = {
    "inventory": ("INVENTORY", "ACTIVATION_READY"),
    "active": ("ACTIVATED",),
    "suspended": ("DEACTIVATED",),
    "deactivated": (OPERATOR_WORD, "DEACTIVATED"),
    "terminated": ("RETIRED", "PURGED", "REPLACED"),
}


def first_status(life: str, index: int, *, used: bool) -> str:
    """The status a SIM of this life has before anybody edits it; some lives have several words.

    Of the SIMs that are ready, those already `used` are in test.
    """
    if life == "ready":
        return "TEST_READY" if used else "ACTIVATION_READY"
    words = _BY_LIFE[life]
    return words[index // 7 % len(words)]


def account_id(index: int) -> str:
    """A string of digits: the account, or for every tenth SIM its sub-account."""
    return "100020621" if index % 10 == 9 else "100020620"


def customer(index: int) -> str | None:
    """Two SIMs of five belong to no customer."""
    place = index % 5
    return _CUSTOMERS[place] if place < len(_CUSTOMERS) else None


def custom_field(name: str, index: int) -> str | None:
    """What a custom field holds at first; unused ones are empty strings or null, mixed as in samples."""
    if name == "accountCustom1":
        return str(index % 100)
    if name == "accountCustom2":
        return _SITES[index % len(_SITES)]
    if name == "operatorCustom1":
        return "Y" if index % 2 else ""
    if name == "customerCustom1":
        return f"order-{index % 40}"
    return None if name.startswith("customerCustom") or name.startswith("operatorCustom") else ""
