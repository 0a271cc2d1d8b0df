"""Where the rows of a root field come from, and what it takes to have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Base", "Placement"]


class Base(NamedTuple):
    """Calls at one account for the root field itself: `fixed` ones, whoever has the rows, and `extra` ones, where all
    of the rows come from this account. `share` is what those are in proportion to the rows: a bound for them where
    several accounts have some of the rows."""

    fixed: int = 0
    extra: int = 0
    share: int = 0


@dataclass(frozen=True)
class Placement:
    """`bases` has every account that rows may come from. There are so many `rows` in all, or for each account its own
    number of them in `counts`. `kind` is the name of their type, where the field's own type does not say it.
    `is_partial`: they may be SIMs of which only some fields are told."""

    bases: Mapping[str, Base]
    rows: int = 0
    counts: Mapping[str, int] | None = None
    kind: str | None = None
    is_partial: bool = False
