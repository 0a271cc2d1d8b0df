"""Whether a write has happened, told from what the provider says now: for answers that were lost, and for those that
leave the state open."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from msgspec import UNSET

from gateway.changes import (
    AddProfileNetwork,
    CreateFleet,
    CreateNetworkAccessProfile,
    CreateRatePlan,
    DeleteRatePlan,
    DeleteSim,
    DeleteSmsCommand,
    OrderEsimProfile,
    RegisterSim,
    RemoveProfileNetwork,
    SendIpCommand,
    SendSmsCommand,
    UpdateFleet,
    UpdateNetworkAccessProfile,
    UpdateRatePlan,
    UpdateSim,
    Write,
)
from gateway.kinds import LOADS
from gateway.page import Page, PageRequest
from gateway.where import CommandWhere, EsimProfileWhere, FleetWhere, Where
from gateway.writes.changed import kind_of, target_of
from schema.command import Command, CommandDirection, IpCommand
from schema.node import Entity
from schema.sim import Sim
from schema.status import SimStatus
from schema.write import WriteOutcome

__all__ = ["Ask", "Found", "Suspect", "is_settled", "proof_of", "shows", "state_of"]


class Ask(Protocol):
    """Asks the write's account past all memory."""

    async def __call__(self, operation: str, *args: object) -> Any:  # Any: each operation has its own answer
        """Raises GatewayError."""

    def most_rows(self, operation: str) -> int:
        """The largest page of a list."""


SKEW = timedelta(seconds=3)
"""How far a provider's clock may be behind ours, with times that are cut to the second."""
MOST_PAGES = 3
"""Pages of a list that are read to find what was made."""


@dataclass(frozen=True)
class Found:
    """It has happened, or is under way: the state that shows it."""

    outcome: WriteOutcome
    thing: Any = None  # each write has its own


@dataclass(frozen=True)
class Suspect:
    """A write whose answer was lost. `since` is when it was sent, `before` the thing as it was known then, `target` the
    provider's word for the wanted status. `others` gives the ids of what was made by writes like it; None while one of
    those is not known."""

    write: Write
    since: datetime
    others: Callable[[], Awaitable[Collection[str] | None]]
    before: Any = None  # as above
    target: str | None = None

    def is_recent(self, moment: datetime | None) -> bool:
        return moment is not None and moment >= self.since - SKEW


async def state_of(ask: Ask, write: Write) -> Any:  # Any: as above
    """What was written to, as it is now; None where it is gone, or where the write makes something new."""
    kind, native_id = kind_of(write), target_of(write)
    return None if kind is None else await ask(LOADS[kind], native_id)


def is_settled(sim: Sim, write: UpdateSim, target: str | None) -> bool:
    """Whether a SIM is as the write wants it, as far as it shows, and nothing is under way."""
    if sim.status is SimStatus.PENDING or (target is not None and sim.native_status != target):
        return False
    wanted = [(write.name, _name(sim, write)), (write.fleet_id, sim.fleet_id), (write.rate_plan_id, sim.rate_plan_id)]
    wanted += [(value, _extra(sim)[key]) for key, value in _extra(write).items() if key in _extra(sim)]
    return all(want is UNSET or (want or None) == (is_ or None) for want, is_ in wanted)


def _name(sim: Sim, write: UpdateSim) -> str | None:
    """A provider that has two names shows the friendly one where the other is cleared."""
    is_stand_in = write.name is None and sim.name == _extra(sim).get("friendly_name")
    return None if is_stand_in else sim.name


def shows(sim: Sim, write: UpdateSim) -> bool:
    """Whether the SIM shows at least something of what is changed, and all that is changed under its provider's own
    names."""
    canonical = (write.name, write.status, write.native_status, write.fleet_id, write.rate_plan_id)
    is_any = any(each is not UNSET for each in canonical) or bool(_extra(write))
    return is_any and _extra(write).keys() <= _extra(sim).keys()


def _extra(thing: Sim | UpdateSim) -> dict[str, Any]:  # Any: each has its own values
    extra: Any = thing.extra
    return extra if isinstance(extra, dict) else {}


async def proof_of(ask: Ask, suspect: Suspect) -> Found | None:  # noqa: PLR0911  a case for each kind of write
    """Look whether it has happened; None where that cannot be decided. What cannot be seen yet may still come, so that
    nobody can ever be told that it has not."""
    match suspect.write:
        case UpdateSim() as write:
            return await _of_sim(await state_of(ask, write), write, suspect)
        case UpdateFleet() | UpdateRatePlan() | UpdateNetworkAccessProfile() as write:
            return _of_update(await state_of(ask, write), write, suspect)
        case RegisterSim() as write:
            return _made_lately(await ask("find_sim_by_iccid", write.iccid), suspect)
        case DeleteSim() | DeleteSmsCommand() | DeleteRatePlan() as write:
            return _gone(await state_of(ask, write), suspect)
        case AddProfileNetwork() | RemoveProfileNetwork() as write:
            return await _of_network(ask, write)
        case SendSmsCommand() | SendIpCommand():
            return await _of_command(ask, suspect)
        case OrderEsimProfile() | CreateFleet() | CreateRatePlan() | CreateNetworkAccessProfile():
            return await _of_creation(ask, suspect)


