"""The questions and changes that are about jobs. `Query` and `Mutation` inherit them."""

from typing import Annotated, cast

import strawberry
from strawberry.types import Info

from schema.command_inputs import SendCommandsInput
from schema.connection import DEFAULT_FIRST, AfterArg, Connection, FirstArg, Problem
from schema.context import Context
from schema.errors import GatewayError, Invalid
from schema.ids import decode_id
from schema.inputs import UpdateSimsInput
from schema.job import Job, JobPayload
from schema.write import WriteOutcome

__all__ = ["Bulk", "BulkQuery"]

JobIdArg = Annotated[strawberry.ID, strawberry.argument(description="A job's id.")]
UpdateArg = Annotated[UpdateSimsInput, strawberry.argument(description="Which SIMs, and what to change.")]
SendArg = Annotated[SendCommandsInput, strawberry.argument(description="Which devices, and what to send.")]


def _context(info: Info) -> Context:
    return cast("Context", info.context)


def _native(id_: str) -> str:
    """The job's own id. Raises Invalid."""
    wanted = decode_id(id_)
    if wanted.kind != Job.__name__:
        raise Invalid(f"id: this is the id of a {wanted.kind}, not of a {Job.__name__}", path=["id"])
    return wanted.native_id


@strawberry.type
class BulkQuery:
    @strawberry.field(description="One job by id; null where there is none, or it was over more than 7 days ago.")
    async def job(self, info: Info, id: JobIdArg) -> Job | None:
        [found] = await _context(info).jobs_by_id([_native(id)])
        if isinstance(found, GatewayError):
            raise found
        return found

    @strawberry.field(description="All jobs, the newest first.")
    async def jobs(self, info: Info, first: FirstArg = DEFAULT_FIRST, after: AfterArg = None) -> Connection[Job] | None:
        return await _context(info).jobs(first, after)


@strawberry.type
class Bulk:
    @strawberry.field(
        description="Make the same change to many SIMs, as a job: it is answered when the SIMs are known, or at the "
        "end of the request's time, and goes on in the background."
    )
    async def update_sims(self, info: Info, input: UpdateArg) -> JobPayload | None:
        return await _context(info).start_job(input)

    @strawberry.field(
        description="Send the same message to many devices, as a job. To each it is sent at most once, also where the "
        "answer is lost or the gateway is stopped in between."
    )
    async def send_commands(self, info: Info, input: SendArg) -> JobPayload | None:
        return await _context(info).start_job(input)

    @strawberry.field(
        description="Stop a job: what is under way comes to its end, nothing else is begun. What was done stays done."
    )
    async def cancel_job(self, info: Info, id: JobIdArg) -> JobPayload | None:
        try:
            return await _context(info).cancel_job(_native(id))
        except Invalid as error:
            return JobPayload(outcome=WriteOutcome.REFUSED, problems=[Problem.of(error)])
