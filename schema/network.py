"""Networks: mobile operators' networks, the lists of those a fleet may use, and the short form sessions carry."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry

from schema.connection import Connection, PageArgs
from schema.context import Answers, Context
from schema.errors import Invalid
from schema.ids import decode_id
from schema.node import Entity
from schema.relation import fact, relation

__all__ = ["GeoPoint", "IpAddress", "Network", "NetworkAccessProfile", "NetworkIdentifier", "NetworkRef"]

COUNTRY = "ISO 3166-1 alpha-2 country code."
MCC = "Mobile country code, three digits."
MNC = "Mobile network code, two or three digits; leading zeros count."


@strawberry.type(description="The mobile network something happened in.")
class NetworkRef:
    mcc: str | None = fact(MCC)
    mnc: str | None = fact(MNC)
    name: str | None = fact("The operator's name.")
    country: str | None = fact(COUNTRY)


@strawberry.type(description="A place on Earth, WGS 84.")
class GeoPoint:
    latitude: float = strawberry.field(description="Degrees north.")
    longitude: float = strawberry.field(description="Degrees east.")


@strawberry.type(description="An IP address.")
class IpAddress:
    address: str = strawberry.field(description="In its usual text form.")
    version: int | None = fact("4 or 6; null where the provider gave another word.")
    as_of: dt.datetime | None = fact("When the provider told it.")
    stale: bool = fact("True when it is older than it should be; see `staleReason`.", False)
    stale_reason: str | None = fact("Why an old value was served, e.g. that the provider does not answer.")


@strawberry.type(description="One public land mobile network identity.")
class NetworkIdentifier:
    mcc: str | None = fact(MCC)
    mnc: str | None = fact(MNC)


@strawberry.type(description="A mobile network as a provider lists it.")
class Network(Entity):
    name: str | None = fact("The operator's name.")
    country: str | None = fact(COUNTRY)
    identifiers: list[NetworkIdentifier] = strawberry.field(
        description="Its identities; one network may have several.", default_factory=list
    )


async def _networks_of(profiles: list[Any], args: PageArgs, ctx: Context) -> Answers[Connection[Network]]:
    return await ctx.pages_of(Network, [profile.key for profile in profiles], args)


@dataclass(frozen=True)
class NetworkArgs:
    id: Annotated[strawberry.ID, strawberry.argument(description="A Network's id.")]


async def _network_of(profiles: list[Any], args: NetworkArgs, ctx: Context) -> Answers[Network]:
    wanted = decode_id(args.id)
    if wanted.kind != Network.__name__:
        raise Invalid(f"id: this is the id of a {wanted.kind}, not of a {Network.__name__}", path=["id"])
    return await ctx.networks_in([profile.key for profile in profiles], wanted.key)


@strawberry.type(
    description="A named list of networks; the SIMs of a fleet with this profile may connect to these alone."
)
class NetworkAccessProfile(Entity):
    name: str | None = fact("The account's own name for it.")
    created_at: dt.datetime | None = fact("When it was made.")
    updated_at: dt.datetime | None = fact("When it was last changed.")
    networks: Connection[Network] | None = relation(_networks_of, "The networks it allows.", PageArgs)
    network: Network | None = relation(
        _network_of, "This one network, if the profile allows it; null if not.", NetworkArgs
    )
