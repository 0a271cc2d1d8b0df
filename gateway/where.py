"""What a provider's list is narrowed by: the filters of the schema in one account's own terms.

An adapter hands on what its API can filter by; the rest is applied here with `matches`, so that an adapter that
hands on too little is slower but never wrong. Empty means: any.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schema.command import Command, CommandDirection, CommandStatus
from schema.event import SimEvent, SimEventType
from schema.fleet import Fleet
from schema.iccid import same_iccid
from schema.lifecycle import EsimProfile, EsimProfileStatus, SettingsUpdate, SettingsUpdateStatus
from schema.network import Network
from schema.session import DataSession
from schema.sim import Sim
from schema.status import SimStatus
from schema.usage import Granularity, UsageGroup

__all__ = [
    "CommandWhere",
    "EsimProfileWhere",
    "EventWhere",
    "FleetWhere",
    "NetworkWhere",
    "OfSim",
    "SessionWhere",
    "SettingsUpdateWhere",
    "SimWhere",
    "UsageWhere",
    "Where",
]


@dataclass(frozen=True)
class Where:
    """No condition at all; the root of the others."""

    def matches(self, item: Any) -> bool:  # Any: each kind of list has its own kind of thing
        """Whether a thing meets every condition."""
        return item is not None

    @property
    def conditions(self) -> frozenset[str]:
        """The names of the conditions that are set."""
        return frozenset(name for name, value in vars(self).items() if value not in (None, frozenset()))

    @property
    def choices(self) -> frozenset[str]:
        """The conditions that allow several values: no provider's filter takes more than one."""
        return frozenset(name for name, value in vars(self).items() if isinstance(value, frozenset) and len(value) > 1)


def _either(wanted: Any, found: Any) -> bool:  # Any: strings, enums and sets of enums alike
    if isinstance(wanted, frozenset):
        return not wanted or found in wanted
    return wanted is None or wanted == found


@dataclass(frozen=True)
class SimWhere(Where):
    status: frozenset[SimStatus] = frozenset()
    fleet_id: str | None = None
    rate_plan_id: str | None = None
    iccids: frozenset[str] = frozenset()
    name: str | None = None

    def matches(self, item: Sim) -> bool:
        return (
            _either(self.status, item.status)
            and _either(self.fleet_id, item.fleet_id)
            and _either(self.rate_plan_id, item.rate_plan_id)
            and _either(self.name, item.name)
            and (not self.iccids or any(same_iccid(item.iccid, iccid) for iccid in self.iccids))
        )


@dataclass(frozen=True)
class OfSim(Where):
    """The things of one SIM that need no other condition: its IP addresses, its billing periods."""

    sim_id: str


@dataclass(frozen=True)
class SessionWhere(Where):
    """Sessions of one SIM that overlap [since, until)."""

    sim_id: str
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, item: DataSession) -> bool:
        if self.since and item.ended_at and item.ended_at < self.since:
            return False
        return not (self.until and item.started_at and item.started_at >= self.until)


@dataclass(frozen=True)
class FleetWhere(Where):
    network_access_profile_id: str | None = None
    name: str | None = None

    def matches(self, item: Fleet) -> bool:
        return _either(self.network_access_profile_id, item.network_access_profile_id) and _either(self.name, item.name)


@dataclass(frozen=True)
class CommandWhere(Where):
    """`since`: only those that were made or have changed since; an adapter that cannot say it gives more."""

    sim_id: str | None = None
    status: frozenset[CommandStatus] = frozenset()
    direction: CommandDirection | None = None
    since: datetime | None = None

    def matches(self, item: Command) -> bool:
        return (
            _either(self.sim_id, item.sim_id)
            and _either(self.status, item.status)
            and _either(self.direction, item.direction)
        )


@dataclass(frozen=True)
class EventWhere(Where):
    sim_id: str | None = None
    types: frozenset[SimEventType] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, item: SimEvent) -> bool:
        if self.since and item.occurred_at < self.since:
            return False
        if self.until and item.occurred_at >= self.until:
            return False
        return _either(self.sim_id, item.sim_id) and _either(self.types, item.type)


@dataclass(frozen=True)
class NetworkWhere(Where):
    """`profile_id` asks for the networks of one access profile; `country` is alpha-2."""

    profile_id: str | None = None
    country: str | None = None
    mcc: str | None = None
    mnc: str | None = None

    def matches(self, item: Network) -> bool:
        if not _either(self.country, item.country):
            return False
        if self.mcc is None and self.mnc is None:
            return True
        return any(_either(self.mcc, each.mcc) and _either(self.mnc, each.mnc) for each in item.identifiers)


@dataclass(frozen=True)
class EsimProfileWhere(Where):
    eid: str | None = None
    sim_id: str | None = None
    status: frozenset[EsimProfileStatus] = frozenset()

    def matches(self, item: EsimProfile) -> bool:
        return _either(self.eid, item.eid) and _either(self.sim_id, item.sim_id) and _either(self.status, item.status)


@dataclass(frozen=True)
class SettingsUpdateWhere(Where):
    sim_id: str | None = None
    status: frozenset[SettingsUpdateStatus] = frozenset()

    def matches(self, item: SettingsUpdate) -> bool:
        return _either(self.sim_id, item.sim_id) and _either(self.status, item.status)


@dataclass(frozen=True)
class UsageWhere(Where):
    """Usage in [since, until); records by `group` and `granularity`. There is nothing to apply here: an adapter says
    all of it to its provider or raises Unsupported."""

    since: datetime
    until: datetime
    granularity: Granularity = Granularity.ALL
    group: UsageGroup | None = None
    sim_id: str | None = None
    fleet_id: str | None = None
    network_id: str | None = None
    country: str | None = None
