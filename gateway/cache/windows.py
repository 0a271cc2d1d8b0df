"""How long an answer is fresh, and how long it may be served afterwards when its provider cannot be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from gateway.cache.question import Question
from gateway.kinds import LISTS, LOADS
from gateway.page import Page
from gateway.where import UsageWhere
from schema.command import CommandStatus
from schema.lifecycle import EsimProfileStatus, SettingsUpdateStatus
from schema.status import SimStatus

__all__ = ["OF_OPERATION", "TYPES", "Window", "Windows"]

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0

FRESH: Mapping[str, float] = MappingProxyType(
    {
        "Sim": MINUTE,
        "PendingSim": 5.0,
        "Fleet": 5 * MINUTE,
        "RatePlan": 10 * MINUTE,
        "DataSession": 15.0,
        "ClosedDataSession": 6 * HOUR,
        "UsageRecord": MINUTE,
        "ClosedUsageRecord": DAY,
        "ZoneUsage": 5 * MINUTE,
        "Command": 5.0,
        "FinishedCommand": HOUR,
        "SimEvent": 10.0,
        "Network": DAY,
        "NetworkAccessProfile": 5 * MINUTE,
        "EsimProfile": MINUTE,
        "PendingEsimProfile": 10.0,
        "SettingsUpdate": 30.0,
        "FinishedSettingsUpdate": HOUR,
        "BillingPeriod": HOUR,
        "IpAddress": 5 * MINUTE,
        "Missing": 15.0,
    }
)
"""Seconds by type. `Missing` is the answer that there is no such thing; what is pending is about to change."""

STALE = DAY
"""Seconds that an answer of any type may be served from the moment it was given, where nothing newer can be had."""

TYPES: tuple[str, ...] = tuple(FRESH)
"""What a window can be set for."""

SETTLED = timedelta(hours=3)
"""After the end of a span its usage no longer grows: providers tell records of an hour within the next ones."""

_FINISHED_COMMANDS = frozenset({CommandStatus.DELIVERED, CommandStatus.FAILED, CommandStatus.RECEIVED})
_UNFINISHED_PROFILES = frozenset({EsimProfileStatus.NEW, EsimProfileStatus.RESERVING})
_FINISHED_UPDATES = frozenset({SettingsUpdateStatus.SUCCESSFUL, SettingsUpdateStatus.FAILED})

OF_OPERATION: Mapping[str, str] = {
    **{operation: kind.__name__ for kind, operation in LOADS.items()},
    **{operation: kind.__name__ for kind, operations in LISTS.items() for operation in operations},
    "load_sms_command": "Command",
    "load_ip_command": "Command",
    "load_profile_network": "Network",
    "list_profile_networks": "Network",
    "load_cycle_usage": "UsageRecord",
    "list_usage": "UsageRecord",
    "list_zone_usage": "ZoneUsage",
    "find_sim_by_iccid": "Sim",
    "find_sim_by_device": "Sim",
}
"""What an operation answers with, by the name of its window."""


@dataclass(frozen=True)
class Window:
    """Seconds from the moment an answer was given: how long it is fresh, and how long it may be served at all."""

    fresh: float
    stale: float


@dataclass(frozen=True)
class Windows:
    """The windows of one account: what its configuration says, else the defaults above."""

    fresh: Mapping[str, float] = field(default_factory=dict)
    stale: Mapping[str, float] = field(default_factory=dict)

    def of(self, question: Question, answer: object, now: datetime) -> Window:
        """The window of an answer just given."""
        if answer is None:
            fresh = self._fresh("Missing")
            return Window(fresh, fresh)
        return self._named(_name(question, answer, now))

    def of_thing(self, thing: object) -> Window:
        """The window of one thing, whichever answer it came in."""
        return self._named(_of_thing(_type_name(thing), thing))

    def _named(self, name: str) -> Window:
        fresh = self._fresh(name)
        return Window(fresh, max(fresh, self.stale.get(name, STALE)))

    def _fresh(self, name: str) -> float:
        return self.fresh.get(name, FRESH[name])


def _name(question: Question, answer: object, now: datetime) -> str:
    name = OF_OPERATION[question.operation]
    where = question.args[0] if question.args else None
    if isinstance(where, UsageWhere):
        return _closed(name, where.until, now)
    if isinstance(answer, Page):
        return _of_list(name, where, answer.items, now)
    return _of_thing(name, answer)


def _of_list(name: str, where: object, items: Sequence[object], now: datetime) -> str:
    """A list is as old as the things in it that change soonest; one to which nothing can be added any more changes only
    as they do."""
    pending = f"Pending{name}"
    if pending in FRESH and any(_of_thing(name, item) == pending for item in items):
        return pending
    until = getattr(where, "until", None)
    if until is None or name != "DataSession" or until > now - SETTLED:
        return name
    names = {_of_thing(name, item) for item in items}
    return "ClosedDataSession" if names <= {"ClosedDataSession"} else name


def _closed(name: str, until: datetime, now: datetime) -> str:
    return f"Closed{name}" if until.astimezone(UTC) <= now - SETTLED else name


def _of_thing(name: str, thing: Any) -> str:  # Any: each type has its own way of being at its end
    if name == "DataSession" and thing.active is False and thing.ended_at is not None:
        return "ClosedDataSession"
    if name == "Sim" and thing.status is SimStatus.PENDING:
        return "PendingSim"
    if name == "EsimProfile" and thing.status in _UNFINISHED_PROFILES:
        return "PendingEsimProfile"
    if name == "Command" and thing.status in _FINISHED_COMMANDS:
        return "FinishedCommand"
    if name == "SettingsUpdate" and thing.status in _FINISHED_UPDATES:
        return "FinishedSettingsUpdate"
    return name


def _type_name(thing: object) -> str:
    name = type(thing).__name__
    return "Command" if name.endswith("Command") else name
