"""The prices of changes: the write itself, what is read before and after it, and what planning a job takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.cost.at import At, Site
from gateway.cost.filters import filter_of
from gateway.cost.given import Args
from gateway.cost.pages import lookups, most_rows
from gateway.cost.placement import Base, Placement
from gateway.cost.price import RootPrice
from gateway.jobs.selection import MOST_SIMS
from gateway.kinds import LOADS
from gateway.lists.conditions import chosen, condition
from gateway.where import SimWhere
from schema.errors import GatewayError, Invalid
from schema.filters import SimFilter
from schema.ids import decode_id

__all__ = ["bulk", "sending", "write"]

LONGEST_SETTLE = 60.0
"""Seconds that a write is waited for at most."""
LOOKS = (0.25, 0.5, 1.0)
"""Seconds between looks at what is under way, at first; from then on:"""
LONGEST_LOOK = 2.0
UNREAD_PAGES = 10
"""Pages that a list of SIMs may have of which nobody knows how long it is, for the plan of a job."""


def write(operation: str, account: str, kind: type | None = None, *, is_deletion: bool = False) -> RootPrice:
    """A change that is one call of this operation. `account` is the field of the input that says where, `kind` what
    is changed and then read back, or is looked at before it is deleted. What a provider cannot be asked is refused, but
    what was to be deleted has been looked at by then, and what was to be changed is shown as it is remembered."""

    def places(site: Site, args: Args) -> list[Placement]:
        given = args.get("input")
        return (
            _written(site, given, operation, account, kind, is_deletion=is_deletion) if isinstance(given, dict) else []
        )

    return RootPrice(places)


def sending() -> RootPrice:
    """A message, by SMS or IP."""

    def places(site: Site, args: Args) -> list[Placement]:
        given = args.get("input")
        body = given.get("body") if isinstance(given, dict) else None
        if not isinstance(given, dict) or not isinstance(body, dict):
            return []
        operation = "send_ip_command" if body.get("ip") else "send_sms_command"
        return _written(site, given, operation, "simId", None)

    return RootPrice(places)


def _written(
    site: Site,
    given: Mapping[str, Any],  # Any: JSON
    operation: str,
    field: str,
    kind: type | None,
    *,
    is_deletion: bool = False,
) -> list[Placement]:
    name = _account_of(given.get(field), field)
    if name not in site.accounts:
        return []
    at = site.at(name)
    is_able, read = at.calls(operation) is not None, at.single(LOADS[kind]) if kind is not None else 0
    if not is_able:
        calls = read if is_deletion else 0
    elif given.get("dryRun") is True:
        calls = read
    elif is_deletion:
        calls = 1 + read
    else:
        calls = 1 + read * (1 + _looks(given.get("awaitSettled")))
    if at.fleets:
        calls += at.calls("load_sim") or 0  # whether its SIM is in one of them
    rows = 1 if is_able or kind is not None else 0
    return [Placement({name: Base(calls)}, counts={name: rows}, is_partial=True)]


def _account_of(given: Any, field: str) -> str:  # Any: JSON
    """What says where: an account's name, or the id of something in it."""
    if not isinstance(given, str) or field == "account":
        return str(given)
    try:
        return decode_id(given).account
    except Invalid:
        return ""


def _looks(seconds: Any) -> int:  # Any: as above
    """How often a SIM is read while its change is waited for."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        return 0
    left, looks = min(float(seconds), LONGEST_SETTLE), 0
    while left > 0:
        left -= LOOKS[looks] if looks < len(LOOKS) else LONGEST_LOOK
        looks += 1
    return looks


# --- jobs ----------------------------------------------------------------------------------------------------------


def bulk() -> RootPrice:
    """Beginning a job. What it does later it does in its own time; here is counted what it takes to know its SIMs."""

    def places(site: Site, args: Args) -> list[Placement]:
        given = args.get("input")
        select = given.get("select") if isinstance(given, dict) else None
        if not isinstance(given, dict) or not isinstance(select, dict):
            return []
        bases = {at.name: Base() for at in site.all()}
        if isinstance(select.get("filter"), dict):
            bases |= _walked(site, select["filter"], given.get("expectedCount"))
        elif isinstance(select.get("ids"), list):
            bases |= _checked(site, select["ids"])
        return [Placement(bases, 1)]

    return RootPrice(places)


def _walked(site: Site, given: Mapping[str, Any], expected: Any) -> dict[str, Base]:  # Any: JSON
    """Reading every SIM that matches."""
    narrowed = filter_of(SimFilter, given)
    if narrowed is None or not isinstance(expected, int | float) or not 1 <= expected <= MOST_SIMS:
        return {}
    bases: dict[str, Base] = {}
    for account in chosen(site.accounts, narrowed)[0]:
        try:
            where = condition(narrowed, account.name)
        except GatewayError:
            return {}
        if isinstance(where, SimWhere) and account.provider.supports("list_sims"):
            at = site.at(account.name)
            looked_up = lookups(at, where)
            bases[account.name] = _walk(at, where, int(expected)) if looked_up is None else Base(looked_up)
    return bases


def _walk(at: At, where: SimWhere, expected: int) -> Base:
    """All pages of a list. Where the provider applies the filter it has no more rows than are expected, or the walk
    was in vain; where not it has what it has."""
    calls = at.listed("list_sims")
    further = expected // most_rows(at, "list_sims")
    if not at.provider.leaves_some("list_sims", where) and where.conditions:
        return Base(_SEARCHES * calls, further * calls, further * calls)
    known = at.length("list_sims")
    return Base(calls * max(UNREAD_PAGES if known is None else known, 1 + further))


def _checked(site: Site, ids: Sequence[Any]) -> dict[str, Base]:  # Any: as above
    """Of accounts where not all fleets exist for the caller, each SIM is looked at."""
    bases: dict[str, Base] = {}
    for each in ids:
        name = _account_of(each, "id")
        if name in site.accounts and site.at(name).fleets:
            calls = site.at(name).calls("load_sim") or 0
            bases[name] = Base(bases.get(name, Base()).fixed + calls)
    return bases


_SEARCHES = 4
"""A page that is not full for each word that a status may be, and one that may be empty at the end."""
