"""What a price is: how many calls a field costs at one account, for so many things that it is asked of."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import NamedTuple

from gateway.cost.at import At, Site
from gateway.cost.given import Args
from gateway.cost.placement import Placement

__all__ = ["NOTHING", "Price", "RootPrice", "Share"]


class Share(NamedTuple):
    """What a relation costs at one account: calls for all parents together, calls for each, and the rows each has."""

    fixed: int = 0
    each: int = 0
    rows: int = 0


NOTHING = Share()


def _as_given(args: Args) -> Hashable:
    return repr(args) if args else ""


@dataclass(frozen=True)
class Price:
    """The price of a relation. `ask` is given the account, how many parents there are, and the arguments.

    Relations with the same `name` and the same `same` of their arguments ask the same questions. `is_by_sim`: it asks
    once for each SIM that the parents belong to. `is_detail`: it asks only for SIMs that came with some fields missing.
    `is_partial`: its rows are such SIMs.
    """

    name: str
    ask: Callable[[At, int, Args], Share]
    same: Callable[[Args], Hashable] = _as_given
    is_by_sim: bool = False
    is_detail: bool = False
    is_partial: bool = False

    def key(self, args: Args) -> Hashable:
        """What is the same for all that ask the same."""
        return self.name, self.same(args)


@dataclass(frozen=True)
class RootPrice:
    """The price of a root field: where its rows come from."""

    places: Callable[[Site, Args], list[Placement]]
