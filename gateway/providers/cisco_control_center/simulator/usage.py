"""Usage of one device: the cycle to date, by zone, and by days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final

from gateway.providers.cisco_control_center.simulator import words
from gateway.providers.cisco_control_center.simulator.dates import (
    compact_day,
    cycle_of,
    day_asked,
    printed,
)
from gateway.providers.cisco_control_center.simulator.details import identity
from gateway.providers.cisco_control_center.simulator.fleet import Fleet
from gateway.providers.cisco_control_center.simulator.refusal import Refusal
from gateway.providers.cisco_control_center.simulator.zones import ZONES, by_zone
from gateway.simulation.records import Usage

__all__ = ["cycle_asked", "cycle_to_date", "days_asked", "in_zones", "metrics"]

_LIMITS: Final = (10_000_000, 100_000_000, 1_000_000_000, 50_000_000_000)
"""Bytes a cycle that each rate plan includes."""

_MONTH: Final = timedelta(days=30)
_TICK: Final = timedelta(milliseconds=1)


def cycle_to_date(fleet: Fleet, index: int) -> dict[str, object]:
    """`GET /devices/{iccid}/ctdUsages`: bytes, messages, seconds and sessions of this cycle (DevNet)."""
    world = fleet.world
    now = world.now()
    since, _ = cycle_of(now)
    used = world.usage(index, since, now)
    limit = _LIMITS[words.RATE_PLANS.index(fleet.rate_plan(index))]
    return {
        **identity(fleet, index),
        "ctdDataUsage": used.total,
        "ctdSMSUsage": used.sms_to + used.sms_from,
        "ctdVoiceUsage": 0,
        "ctdSessionCount": len(world.sessions(index, since, now)),
        "overageLimitReached": used.total > limit,
        "overageLimitOverride": fleet.value(index, "overageLimitOverride"),
    }


def in_zones(
    fleet: Fleet, index: int, query: Mapping[str, str], *, key_case: str, iso_dates: bool
) -> dict[str, object]:
    """`GET /devices/{iccid}/usageInZone`: the cycle's usage, keyed "<rate plan>, <version>" (DevNet, community).

    Raises:
        Refusal: 10000031 for an unknown zone; 10000003 for a cycle that is not one of the last three.
    """
    since, until = cycle_asked(query, fleet.world.now())
    if query.get("zone") not in {None, *ZONES}:
        raise Refusal("10000031")
    lower = key_case == "smsmousage" or (key_case == "mixed" and index % 2 == 1)
    show = _iso if iso_dates else printed
    return {
        "iccid": fleet.world.sim(index).iccid,
        "timeStamp": show(fleet.world.now()),
        "cycleStartDate": show(since),
        "cycleEndDate": show(until - _TICK),
        "deviceCycleUsageInZones": _plans(fleet, index, query, (since, until), lower=lower),
    }


def cycle_asked(query: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """The cycle that `cycleStartDate` names, of the last three; without it, the running one."""
    this = cycle_of(now)
    if "cycleStartDate" not in query:
        return this
    last = cycle_of(this[0] - _TICK)
    before = cycle_of(last[0] - _TICK)
    day = day_asked(query["cycleStartDate"])
    for cycle in (this, last, before):
        if cycle[0].date() == day:
            return cycle
    raise Refusal("10000003", message="CycleStartDate must start one of the last three billing cycles.")


def days_asked(query: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """`startDate` and `endDate` as `YYYYMMDD`, the last one included, at most 30 days; by default this cycle.

    Raises:
        Refusal: 10000003 for a bad date, half a range or a longer one (the code is unverified).
    """
    if "startDate" not in query and "endDate" not in query:
        return cycle_of(now)[0], now
    if "startDate" not in query or "endDate" not in query:
        raise Refusal("10000003", message="StartDate and endDate are required together.")
    first, last = compact_day(query["startDate"]), compact_day(query["endDate"])
    if not timedelta() <= last - first <= _MONTH:
        raise Refusal("10000003", message="The date range cannot exceed 30 days.")
    since = datetime.combine(first, time(), tzinfo=UTC)
    return since, datetime.combine(last, time(), tzinfo=UTC) + timedelta(days=1)


def metrics(fleet: Fleet, index: int, query: Mapping[str, str]) -> dict[str, object]:
    """`GET /devices/{iccid}/usage`: a list of metrics, as one community integration reads it (unverified)."""
    since, until = days_asked(query, fleet.world.now())
    used = fleet.world.usage(index, since, until)
    values = {"data": used.total, "smo": used.sms_from, "smt": used.sms_to, "vmo": 0, "vmt": 0}
    wanted = query["metrics"].split(",") if "metrics" in query else list(values)
    if unknown := set(wanted) - values.keys():
        raise Refusal("10000902", message=f"Invalid value of metrics: {sorted(unknown)[0][:20]}.")
    return {
        "iccid": fleet.world.sim(index).iccid,
        "metrics": [
            {"metricType": name.upper(), "usage": values[name], "unit": _UNITS.get(name, "count")} for name in wanted
        ],
    }


_UNITS: Final = {"data": "bytes", "vmo": "seconds", "vmt": "seconds"}


def _plans(
    fleet: Fleet, index: int, query: Mapping[str, str], cycle: tuple[datetime, datetime], *, lower: bool
) -> dict[str, list[dict[str, object]]]:
    """Each plan the device was on during the cycle, with a row for each zone it used."""
    found: dict[str, list[dict[str, object]]] = {}
    for plan, since, until in _plan_spans(fleet, index, query, cycle):
        rows = [
            _zone_row(plan, zone, used, lower=lower)
            for zone, used in by_zone(fleet.world, index, since, until).items()
            if query.get("zone") in {None, zone}
        ]
        if rows:
            found.setdefault(f"{plan}, 1", []).extend(rows)
    return found


def _plan_spans(
    fleet: Fleet, index: int, query: Mapping[str, str], cycle: tuple[datetime, datetime]
) -> Iterator[tuple[str, datetime, datetime]]:
    current = fleet.rate_plan(index)
    for plan, since, until in fleet.rate_plans(index, *cycle):
        active = {"true": plan == current, "false": plan != current}
        if query.get("ratePlan") in {None, plan} and active.get(query.get("isActiveRatePlan", ""), True):
            yield plan, since, until


def _zone_row(plan: str, zone: str, used: Usage, *, lower: bool) -> dict[str, object]:
    row: dict[str, object] = {
        "ratePlan": plan,
        "ratePlanVersion": "1",
        "zone": zone,
        "dataUsage": used.total,
        "dataUsageUnit": "bytes",
        "voiceMTUsage": None,
        "voiceMTUsageUnit": None,
        "voiceMOUsage": None,
        "voiceMOUsageUnit": None,
    }
    messages = {"SMSMTUsage": used.sms_to, "SMSMOUsage": used.sms_from}
    return row | {(name.lower() if lower else name): count for name, count in messages.items()}


def _iso(moment: datetime) -> str:
    """`2018-09-26T03:02:18.393Z`, as in an answer quoted by a public client."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
