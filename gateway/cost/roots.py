"""The prices of what a query can start with."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from gateway.batch.entities import MAX_NESTED_PAGES
from gateway.cost.at import At, Site
from gateway.cost.filters import filter_of
from gateway.cost.given import Args
from gateway.cost.pages import lookups, pages, rows_of
from gateway.cost.placement import Base, Placement
from gateway.cost.price import RootPrice
from gateway.cost.relations import share_of_load
from gateway.kinds import LISTS, NESTED
from gateway.lists.conditions import chosen, condition
from gateway.where import Where
from schema.errors import GatewayError, Invalid
from schema.filters import AccountFilter
from schema.iccid import is_iccid, other_form
from schema.ids import GlobalId, decode_id
from schema.query import NODE_TYPES
from schema.sim import Sim

__all__ = ["FREE", "by_id", "everywhere", "listing", "node", "nodes", "sim"]

MOST_NODES = 100
Places = Callable[[Site, Args], list[Placement]]


# --- lists over accounts -------------------------------------------------------------------------------------------


def listing(kind: type, filter_kind: type[AccountFilter]) -> RootPrice:
    """A page of things of all chosen accounts."""

    def places(site: Site, args: Args) -> list[Placement]:
        first, narrowed = rows_of(args), filter_of(filter_kind, args.get("filter"))
        if first is None or narrowed is None:
            return []
        bases: dict[str, Base] = {}
        for account in chosen(site.accounts, narrowed)[0]:
            try:
                where = condition(narrowed, account.name)
            except GatewayError:
                return []
            if where is not None:
                at = site.at(account.name)
                base = _of_account(at, kind, where, args)
                if base is not None:
                    bases[account.name] = base
        return [Placement(bases, first, is_partial=True)]

    return RootPrice(places)


def _of_account(at: At, kind: type, where: Where, args: Args) -> Base | None:
    able = [each for each in LISTS[kind] if at.calls(each) is not None]
    if not able:
        return None
    looked_up = lookups(at, where)
    if looked_up is not None:
        return Base(looked_up)
    found = [pages(at, each, where, args) for each in able]
    return Base(*(sum(each) for each in zip(*found, strict=True)))


# --- by id ---------------------------------------------------------------------------------------------------------


def _node(site: Site, args: Args) -> list[Placement]:
    return _of_ids(site, [args.get("id")])


def _nodes(site: Site, args: Args) -> list[Placement]:
    ids = args.get("ids")
    ids = ids if isinstance(ids, list) else [ids]
    return _of_ids(site, ids) if len(ids) <= MOST_NODES else []


def _of_ids(site: Site, ids: list[Any]) -> list[Placement]:  # Any: JSON
    wanted = {each for given in ids if (each := _decoded(given)) is not None}
    counts: dict[str, Counter[str]] = {}
    for each in wanted:
        counts.setdefault(each.kind, Counter())[each.account] += 1
    return [placement for kind in counts for placement in _of_kind(site, kind, counts[kind])]


def _of_kind(site: Site, kind: str, counts: Counter[str]) -> list[Placement]:
    if kind == "Job":
        return _anywhere(site, counts.total(), kind)
    if kind not in NODE_TYPES:
        return []
    here = {name: count for name, count in counts.items() if name in site.accounts}
    bases = {name: Base(_calls_of(site.at(name), NODE_TYPES[kind], count)) for name, count in here.items()}
    return [Placement(bases, counts=here, kind=kind)]


def _calls_of(at: At, kind: type, count: int) -> int:
    if kind in NESTED:
        return MAX_NESTED_PAGES * at.single(LISTS[kind][0]) * count
    share = share_of_load(at, kind, count)
    return share.fixed + share.each * count


def by_id(kind: type) -> RootPrice:
    """One thing of this type by its id."""

    def places(site: Site, args: Args) -> list[Placement]:
        wanted = _decoded(args.get("id"))
        return [] if wanted is None or wanted.kind != kind.__name__ else _of_ids(site, [args.get("id")])

    return RootPrice(places)


def _decoded(given: Any) -> GlobalId | None:  # Any: as above
    try:
        return decode_id(given) if isinstance(given, str) else None
    except Invalid:
        return None


def _sim(site: Site, args: Args) -> list[Placement]:
    by = args.get("by")
    if not isinstance(by, dict):
        return []
    if by.get("id") is not None:
        wanted = _decoded(by["id"])
        return [] if wanted is None or wanted.kind != Sim.__name__ else _of_ids(site, [by["id"]])
    if isinstance(by.get("iccid"), str) and is_iccid(by["iccid"]):
        return _asked_of_all(site, "find_sim_by_iccid", 1 if other_form(by["iccid"]) is None else 2)
    return _asked_of_all(site, "find_sim_by_device", 1) if by.get("deviceId") else []


def _asked_of_all(site: Site, operation: str, times: int) -> list[Placement]:
    """One SIM that any account may have."""
    bases = {at.name: Base(times * at.single(operation)) for at in site.all() if at.calls(operation) is not None}
    return [Placement(bases, 1, is_partial=True)]


# --- what the gateway keeps itself ---------------------------------------------------------------------------------


def _anywhere(site: Site, rows: int, kind: str | None = None) -> list[Placement]:
    """Rows of our own that lead to things of any account."""
    return [Placement({at.name: Base() for at in site.all()}, rows, kind=kind)]


def everywhere(*, is_list: bool) -> RootPrice:
    """Jobs: no provider is asked for them, and there may be SIMs of every account in them."""
    return RootPrice(lambda site, args: _anywhere(site, (rows_of(args) or 0) if is_list else 1))


node, nodes, sim = RootPrice(_node), RootPrice(_nodes), RootPrice(_sim)
FREE = RootPrice(lambda _site, _args: [])
"""Nobody is asked."""
