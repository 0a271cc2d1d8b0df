"""Jobs: the same change or message for many SIMs, done in the background, with an outcome for each."""

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import strawberry
from strawberry import Private

from schema.command import Command, IpCommand, SmsCommand
from schema.connection import DEFAULT_FIRST, AfterArg, Connection, FirstArg, PageArgs, Problem
from schema.context import Answers, Context
from schema.errors import GatewayError
from schema.ids import Key, encode_id
from schema.node import Node
from schema.relation import computed, fact, relation
from schema.sim import Sim
from schema.write import PlannedCall, WriteOutcome

__all__ = ["Job", "JobCounts", "JobItem", "JobItemArgs", "JobKind", "JobPayload", "JobStatus", "job_id"]


@strawberry.enum(description="What a job does.")
class JobKind(Enum):
    UPDATE_SIMS = strawberry.enum_value("UPDATE_SIMS", description="It makes the same change to each SIM.")
    SEND_COMMANDS = strawberry.enum_value("SEND_COMMANDS", description="It sends the same message to each device.")


@strawberry.enum(description="How far a job has come.")
class JobStatus(Enum):
    SELECTING = strawberry.enum_value(
        "SELECTING", description="It reads which SIMs match its filter; nothing has been changed or sent."
    )
    RUNNING = strawberry.enum_value("RUNNING", description="It works, or goes on as soon as its accounts let it.")
    CANCELLING = strawberry.enum_value(
        "CANCELLING", description="It was told to stop: what is under way comes to its end, nothing else is begun."
    )
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="It was stopped. What has an outcome was done; the rest was not begun."
    )
    DONE = strawberry.enum_value("DONE", description="Every SIM has its outcome, which need not be a good one.")
    REFUSED = strawberry.enum_value(
        "REFUSED",
        description="It was not begun, as its SIMs could not all be read or were not as many as expected; `problems` "
        "say why. Nothing was changed or sent.",
    )


@strawberry.type(description="How many SIMs of a job have come to which end.")
class JobCounts:
    waiting: int = fact("Not over yet, or never begun where the job was stopped.", 0)
    applied: int = fact("Done.", 0)
    pending: int = fact("Taken by the provider, which will do it.", 0)
    refused: int = fact("Not done; the item says why.", 0)
    unknown: int = fact("The provider's answer was lost and reading back does not decide; not sent again.", 0)


@dataclass(frozen=True)
class JobItemArgs(PageArgs):
    outcome: Annotated[
        list[WriteOutcome] | None, strawberry.argument(description="Only items with any of these outcomes.")
    ] = None
    first: FirstArg = DEFAULT_FIRST
    after: AfterArg = None

    def __post_init__(self) -> None:
        if self.outcome is not None:
            # Arguments are compared to gather what is asked alike, so that they must be hashable, and soon hashed.
            object.__setattr__(self, "outcome", tuple(dict.fromkeys(self.outcome)))


def job_id(native_id: str) -> str:
    """The `ID` of a job, which is of no account."""
    return encode_id("jobs", "Job", native_id)


async def _sims_of(items: "list[JobItem]", _args: None, ctx: Context) -> Answers[Sim]:
    return await ctx.load(Sim, [item.key for item in items])


async def _commands_of(items: "list[JobItem]", _args: None, ctx: Context) -> Answers[Command]:
    """Those made, each by its own kind."""
    answers: Answers[Command] = [None] * len(items)
    for kind in (SmsCommand, IpCommand):
        places = [place for place, item in enumerate(items) if item.command_kind == kind.__name__]
        keys = [Key(items[place].key.account, items[place].command_id or "") for place in places]
        for place, answer in zip(places, await ctx.load(kind, keys) if keys else (), strict=True):
            answers[place] = answer
    return answers


@strawberry.type(description="One SIM of a job.")
class JobItem:
    key: Private[Key]
    number: int = strawberry.field(description="Its place in the job, from 0. It tells nothing of when it is done.")
    sim_id: strawberry.ID = computed(
        lambda root, _: encode_id(root.key.account, "Sim", root.key.native_id), "The id of the SIM."
    )
    sim: Sim | None = relation(_sims_of, "The SIM as it is now; null where it is gone.")
    outcome: WriteOutcome | None = fact(
        "What became of it; null while it is not over, or was never begun. PENDING stays: the job is over when the "
        "providers have taken everything, and the SIM itself shows what followed."
    )
    command_kind: Private[str | None] = None
    command_id: Private[str | None] = None
    command: Command | None = relation(_commands_of, "The command that was made, as it is now; null where none was.")
    problems: list[Problem] = strawberry.field(
        description="Why it was refused or is not known, and warnings beside what was done.", default_factory=list
    )
    finished_at: dt.datetime | None = fact("When its outcome was known.")


async def _counts_of(jobs: "list[Job]", _args: None, ctx: Context) -> Answers[JobCounts]:
    return await ctx.job_counts(jobs)


async def _items_of(jobs: "list[Job]", args: JobItemArgs, ctx: Context) -> Answers[Connection[JobItem]]:
    answers: Answers[Connection[JobItem]] = []
    for job in jobs:
        try:
            answers.append(await ctx.job_items(job, args))
        except GatewayError as error:
            answers.append(error)
    return answers


@strawberry.type(
    description="The same change or message for many SIMs, done in the background, behind what people wait for. It "
    "goes on when the gateway is started anew, and nothing is sent twice. It can be read for 7 days after its end."
)
class Job(Node):
    native_id: Private[str]
    id: strawberry.ID = computed(lambda root, _: job_id(root.native_id), "An opaque id.")
    kind: JobKind = strawberry.field(description="What it does.")
    status: JobStatus = strawberry.field(description="How far it has come.")
    created_at: dt.datetime = strawberry.field(description="When it was asked for.")
    started_at: dt.datetime | None = fact("When its SIMs were known and the first could be begun.")
    finished_at: dt.datetime | None = fact("When it was over, in whatever way.")
    total: int | None = fact("How many SIMs it is for; null while they are being selected.")
    counts: JobCounts | None = relation(_counts_of, "How many of them have come to which end.")
    problems: list[Problem] = strawberry.field(
        description="Why it was refused; empty otherwise. What went wrong with one SIM is in its item.",
        default_factory=list,
    )
    items: Connection[JobItem] | None = relation(
        _items_of, "Its SIMs, in the order of their numbers, each with its outcome.", JobItemArgs
    )


@strawberry.type(description="What became of asking for a job, or of stopping one.")
class JobPayload:
    job: Job | None = fact("The job; null where there is none.")
    outcome: WriteOutcome = strawberry.field(
        description="PENDING: it was taken; the job tells how far it has come, also when it is over. "
        "REFUSED: there is nothing to do, or it must not be done; `problems` say why. UNKNOWN: the gateway could "
        "not write down, or read, what it did; ask with the same key, or look at `jobs`. DRY_RUN: see `plan`."
    )
    plan: list[PlannedCall] | None = fact(
        "For a dry run: for each account the calls it would take and what is known to follow; null otherwise."
    )
    problems: list[Problem] = strawberry.field(
        description="Why it was refused, and which accounts cannot do it at all: their SIMs would be refused.",
        default_factory=list,
    )
