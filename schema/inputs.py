"""What a caller gives to change a SIM, or many of them: absent leaves a thing as it is, null clears it."""

from enum import Enum

import strawberry
from strawberry import UNSET

from schema.filters import SimFilter
from schema.relation import fact
from schema.scalars import JSON
from schema.status import SimTarget

__all__ = [
    "CALLBACK_METHOD",
    "CALLBACK_URL",
    "LEAVES_AND_CLEARS",
    "DeleteInput",
    "HttpMethod",
    "RegisterSimInput",
    "SimDeletion",
    "SimSelection",
    "UpdateSimInput",
    "UpdateSimsInput",
    "WriteInput",
]

LEAVES_AND_CLEARS = " What is left out stays as it is; null clears it where it can be cleared."
CALLBACK_URL = (
    "Your own address that the provider calls when it is done: https, reachable from the internet, at most 2,048 "
    "characters."
)
CALLBACK_METHOD = "How the provider calls it; POST where you leave this out."
FLEET_OF_SAME_ACCOUNT = "The fleet to be in, at the SIM's own account."
PLAN_OF_SAME_ACCOUNT = "The rate plan to be on, at the SIM's own account."
NATIVE_STATUS = (
    "The status to take in the provider's own word, where `status` cannot say which is meant. Not together with it."
)
EXTRA = "What only this provider has, under its own names as in `Sim.extra`."
STATUS = "The status to take. The provider's rules decide whether it may, see `Sim.allowedTransitions`."


@strawberry.enum(description="How an address is called.")
class HttpMethod(Enum):
    GET = strawberry.enum_value("GET", description="With everything in the address.")
    POST = strawberry.enum_value("POST", description="With a form as the body.")


@strawberry.input(description="What every change can be given.")
class WriteInput:
    dry_run: bool = fact("True: say in `plan` what would be sent and what follows from it, and send nothing.", False)
    idempotency_key: str | None = fact(
        "A name of your own for this change, 1 to 200 characters. For 24 hours the same key with the same input "
        "gives the same answer and changes nothing again; with another input it is a CONFLICT.",
        UNSET,
    )


@strawberry.input(description="A SIM to be taken into an account, by what is printed on its card.")
class RegisterSimInput(WriteInput):
    account: str = strawberry.field(description="The name of the account that takes it.")
    iccid: str = strawberry.field(description="Its ICCID, 18 to 22 digits. A wrong check digit is only warned about.")
    registration_code: str = strawberry.field(description="The registration code, 10 digits. It is never logged.")


@strawberry.input(description="A change of one SIM." + LEAVES_AND_CLEARS)
class UpdateSimInput(WriteInput):
    id: strawberry.ID = strawberry.field(description="The SIM's id.")
    name: str | None = fact(
        "The account's own name for it, without control characters; null takes the name away.", UNSET
    )
    status: SimTarget | None = fact(STATUS + " It cannot be null.", UNSET)
    native_status: str | None = fact(NATIVE_STATUS, UNSET)
    fleet_id: strawberry.ID | None = fact(FLEET_OF_SAME_ACCOUNT, UNSET)
    rate_plan_id: strawberry.ID | None = fact(PLAN_OF_SAME_ACCOUNT, UNSET)
    callback_url: str | None = fact(CALLBACK_URL, UNSET)
    callback_method: HttpMethod | None = fact(CALLBACK_METHOD, UNSET)
    extra: JSON | None = fact(EXTRA + " An object; names left out stay as they are.", UNSET)
    await_settled: float | None = fact(
        "Seconds to wait for the end of a change that is PENDING, by reading it back; at most what is left of the "
        "request's time. Without it the answer comes at once.",
        UNSET,
    )


@strawberry.input(one_of=True, description="Which SIMs a bulk change or command is for: exactly one of these.")
class SimSelection:
    ids: list[strawberry.ID] | None = fact("These SIMs, at most 2,000; one named twice counts once.", UNSET)
    filter: SimFilter | None = fact("Every SIM that matches now; `expectedCount` then says how many you mean.", UNSET)


@strawberry.input(description="The same change for many SIMs, done in the background as a job." + LEAVES_AND_CLEARS)
class UpdateSimsInput(WriteInput):
    select: SimSelection = strawberry.field(description="Which SIMs.")
    expected_count: int | None = fact(
        "How many SIMs you mean, 1 to 200,000; needed with a filter. Nothing is done where another number is found.",
        UNSET,
    )
    status: SimTarget | None = fact(STATUS + " It cannot be null.", UNSET)
    native_status: str | None = fact(NATIVE_STATUS, UNSET)
    fleet_id: strawberry.ID | None = fact(
        "The fleet to be in. A SIM of another account than the fleet's is refused, and the others go on.", UNSET
    )
    rate_plan_id: strawberry.ID | None = fact(
        "The rate plan to be on. A SIM of another account than the plan's is refused, and the others go on.", UNSET
    )
    extra: JSON | None = fact(EXTRA + " An object; names left out stay as they are.", UNSET)


@strawberry.input(description="A thing to be deleted for good.")
class DeleteInput(WriteInput):
    id: strawberry.ID = strawberry.field(description="Its id.")


class SimDeletion(DeleteInput):
    """The same, when it is a SIM that is to go: the field it was given to says so."""