async def _of_sim(sim: Sim | None, write: UpdateSim, suspect: Suspect) -> Found | None:
    if sim is None or not shows(sim, write):
        return None
    before = suspect.before
    if is_settled(sim, write, suspect.target):
        was_so = before is None or is_settled(before, write, suspect.target)
        return Found(WriteOutcome.APPLIED, sim) if not was_so or suspect.is_recent(sim.updated_at) else None
    if suspect.target is None or sim.status is not SimStatus.PENDING:
        return None
    was_pending = before is None or before.status is SimStatus.PENDING
    if was_pending and not suspect.is_recent(sim.updated_at):
        return None
    others = await suspect.others()  # what is under way does not say where it leads to
    return Found(WriteOutcome.PENDING, sim) if others is not None and not others else None


def _of_update(thing: Any, write: Write, suspect: Suspect) -> Found | None:  # Any: a fleet, a plan or a profile
    if thing is None or not _is_as(thing, write):
        return None
    changed = suspect.before is not None and not _is_as(suspect.before, write)
    return Found(WriteOutcome.APPLIED, thing) if changed or suspect.is_recent(thing.updated_at) else None


def _is_as(thing: Entity, write: Write) -> bool:
    """Whether a thing has every value the write gives it."""
    wanted = {name: value for name in write.__struct_fields__ if (value := getattr(write, name)) is not UNSET}
    return all((value or None) == (getattr(thing, name) or None) for name, value in wanted.items() if name in _SHOWN)


_SHOWN = {
    *("name", "friendly_name", "network_access_profile_id", "data_limit"),
    *("sms_commands_url", "sms_commands_method", "ip_commands_url", "ip_commands_method"),
}
"""What a fleet, a rate plan or a profile shows of what can be changed of it."""


def _made_lately(thing: Any, suspect: Suspect) -> Found | None:  # Any: as above
    if thing is None or not suspect.is_recent(thing.created_at):
        return None
    return Found(WriteOutcome.APPLIED, thing)


def _gone(thing: object, suspect: Suspect) -> Found | None:
    """What was never there has not been deleted."""
    return Found(WriteOutcome.APPLIED) if thing is None and suspect.before is not None else None


async def _of_network(ask: Ask, write: AddProfileNetwork | RemoveProfileNetwork) -> Found | None:
    """That it is so is all that can be seen: whether it was so before, nobody knows."""
    found = await ask("load_profile_network", write.profile_id, write.network_id)
    if (found is not None) is not isinstance(write, AddProfileNetwork):
        return None
    return Found(WriteOutcome.APPLIED, await state_of(ask, write))


async def _of_command(ask: Ask, suspect: Suspect) -> Found | None:
    """The only command like it that is new. Where there are two, nobody can say which is whose."""
    write = suspect.write
    assert isinstance(write, SendSmsCommand | SendIpCommand)  # noqa: S101 - the caller looked
    operation = "list_ip_commands" if isinstance(write, SendIpCommand) else "list_sms_commands"
    where = CommandWhere(sim_id=write.sim_id, direction=CommandDirection.TO_SIM, since=suspect.since - SKEW)
    return await _only(suspect, [each for each in await _read(ask, operation, where) if _is_command(each, write)])


def _is_command(command: Command, write: SendSmsCommand | SendIpCommand) -> bool:
    if isinstance(write, SendIpCommand) and isinstance(command, IpCommand) and command.device_port != write.port:
        return False
    is_alike = command.payload == write.payload and command.payload_encoding in (None, write.encoding)
    return is_alike and command.direction is CommandDirection.TO_SIM


async def _of_creation(ask: Ask, suspect: Suspect) -> Found | None:
    """The only new thing with the name it was given, or for the eUICC; what has neither cannot be told from others."""
    operation, where, name, value = _list_of(suspect.write)
    if not isinstance(value, str) or not value:
        return None
    return await _only(suspect, [each for each in await _read(ask, operation, where) if getattr(each, name) == value])


async def _only(suspect: Suspect, alike: list[Any]) -> Found | None:  # Any: as above
    """The only new one that no other write has made. Those are asked for after the list was read: what was made in
    between is then known of."""
    new = [each for each in alike if suspect.is_recent(each.created_at)]
    others = await suspect.others() if new else None
    if others is None:
        return None
    new = [each for each in new if each.native_id not in others]
    return Found(WriteOutcome.APPLIED, new[0]) if len(new) == 1 else None


def _list_of(write: Write) -> tuple[str, Where, str, object]:
    """Where what it makes would be found, and by which field."""
    match write:
        case CreateFleet():
            return "list_fleets", FleetWhere(), "name", write.name
        case CreateRatePlan():
            return "list_rate_plans", Where(), "name", write.name
        case CreateNetworkAccessProfile():
            return "list_network_access_profiles", Where(), "name", write.name
        case OrderEsimProfile():
            eid = None if write.eid is UNSET else write.eid
            return "list_esim_profiles", EsimProfileWhere(eid=eid), "eid", eid
    raise TypeError(f"{type(write).__name__} makes nothing")


async def _read(ask: Ask, operation: str, where: Where) -> list[Any]:  # Any: as above
    """A whole list; nothing where it is longer than is read, or not all of it can be: then one that is found is no
    proof that it is the only one."""
    rows: list[Any] = []
    token: str | None = None
    for _ in range(MOST_PAGES):
        page: Page[Any] = await ask(operation, where, PageRequest(ask.most_rows(operation), token))
        rows += page.items
        token = page.next
        if page.broken is not None or page.is_partial:
            return []
        if token is None:
            return rows
    return []
