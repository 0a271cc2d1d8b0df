"""What exists for somebody who is given one thing below a ceiling of another."""

from collections.abc import Collection, Sequence

from gateway.platform import Settings
from gateway.rights import Reach
from schema.ids import Key

__all__ = ["narrowed", "within"]


def within(reach: Reach, ceiling: Reach, accounts: Sequence[Settings]) -> Reach:
    """What exists by both, account by account: then nothing is left to a rule that one of them does not know."""
    names: set[str] = set()
    fleets: set[Key] = set()
    for account in accounts:
        if not all(each.sees(account.name, account.provider, account.tags) for each in (reach, ceiling)):
            continue
        common = _common(reach.fleets_in(account.name), ceiling.fleets_in(account.name))
        if common is None:
            names.add(account.name)
        else:
            fleets |= {Key(account.name, native_id) for native_id in common}
    return Reach(accounts=frozenset(names), fleets=frozenset(fleets))


def narrowed(reach: Reach, names: Collection[str]) -> Reach:
    """Of a reach that comes from `within`, the accounts of these names."""
    return Reach(
        accounts=reach.accounts.intersection(names),
        fleets=frozenset(each for each in reach.fleets if each.account in names),
    )


def _common(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """The fleets that both have; None is every one."""
    if one is None or other is None:
        return other if one is None else one
    return one & other
