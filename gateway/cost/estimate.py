"""How many provider calls an operation takes at most, by account, told from its text and its variables alone.

It is a bound for a cold cache: what the gateway's own batching would do with every list as full as it was asked for.
Each account is told as if all rows came from it, the total as if they came from whoever is the most expensive: rows
are not counted twice. It counts one call for what takes more only where something has gone wrong: repeats of calls that
failed, the search for a write whose answer was lost, a second look at sessions that are not listed newest first, and
lists of few things that fill more than a page. What was really made is in the plan.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode

from gateway.account import OpenAccount
from gateway.batch.plan import Learned
from gateway.cost.at import At, Places, Site
from gateway.cost.given import Given
from gateway.cost.index import index_of
from gateway.cost.placement import Placement
from gateway.cost.steps import Root, Step, roots_of

__all__ = ["Estimate", "Spent", "estimate"]

NO_FLEETS: Mapping[str, int] = {}


@dataclass(frozen=True)
class Spent:
    """Calls of a request as they are told and charged: all together, and at each account."""

    total: int = 0
    by_account: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimate:
    """Calls that an operation takes at most: all together, and at each account that would be asked. The accounts
    together may be more than the total, as no two of them have the same row."""

    total: int = 0
    by_account: Mapping[str, int] = field(default_factory=dict)

    def spent(self, calls: Mapping[str, int], untold: Collection[str]) -> "Spent":
        """What is told and charged of the calls that were made, by account: at those in `untold`, of which the caller
        sees a part, what was estimated, as the number of calls would tell him of the rest."""
        open_ = {name: made for name, made in calls.items() if name not in untold}
        closed = {name: made for name, made in self.by_account.items() if name in untold}
        return Spent(sum(open_.values()) + min(sum(closed.values()), self.total), open_ | closed)

    def shown(self, spent: "Spent", limit: int | None = None) -> dict[str, object]:
        """As `extensions.cost` has it, beside what was spent and the most that a request may take."""
        actual = spent.by_account
        names = sorted({*self.by_account, *(name for name, calls in actual.items() if calls)})
        return {
            "estimate": self.total,
            "actual": spent.total,
            "limit": limit,
            "accounts": [
                {"account": name, "estimate": self.by_account.get(name, 0), "actual": actual.get(name, 0)}
                for name in names
            ],
        }


def estimate(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],  # Any: the caller's own JSON
    accounts: Mapping[str, OpenAccount],
    *,
    learned: Learned | None = None,
    fleets: Mapping[str, int] = NO_FLEETS,
    places: Places | None = None,
) -> Estimate:
    """The cost of a valid operation for a caller for whom these accounts exist.

    `learned` is what is known of the lengths of lists. `fleets` is how many fleets exist for the caller in accounts
    where not all do: their lists are asked fleet by fleet. `places` reads where a cursor stands; without it the worst
    is assumed. Linear in the operation with its fragments written out. It never raises: what will be refused when it
    is run costs nothing.
    """
    given = Given(operation, variables)
    index = index_of(schema)
    site = Site(accounts, learned or Learned(), fleets, places)
    tally = _Tally(site)
    for root in roots_of(index, operation, fragments, given):
        for placement in root.price.places(site, root.args):
            tally.add(root, placement)
    return tally.estimate()


class _Tally:
    """Adds up what the root fields and everything below them cost."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._total = 0
        self._by_account: dict[str, int] = {}

    def estimate(self) -> Estimate:
        by_account = {name: calls for name, calls in self._by_account.items() if calls}
        return Estimate(min(self._total, sum(by_account.values())), by_account)

    def add(self, root: Root, placement: Placement) -> None:
        """Whatever rows it gives, shared among its accounts or known account by account, with what is below them."""
        steps = root.below(placement.kind)
        most_below = most_share = extra = 0
        for name, base in placement.bases.items():
            rows = placement.rows if placement.counts is None else placement.counts.get(name, 0)
            below = _Below(self._site.at(name), rows)
            if rows:
                below.walk(steps, 1, 1, is_partial=placement.is_partial)
            calls = base.fixed + base.extra + below.fixed + below.each * rows
            self._by_account[name] = self._by_account.get(name, 0) + calls
            if placement.counts is not None:
                self._total += calls
            else:
                self._total += base.fixed + below.fixed
                extra += base.extra
                most_below, most_share = max(most_below, below.each * rows), max(most_share, base.share)
        self._total += most_below + min(extra, most_share)


class _Below:
    """What is below the rows of one root field, as if they all came from one account: `fixed` calls, and so many for
    `each` row."""

    def __init__(self, at: At, rows: int) -> None:
        self.fixed = 0
        self.each = 0
        self._at = at
        self._rows = rows

    def walk(self, steps: Sequence[Step], things: int, sims: int, *, is_partial: bool) -> None:
        """For each row there are so many things here, which belong to so many SIMs."""
        for step in steps:
            price = step.price
            if price.is_detail and not is_partial:
                continue
            parents = sims if price.is_by_sim else things
            share = price.ask(self._at, self._rows * parents, step.args)
            self.fixed += share.fixed
            self.each += share.each * parents
            if share.rows and step.below:
                rows = parents * share.rows
                belong = parents if step.is_of_sims or price.is_by_sim else rows
                self.walk(step.below, rows, belong, is_partial=price.is_partial)
