"""The questions one can start with."""

import asyncio
from typing import Annotated, Any, TypeVar, cast

import strawberry
from strawberry.types import Info

from schema.account import Account
from schema.bulk import BulkQuery
from schema.command import Command, IpCommand, SmsCommand
from schema.connection import DEFAULT_FIRST, AfterArg, Connection, FirstArg
from schema.context import Context
from schema.errors import Conflict, GatewayError, Invalid
from schema.event import SimEvent
from schema.filters import (
    CommandFilter,
    EsimProfileFilter,
    EventFilter,
    FleetFilter,
    NetworkAccessProfileFilter,
    NetworkFilter,
    RatePlanFilter,
    SettingsUpdateFilter,
    SimBy,
    SimFilter,
)
from schema.fleet import Fleet
from schema.ids import GlobalId, decode_id, encode_id, shown
from schema.lifecycle import BillingPeriod, EsimProfile, SettingsUpdate
from schema.network import Network, NetworkAccessProfile
from schema.node import Node
from schema.rate_plan import RatePlan
from schema.session import DataSession
from schema.sim import Sim
from schema.usage import UsageFilter, UsageRecord

__all__ = ["NODE_TYPES", "Query"]

T = TypeVar("T")

NODE_TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Sim, DataSession, Fleet, SmsCommand, IpCommand, Network, NetworkAccessProfile, EsimProfile, SettingsUpdate,
        RatePlan, BillingPeriod,
    )
}  # fmt: skip
MAX_NODES = 100

IdArg = Annotated[strawberry.ID, strawberry.argument(description="A global id.")]
IdsArg = Annotated[list[strawberry.ID], strawberry.argument(description=f"Global ids, at most {MAX_NODES}.")]


def _context(info: Info) -> Context:
    return cast("Context", info.context)


async def _load(kind: type[T], wanted: GlobalId, ctx: Context) -> T | None:
    [answer] = await ctx.load(kind, [wanted.key])
    if isinstance(answer, GatewayError):
        raise answer
    return answer


async def _node(id_: str, ctx: Context) -> Any:  # Any: an interface's value is any of the types behind it
    [answer] = await _nodes([strawberry.ID(id_)], ctx)
    if isinstance(answer, GatewayError):
        raise answer
    return answer


async def _of_kind(kind: type[T], id_: str, ctx: Context) -> T | None:
    wanted = decode_id(id_)
    if wanted.kind != kind.__name__:
        raise Invalid(f"id: this is the id of a {wanted.kind}, not of a {kind.__name__}", path=["id"])
    return await _load(kind, wanted, ctx)


async def _nodes(ids: list[strawberry.ID], ctx: Context) -> list[Any]:
    """Each answer in its place; what could not be had is an error in its place, which spoils that item alone.

    Things of one kind are asked for together, so that many of them may be one list.
    """
    if len(ids) > MAX_NODES:
        raise Invalid(f"ids: at most {MAX_NODES}; found {len(ids)}", path=["ids"])
    answers: list[Any] = [_wanted(each) for each in ids]
    places: dict[str, list[int]] = {}
    for place, wanted in enumerate(answers):
        if isinstance(wanted, GlobalId):
            places.setdefault(wanted.kind, []).append(place)

    async def fill(kind: str) -> None:
        found = await _loaded(kind, [answers[place] for place in places[kind]], ctx)
        for place, answer in zip(places[kind], found, strict=True):
            answers[place] = answer

    await asyncio.gather(*(fill(kind) for kind in places))
    return answers


def _wanted(id_: str) -> GlobalId | Invalid:
    try:
        wanted = decode_id(id_)
    except Invalid as error:
        return error
    if wanted.kind in ("Account", "Job") or wanted.kind in NODE_TYPES:
        return wanted
    return Invalid(f"id: {shown(id_)} is not an id of this gateway", path=["id"])


async def _loaded(kind: str, wanted: list[GlobalId], ctx: Context) -> list[Any]:
    if kind == "Account":
        accounts = {account.name: account for account in ctx.accounts()}
        return [accounts.get(each.native_id) for each in wanted]
    if kind == "Job":
        return await ctx.jobs_by_id([each.native_id for each in wanted])
    return await ctx.load(NODE_TYPES[kind], [each.key for each in wanted])


