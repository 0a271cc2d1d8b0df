"""What a caller gives to make and change fleets, network access profiles and eSIM profiles."""

import strawberry
from strawberry import UNSET

from schema.inputs import CALLBACK_METHOD, CALLBACK_URL, LEAVES_AND_CLEARS, HttpMethod, WriteInput
from schema.relation import fact
from schema.scalars import BigInt

__all__ = [
    "CreateFleetInput",
    "CreateNetworkAccessProfileInput",
    "NetworkAddition",
    "NetworkRemoval",
    "OrderEsimProfileInput",
    "ProfileNetworkInput",
    "UpdateFleetInput",
    "UpdateNetworkAccessProfileInput",
]

DATA_LIMIT = (
    "Bytes a SIM may use per billing period: whole megabytes of 1,000,000 bytes, from 1,000,000 (1 MB) to "
    "2,000,000,000,000 (2 TB)."
)
SMS_URL = "Your own address that is told of SMS commands from devices: https, reachable from the internet."
IP_URL = "Your own address that is told of IP commands from devices: https, reachable from the internet."
METHOD = "How that address is called."


@strawberry.input(description="A fleet to be made, at the account of its network access profile.")
class CreateFleetInput(WriteInput):
    network_access_profile_id: strawberry.ID = strawberry.field(
        description="The networks its SIMs may use; the profile's account is where the fleet is made."
    )
    name: str | None = fact("The account's own name for it, unique there.", UNSET)
    data_enabled: bool | None = fact("Whether its SIMs may use data.", UNSET)
    data_limit: BigInt | None = fact(DATA_LIMIT, UNSET)
    sms_commands_enabled: bool | None = fact("Whether its SIMs may send and receive SMS commands.", UNSET)
    sms_commands_url: str | None = fact(SMS_URL, UNSET)
    sms_commands_method: HttpMethod | None = fact(METHOD, UNSET)
    ip_commands_url: str | None = fact(IP_URL, UNSET)
    ip_commands_method: HttpMethod | None = fact(METHOD, UNSET)


@strawberry.input(description="A change of a fleet." + LEAVES_AND_CLEARS)
class UpdateFleetInput(WriteInput):
    id: strawberry.ID = strawberry.field(description="The fleet's id.")
    name: str | None = fact("The account's own name for it; null takes the name away.", UNSET)
    network_access_profile_id: strawberry.ID | None = fact("The networks its SIMs may use. It cannot be null.", UNSET)
    data_limit: BigInt | None = fact(DATA_LIMIT + " It cannot be null.", UNSET)
    sms_commands_url: str | None = fact(SMS_URL + " Null: tell nobody.", UNSET)
    sms_commands_method: HttpMethod | None = fact(METHOD + " It cannot be null.", UNSET)
    ip_commands_url: str | None = fact(IP_URL + " Null: tell nobody.", UNSET)
    ip_commands_method: HttpMethod | None = fact(METHOD + " It cannot be null.", UNSET)


@strawberry.input(description="A network access profile to be made.")
class CreateNetworkAccessProfileInput(WriteInput):
    account: str = strawberry.field(description="The name of the account it is made at.")
    name: str | None = fact("The account's own name for it, unique there.", UNSET)
    network_ids: list[strawberry.ID] | None = fact("The networks it allows from the start, of that account.", UNSET)


@strawberry.input(description="A change of a network access profile." + LEAVES_AND_CLEARS)
class UpdateNetworkAccessProfileInput(WriteInput):
    id: strawberry.ID = strawberry.field(description="The profile's id.")
    name: str | None = fact("The account's own name for it; null takes the name away.", UNSET)


@strawberry.input(description="A network to be allowed in a network access profile, or no more.")
class ProfileNetworkInput(WriteInput):
    profile_id: strawberry.ID = strawberry.field(description="The network access profile's id.")
    network_id: strawberry.ID = strawberry.field(description="The network's id, of the same account.")


class NetworkAddition(ProfileNetworkInput):
    """What is given to `addNetworkToProfile`."""


class NetworkRemoval(ProfileNetworkInput):
    """What is given to `removeNetworkFromProfile`."""


@strawberry.input(
    description="An eSIM profile to be ordered: for an eUICC that is known, or for whichever redeems the matching id."
)
class OrderEsimProfileInput(WriteInput):
    account: str = strawberry.field(description="The name of the account that orders it.")
    eid: str | None = fact("The eUICC's id, 32 digits. Needed unless `generateMatchingId` is true.", UNSET)
    generate_matching_id: bool | None = fact("True: make a matching id, by which any eUICC can claim it.", UNSET)
    callback_url: str | None = fact(CALLBACK_URL, UNSET)
    callback_method: HttpMethod | None = fact(CALLBACK_METHOD, UNSET)
