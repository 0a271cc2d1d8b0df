"""What each editable field of a device holds before anybody edits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gateway.providers.cisco_control_center.simulator import words
from gateway.simulation.world import World

__all__ = ["EDITABLE", "first_value"]

_Maker = Callable[[World, int], str | None]


def _status(world: World, index: int) -> str:
    pattern = world.pattern(index)
    return words.first_status(pattern.life, index, used=pattern.connected is not None)


def _rate_plan(world: World, index: int) -> str:
    return words.RATE_PLANS[world.pattern(index).plan]


def _communication_plan(world: World, index: int) -> str:
    return words.COMMUNICATION_PLANS[world.pattern(index).group]


def _fixed_address(world: World, index: int) -> str | None:
    if _communication_plan(world, index) != "CP_Private_APN":
        return None
    return f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}"


def _custom(name: str) -> _Maker:
    return lambda _world, index: words.custom_field(name, index)


EDITABLE: Final[Mapping[str, _Maker]] = {
    "status": _status,
    "ratePlan": _rate_plan,
    "communicationPlan": _communication_plan,
    "customer": lambda _world, index: words.customer(index),
    "deviceID": lambda world, index: world.sim(index).name,
    "modemID": lambda _world, index: str(2000 + index % 300) if index % 4 else "",
    "overageLimitOverride": lambda _world, _index: "DEFAULT",
    "ipv4Address": _fixed_address,
    "ipv6Address": lambda _world, _index: None,
    **{name: _custom(name) for name in words.CUSTOM_FIELDS},
}
"""The fields an edit may carry (DevNet, Edit Device), each with how to make its first value."""


def first_value(world: World, index: int, name: str) -> str | None:
    """The first value of one field of `EDITABLE`, or of `accountId`, which nobody edits."""
    return words.account_id(index) if name == "accountId" else EDITABLE[name](world, index)
