"""What lists can be narrowed by. Absent or null means: any; an empty list matches nothing."""

import datetime as dt

import strawberry

from schema.command import CommandDirection, CommandStatus
from schema.event import SimEventType
from schema.lifecycle import EsimProfileStatus, SettingsUpdateStatus
from schema.relation import fact
from schema.status import SimStatus

__all__ = [
    "AccountFilter",
    "CommandFilter",
    "EsimProfileFilter",
    "EventFilter",
    "FleetFilter",
    "NetworkAccessProfileFilter",
    "NetworkFilter",
    "RatePlanFilter",
    "SettingsUpdateFilter",
    "SimBy",
    "SimFilter",
]

ANY = " A condition that is absent or null matches any; an empty list matches none."


@strawberry.input(one_of=True, description="How to name one SIM: exactly one of these.")
class SimBy:
    id: strawberry.ID | None = strawberry.field(description="Its id.", default=strawberry.UNSET)
    iccid: str | None = strawberry.field(
        description="Its ICCID: 19 digits, or 20 with the check digit, name the same SIM. Asked of every account.",
        default=strawberry.UNSET,
    )
    device_id: str | None = strawberry.field(
        description="The id of its device, at providers that keep a device registry.",
        default=strawberry.UNSET,
    )


@strawberry.input(
    description="Which accounts to ask; all the caller may see by default. In filters null is any, an empty list none."
)
class AccountFilter:
    accounts: list[str] | None = fact("Only these accounts, by name.")
    providers: list[str] | None = fact("Only accounts at these providers.")


@strawberry.input(description="Which SIMs." + ANY)
class SimFilter(AccountFilter):
    status: list[SimStatus] | None = fact("SIMs in any of these statuses.")
    fleet_id: strawberry.ID | None = fact("SIMs in this fleet.")
    rate_plan_id: strawberry.ID | None = fact("SIMs on this rate plan.")
    iccid: list[str] | None = fact("SIMs with any of these ICCIDs, at most 100.")
    name: str | None = fact("SIMs with exactly this name.")


@strawberry.input(description="Which fleets." + ANY)
class FleetFilter(AccountFilter):
    network_access_profile_id: strawberry.ID | None = fact("Fleets with this network access profile.")
    name: str | None = fact("Fleets with exactly this name.")


@strawberry.input(description="Which commands." + ANY)
class CommandFilter(AccountFilter):
    sim_id: strawberry.ID | None = fact("Commands of this SIM.")
    status: list[CommandStatus] | None = fact("Commands in any of these statuses.")
    direction: CommandDirection | None = fact("Commands that went this way.")


@strawberry.input(description="Which events." + ANY)
class EventFilter(AccountFilter):
    sim_id: strawberry.ID | None = fact("Events of this SIM.")
    type: list[SimEventType] | None = fact("Events of any of these types.")
    since: dt.datetime | None = fact("Events at or after this moment.")
    until: dt.datetime | None = fact("Events before this moment.")


@strawberry.input(description="Which networks." + ANY)
class NetworkFilter(AccountFilter):
    country: str | None = fact("Networks in this country: ISO 3166-1 alpha-2.")
    mcc: str | None = fact("Networks with this mobile country code.")
    mnc: str | None = fact("Networks with this mobile network code.")


@strawberry.input(description="Which network access profiles." + ANY)
class NetworkAccessProfileFilter(AccountFilter):
    pass


@strawberry.input(description="Which rate plans." + ANY)
class RatePlanFilter(AccountFilter):
    pass


@strawberry.input(description="Which eSIM profiles." + ANY)
class EsimProfileFilter(AccountFilter):
    eid: str | None = fact("Profiles of this eUICC.")
    sim_id: strawberry.ID | None = fact("Profiles of this SIM.")
    status: list[EsimProfileStatus] | None = fact("Profiles in any of these statuses.")


@strawberry.input(description="Which settings updates." + ANY)
class SettingsUpdateFilter(AccountFilter):
    sim_id: strawberry.ID | None = fact("Updates of this SIM.")
    status: list[SettingsUpdateStatus] | None = fact("Updates in any of these statuses.")
