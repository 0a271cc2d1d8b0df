"""eSIM profiles, settings updates and billing periods: what else a SIM has."""

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Private

from schema.context import Answers, Context
from schema.ids import Key
from schema.node import Entity
from schema.relation import fact, relation
from schema.scalars import JSON

if TYPE_CHECKING:
    from schema.sim import Sim

__all__ = [
    "BillingPeriod",
    "BillingPeriodType",
    "EsimProfile",
    "EsimProfileStatus",
    "SettingsUpdate",
    "SettingsUpdateStatus",
    "sim_of",
]


async def sim_of(parents: list[Any], _args: None, ctx: Context) -> "Answers[Sim]":
    """The SIM each parent belongs to, for any type that keeps `sim_id`."""
    from schema.sim import Sim  # noqa: PLC0415  Sim's module needs the types that point back at it

    wanted = [parent for parent in parents if parent.sim_id is not None]
    answers = await ctx.load(Sim, [Key(parent.account_name, parent.sim_id) for parent in wanted])
    by_parent = {id(parent): answer for parent, answer in zip(wanted, answers, strict=True)}
    return [by_parent.get(id(parent)) for parent in parents]


LazySim = Annotated["Sim", strawberry.lazy("schema.sim")]


@strawberry.enum(description="How far an eSIM profile has come.")
class EsimProfileStatus(Enum):
    NEW = strawberry.enum_value("NEW", description="Ordered.")
    RESERVING = strawberry.enum_value("RESERVING", description="Being reserved at the SM-DP+.")
    AVAILABLE = strawberry.enum_value("AVAILABLE", description="Ready to be downloaded.")
    DOWNLOADED = strawberry.enum_value("DOWNLOADED", description="On the eUICC, not yet installed.")
    INSTALLED = strawberry.enum_value("INSTALLED", description="On the eUICC and usable.")
    FAILED = strawberry.enum_value("FAILED", description="It went wrong; `errorCode` says how.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A word this gateway does not know, or none.")


@strawberry.type(description="A profile that can be downloaded to an eUICC and then is a SIM.")
class EsimProfile(Entity):
    sim_id: Private[str | None] = None
    iccid: str | None = fact("The ICCID of the SIM it becomes.")
    eid: str | None = fact("The eUICC's id.")
    status: EsimProfileStatus = fact("How far it has come.", EsimProfileStatus.UNKNOWN)
    native_status: str | None = fact("The same in the provider's word.")
    smdp_plus_address: str | None = fact("The SM-DP+ server a device downloads it from.")
    matching_id: str | None = fact("The id that selects it at the SM-DP+.")
    activation_code: str | None = fact("The activation code, as put into a QR code.")
    error_code: str | None = fact("Why it failed, as a code of the provider's.")
    error_message: str | None = fact("Why it failed, in the provider's words.")
    created_at: dt.datetime | None = fact("When it was ordered.")
    updated_at: dt.datetime | None = fact("When it last changed.")
    sim: LazySim | None = relation(sim_of, "The SIM it became.")


@strawberry.enum(description="How far an over-the-air settings update has come.")
class SettingsUpdateStatus(Enum):
    SCHEDULED = strawberry.enum_value("SCHEDULED", description="Waiting for the SIM.")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Being sent.")
    SUCCESSFUL = strawberry.enum_value("SUCCESSFUL", description="Applied.")
    FAILED = strawberry.enum_value("FAILED", description="Not applied.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A word this gateway does not know, or none.")


@strawberry.type(description="An over-the-air update of a SIM's own settings.")
class SettingsUpdate(Entity):
    sim_id: Private[str | None] = None
    iccid: str | None = fact("The SIM's ICCID.")
    status: SettingsUpdateStatus = fact("How far it has come.", SettingsUpdateStatus.UNKNOWN)
    native_status: str | None = fact("The same in the provider's word.")
    packages: list[JSON] | None = fact("The settings packages, as the provider describes them.")
    completed_at: dt.datetime | None = fact("When it ended; null while it runs.")
    created_at: dt.datetime | None = fact("When it was made.")
    updated_at: dt.datetime | None = fact("When it last changed.")
    sim: LazySim | None = relation(sim_of, "The SIM it is for.")


@strawberry.enum(description="What a billing period charges for.")
class BillingPeriodType(Enum):
    READY = strawberry.enum_value("READY", description="The SIM may be tried; nothing is charged.")
    ACTIVE = strawberry.enum_value("ACTIVE", description="The SIM is charged.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A word this gateway does not know, or none.")


@strawberry.type(description="A period for which a SIM is, or is not yet, charged.")
class BillingPeriod(Entity):
    sim_id: Private[str | None] = None
    type: BillingPeriodType = fact("What it charges for.", BillingPeriodType.UNKNOWN)
    native_type: str | None = fact("The same in the provider's word.")
    starts_at: dt.datetime | None = fact("When it starts.")
    ends_at: dt.datetime | None = fact("When it ends.")
    created_at: dt.datetime | None = fact("When it was made.")
    updated_at: dt.datetime | None = fact("When it last changed.")
    sim: LazySim | None = relation(sim_of, "The SIM it is for.")