async def _sim(by: SimBy, ctx: Context) -> Sim | None:
    if isinstance(by.id, str):
        return await _of_kind(Sim, by.id, ctx)
    found = await (ctx.sims_by_iccid(by.iccid) if isinstance(by.iccid, str) else ctx.sims_by_device(by.device_id or ""))
    if len(found) > 1:
        ids = ", ".join(encode_id(sim.account_name, "Sim", sim.native_id) for sim in found)
        raise Conflict(f"by: several accounts have it; ask by one of the ids {ids}", path=["by"])
    return found[0] if found else None


def _listing(kind: Any, filter_type: Any, description: str) -> Any:  # Any: the field's own annotation says the type
    """A root list over accounts: `filter`, `first`, `after`."""

    async def resolver(
        info: Info, filter: Any = None, first: int | None = DEFAULT_FIRST, after: str | None = None
    ) -> Any:
        return await _context(info).page(kind, filter or filter_type(), first, after)

    narrowed = Annotated[
        filter_type | None, strawberry.argument(description="Narrows the list; everything by default.")
    ]
    resolver.__annotations__ |= {"filter": narrowed, "first": FirstArg, "after": AfterArg}
    return strawberry.field(resolver=resolver, description=description)


@strawberry.type(
    description="Everything that can be asked. Every field that may need a provider is nullable, so that one failure "
    "spoils one field and no more."
)
class Query(BulkQuery):
    @strawberry.field(description="Anything by its id; null where there is none.")
    async def node(self, info: Info, id: IdArg) -> Node | None:
        return cast("Node | None", await _node(id, _context(info)))

    @strawberry.field(description="Several things by id, in the order asked; null where there is none.")
    async def nodes(self, info: Info, ids: IdsArg) -> list[Node | None] | None:
        return await _nodes(ids, _context(info))

    @strawberry.field(
        description="One SIM, by id, by ICCID (asked of every account that could hold it, at once) or by its device. "
        "Null where no account has it; UNAVAILABLE where none has it but one could not be asked; CONFLICT where "
        "several have it."
    )
    async def sim(
        self, info: Info, by: Annotated[SimBy, strawberry.argument(description="How to name it.")]
    ) -> Sim | None:
        return await _sim(by, _context(info))

    @strawberry.field(description="One fleet by id; null where there is none.")
    async def fleet(self, info: Info, id: IdArg) -> Fleet | None:
        return await _of_kind(Fleet, id, _context(info))

    @strawberry.field(description="Usage over accounts in [since, until), added up as asked.")
    async def usage(
        self,
        info: Info,
        filter: Annotated[UsageFilter, strawberry.argument(description="Which usage.")],
        first: FirstArg = DEFAULT_FIRST,
        after: AfterArg = None,
    ) -> Connection[UsageRecord] | None:
        return await _context(info).usage(filter, first, after)

    @strawberry.field(description="The accounts the caller may see: what each can do, and how it is doing.")
    def accounts(self, info: Info) -> list[Account]:
        return _context(info).accounts()

    sims: Connection[Sim] | None = _listing(Sim, SimFilter, "SIMs of all accounts; the accounts take turns.")
    fleets: Connection[Fleet] | None = _listing(Fleet, FleetFilter, "Fleets of all accounts that have fleets.")
    commands: Connection[Command] | None = _listing(
        Command,
        CommandFilter,
        "Commands of all accounts, newest first as far as each provider's own order allows.",
    )
    events: Connection[SimEvent] | None = _listing(
        SimEvent,
        EventFilter,
        "Events of all accounts, newest first as far as each provider's own order allows.",
    )
    networks: Connection[Network] | None = _listing(Network, NetworkFilter, "Networks as the providers list them.")
    network_access_profiles: Connection[NetworkAccessProfile] | None = _listing(
        NetworkAccessProfile,
        NetworkAccessProfileFilter,
        "Network access profiles of all accounts that have them.",
    )
    esim_profiles: Connection[EsimProfile] | None = _listing(EsimProfile, EsimProfileFilter, "eSIM profiles.")
    settings_updates: Connection[SettingsUpdate] | None = _listing(
        SettingsUpdate, SettingsUpdateFilter, "Over-the-air updates of SIMs' settings."
    )
    rate_plans: Connection[RatePlan] | None = _listing(RatePlan, RatePlanFilter, "Rate plans.")
