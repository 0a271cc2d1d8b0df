"""Usage: bytes, messages and costs over a span, for one SIM or added up."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Private

from schema.context import Answers, Context
from schema.filters import AccountFilter
from schema.fleet import Fleet
from schema.ids import Key
from schema.lifecycle import LazySim
from schema.network import Network
from schema.relation import computed, fact, relation
from schema.scalars import BigInt

if TYPE_CHECKING:
    from schema.account import Account
    from schema.sim import Sim

__all__ = [
    "Granularity",
    "Money",
    "Roaming",
    "RoamingUsage",
    "UsageFilter",
    "UsageGroup",
    "UsageRecord",
    "UsageSpan",
    "ZoneUsage",
]


@strawberry.enum(description="How finely a span is divided, in UTC.")
class Granularity(Enum):
    HOUR = strawberry.enum_value("HOUR", description="A record for each hour with usage.")
    DAY = strawberry.enum_value("DAY", description="A record for each UTC day with usage.")
    ALL = strawberry.enum_value("ALL", description="One record for the whole span.")


@strawberry.enum(description="What usage is added up by.")
class UsageGroup(Enum):
    SIM = strawberry.enum_value("SIM", description="A record for each SIM with usage or fees.")
    FLEET = strawberry.enum_value("FLEET", description="A record for each fleet with usage.")
    NETWORK = strawberry.enum_value("NETWORK", description="A record for each network with usage.")
    COUNTRY = strawberry.enum_value("COUNTRY", description="A record for each country, over all accounts.")
    ACCOUNT = strawberry.enum_value("ACCOUNT", description="A record for each account.")


@strawberry.type(description="An amount of money. Amounts of different currencies are never added.")
class Money:
    amount: Decimal = strawberry.field(description="The amount in units of the currency.")
    currency: str | None = fact("ISO 4217 code; null where the provider does not say.")


@strawberry.enum(description="Where usage happened, seen from the SIM's home.")
class Roaming(Enum):
    HOME = strawberry.enum_value("HOME", description="In the home network.")
    NATIONAL = strawberry.enum_value("NATIONAL", description="Roaming in the home country.")
    INTERNATIONAL = strawberry.enum_value("INTERNATIONAL", description="Roaming abroad.")


@strawberry.type(description="The part of a record that was used at home, roaming at home, or abroad.")
class RoamingUsage:
    roaming: Roaming = strawberry.field(description="Where.")
    country: str | None = fact("ISO 3166-1 alpha-2 country code, when abroad and told.")
    bytes_up: BigInt | None = fact("Bytes sent by devices.")
    bytes_down: BigInt | None = fact("Bytes received by devices.")
    bytes_total: BigInt | None = fact("Bytes both ways.")
    sms_to_sim: int | None = fact("Commands sent to devices.")
    sms_from_sim: int | None = fact("Commands received from devices.")
    sms_total: int | None = fact("Commands both ways.")


async def _fleet_of(records: list[Any], _args: None, ctx: Context) -> Answers[Fleet]:
    return await ctx.load(Fleet, [record.part("fleet_id") for record in records])


async def _network_of(records: list[Any], _args: None, ctx: Context) -> Answers[Network]:
    return await ctx.load(Network, [record.part("network_id") for record in records])


async def _sim_of(records: list[Any], _args: None, ctx: Context) -> "Answers[Sim]":
    from schema.sim import Sim  # noqa: PLC0415  Sim's module needs UsageRecord

    return await ctx.load(Sim, [record.part("sim_id") for record in records])


@strawberry.type(
    description="Usage over [periodStart, periodEnd); sums may span accounts. A value that one part of a sum does not "
    "know is null for the whole. A span a provider cannot represent is UNSUPPORTED, never another span."
)
class UsageRecord:
    account_names: Private[tuple[str, ...]] = ()
    sim_id: Private[str | None] = None
    fleet_id: Private[str | None] = None
    network_id: Private[str | None] = None
    accounts: list[Annotated["Account", strawberry.lazy("schema.account")]] = computed(
        lambda root, ctx: [ctx.account(name) for name in root.account_names],
        "The accounts it was added up from.",
    )
    period_start: dt.datetime | None = fact("The first moment; null where the provider does not tell.")
    period_end: dt.datetime | None = fact("The moment after the last; null where the provider does not tell.")
    sim: LazySim | None = relation(_sim_of, "The SIM, for usage of one.")
    fleet: Fleet | None = relation(_fleet_of, "The fleet, for usage of one.")
    network: Network | None = relation(_network_of, "The network, for usage in one.")
    country: str | None = fact("ISO 3166-1 alpha-2 country code, for usage in one country.")
    bytes_up: BigInt | None = fact("Bytes sent by devices.")
    bytes_down: BigInt | None = fact("Bytes received by devices.")
    bytes_total: BigInt | None = fact("Bytes both ways.")
    sms_to_sim: int | None = fact("Messages sent to devices.")
    sms_from_sim: int | None = fact("Messages received from devices.")
    sms_total: int | None = fact("Messages both ways.")
    voice_seconds: int | None = fact("Seconds of calls.")
    session_count: int | None = fact("Data sessions.")
    costs: list[Money] | None = fact("What the usage costs, one amount per currency; null while billing lags behind.")
    fees: list[Money] | None = fact("Subscription fees of the span, one amount per currency, where the provider tells.")
    by_roaming: list[RoamingUsage] | None = fact("The same usage by where it happened, where the provider tells.")
    as_of: dt.datetime | None = fact(
        "When the provider gave it, the oldest part of a sum; null where no usage was told."
    )
    stale: bool = fact("True when it or a part of it is older than it should be; see `staleReason`.", False)
    stale_reason: str | None = fact("Why an old value was served, e.g. that the provider does not answer.")

    def part(self, name: str) -> Key:
        """The key of a thing the record is about; of nothing where it spans several."""
        native_id: str | None = getattr(self, name)
        account = self.account_names[0] if len(self.account_names) == 1 else ""
        return Key(account, native_id or "")


@strawberry.type(description="Usage of a SIM in one rating zone during a billing cycle.")
class ZoneUsage:
    zone: str | None = fact("The provider's name of the zone.")
    rate_plan: str | None = fact("The rate plan it was charged by.")
    rate_plan_version: str | None = fact("The version of that plan.")
    cycle_start: dt.datetime | None = fact("The cycle's first moment.")
    cycle_end: dt.datetime | None = fact("The cycle's last day, as the provider gives it.")
    bytes_total: BigInt | None = fact("Bytes both ways.")
    voice_seconds: int | None = fact("Seconds of calls.")
    sms_total: int | None = fact("Messages both ways.")
    as_of: dt.datetime | None = fact("When the provider gave it.")
    stale: bool = fact("True when it is older than it should be; see `staleReason`.", False)
    stale_reason: str | None = fact("Why an old value was served, e.g. that the provider does not answer.")


@dataclass(frozen=True)
class UsageSpan:
    """The arguments of a SIM's usage: [since, until), by default the running UTC month."""

    since: Annotated[
        dt.datetime | None, strawberry.argument(description="First moment; default: this UTC month's.")
    ] = None
    until: Annotated[
        dt.datetime | None,
        strawberry.argument(description="The moment after the last; default: the next UTC month's first."),
    ] = None
    granularity: Annotated[Granularity, strawberry.argument(description="How finely to divide it.")] = Granularity.ALL


@strawberry.input(description="Which usage, and how to add it up.")
class UsageFilter(AccountFilter):
    sim_id: strawberry.ID | None = fact("Usage of this SIM only.")
    fleet_id: strawberry.ID | None = fact("Usage of this fleet only.")
    network_id: strawberry.ID | None = fact("Usage in this network only.")
    country: str | None = fact("Usage in this country only: ISO 3166-1 alpha-2.")
    since: dt.datetime = strawberry.field(description="The first moment.")
    until: dt.datetime = strawberry.field(description="The moment after the last.")
    granularity: Granularity = fact("How finely to divide the span.", Granularity.ALL)
    group_by: UsageGroup | None = fact("What to add up by; without it, everything is one sum.")
