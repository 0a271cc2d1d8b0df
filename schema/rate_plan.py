"""Rate plans: what a SIM may use, and how it is metered."""

import datetime as dt

import strawberry

from schema.node import Entity
from schema.relation import fact
from schema.scalars import BigInt

__all__ = ["RatePlan"]


@strawberry.type(description="A price plan of a provider. Where the provider only names plans, only the name is known.")
class RatePlan(Entity):
    name: str | None = fact("The account's own name for it.")
    friendly_name: str | None = fact("A description for people.")
    data_enabled: bool | None = fact("Whether its SIMs may use data.")
    data_limit: BigInt | None = fact("Bytes a SIM may use per billing period in its home network.")
    data_metering: str | None = fact("How data is charged, in the provider's words: payg, quota-1, quota-10, ...")
    data_limit_strategy: str | None = fact("What happens at the limit: block or throttle.")
    messaging_enabled: bool | None = fact("Whether its SIMs may send and receive commands.")
    voice_enabled: bool | None = fact("Whether its SIMs may call.")
    national_roaming_enabled: bool | None = fact("Whether its SIMs may roam within their home country.")
    national_roaming_data_limit: BigInt | None = fact("Bytes per billing period when roaming at home.")
    international_roaming: list[str] | None = fact("What is allowed abroad: data, messaging, voice.")
    international_roaming_data_limit: BigInt | None = fact("Bytes per billing period abroad.")
    usage_notification_url: str | None = fact("The account's own address that is told about usage.")
    usage_notification_method: str | None = fact("The HTTP method used for it.")
    created_at: dt.datetime | None = fact("When it was made.")
    updated_at: dt.datetime | None = fact("When it was last changed.")
