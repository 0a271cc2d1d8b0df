"""The newer report over the whole account: usage by carrier, country, rate plan and rating zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.providers.cisco_control_center.simulator.dates import cycle_of
from gateway.providers.cisco_control_center.simulator.fleet import Fleet
from gateway.providers.cisco_control_center.simulator.refusal import Refusal
from gateway.providers.cisco_control_center.simulator.search import page_asked
from gateway.providers.cisco_control_center.simulator.usage import days_asked
from gateway.providers.cisco_control_center.simulator.zones import zone_of
from gateway.simulation.records import Usage
from gateway.simulation.world import Operator

__all__ = ["account_usage"]

_GROUPS: Final = ("carrier", "country", "ratePlan", "ratingZone")
_METRICS: Final = ("data", "sms", "voice", "smt", "smo", "vmo", "vmt")
_Part = tuple[Operator, str, Usage]


def account_usage(fleet: Fleet, query: Mapping[str, str]) -> dict[str, object]:
    """`GET /dynareport/acct/usage`. The parameters are documented, the answer is our guess (unverified).

    Raises:
        Refusal: 10000902 for an unknown group or metric, 10000003 for the dates.
    """
    groups, metrics = _list(query, "groupBy", _GROUPS), _list(query, "metrics", _METRICS)
    since, until = _span(query, fleet.world.now())
    rows: dict[tuple[str, ...], Usage] = {}
    for operator, plan, usage in _parts(fleet, since, until):
        names = _names(operator, plan)
        key = tuple(names[group] for group in groups)
        rows[key] = rows.get(key, Usage()).plus(usage)
    size, number = page_asked(query)
    ordered = sorted(rows.items(), key=lambda item: (-item[1].total, item[0]))
    shown = ordered[(number - 1) * size : number * size]
    return {
        "accountId": fleet.value(0, "accountId"),
        "pageNumber": number,
        "lastPage": number * size >= len(ordered),
        "usage": [{**dict(zip(groups, key, strict=True)), **_amounts(usage, metrics)} for key, usage in shown],
    }


def _list(query: Mapping[str, str], name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """A comma list; without one, every metric but no group."""
    text = query.get(name)
    if not text:
        return known if name == "metrics" else ()
    words = tuple(text.split(","))
    if set(words) - set(known):
        raise Refusal("10000902", message=f"Invalid value of {name}.")
    return words


def _span(query: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """`billingCycle` as `YYYYMM`, or days as in `days_asked`."""
    text = query.get("billingCycle")
    if text is None:
        return days_asked(query, now)
    if not (text.isascii() and text.isdecimal() and len(text) == 6 and 1 <= int(text[4:]) <= 12):
        raise Refusal("10000003", message="BillingCycle must have the format YYYYMM.")
    if not 2000 <= int(text[:4]) <= now.year + 1:
        raise Refusal("10000003", message="BillingCycle is out of range.")
    return cycle_of(datetime(int(text[:4]), int(text[4:]), 1, tzinfo=UTC) + timedelta(hours=1))


def _parts(fleet: Fleet, since: datetime, until: datetime) -> Iterator[_Part]:
    """Usage of the account in parts that have one network and one plan each.

    Devices nobody edited share their world's pattern and differ by weight only: one stands for all.
    """
    world = fleet.world
    for number in range(min(world.patterns, world.sims)):
        alike = [index for index in range(number, world.sims, world.patterns) if not fleet.changed(index)]
        for index in range(number, world.sims, world.patterns):
            if fleet.changed(index):
                yield from _device_parts(fleet, index, since, until)
        if alike:
            weight = sum(world.weight(index) for index in alike)
            for operator, plan, usage in _device_parts(fleet, alike[0], since, until):
                yield operator, plan, _times(usage, weight, world.weight(alike[0]), len(alike))


def _device_parts(fleet: Fleet, index: int, since: datetime, until: datetime) -> Iterator[_Part]:
    for plan, first, last in fleet.rate_plans(index, since, until):
        for operator, usage in fleet.world.data_by_operator(index, first, last).items():
            yield operator, plan, usage
        whole = fleet.world.usage(index, first, last)
        if whole.sms_to or whole.sms_from:
            home = fleet.world.pattern(index).home
            yield home, plan, Usage(0, 0, whole.sms_to, whole.sms_from)


def _times(usage: Usage, weight: int, own: int, devices: int) -> Usage:
    """What many devices used, from one of them: bytes by weight, messages by number."""
    return Usage(
        usage.up * weight // own,
        usage.down * weight // own,
        usage.sms_to * devices,
        usage.sms_from * devices,
    )


def _names(operator: Operator, plan: str) -> dict[str, str]:
    return {
        "carrier": operator.name,
        "country": operator.country,
        "ratePlan": plan,
        "ratingZone": zone_of(operator),
    }


def _amounts(usage: Usage, metrics: tuple[str, ...]) -> dict[str, int]:
    amounts = {
        "data": usage.total,
        "sms": usage.sms_to + usage.sms_from,
        "smt": usage.sms_to,
        "smo": usage.sms_from,
    }
    return {name: amounts.get(name, 0) for name in metrics}
