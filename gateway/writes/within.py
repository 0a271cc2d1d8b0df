"""What somebody may not change who sees some fleets of an account only, as far as the input alone tells it."""

from msgspec import UNSET

from gateway.changes import SendIpCommand, SendSmsCommand, UpdateFleet, UpdateSim, Write
from gateway.kinds import LOADS
from gateway.rights import Reach
from gateway.writes.changed import kind_of, target_of
from gateway.writes.inputs_sheet import Sheet
from schema.command import SmsCommand
from schema.errors import Forbidden, NotFound
from schema.sim import Sim

__all__ = ["check_reach", "whose_it_is"]

OF_ALL = "it is about the whole account, and you may change some of its fleets only"
NO_WAY_OUT = "a SIM cannot be taken out of the fleets that you see"
OWN_NAMES = "what only this provider has may concern more than the fleets that you see"


def check_reach(write: Write, sheet: Sheet, reach: Reach) -> None:
    """Note what is wrong with it. A fleet that is not theirs is told in the words for one that does not exist."""
    fleets = reach.fleets_in(sheet.account)
    if fleets is None:
        return
    match write:
        case UpdateFleet():
            sheet.note(None if write.fleet_id in fleets else "there is no such fleet", "id", kind=NotFound)
        case UpdateSim():
            _check_sim(write, sheet, fleets)
        case _ if whose_it_is(write) is None:
            sheet.note(OF_ALL, kind=Forbidden)


def whose_it_is(write: Write) -> tuple[str, str] | None:
    """The question, and its argument, that tells whether the SIM a write is about may be seen, or the SIM of the thing
    it is about; None where it is about none."""
    target = target_of(write)
    if target is None:
        return None
    if isinstance(write, SendSmsCommand | SendIpCommand):
        return LOADS[Sim], target
    kind = kind_of(write)
    return (LOADS[kind], target) if kind in (Sim, SmsCommand) else None


def _check_sim(write: UpdateSim, sheet: Sheet, fleets: frozenset[str]) -> None:
    if write.fleet_id is None:
        sheet.note(NO_WAY_OUT, "fleetId", kind=Forbidden)
    elif write.fleet_id is not UNSET and write.fleet_id not in fleets:
        sheet.note("there is no such fleet", "fleetId", kind=NotFound)
    if write.extra is not UNSET:
        sheet.note(OWN_NAMES, "extra", kind=Forbidden)
