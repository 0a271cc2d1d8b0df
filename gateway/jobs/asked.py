"""From the input of a bulk mutation to what a job does: checked for every account, before anything is begun."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from gateway.batch.entities import Entities
from gateway.calls import Calls
from gateway.jobs.body import Body
from gateway.jobs.selection import MOST_SIMS, Unselected, check_seen, keys_of, other_count, wheres_of
from gateway.jobs.walk import walk
from gateway.reach.within import within
from gateway.writes.inputs import Mistakes, Rules, key_id, noted_key, order_of
from gateway.writes.inputs_bulk import fingerprint_of
from gateway.writes.inputs_commands import send_commands
from gateway.writes.inputs_sheet import Sheet
from gateway.writes.inputs_sims import update_sims
from gateway.writes.order import Order
from gateway.writes.writer import Writer
from schema.command_inputs import SendCommandsInput
from schema.connection import Problem
from schema.errors import GatewayError, Invalid, TimedOut
from schema.ids import encode_id
from schema.inputs import SimSelection, UpdateSimsInput, WriteInput
from schema.job import JobKind
from schema.write import PlannedCall

__all__ = ["Asked", "BulkInput", "Refusal", "asked_of", "planned"]

BulkInput = UpdateSimsInput | SendCommandsInput

SOME_SIM = "8900000000000000000"
"""Stands for the SIM while a change is checked for an account: a number, as adapters look at an ICCID beforehand."""


class Refusal(Exception):
    """There will be no job: why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass
class Asked:
    """A job that can be begun. `key` is that of the caller's idempotency key, `fingerprint` of all else he said."""

    body: Body
    key: str | None
    fingerprint: str
    calls: dict[str, PlannedCall] = field(default_factory=dict)
    """What it takes at each account that can do it, for one SIM."""

    @property
    def problems(self) -> list[Problem]:
        """Of the accounts that cannot do it."""
        return [problem for problems in self.body.refused.values() for problem in problems]


async def asked_of(wanted: BulkInput, entities: Entities, caller: str, rules: Rules, writer: Writer) -> Asked:
    """What is wanted, checked without a call, but for which of the SIMs may be seen by who sees some fleets only.

    Raises Refusal where it can be done nowhere, or not be understood.
    """
    calls = entities.calls
    sheet = Sheet(calls.accounts, rules)
    key = noted_key(wanted, sheet)
    flaws = [Problem.of(error) for error in sheet.mistakes]
    body = Body(kind=JobKind.UPDATE_SIMS if isinstance(wanted, UpdateSimsInput) else JobKind.SEND_COMMANDS)
    try:
        _select(body, wanted.select, _expected(wanted.expected_count), calls)
        await check_seen(body.keys, entities)
    except Unselected as unselected:
        flaws += unselected.problems
    if flaws:
        raise Refusal(flaws)
    asked = Asked(body, key_id(caller, key) if key else None, fingerprint_of(wanted))
    order = partial(order_of, accounts=calls.accounts, caller=caller, rules=rules, reach=calls.reach)
    for name in sorted({key.account for key in body.keys} | body.where.keys()):
        await _check(asked, wanted, name, order, writer)
    if not body.writes:
        raise Refusal(_once(asked.problems))
    return asked


async def planned(asked: Asked, calls: Calls, seconds: float) -> list[PlannedCall]:
    """The calls it would take, by account; only the SIMs are looked for, and for so many seconds at most.

    Raises Refusal where it is not certain which they are.
    """
    body = asked.body
    counts = Counter(key.account for key in body.keys)

    async def count(account: str, native_ids: list[str]) -> None:
        counts[account] += len(native_ids)

    try:
        async with asyncio.timeout(seconds):
            found = len(body.keys) or await walk(calls.accounts, body.where, count, fleets=body.fleets, plan=calls.plan)
    except TimeoutError:
        late = TimedOut("the SIMs could not all be read within the request's time; without dryRun there is no limit")
        raise Refusal([Problem.of(late)]) from None
    except Unselected as unselected:
        raise Refusal(unselected.problems) from None
    if body.expected is not None and found != body.expected:
        raise Refusal([Problem.of(other_count(found, body.expected))])
    return [replace(call, count=counts[name]) for name, call in asked.calls.items() if counts[name]]


# --- what is in it -------------------------------------------------------------------------------------------------


def _select(body: Body, select: SimSelection, expected: int | None, calls: Calls) -> None:
    """Raises Unselected."""
    body.expected = expected
    if isinstance(select.ids, list):
        body.keys = keys_of(select.ids, calls.accounts)
        if expected not in (None, len(body.keys)):
            raise Unselected([other_count(len(body.keys), expected or 0)])
        return
    if not select.filter:
        raise Unselected([Invalid("select: exactly one of ids and filter", path=["input", "select"])])
    wheres = wheres_of(select.filter, calls.accounts)
    body.where = {name: where for name, where in wheres.items() if within(where, calls.fleets(name))}
    body.fleets = {name: fleets for name in body.where if (fleets := calls.fleets(name)) is not None}
    if expected is None:
        raise Unselected([Invalid("expectedCount: it is needed with a filter", path=["input", "expectedCount"])])
    if not body.where:
        raise Unselected([other_count(0, expected)])


def _expected(given: int | None) -> int | None:
    if not isinstance(given, int):
        return None
    if 1 <= given <= MOST_SIMS:
        return given
    flaw = f"expectedCount: 1 to {MOST_SIMS:,}; found {given}"
    raise Unselected([Invalid(flaw, path=["input", "expectedCount"])])


async def _check(
    asked: Asked, wanted: BulkInput, account: str, order: Callable[[WriteInput], Order], writer: Writer
) -> None:
    """Whether it can be done at this account: as for one SIM, of which each account has its own idea."""
    single, operation = _single(wanted, encode_id(account, "Sim", SOME_SIM))
    try:
        write = order(single).write
        asked.calls[account] = await writer.planned(account, write)
        asked.body.writes[account] = write
    except Mistakes as mistakes:
        asked.body.refused[account] = [Problem.of(error.at(account, operation)) for error in mistakes.errors]
    except GatewayError as error:
        asked.body.refused[account] = [Problem.of(error)]


def _single(wanted: BulkInput, sim_id: str) -> tuple[WriteInput, str]:
    """What it is for one SIM, and the operation it takes."""
    if isinstance(wanted, UpdateSimsInput):
        return update_sims(wanted, sim_id), "update_sim"
    return send_commands(wanted, sim_id), "send_sms_command" if wanted.body.sms else "send_ip_command"


def _once(problems: list[Problem]) -> list[Problem]:
    """Each problem once; what is the same for several accounts is of none."""
    told: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        same = (problem.message, str(problem.path))
        told[same] = replace(problem, account=None) if same in told else problem
    return list(told.values())
