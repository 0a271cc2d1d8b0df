"""The `[[accounts]]` tables: each becomes its provider's own Settings."""

from collections import Counter
from collections.abc import Mapping
from math import inf
from typing import Any

import msgspec

from gateway.config.cache import WINDOWS
from gateway.config.outside import Outside
from gateway.config.problem import Problem
from gateway.config.rules import Entries, Rule, between, every, shown, text_like, url
from gateway.config.table import hint, read_table
from gateway.platform import Platform, Settings

__all__ = ["MOST_ACCOUNTS", "read_accounts"]

MOST_ACCOUNTS = 1000

MOST_TAGS = 20

RULES: dict[str, Rule | Entries] = {
    "name": text_like("[a-z0-9-]{1,64}", "1 to 64 of a-z, 0-9 and -"),
    "tags": every(text_like("[a-z0-9._-]{1,64}", "1 to 64 of a-z, 0-9, ., _ and -"), MOST_TAGS),
    "time_limit": between(0, 60, above=True),
    "concurrency": between(1, 1000),
    "calls": between(1, inf),
    "window": between(0, inf, above=True),
    "burst": between(1, inf),
    "connect_timeout": between(0, 60, above=True),
    "read_timeout": between(0, 60, above=True),
    **WINDOWS,
}


def read_accounts(
    given: object, outside: Outside, platforms: Mapping[str, Platform]
) -> tuple[list[Settings], list[Problem]]:
    """Every account, or what is wrong with them."""
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        return [], [Problem("accounts", "it must be tables; begin each with [[accounts]]")]
    if not 1 <= len(given) <= MOST_ACCOUNTS:
        return [], [Problem("accounts", f"found {len(given)}; there must be 1 to {MOST_ACCOUNTS} [[accounts]] tables")]
    accounts: list[Settings] = []
    problems = _repeated(given)
    for number, table in enumerate(given, 1):
        account, wrong = _read_account(_place(number, table), table, outside, platforms)
        problems += wrong
        if account is not None:
            accounts.append(account)
    return accounts, problems


def _read_account(
    place: str, table: dict[str, object], outside: Outside, platforms: Mapping[str, Platform]
) -> tuple[Settings | None, list[Problem]]:
    name = table.get("provider")
    platform = platforms.get(name) if isinstance(name, str) else None
    if platform is None:
        return None, _without_provider(place, table, outside, platforms)
    account, problems = read_table(platform.settings, place, table, outside, _rules(platform.settings))
    if platform.base_url is None and "base_url" not in table:
        problems.append(Problem(place, f"missing; {platform.name} has no address of its own", "base_url"))
    return account, problems + _too_large_a_burst(place, table, platform)


def _too_large_a_burst(place: str, table: Mapping[str, object], platform: Platform) -> list[Problem]:
    """Calls that may begin together are some of those that may begin at all."""
    burst, calls = table.get("burst"), table.get("calls", platform.limits.calls)
    if calls is None and type(burst) is int:
        return [Problem(place, f"found {burst}; it has no use without calls", "burst")]
    # What is of another type is told already; true is a whole number to isinstance, and to nobody else.
    if type(burst) is int and isinstance(calls, int) and burst > calls:
        return [Problem(place, f"found {burst}; it must be at most the {calls} calls of a window", "burst")]
    return []


def _without_provider(
    place: str, table: dict[str, object], outside: Outside, platforms: Mapping[str, Platform]
) -> list[Problem]:
    """What can be said of an account whose provider nobody knows: its other keys may be right or wrong."""
    common = {field.name for field in msgspec.structs.fields(Settings)}
    _, problems = read_table(
        Settings, place, {k: v for k, v in table.items() if k in common}, outside, _rules(Settings)
    )
    if isinstance(table.get("provider"), str):
        found = str(table["provider"])
        known = ", ".join(sorted(platforms))
        maybe = "" if hint(found, platforms).startswith("known") else f"; {hint(found, platforms)}"
        problems.append(Problem(place, f"there is no provider {shown(found)}{maybe}; known: {known}", "provider"))
    return problems


def _rules(kind: type[Settings]) -> dict[str, Rule | Entries]:
    """The rules of every account, and for each key that ends in `_url` that it is one."""
    addresses: dict[str, Any] = {  # Any: the rule takes text only
        field.name: url for field in msgspec.structs.fields(kind) if field.name.endswith("_url")
    }
    return RULES | addresses


def _repeated(tables: list[dict[str, object]]) -> list[Problem]:
    """Names are how accounts are told apart."""
    names = [table.get("name") for table in tables]
    counts = Counter(name for name in names if isinstance(name, str))
    seen: set[object] = set()
    problems = []
    for number, table in enumerate(tables, 1):
        name = table.get("name")
        if isinstance(name, str) and counts[name] > 1 and name in seen:
            first = names.index(name) + 1
            problems.append(Problem(_place(number, table), f"accounts[{first}] has this name too", "name"))
        seen.add(name if isinstance(name, str) else None)
    return problems


def _place(number: int, table: Mapping[str, object]) -> str:
    name = table.get("name")
    return f'accounts[{number}] "{shown(name)[1:-1]}"' if isinstance(name, str) else f"accounts[{number}]"
