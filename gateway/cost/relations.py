"""The prices of relations: from one thing to another by id, or to the many that belong to it."""

from collections.abc import Callable, Iterable

from gateway.cost.at import At
from gateway.cost.filters import moment
from gateway.cost.given import Args
from gateway.cost.pages import pages, rows_of
from gateway.cost.price import NOTHING, Price, Share
from gateway.kinds import LISTS, LOADS, WHOLE_LISTS
from gateway.where import CommandWhere, EventWhere, NetworkWhere, SessionWhere, SettingsUpdateWhere, SimWhere, Where
from schema.command import Command, IpCommand, SmsCommand
from schema.errors import Invalid
from schema.event import SimEvent, SimEventType
from schema.ids import decode_id
from schema.lifecycle import SettingsUpdate
from schema.network import Network
from schema.session import DataSession
from schema.sim import Sim

__all__ = [
    "COMMANDS_BY_ID",
    "DETAIL",
    "ESIM_PROFILE",
    "IN_STORE",
    "NETWORK_IN",
    "few",
    "loaded",
    "one",
    "page_of",
    "share_of_load",
]

SOME = "1"
"""Stands for the thing whose list it is."""


# --- things by id --------------------------------------------------------------------------------------------------


def loaded(kind: type, *, is_by_sim: bool = False) -> Price:
    """The thing each parent names: one list for all, or a call for each."""
    return Price(f"load {kind.__name__}", lambda at, count, _: share_of_load(at, kind, count), is_by_sim=is_by_sim)


def share_of_load(at: At, kind: type, count: int) -> Share:
    """So many things by id. A list of unknown length is tried for some pages, and may not have what is looked for."""
    single = at.single(LOADS[kind])
    if kind is Sim:
        # One that some list has told already is not loaded; what that list left out is asked for instead.
        single = max(single, _rest_of_sim(at))
    if count < 2 or kind not in WHOLE_LISTS or not at.calls(LOADS[kind]):
        return Share(0, single, 1)
    return _list_or_singles(at, LISTS[kind][:1], count, Share(0, single, 1))


def _list_or_singles(at: At, operations: Iterable[str], count: int, singly: Share) -> Share:
    """The same as so many single calls or as one list for each operation. A length that is known is believed."""
    fixed, is_whole = 0, True
    for operation in operations:
        if at.calls(operation) is None:
            continue
        length = at.length(operation)
        is_read = length is not None and length < count
        is_whole = is_whole and is_read
        fixed += at.listed(operation) * (length if length is not None and is_read else at.tried(operation, count))
    if not fixed or not is_whole:
        return Share(fixed, singly.each, singly.rows)
    partial = _rest_of_sim(at) if "list_sims" in operations else 0
    return Share(fixed, partial, singly.rows)


def _rest_of_sim(at: At) -> int:
    """What it takes to complete a SIM of a list: its device may be asked for first, and have another SIM by now."""
    if not at.provider.has_partial_rows:
        return 0
    return (at.calls("find_sim_by_device") or 0) + (at.calls("load_sim") or 0)


DETAIL = Price(
    "complete", lambda at, _count, _args: Share(0, _rest_of_sim(at)), lambda _: "", is_by_sim=True, is_detail=True
)
"""A field that some providers' lists leave out."""

COMMANDS_BY_ID = Price(
    "load Command",
    lambda at, _count, _args: Share(0, max(at.single(LOADS[SmsCommand]), at.single(LOADS[IpCommand])), 1),
)
"""A command by id, of either kind."""


# --- things that belong to one -------------------------------------------------------------------------------------


def one(operation: str) -> Price:
    """One call for each SIM."""
    return Price(operation, lambda at, _count, _args: Share(0, at.single(operation), 1), is_by_sim=True)


def few(kind: type) -> Price:
    """The few things of a kind that each SIM has; they fit on a page."""
    return one(LISTS[kind][0])


def page_of(kind: type, *, is_by_sim: bool = False, is_partial: bool = False) -> Price:
    """A page of things for each parent."""
    return Price(
        f"page of {kind.__name__}",
        lambda at, count, args: _share_of_page(at, kind, count, args),
        is_by_sim=is_by_sim,
        is_partial=is_partial,
    )


def _share_of_page(at: At, kind: type, count: int, args: Args) -> Share:
    first = rows_of(args)
    operations = [each for each in _LISTS_OF_PARENT[kind] if at.calls(each) is not None]
    if first is None or not operations:
        return NOTHING
    bases = [pages(at, each, _CONDITIONS[kind](args), args) for each in operations]
    calls = sum(base.fixed + base.extra for base in bases)
    if args.get("after"):
        return Share(calls, 0, first)  # a cursor is good for one parent alone
    singly = Share(0, calls, first)
    if count < 2 or kind not in _GROUPED:
        return singly
    return _list_or_singles(at, operations, count, singly)


def _share_of_esim_profile(at: At, count: int, _args: Args) -> Share:
    singly = Share(0, at.single("list_esim_profiles"), 1)
    return _list_or_singles(at, ["list_esim_profiles"], count, singly) if count > 1 else singly


def _share_of_network(at: At, _count: int, args: Args) -> Share:
    """A network in each profile of its own account."""
    try:
        is_here = decode_id(str(args.get("id"))).account == at.name
    except Invalid:
        is_here = False
    return Share(0, at.single("load_profile_network"), 1) if is_here else NOTHING


ESIM_PROFILE = Price("profile of SIM", _share_of_esim_profile, is_by_sim=True)
NETWORK_IN = Price("network in profile", _share_of_network)


# --- what the gateway keeps itself ---------------------------------------------------------------------------------


def _share_of_store(_at: At, _count: int, args: Args) -> Share:
    return Share(0, 0, rows_of(args) or 0)


IN_STORE = Price("store", _share_of_store)
"""Rows of the gateway's own store; no provider is asked."""


# --- conditions ----------------------------------------------------------------------------------------------------

_LISTS_OF_PARENT = LISTS | {Network: ("list_profile_networks",)}
_GROUPED = (Command, SettingsUpdate)
"""Kinds of which the whole list serves every SIM."""


def _type(args: Args) -> frozenset[SimEventType]:
    name = args.get("type")
    return (
        frozenset({SimEventType[name]}) if isinstance(name, str) and name in SimEventType.__members__ else frozenset()
    )


_CONDITIONS: dict[type, Callable[[Args], Where]] = {
    Sim: lambda _: SimWhere(fleet_id=SOME),
    Network: lambda _: NetworkWhere(profile_id=SOME),
    DataSession: lambda args: SessionWhere(SOME, moment(args.get("since")), moment(args.get("until"))),
    Command: lambda _: CommandWhere(sim_id=SOME),
    SimEvent: lambda args: EventWhere(sim_id=SOME, types=_type(args)),
    SettingsUpdate: lambda _: SettingsUpdateWhere(sim_id=SOME),
}
