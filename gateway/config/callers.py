"""The `[[callers]]` tables and the `[[callers.keys]]` within: who may ask, and by which keys he is known."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from gateway.auth.options import NAME, NAME_IS, CallerSettings, KeySettings
from gateway.config.budget import MOST
from gateway.config.outside import Mistake, Outside
from gateway.config.problem import Problem
from gateway.config.rights import rights_rules, without_reach
from gateway.config.rules import Entries, Rule, between, shown, text_like
from gateway.config.table import read_table
from gateway.platform import Settings
from gateway.rights import ANYBODY

__all__ = ["read_callers"]

MOST_CALLERS = 1000
MOST_KEYS = 20
"""Of one caller."""

CALLER_RULES: dict[str, Rule | Entries] = {
    "name": text_like(NAME, NAME_IS),
    "requests": between(1, MOST),
    "cost": between(1, MOST),
}
TIMES = ("not_before", "expires")


def _unshown(pattern: str, allowed: str) -> Rule:
    """Text that is as the pattern says. What is not may be a key that somebody has put there."""

    def rule(value: str, found: str) -> None:
        del found
        if not re.fullmatch(pattern, value):
            raise Mistake(f"it must be {allowed}, as `sim-gateway key new` prints it")

    return rule


KEY_RULES: dict[str, Rule | Entries] = {
    "prefix": _unshown("[0-9A-Za-z]{8}", "the 8 letters and digits after sgw_"),
    "sha256": _unshown("[0-9a-f]{64}", "64 of 0-9 and a-f"),
}


def read_callers(
    given: object, outside: Outside, accounts: Sequence[Settings]
) -> tuple[tuple[CallerSettings, ...], list[Problem]]:
    """Every caller, or what is wrong with them. `accounts` are those of the same file."""
    if not _is_tables(given):
        return (), [Problem("callers", "it must be tables; begin each with [[callers]]")]
    tables: list[dict[str, object]] = given  # type: ignore[assignment]  # just looked at
    if len(tables) > MOST_CALLERS:
        return (), [Problem("callers", f"found {len(tables)}; there may be at most {MOST_CALLERS} [[callers]] tables")]
    rules = CALLER_RULES | rights_rules(accounts)
    callers = []
    problems = _repeated(((_place(n, each), "name", each.get("name")) for n, each in enumerate(tables, 1)))
    problems += _repeated(_prefixes(tables))
    for number, table in enumerate(tables, 1):
        caller, wrong = _caller(_place(number, table), table, outside, rules)
        problems += wrong
        if caller is not None:
            callers.append(caller)
    return tuple(callers), problems


def _caller(
    place: str, table: dict[str, object], outside: Outside, rules: Mapping[str, Rule | Entries]
) -> tuple[CallerSettings | None, list[Problem]]:
    own = {key: value for key, value in table.items() if key != "keys"}
    caller, problems = read_table(CallerSettings, place, own, outside, rules)
    problems += without_reach(place, own)
    if own.get("name") == ANYBODY.name:
        problems.append(Problem(place, f"{ANYBODY.name!r} is who has no key; give another name", "name"))
    keys, wrong = _keys(place, table.get("keys", []), outside)
    problems += wrong
    return (None if caller is None else msgspec.structs.replace(caller, keys=keys)), problems


def _keys(place: str, given: object, outside: Outside) -> tuple[tuple[KeySettings, ...], list[Problem]]:
    if not _is_tables(given):
        return (), [Problem(place, "it must be tables; begin each with [[callers.keys]]", "keys")]
    tables: list[dict[str, object]] = given  # type: ignore[assignment]  # just looked at
    if not 1 <= len(tables) <= MOST_KEYS:
        told = f"found {len(tables)}; there must be 1 to {MOST_KEYS} [[callers.keys]]; `sim-gateway key new` makes one"
        return (), [Problem(place, told, "keys")]
    keys, problems = [], []
    for number, table in enumerate(tables, 1):
        key, wrong = _key(f"{place}: keys[{number}]", table, outside)
        problems += wrong
        if key is not None:
            keys.append(key)
    return tuple(keys), problems


def _key(place: str, table: dict[str, object], outside: Outside) -> tuple[KeySettings | None, list[Problem]]:
    """A date without a time, or a time without an offset, would mean another moment on another machine."""
    wrong_times = [key for key in TIMES if key in table and not _is_moment(table[key])]
    right = {key: value for key, value in table.items() if key not in wrong_times}
    key, problems = read_table(KeySettings, place, right, outside, KEY_RULES)
    problems += [
        Problem(place, f"found {_written(table[name])}; it must be a time like 2027-01-31T00:00:00Z", name)
        for name in wrong_times
    ]
    if key is not None and key.expires is not None and key.not_before is not None and key.expires <= key.not_before:
        problems.append(Problem(place, "it is not after not_before, so that the key is never good", "expires"))
    return key, problems


def _is_tables(given: object) -> bool:
    return isinstance(given, list) and all(isinstance(each, dict) for each in given)


def _is_moment(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _written(value: object) -> str:
    """TOML's own dates and times as they stand in the file."""
    return value.isoformat() if hasattr(value, "isoformat") else shown(value)


def _prefixes(tables: Sequence[Mapping[str, object]]) -> Iterable[tuple[str, str, object]]:
    """Of every key there is: its place, the name of the key there, and the prefix."""
    for number, table in enumerate(tables, 1):
        keys = table.get("keys")
        for position, key in enumerate(keys if isinstance(keys, list) else [], 1):
            if isinstance(key, dict):
                yield f"{_place(number, table)}: keys[{position}]", "prefix", key.get("prefix")


def _repeated(found: Iterable[tuple[str, str, object]]) -> list[Problem]:
    """What must be there once, and is there again."""
    first: dict[str, str] = {}
    problems = []
    for place, key, value in found:
        if not isinstance(value, str):
            continue
        if value in first:
            problems.append(Problem(place, f"{first[value]} has this {key} too", key))
        first.setdefault(value, place)
    return problems


def _place(number: int, table: Mapping[str, object]) -> str:
    name = table.get("name")
    return f'callers[{number}] "{shown(name)[1:-1]}"' if isinstance(name, str) else f"callers[{number}]"
