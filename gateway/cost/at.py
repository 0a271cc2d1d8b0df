"""One account as a price sees it: what it can be asked, in how many calls, and what is known of its lists."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gateway.account import OpenAccount
from gateway.batch.plan import Learned
from gateway.lists.cursor import Positions
from gateway.where import Where

__all__ = ["At", "Places", "Site"]

OF_ALL = ("list_rate_plans", "list_networks", "list_network_access_profiles", "list_profile_networks")
"""What an account offers as a whole, whichever of its fleets exist for the caller."""
LIST_SHARE = 4
"""For so many SIMs of which the fleet is to be found out, one page of a list is read."""

MANY = 1 << 30
"""More single calls than any list has pages."""


Places = Callable[[str], Positions | None]
"""Where a cursor stands; None for one that is damaged."""


class Standing(NamedTuple):
    """Where a reader stands in one list: whether it has been begun, with pages of which size, and whether nothing is
    left of it."""

    is_begun: bool = False
    size: int | None = None
    is_over: bool = False


class At:
    """`fleets`: so many of its fleets exist for the caller, each a list of its own; 0: there is no such limit."""

    def __init__(self, account: OpenAccount, learned: Learned, fleets: int, places: Places | None) -> None:
        self._places = places
        self.name = account.name
        self.account = account
        self.provider = account.provider
        self.fleets = fleets
        self._learned = learned
        self._calls: dict[str, int | None] = {}

    def calls(self, operation: str) -> int | None:
        """HTTP calls that asking this once takes; None where its provider has no such operation."""
        if operation not in self._calls:
            known = self.provider.supports(operation)
            self._calls[operation] = self.provider.calls_for(operation) if known else None
        return self._calls[operation]

    def single(self, operation: str) -> int:
        """The same for one thing by id, 0 where it cannot be asked. Where only some fleets exist for the caller, whose
        it is has to be asked as well."""
        calls = self.calls(operation)
        if calls is None:
            return 0
        return calls + (self.calls("load_sim") or 0) if self.fleets and operation != "load_sim" else calls

    def listed(self, operation: str, where: Where | None = None) -> int:
        """The same for a page of a list; of each fleet where only some exist, and the list is told fleet by fleet."""
        calls = self.calls(operation) or 0
        is_by_fleet = operation in ("list_sims", "list_usage") and (where is None or not _names_one(where))
        return calls * max(1, self.fleets) if is_by_fleet else calls

    def is_watched(self, operation: str, where: Where) -> bool:
        """Whether rows of this list are left out because they do not exist for the caller."""
        is_free = operation == "list_sims" or operation in OF_ALL
        return self.fleets > 0 and not is_free and not _names_one(where)

    def checked(self, operation: str, where: Where, rows: int) -> int:
        """Calls to find out which of so many rows exist for the caller: whose they are, one by one and by lists."""
        if operation == "list_fleets" or not self.is_watched(operation, where):
            return 0
        return (rows + rows // LIST_SHARE) * (self.calls("load_sim") or 0)

    def standing(self, operation: str, after: Any) -> Standing:  # Any: JSON
        """What a cursor says of this list; only that it is begun where nobody can read it."""
        if not after or not isinstance(after, str):
            return Standing()
        if self._places is None:
            return Standing(is_begun=True)
        found = self._places(after)
        if found is None:
            return Standing(is_over=True)
        own = f"{self.name}/{operation}"
        here = [place for name, place in found.places.items() if name == own or name.startswith(f"{own}/")]
        if not here:
            return Standing()
        return Standing(True, max(1, min(each.size for each in here)), all(each.done for each in here))

    def length(self, operation: str) -> int | None:
        """The pages of a whole list, where they are known."""
        if self.fleets:
            return None
        which = (self.name, operation, "")
        pages = self._learned.worth_reading(which, MANY)
        # One that is not known is worth fewer pages the fewer calls it may save; a known one always what it has.
        return pages if pages and self._learned.worth_reading(which, pages + 1) == pages else None

    def tried(self, operation: str, instead_of: int, shape: str = "") -> int:
        """Pages of it that are read in place of so many single calls."""
        return self._learned.worth_reading((self.name, operation, shape), instead_of)


class Site:
    """The accounts that exist for the caller."""

    def __init__(
        self,
        accounts: Mapping[str, OpenAccount],
        learned: Learned,
        fleets: Mapping[str, int],
        places: Places | None,
    ) -> None:
        self.accounts = accounts
        self._places = places
        self._learned = learned
        self._fleets = fleets
        self._at: dict[str, At] = {}

    def at(self, name: str) -> At:
        if name not in self._at:
            fleets = self._fleets.get(name, 0)
            # How long the lists of a whole account are is not for those who see a part of it.
            learned = Learned() if fleets else self._learned
            self._at[name] = At(self.accounts[name], learned, fleets, self._places)
        return self._at[name]

    def all(self) -> list[At]:
        return [self.at(name) for name in self.accounts]


def _names_one(where: Where) -> bool:
    """Whether it is about one SIM or one fleet."""
    return not where.conditions.isdisjoint({"sim_id", "fleet_id"})
