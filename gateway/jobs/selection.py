"""Which SIMs a job is for, as the caller says it: ids, or a filter and how many he means by it."""

from collections.abc import Iterable, Mapping, Sequence

from gateway.account import OpenAccount
from gateway.batch.entities import Entities
from gateway.lists.conditions import check_lengths, chosen, condition
from gateway.where import SimWhere
from schema.connection import Problem
from schema.errors import Conflict, GatewayError, Invalid, NotFound
from schema.filters import SimFilter
from schema.ids import Key, decode_id, encode_id, shown
from schema.sim import Sim

__all__ = [
    "MOST_IDS",
    "MOST_SIMS",
    "Unselected",
    "by_account",
    "check_seen",
    "keys_of",
    "other_count",
    "wheres_of",
]

MOST_IDS = 2_000
"""Ids in one selection."""
MOST_SIMS = 200_000
"""SIMs of one job."""
MOST_TOLD = 20
"""Mistakes in ids that are told one by one."""


class Unselected(Exception):
    """It is not certain which SIMs are meant, and so nothing is done: why."""

    def __init__(self, errors: Sequence[GatewayError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.problems = [Problem.of(error) for error in errors]


# --- ids -----------------------------------------------------------------------------------------------------------


def keys_of(ids: Sequence[str], accounts: Mapping[str, OpenAccount]) -> list[Key]:
    """The SIMs of these ids, each once. Raises Unselected, naming the places of ids that are none."""
    if not 0 < len(ids) <= MOST_IDS:
        raise Unselected([_flaw(f"select.ids: 1 to {MOST_IDS:,} ids; found {len(ids):,}", "ids")])
    keys: dict[Key, None] = {}
    flaws: list[GatewayError] = []
    for place, each in enumerate(ids):
        try:
            keys[_key(each, place, accounts)] = None
        except GatewayError as error:
            flaws.append(error)
    _raise_if(flaws)
    return list(keys)


async def check_seen(keys: Iterable[Key], entities: Entities) -> None:
    """Raises Unselected where one is in an account of which the caller sees some fleets only, and not in these, or is
    not there at all. Of other accounts the provider is asked when its turn comes."""
    looked_at = [key for key in keys if entities.calls.fleets(key.account) is not None]
    found = await entities.load(Sim, looked_at)
    flaws: list[GatewayError] = []
    for key, answer in zip(looked_at, found, strict=True):
        if isinstance(answer, GatewayError):
            raise Unselected([answer])  # of the account, and so of all the others in it
        if answer is None:
            id = shown(encode_id(key.account, Sim.__name__, key.native_id))  # noqa: A001 - the caller's word
            flaws.append(NotFound(f"select.ids: there is no SIM {id}", path=["input", "select", "ids"]))
    _raise_if(flaws)


def _raise_if(flaws: list[GatewayError]) -> None:
    if len(flaws) > MOST_TOLD:
        more = _flaw(f"select.ids: {len(flaws) - MOST_TOLD:,} more of them are wrong", "ids")
        flaws = [*flaws[:MOST_TOLD], more]
    if flaws:
        raise Unselected(flaws)


def by_account(keys: Iterable[Key]) -> dict[str, list[str]]:
    """The native ids of each account."""
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(key.account, []).append(key.native_id)
    return found


def _key(given: str, place: int, accounts: Mapping[str, OpenAccount]) -> Key:
    name, path = f"select.ids[{place}]", ["input", "select", "ids", str(place)]
    try:
        wanted = decode_id(given, argument=name)
    except Invalid as error:
        error.path = path
        raise
    if wanted.kind != Sim.__name__:
        raise Invalid(f"{name}: this is the id of a {wanted.kind}, not of a Sim", path=path)
    if wanted.account not in accounts:
        raise NotFound(f"{name}: there is no account {wanted.account[:80]!r}", path=path)
    return wanted.key


# --- filters -------------------------------------------------------------------------------------------------------


def wheres_of(filter: SimFilter, accounts: Mapping[str, OpenAccount]) -> dict[str, SimWhere]:
    """The condition for each account the filter is about. Raises Unselected."""
    try:
        check_lengths(filter)
    except Invalid as error:
        raise Unselected([_below_select(error)]) from None
    asked, flaws = chosen(accounts, filter)
    wheres: dict[str, SimWhere] = {}
    for account in asked:
        try:
            where = condition(filter, account.name)
        except GatewayError as error:
            flaws.append(error)
            break  # it is the same for every account
        if isinstance(where, SimWhere):
            wheres[account.name] = where
    if flaws:
        raise Unselected([_below_select(each) for each in flaws])
    return wheres


def _below_select(error: GatewayError) -> GatewayError:
    if error.path and error.path[0] == "filter":
        error.path = ["input", "select", *error.path]
    return error


def other_count(found: int, expected: int) -> Conflict:
    """Why nothing is done where another number of SIMs is found."""
    return Conflict(
        f"expectedCount: {expected:,} SIMs were expected and {found:,} found; nothing was done",
        path=["input", "expectedCount"],
    )


def _flaw(message: str, field: str) -> Invalid:
    return Invalid(message, path=["input", "select", field])
