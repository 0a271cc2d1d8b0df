"""What a job and each of its items carry in the store, in this package's own encoding."""

import msgspec

from gateway.changes import SendIpCommand, SendSmsCommand, UpdateSim, Write
from gateway.store.records import ItemRecord, JobRecord
from gateway.where import SimWhere
from schema.command import IpCommand, SmsCommand
from schema.connection import Problem
from schema.ids import Key
from schema.job import JobKind
from schema.write import WriteOutcome

__all__ = ["Body", "Result", "made_by", "read_body", "read_fault", "read_result", "write_fault", "write_for"]


class Body(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a job does. Of a job that is over only the kind is kept: nobody needs the message any more.

    `writes` is what is done at each account, with the id of no SIM in it; `refused` is why nothing can be done at an
    account. `keys` or `where`, by account, is what the SIMs are selected by, until they are; `expected` how many. Of an
    account in `fleets` only SIMs in these are meant: the caller sees no others.
    """

    kind: JobKind
    writes: dict[str, Write] = {}
    refused: dict[str, list[Problem]] = {}
    keys: list[Key] = []
    where: dict[str, SimWhere] = {}
    fleets: dict[str, tuple[str, ...]] = {}
    expected: int | None = None

    @property
    def accounts(self) -> list[str]:
        return sorted({*self.writes, *self.refused})


class Result(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What became of an item: the command it made, by the name of its type and its id, and what was wrong."""

    command_kind: str | None = None
    command_id: str | None = None
    problems: list[Problem] = []


def read_body(job: JobRecord) -> Body:
    return msgspec.json.decode(job.body, type=Body)


def write_fault(problems: list[Problem]) -> bytes:
    return msgspec.json.encode(problems)


def read_fault(job: JobRecord) -> list[Problem]:
    """Why a job ended early."""
    return msgspec.json.decode(job.fault, type=list[Problem]) if job.fault else []


def read_result(item: ItemRecord) -> Result:
    return msgspec.json.decode(item.result, type=Result) if item.result else Result()


def write_for(write: Write, native_id: str) -> Write:
    """The same for this SIM."""
    if isinstance(write, UpdateSim | SendSmsCommand | SendIpCommand):
        return msgspec.structs.replace(write, sim_id=native_id)
    raise TypeError(f"no job does a {type(write).__name__}")


def made_by(write: Write | None, outcome: WriteOutcome) -> str | None:
    """The name of the type of what a write has made; None where it makes nothing."""
    if outcome is WriteOutcome.REFUSED:
        return None
    if isinstance(write, SendSmsCommand):
        return SmsCommand.__name__
    return IpCommand.__name__ if isinstance(write, SendIpCommand) else None
