"""What can be changed. Each field hands its input to the context and makes a payload of what became of it."""

from typing import Annotated, Any, cast

import strawberry
from strawberry.types import Info

from schema.bulk import Bulk
from schema.command_inputs import CommandDeletion, SendCommandInput
from schema.context import Context
from schema.fleet_inputs import (
    CreateFleetInput,
    CreateNetworkAccessProfileInput,
    NetworkAddition,
    NetworkRemoval,
    OrderEsimProfileInput,
    ProfileNetworkInput,
    UpdateFleetInput,
    UpdateNetworkAccessProfileInput,
)
from schema.inputs import DeleteInput, RegisterSimInput, SimDeletion, UpdateSimInput, WriteInput
from schema.payloads import (
    CommandPayload,
    DeletePayload,
    EsimProfilePayload,
    FleetPayload,
    NetworkAccessProfilePayload,
    Payload,
    RatePlanPayload,
    SimPayload,
)
from schema.plan_inputs import CreateRatePlanInput, RatePlanDeletion, UpdateRatePlanInput

__all__ = ["Mutation"]


def _context(info: Info) -> Context:
    return cast("Context", info.context)


def _writing(
    wanted: Any,  # Any: the field's own annotations say the types
    payload: type[Payload],
    description: str,
    *,
    meaning: type[WriteInput] | None = None,
) -> Any:  # Any: as above
    """A root field for one kind of change. `meaning` is what its input is here, where several fields share one."""

    async def resolver(info: Info, input: Any) -> Any:  # Any: annotated below
        meant = meaning(**vars(input)) if meaning else input
        return payload.of(await _context(info).write(meant), input)

    given = strawberry.argument(description="What is wanted, or is only to be tried.")
    resolver.__annotations__["input"] = Annotated[wanted, given]
    return strawberry.field(resolver=resolver, description=description)


@strawberry.type(
    description="Everything that can be changed. The fields of one request are done one after the other, each once: "
    "what a provider refuses, or what cannot be known, is in the payload's `outcome` and `problems`, and the others go "
    "on. What an account can do is in `Account.capabilities`."
)
class Mutation(Bulk):
    register_sim: SimPayload | None = _writing(
        RegisterSimInput, SimPayload, "Take a SIM into an account, by what is printed on its card."
    )
    update_sim: SimPayload | None = _writing(
        UpdateSimInput, SimPayload, "Change a SIM's name, status, fleet, rate plan, or what only its provider has."
    )
    delete_sim: DeletePayload | None = _writing(
        DeleteInput, DeletePayload, "Take a SIM out of its account for good.", meaning=SimDeletion
    )
    send_command: CommandPayload | None = _writing(
        SendCommandInput,
        CommandPayload,
        "Send a message to a device, by SMS or IP. It is sent at most once, also where the answer is lost.",
    )
    delete_command: DeletePayload | None = _writing(
        DeleteInput, DeletePayload, "Take an SMS command out of its account's list.", meaning=CommandDeletion
    )
    create_fleet: FleetPayload | None = _writing(CreateFleetInput, FleetPayload, "Make a fleet.")
    update_fleet: FleetPayload | None = _writing(UpdateFleetInput, FleetPayload, "Change a fleet.")
    create_network_access_profile: NetworkAccessProfilePayload | None = _writing(
        CreateNetworkAccessProfileInput, NetworkAccessProfilePayload, "Make a network access profile."
    )
    update_network_access_profile: NetworkAccessProfilePayload | None = _writing(
        UpdateNetworkAccessProfileInput, NetworkAccessProfilePayload, "Rename a network access profile."
    )
    add_network_to_profile: NetworkAccessProfilePayload | None = _writing(
        ProfileNetworkInput,
        NetworkAccessProfilePayload,
        "Allow a network in a network access profile.",
        meaning=NetworkAddition,
    )
    remove_network_from_profile: NetworkAccessProfilePayload | None = _writing(
        ProfileNetworkInput,
        NetworkAccessProfilePayload,
        "Allow a network in a network access profile no more.",
        meaning=NetworkRemoval,
    )
    order_esim_profile: EsimProfilePayload | None = _writing(
        OrderEsimProfileInput, EsimProfilePayload, "Order an eSIM profile."
    )
    create_rate_plan: RatePlanPayload | None = _writing(CreateRatePlanInput, RatePlanPayload, "Make a rate plan.")
    update_rate_plan: RatePlanPayload | None = _writing(UpdateRatePlanInput, RatePlanPayload, "Rename a rate plan.")
    delete_rate_plan: DeletePayload | None = _writing(
        DeleteInput, DeletePayload, "Delete a rate plan.", meaning=RatePlanDeletion
    )
