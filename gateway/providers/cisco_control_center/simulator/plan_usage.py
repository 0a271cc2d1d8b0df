"""Usage of all devices on one rate plan, fifty at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from gateway.providers.cisco_control_center.simulator import words
from gateway.providers.cisco_control_center.simulator.fleet import Fleet
from gateway.providers.cisco_control_center.simulator.refusal import Refusal
from gateway.providers.cisco_control_center.simulator.search import page_asked
from gateway.providers.cisco_control_center.simulator.usage import cycle_asked
from gateway.providers.cisco_control_center.simulator.zones import by_zone, zone_of
from gateway.simulation.records import Usage

__all__ = ["plan_usage"]

_TYPES: Final = {
    "DATA": ("dataUsage",),
    "SMS": ("smsMOUsage", "smsMTUsage"),
    "VOICE": ("voiceMOUsage", "voiceMTUsage"),
}


def plan_usage(fleet: Fleet, query: Mapping[str, str]) -> dict[str, object]:
    """`GET /usages?ratePlanName=`: devices under their zones, as public clients read it.

    `deviceId` holds the ICCID. A device that used two zones appears under both. A page holds fifty devices
    (the unit of paging is unverified). Bytes, counts and seconds.

    Raises:
        Refusal: 10000013 for an unknown or shared plan, 10000902 for an unknown `usageType`.
    """
    plan = query.get("ratePlanName")
    if plan not in words.RATE_PLANS or plan == words.SHARED_PLAN or query.get("ratePlanVersion", "1") != "1":
        raise Refusal("10000013")
    kind = query.get("usageType")
    if kind is not None and kind not in _TYPES:
        raise Refusal("10000902", message="Invalid value of usageType.")
    size, number = page_asked(query)
    cycle = cycle_asked(query, fleet.world.now())
    on_plan = [index for index in range(fleet.world.sims) if fleet.rate_plan(index) == plan]
    shown = on_plan[(number - 1) * size : number * size]
    return {
        "ratePlanName": plan,
        "ratePlanVersion": "1",
        "pageNumber": number,
        "lastPage": number * size >= len(on_plan),
        "zones": _zones(fleet, shown, cycle, kind),
    }


def _zones(
    fleet: Fleet, shown: Sequence[int], cycle: tuple[datetime, datetime], kind: str | None
) -> list[dict[str, object]]:
    zones: dict[str, list[dict[str, object]]] = {}
    for index in shown:
        home = zone_of(fleet.world.pattern(index).home)
        used = by_zone(fleet.world, index, *cycle) or {home: Usage()}
        for zone, usage in used.items():
            row: dict[str, object] = {"deviceId": fleet.world.sim(index).iccid, "usage": _amounts(usage, kind)}
            zones.setdefault(zone, []).append(row)
    return [{"zone": zone, "devices": zones[zone]} for zone in sorted(zones)]


def _amounts(usage: Usage, kind: str | None) -> dict[str, int | None]:
    """All five amounts; those of another type than asked for are null (unverified)."""
    amounts = {
        "dataUsage": usage.total,
        "smsMOUsage": usage.sms_from,
        "smsMTUsage": usage.sms_to,
        "voiceMOUsage": 0,
        "voiceMTUsage": 0,
    }
    if kind is None:
        return {**amounts}
    return {name: amount if name in _TYPES[kind] else None for name, amount in amounts.items()}
