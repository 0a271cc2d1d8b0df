"""The keys that say what somebody is given: `scopes`, `accounts`, `providers`, `tags` and `fleets`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from gateway.auth.granted import ALL
from gateway.config.budget import MOST
from gateway.config.outside import Mistake
from gateway.config.problem import Problem
from gateway.config.rules import Entries, Rule, between, shown, text_like
from gateway.config.table import hint
from gateway.platform import Settings
from schema.scopes import Scope

__all__ = ["NAME", "QUOTAS", "REACH", "rights_rules", "without_reach"]

REACH = ("accounts", "providers", "tags", "fleets")
"""At least one of them must be there: nobody shall be given everything, or nothing, by leaving a line out."""

MOST_NAMES = 1000

NAME = text_like("[a-z0-9._-]{1,64}", "1 to 64 of a-z, 0-9, ., _ and -")
"""Of a caller or an issuer."""

QUOTAS: dict[str, Rule | Entries] = {"requests": between(1, MOST), "cost": between(1, MOST)}
"""The limits per minute that a caller may have of his own."""

Wrong = Callable[[str], str | None]
"""What is wrong with one name of a list, None if it is right."""


def rights_rules(accounts: Sequence[Settings]) -> dict[str, Rule | Entries]:
    """The rules of the five keys, for `read_table`. `accounts` are those of the same file."""
    names = frozenset(each.name for each in accounts)
    return {
        "scopes": _all_right(_known("scope", {each.value for each in Scope})),
        "accounts": _accounts(names),
        "providers": _all_right(_known("provider of an account here", {each.provider for each in accounts})),
        "tags": _all_right(_known("tag of an account here", {tag for each in accounts for tag in each.tags})),
        "fleets": _all_right(_fleet(names)),
    }


def without_reach(place: str, table: Mapping[str, object]) -> list[Problem]:
    """The mistake of a table that says nothing of accounts, or that there are none."""
    if any(table.get(key) for key in REACH):
        return []
    return [Problem(place, f'it must have one of {", ".join(REACH)}; every account is accounts = ["{ALL}"]')]


def _accounts(names: Collection[str]) -> Rule:
    known = _all_right(_known("account", names))

    def rule(values: Any, found: str) -> None:  # Any: as Rule has it
        if ALL in values and len(values) > 1:
            raise Mistake(f'found {found}; "{ALL}" is every account and stands alone')
        if ALL not in values:
            known(values, found)

    return rule


def _all_right(wrong: Wrong) -> Rule:
    """Every name of a list is looked at, and all that is wrong is told."""

    def rule(values: Any, found: str) -> None:  # Any: as Rule has it
        del found
        if len(values) > MOST_NAMES:
            raise Mistake(f"found {len(values)}; there may be at most {MOST_NAMES}")
        if mistakes := [mistake for value in values if (mistake := wrong(value))]:
            raise Mistake("; ".join(mistakes))

    return rule


def _known(what: str, known: Collection[str]) -> Wrong:
    return lambda name: None if name in known else f"there is no {what} {shown(name)}{_maybe(name, known)}"


def _maybe(name: str, known: Collection[str]) -> str:
    return f"; {hint(name, known)}" if known else ""


def _fleet(names: Collection[str]) -> Wrong:
    account_of = _known("account", names)

    def wrong(written: str) -> str | None:
        account, slash, native_id = written.partition("/")
        if not slash or not native_id or written != written.strip():
            return f'found {shown(written)}; a fleet is "account/native fleet id"'
        return account_of(account)

    return wrong
