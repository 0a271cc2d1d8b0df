"""What a caller gives to make and change rate plans."""

import strawberry
from strawberry import UNSET

from schema.inputs import LEAVES_AND_CLEARS, DeleteInput, WriteInput
from schema.relation import fact
from schema.scalars import BigInt

__all__ = ["CreateRatePlanInput", "RatePlanDeletion", "UpdateRatePlanInput"]

WHOLE_MEGABYTES = " whole megabytes of 1,000,000 bytes, from 1,000,000 (1 MB) to 2,000,000,000,000 (2 TB)."
NAME = "The account's own name for it, unique there."


@strawberry.input(
    description="A rate plan to be made. What is left out is the provider's default; most cannot be changed later."
)
class CreateRatePlanInput(WriteInput):
    account: str = strawberry.field(description="The name of the account it is made at.")
    name: str | None = fact(NAME, UNSET)
    friendly_name: str | None = fact("A description for people.", UNSET)
    data_enabled: bool | None = fact("Whether its SIMs may use data.", UNSET)
    data_limit: BigInt | None = fact(
        "Bytes a SIM may use per billing period in its home network:" + WHOLE_MEGABYTES, UNSET
    )
    data_metering: str | None = fact(
        "How data is charged, in the provider's words: payg, quota-1, quota-10, ...", UNSET
    )
    data_limit_strategy: str | None = fact("What happens at the limit: block or throttle.", UNSET)
    messaging_enabled: bool | None = fact("Whether its SIMs may send and receive commands.", UNSET)
    national_roaming_enabled: bool | None = fact("Whether its SIMs may roam within their home country.", UNSET)
    national_roaming_data_limit: BigInt | None = fact(
        "Bytes per billing period when roaming at home:" + WHOLE_MEGABYTES, UNSET
    )
    international_roaming: list[str] | None = fact("What is allowed abroad: data, messaging.", UNSET)
    international_roaming_data_limit: BigInt | None = fact("Bytes per billing period abroad:" + WHOLE_MEGABYTES, UNSET)


@strawberry.input(description="A change of a rate plan." + LEAVES_AND_CLEARS)
class UpdateRatePlanInput(WriteInput):
    id: strawberry.ID = strawberry.field(description="The rate plan's id.")
    name: str | None = fact("The account's own name for it; null takes the name away.", UNSET)
    friendly_name: str | None = fact("A description for people; null takes it away.", UNSET)


class RatePlanDeletion(DeleteInput):
    """What is given to `deleteRatePlan`."""
