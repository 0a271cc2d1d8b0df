"""The SIM, and everything that can be asked about it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry import Private

from schema.command import Command
from schema.connection import DEFAULT_FIRST, AfterArg, Connection, FirstArg, PageArgs
from schema.context import Answers, Context
from schema.errors import GatewayError
from schema.event import SimEvent, SimEventType
from schema.fleet import Fleet
from schema.ids import Key
from schema.lifecycle import BillingPeriod, EsimProfile, SettingsUpdate
from schema.network import IpAddress, NetworkRef
from schema.node import Entity
from schema.rate_plan import RatePlan
from schema.relation import detail, fact, relation
from schema.scalars import JSON, BigInt
from schema.session import DataSession
from schema.status import SimStatus, SimTarget
from schema.usage import Granularity, UsageRecord, UsageSpan, ZoneUsage

__all__ = ["EventArgs", "SessionArgs", "Sim"]


@dataclass(frozen=True)
class SessionArgs(PageArgs):
    since: Annotated[
        dt.datetime | None,
        strawberry.argument(description="Only sessions that were open at or after this moment."),
    ] = None
    until: Annotated[
        dt.datetime | None, strawberry.argument(description="Only sessions that began before this moment.")
    ] = None
    first: FirstArg = DEFAULT_FIRST
    after: AfterArg = None


@dataclass(frozen=True)
class EventArgs(PageArgs):
    type: Annotated[SimEventType | None, strawberry.argument(description="Only events of this type.")] = None


@dataclass(frozen=True)
class SinceUntil:
    since: Annotated[
        dt.datetime | None, strawberry.argument(description="First moment; default: this UTC month's.")
    ] = None
    until: Annotated[
        dt.datetime | None,
        strawberry.argument(description="The moment after the last; default: the next UTC month's first."),
    ] = None


def keys(sims: "Sequence[Sim]") -> list[Key]:
    return [sim.key for sim in sims]


async def _fleet_of(sims: list[Any], _args: None, ctx: Context) -> Answers[Fleet]:
    return await ctx.load(Fleet, [Key(sim.account_name, sim.fleet_id or "") for sim in sims])


async def _rate_plan_of(sims: list[Any], _args: None, ctx: Context) -> Answers[RatePlan]:
    return await ctx.load(RatePlan, [Key(sim.account_name, sim.rate_plan_id or "") for sim in sims])


async def _ip_addresses_of(sims: list[Any], _args: None, ctx: Context) -> Answers[list[IpAddress]]:
    return await ctx.all_of(IpAddress, keys(sims))


async def _current_session_of(sims: list[Any], _args: None, ctx: Context) -> Answers[DataSession]:
    return await ctx.current_sessions_of(keys(sims))


async def _sessions_of(sims: list[Any], args: SessionArgs, ctx: Context) -> Answers[Connection[DataSession]]:
    return await ctx.pages_of(DataSession, keys(sims), args)


async def _usage_of(sims: list[Any], args: UsageSpan, ctx: Context) -> Answers[list[UsageRecord]]:
    return await ctx.usage_of(keys(sims), args)


async def _data_used_by(sims: list[Any], args: SinceUntil, ctx: Context) -> Answers[int]:
    answers = await ctx.usage_of(keys(sims), UsageSpan(args.since, args.until, Granularity.ALL))
    return [answer[0].bytes_total if isinstance(answer, list) and answer else _not_a_list(answer) for answer in answers]


def _not_a_list(answer: list[UsageRecord] | GatewayError | None) -> GatewayError | None:
    return answer if isinstance(answer, GatewayError) else None


async def _cycle_usage_of(sims: list[Any], _args: None, ctx: Context) -> Answers[UsageRecord]:
    return await ctx.cycle_usage_of(keys(sims))


async def _zone_usage_of(sims: list[Any], _args: None, ctx: Context) -> Answers[list[ZoneUsage]]:
    return await ctx.zone_usage_of(keys(sims))


async def _commands_of(sims: list[Any], args: PageArgs, ctx: Context) -> Answers[Connection[Command]]:
    return await ctx.pages_of(Command, keys(sims), args)


async def _events_of(sims: list[Any], args: EventArgs, ctx: Context) -> Answers[Connection[SimEvent]]:
    return await ctx.pages_of(SimEvent, keys(sims), args)


async def _billing_periods_of(sims: list[Any], _args: None, ctx: Context) -> Answers[list[BillingPeriod]]:
    return await ctx.all_of(BillingPeriod, keys(sims))


async def _esim_profile_of(sims: list[Any], _args: None, ctx: Context) -> Answers[EsimProfile]:
    return await ctx.esim_profiles_of(keys(sims))


async def _settings_updates_of(sims: list[Any], args: PageArgs, ctx: Context) -> Answers[Connection[SettingsUpdate]]:
    return await ctx.pages_of(SettingsUpdate, keys(sims), args)


@strawberry.type(description="A subscriber identity module at one provider.")
class Sim(Entity):
    fleet_id: Private[str | None] = None
    rate_plan_id: Private[str | None] = None
    is_complete: Private[bool] = True
    """False in a list that tells only some fields; the others are asked for when a query wants them."""

    iccid: str | None = fact("Its ICCID as the provider writes it, 19 or 20 digits.")
    imsi: str | None = detail("Its IMSI.")
    msisdn: str | None = detail("Its telephone number.")
    eid: str | None = detail("The EID of the eUICC it lives on.")
    imei: str | None = detail("The IMEI of the device it was last seen in.")
    name: str | None = detail("The account's own name for it.")
    status: SimStatus = detail(
        "Where it is in its life. Never fails: UNKNOWN where it cannot be told.", SimStatus.UNKNOWN
    )
    native_status: str | None = detail("The same in the provider's word.")
    allowed_transitions: list[SimTarget] = strawberry.field(
        description="The statuses the provider would let it take from here, as far as its rules are known. Where "
        "several of its own words mean one (Cisco: READY, TERMINATED), a change names the word as `nativeStatus`.",
        default_factory=list,
    )
    device_id: str | None = detail("The id of the device it is linked to.")
    device_name: str | None = detail("The name of that device.")
    fleet: Fleet | None = relation(_fleet_of, "The fleet it is in.")
    rate_plan: RatePlan | None = relation(_rate_plan_of, "The rate plan it is on.")
    created_at: dt.datetime | None = detail("When the account got it.")
    activated_at: dt.datetime | None = detail("When it was first activated.")
    updated_at: dt.datetime | None = detail("When it was last changed.")
    ip_addresses: list[IpAddress] | None = relation(_ip_addresses_of, "The IP addresses assigned to it.")
    current_network: NetworkRef | None = detail("The network it is in, where the provider tells without a session.")
    current_session: DataSession | None = relation(
        _current_session_of,
        "The open session or, failing that, the latest. Null also where a provider keeps no sessions.",
    )
    sessions: Connection[DataSession] | None = relation(
        _sessions_of, "Its data sessions, as far back as the provider keeps them.", SessionArgs
    )
    usage: list[UsageRecord] | None = relation(
        _usage_of,
        "Its usage in [since, until). Without usage: one record of zeros for ALL, none for HOUR and DAY.",
        UsageSpan,
    )
    cycle_usage: UsageRecord | None = relation(
        _cycle_usage_of, "Its usage in the provider's own running billing cycle, where there is one."
    )
    zone_usage: list[ZoneUsage] | None = relation(
        _zone_usage_of, "Its usage in the running billing cycle by the provider's rating zones."
    )
    data_used: BigInt | None = relation(
        _data_used_by, "Bytes both ways in [since, until). Null is unknown, 0 is none.", SinceUntil
    )
    commands: Connection[Command] | None = relation(_commands_of, "Commands to and from its device.", PageArgs)
    events: Connection[SimEvent] | None = relation(_events_of, "What happened to it, newest first.", EventArgs)
    billing_periods: list[BillingPeriod] | None = relation(_billing_periods_of, "For when it is or was charged.")
    esim_profile: EsimProfile | None = relation(_esim_profile_of, "The eSIM profile it came from.")
    settings_updates: Connection[SettingsUpdate] | None = relation(
        _settings_updates_of, "Over-the-air updates of its settings.", PageArgs
    )
    extra: JSON | None = detail("What only this provider has, under the provider's own names.")
