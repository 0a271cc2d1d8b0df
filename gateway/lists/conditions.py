"""From a caller's filter to each account's own terms: which accounts to ask, and for what."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from gateway.account import OpenAccount
from gateway.upstream.read import country
from gateway.where import (
    CommandWhere,
    EsimProfileWhere,
    EventWhere,
    FleetWhere,
    NetworkWhere,
    SettingsUpdateWhere,
    SimWhere,
    UsageWhere,
    Where,
)
from schema.errors import GatewayError, Invalid, NotFound
from schema.filters import (
    AccountFilter,
    CommandFilter,
    EsimProfileFilter,
    EventFilter,
    FleetFilter,
    NetworkFilter,
    SettingsUpdateFilter,
    SimFilter,
)
from schema.iccid import is_iccid
from schema.ids import decode_id, shown
from schema.usage import UsageFilter

__all__ = ["MOST_NAMED", "MOST_UNKNOWN", "check_lengths", "chosen", "condition", "in_order", "is_named"]

MOST_NAMED = 100
"""Values in each list of a filter."""
MOST_UNKNOWN = 20
"""Names that are none which are told one by one."""


def check_lengths(filter: AccountFilter) -> None:
    """Raises Invalid for a list of more values than a filter may name."""
    for name, given in vars(filter).items():
        if isinstance(given, list) and len(given) > MOST_NAMED:
            raise Invalid(f"filter.{name}: at most {MOST_NAMED}; found {len(given)}", path=["filter", name])


def chosen(accounts: Mapping[str, OpenAccount], filter: AccountFilter) -> tuple[list[OpenAccount], list[GatewayError]]:
    """The accounts a filter asks for, by name, and a problem for each name that is none, or for how many there are."""
    served = {account.provider_name for account in accounts.values()}
    strangers = [name for name in filter.accounts or () if name not in accounts]
    unserved = [name for name in filter.providers or () if name not in served]
    asked, at = set(filter.accounts or ()), set(filter.providers or ())
    return [
        account
        for name, account in sorted(accounts.items())
        if (filter.accounts is None or name in asked) and (filter.providers is None or account.provider_name in at)
    ], [
        *_unknown("there is no account", strangers, "accounts"),
        *_unknown("there is no account at a provider", unserved, "providers"),
    ]


def _unknown(problem: str, names: Sequence[str], field: str) -> Iterator[GatewayError]:
    for name in names[:MOST_UNKNOWN]:
        yield NotFound(f"{problem} {shown(name)}", path=["filter", field])
    if len(names) > MOST_UNKNOWN:
        yield NotFound(f"{problem} of {len(names) - MOST_UNKNOWN} more names", path=["filter", field])


def is_named(filter: AccountFilter) -> bool:
    """Whether the caller chose the accounts, so that one that cannot answer is worth a word."""
    return filter.accounts is not None or filter.providers is not None


class _Ids:
    """The filter's global ids as native ids of one account. An id of another account matches nothing here."""

    def __init__(self, account: str) -> None:
        self._account = account
        self.elsewhere = False

    def native(self, field: str, given: str | None, *kinds: str) -> str | None:
        if given is None:
            return None
        wanted = decode_id(given, argument=f"filter.{field}")
        if wanted.kind not in kinds:
            raise Invalid(f"filter.{field}: this is the id of a {wanted.kind}", path=["filter", field])
        self.elsewhere = self.elsewhere or wanted.account != self._account
        return wanted.native_id


def condition(filter: AccountFilter, account: str) -> Where | None:
    """The condition for one account; None when nothing there can match. Raises Invalid for bad input.

    An empty list in a filter matches nothing, as a set of no wanted values should.
    """
    check_lengths(filter)
    ids = _Ids(account)
    where = _CONDITIONS[type(filter)](filter, ids) if type(filter) in _CONDITIONS else Where()
    return None if ids.elsewhere or [] in vars(filter).values() else where


def _sims(filter: SimFilter, ids: _Ids) -> Where:
    for iccid in filter.iccid or ():
        if not is_iccid(iccid):
            raise Invalid(f"filter.iccid: {shown(iccid)} is not an ICCID of 18 to 22 digits", path=["filter", "iccid"])
    return SimWhere(
        status=frozenset(filter.status or ()),
        fleet_id=ids.native("fleetId", filter.fleet_id, "Fleet"),
        rate_plan_id=ids.native("ratePlanId", filter.rate_plan_id, "RatePlan"),
        iccids=frozenset(filter.iccid or ()),
        name=filter.name,
    )


def _fleets(filter: FleetFilter, ids: _Ids) -> Where:
    profile = ids.native("networkAccessProfileId", filter.network_access_profile_id, "NetworkAccessProfile")
    return FleetWhere(profile, filter.name)


def _commands(filter: CommandFilter, ids: _Ids) -> Where:
    return CommandWhere(ids.native("simId", filter.sim_id, "Sim"), frozenset(filter.status or ()), filter.direction)


def _events(filter: EventFilter, ids: _Ids) -> Where:
    in_order(filter.since, filter.until)
    sim_id = ids.native("simId", filter.sim_id, "Sim")
    return EventWhere(sim_id, frozenset(filter.type or ()), filter.since, filter.until)


def _networks(filter: NetworkFilter, _ids: _Ids) -> Where:
    return NetworkWhere(None, _country(filter.country), filter.mcc, filter.mnc)


def _esim_profiles(filter: EsimProfileFilter, ids: _Ids) -> Where:
    return EsimProfileWhere(filter.eid, ids.native("simId", filter.sim_id, "Sim"), frozenset(filter.status or ()))


def _settings_updates(filter: SettingsUpdateFilter, ids: _Ids) -> Where:
    return SettingsUpdateWhere(ids.native("simId", filter.sim_id, "Sim"), frozenset(filter.status or ()))


def _usage(filter: UsageFilter, ids: _Ids) -> Where:
    return UsageWhere(
        since=filter.since,
        until=filter.until,
        granularity=filter.granularity,
        group=filter.group_by,
        sim_id=ids.native("simId", filter.sim_id, "Sim"),
        fleet_id=ids.native("fleetId", filter.fleet_id, "Fleet"),
        network_id=ids.native("networkId", filter.network_id, "Network"),
        country=_country(filter.country),
    )


def _country(given: str | None) -> str | None:
    """Upper-case alpha-2. Raises Invalid for anything that is no country's code."""
    if given is None:
        return None
    known = country(given) if len(given) == 2 else None
    if known is None:
        raise Invalid(f"filter.country: {shown(given)} is not an ISO 3166-1 alpha-2 code", path=["filter", "country"])
    return known


_CONDITIONS: dict[type, Callable[..., Where]] = {
    SimFilter: _sims,
    FleetFilter: _fleets,
    CommandFilter: _commands,
    EventFilter: _events,
    NetworkFilter: _networks,
    EsimProfileFilter: _esim_profiles,
    SettingsUpdateFilter: _settings_updates,
    UsageFilter: _usage,
}


def in_order(since: datetime | None, until: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Both, as given. Raises Invalid for a span that ends before it begins."""
    if since is not None and until is not None and since >= until:
        raise Invalid(f"since must be before until; found {told(since)} and {told(until)}", path=["since", "until"])
    return since, until


def told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
