"""What a provider can be asked; what it can be told to change is in `gateway.writing`. An adapter overrides the
operations its API has; the rest refuse.

Every operation is about one account and is given that account's native ids. It returns the domain types of `schema`
without `account_name` and `as_of`, which are filled in where the answer is received. `None` means: there is no such
thing. A list operation takes a `Where` and a `PageRequest`; conditions it cannot say and that cannot be told from
its rows make it raise Unsupported, before any call.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from gateway.operation import NO_SUCH_OPERATION, QUESTIONS, WRITES, operation
from gateway.page import Page, PageRequest
from gateway.upstream.client import Client
from gateway.where import (
    CommandWhere,
    EsimProfileWhere,
    EventWhere,
    FleetWhere,
    NetworkWhere,
    OfSim,
    SessionWhere,
    SettingsUpdateWhere,
    SimWhere,
    UsageWhere,
    Where,
)
from gateway.writing import Writing
from schema.account import Capability
from schema.command import IpCommand, SmsCommand
from schema.event import SimEvent
from schema.fleet import Fleet
from schema.lifecycle import BillingPeriod, EsimProfile, SettingsUpdate
from schema.network import IpAddress, Network, NetworkAccessProfile
from schema.rate_plan import RatePlan
from schema.session import DataSession
from schema.sim import Sim
from schema.usage import UsageRecord, ZoneUsage

__all__ = ["OPERATIONS", "Provider"]


class Provider(Writing):
    """One account at one provider, as the gateway asks it."""

    page_size: ClassVar[int]
    """The most rows one list call may ask for."""

    page_sizes: Mapping[str, int] = {}
    """The same for operations that differ."""

    filters: ClassVar[Mapping[str, frozenset[str]]] = {}
    """Conditions that the provider itself applies, by operation. The others are applied here, over larger pages."""

    absent_usage_is_zero: ClassVar[bool] = True
    """Whether a SIM that a usage list leaves out used nothing; where false, its usage is unknown."""

    has_partial_rows: ClassVar[bool] = False
    """Whether `list_sims` tells only some fields of a SIM, the others being a call for each."""

    calls: ClassVar[Mapping[str, int]] = {}
    """HTTP calls that one operation takes, at most, where it is more than one."""

    def __init__(self, client: Client, now: Callable[[], datetime]) -> None:
        self.client = client
        self.now = now

    @classmethod
    def supports(cls, operation: str) -> bool:
        """Whether this provider has the operation: whether the adapter overrides it."""
        return getattr(cls, operation) is not getattr(Provider, operation)

    @classmethod
    def capabilities(cls) -> list[Capability]:
        """Every operation, and whether this provider has it."""
        return [
            Capability(operation=name, supported=True, note=cls.notes.get(name))
            if cls.supports(name)
            else Capability(operation=name, supported=False, note=cls.notes.get(name, NO_SUCH_OPERATION))
            for name in OPERATIONS
        ]

    def most_rows(self, operation: str) -> int:
        """The most rows one call of a list operation may ask for."""
        return self.page_sizes.get(operation, self.page_size)

    def calls_for(self, operation: str) -> int:
        """HTTP calls that asking this once takes, at most."""
        return self.calls.get(operation, 1)

    def leaves_some(self, operation: str, where: Where) -> bool:
        """Whether conditions remain that the provider will not apply, so that larger pages are worth their bytes.

        No provider's filter takes several values, and a word of ours may stand for several of theirs.
        """
        return bool(where.conditions - (self.filters.get(operation, frozenset()) - where.choices))

    def usage_span(self, where: UsageWhere) -> timedelta | None:
        """The longest span one `list_usage` call may cover; None where there is no limit."""
        del where
        return None

    # --- by id -------------------------------------------------------------------------------------------------

    @operation
    async def load_sim(self, native_id: str) -> Sim | None:
        """One SIM with every field the provider can tell."""
        raise self.lacks("load_sim")

    @operation
    async def find_sim_by_iccid(self, iccid: str) -> Sim | None:
        """The SIM with exactly these digits."""
        raise self.lacks("find_sim_by_iccid")

    @operation
    async def find_sim_by_device(self, device_id: str) -> Sim | None:
        """The SIM linked to a device of the provider's device registry."""
        raise self.lacks("find_sim_by_device")

    @operation
    async def load_fleet(self, native_id: str) -> Fleet | None:
        """One fleet."""
        raise self.lacks("load_fleet")

    @operation
    async def load_rate_plan(self, native_id: str) -> RatePlan | None:
        """One rate plan."""
        raise self.lacks("load_rate_plan")

    @operation
    async def load_sms_command(self, native_id: str) -> SmsCommand | None:
        """One SMS command."""
        raise self.lacks("load_sms_command")

    @operation
    async def load_ip_command(self, native_id: str) -> IpCommand | None:
        """One IP command."""
        raise self.lacks("load_ip_command")

    @operation
    async def load_network(self, native_id: str) -> Network | None:
        """One network."""
        raise self.lacks("load_network")

    @operation
    async def load_network_access_profile(self, native_id: str) -> NetworkAccessProfile | None:
        """One network access profile."""
        raise self.lacks("load_network_access_profile")

    @operation
    async def load_profile_network(self, profile_id: str, network_id: str) -> Network | None:
        """One network, if the access profile allows it."""
        raise self.lacks("load_profile_network")

    @operation
    async def load_esim_profile(self, native_id: str) -> EsimProfile | None:
        """One eSIM profile."""
        raise self.lacks("load_esim_profile")

    @operation
    async def load_cycle_usage(self, sim_id: str) -> UsageRecord | None:
        """A SIM's usage in the running billing cycle."""
        raise self.lacks("load_cycle_usage")

    # --- lists -------------------------------------------------------------------------------------------------

    @operation
    async def list_sims(self, where: SimWhere, page: PageRequest) -> Page[Sim]:
        """SIMs of the account; `is_complete` false where the rows tell only some fields."""
        raise self.lacks("list_sims")

    @operation
    async def list_fleets(self, where: FleetWhere, page: PageRequest) -> Page[Fleet]:
        """Fleets of the account."""
        raise self.lacks("list_fleets")

    @operation
    async def list_rate_plans(self, where: Where, page: PageRequest) -> Page[RatePlan]:
        """Rate plans of the account."""
        raise self.lacks("list_rate_plans")

    @operation
    async def list_sessions(self, where: SessionWhere, page: PageRequest) -> Page[DataSession]:
        """Data sessions of one SIM. `native_id` is `sim/session`."""
        raise self.lacks("list_sessions")

    @operation
    async def list_usage(self, where: UsageWhere, page: PageRequest) -> Page[UsageRecord]:
        """Usage in a span, in the asked groups and granularity, rows only where there was usage."""
        raise self.lacks("list_usage")

    @operation
    async def list_zone_usage(self, where: OfSim, page: PageRequest) -> Page[ZoneUsage]:
        """A SIM's usage by rating zone in the running billing cycle."""
        raise self.lacks("list_zone_usage")

    @operation
    async def list_sms_commands(self, where: CommandWhere, page: PageRequest) -> Page[SmsCommand]:
        """SMS commands of the account."""
        raise self.lacks("list_sms_commands")

    @operation
    async def list_ip_commands(self, where: CommandWhere, page: PageRequest) -> Page[IpCommand]:
        """IP commands of the account."""
        raise self.lacks("list_ip_commands")

    @operation
    async def list_events(self, where: EventWhere, page: PageRequest) -> Page[SimEvent]:
        """Events of the account, or of one SIM with all their details."""
        raise self.lacks("list_events")

    @operation
    async def list_networks(self, where: NetworkWhere, page: PageRequest) -> Page[Network]:
        """Networks the provider knows."""
        raise self.lacks("list_networks")

    @operation
    async def list_network_access_profiles(self, where: Where, page: PageRequest) -> Page[NetworkAccessProfile]:
        """Network access profiles of the account."""
        raise self.lacks("list_network_access_profiles")

    @operation
    async def list_profile_networks(self, where: NetworkWhere, page: PageRequest) -> Page[Network]:
        """The networks one access profile allows: `where.profile_id`."""
        raise self.lacks("list_profile_networks")

    @operation
    async def list_esim_profiles(self, where: EsimProfileWhere, page: PageRequest) -> Page[EsimProfile]:
        """eSIM profiles of the account."""
        raise self.lacks("list_esim_profiles")

    @operation
    async def list_settings_updates(self, where: SettingsUpdateWhere, page: PageRequest) -> Page[SettingsUpdate]:
        """Settings updates of the account. `native_id` is `sim/update`."""
        raise self.lacks("list_settings_updates")

    @operation
    async def list_billing_periods(self, where: OfSim, page: PageRequest) -> Page[BillingPeriod]:
        """Billing periods of one SIM. `native_id` is `sim/period`."""
        raise self.lacks("list_billing_periods")

    @operation
    async def list_ip_addresses(self, where: OfSim, page: PageRequest) -> Page[IpAddress]:
        """IP addresses assigned to one SIM."""
        raise self.lacks("list_ip_addresses")


OPERATIONS = (*QUESTIONS, *WRITES)
"""Every operation's name: first what can be asked, then what can be changed."""
