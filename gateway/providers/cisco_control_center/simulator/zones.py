"""Rating zones: where usage is counted. Their names and borders are the simulated account's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gateway.simulation.records import Usage
from gateway.simulation.world import Operator, World

__all__ = ["ZONES", "by_zone", "zone_of"]

_AMERICAS: Final = frozenset({"US", "CA", "MX", "BR"})
_ELSEWHERE: Final = frozenset({"JP", "AU", "SG", "ZA"})
ZONES: Final = ("Zone 1 Europe", "Zone 2 Americas", "Zone 3 World")


def zone_of(operator: Operator) -> str:
    """The rating zone of a network."""
    if operator.country in _AMERICAS:
        return ZONES[1]
    return ZONES[2] if operator.country in _ELSEWHERE else ZONES[0]


def by_zone(world: World, index: int, since: datetime, until: datetime) -> Mapping[str, Usage]:
    """Bytes and messages of one device by zone; messages count in its home zone. Zones without usage are left out."""
    found: dict[str, Usage] = {}
    for operator, usage in world.data_by_operator(index, since, until).items():
        zone = zone_of(operator)
        found[zone] = found.get(zone, Usage()).plus(usage)
    whole = world.usage(index, since, until)
    if whole.sms_to or whole.sms_from:
        home = zone_of(world.pattern(index).home)
        messages = Usage(0, 0, whole.sms_to, whole.sms_from)
        found[home] = found.get(home, Usage()).plus(messages)
    return found
