"""Fleets: groups of SIMs with shared settings."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Private

from schema.connection import Connection, PageArgs
from schema.context import Answers, Context
from schema.ids import Key
from schema.network import NetworkAccessProfile
from schema.node import Entity
from schema.relation import fact, relation
from schema.scalars import BigInt

if TYPE_CHECKING:
    from schema.sim import Sim

__all__ = ["Fleet"]


async def _profile_of(fleets: list[Any], _args: None, ctx: Context) -> Answers[NetworkAccessProfile]:
    wanted = [Key(fleet.account_name, fleet.network_access_profile_id or "") for fleet in fleets]
    return await ctx.load(NetworkAccessProfile, wanted)


async def _sims_of(fleets: list[Any], args: PageArgs, ctx: Context) -> "Answers[Connection[Sim]]":
    from schema.sim import Sim  # noqa: PLC0415  Sim's module needs Fleet

    return await ctx.pages_of(Sim, [fleet.key for fleet in fleets], args)


@strawberry.type(description="A group of SIMs that share settings.")
class Fleet(Entity):
    network_access_profile_id: Private[str | None] = None
    name: str | None = fact("The account's own name for it.")
    data_enabled: bool | None = fact("Whether its SIMs may use data.")
    data_limit: BigInt | None = fact("Bytes a SIM may use per billing period.")
    data_metering: str | None = fact("How data is charged, in the provider's word.")
    sms_commands_enabled: bool | None = fact("Whether its SIMs may send and receive SMS commands.")
    sms_commands_url: str | None = fact("The account's own address that is told of SMS commands from devices.")
    sms_commands_method: str | None = fact("The HTTP method used for it.")
    ip_commands_url: str | None = fact("The account's own address that is told of IP commands from devices.")
    ip_commands_method: str | None = fact("The HTTP method used for it.")
    created_at: dt.datetime | None = fact("When it was made.")
    updated_at: dt.datetime | None = fact("When it was last changed.")
    network_access_profile: NetworkAccessProfile | None = relation(_profile_of, "The networks its SIMs may use.")
    sims: Connection[Annotated["Sim", strawberry.lazy("schema.sim")]] | None = relation(
        _sims_of, "The SIMs in it.", PageArgs
    )
