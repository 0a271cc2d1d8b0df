"""One table of gateway.toml into one record, key by key, so that every mistake in it is found."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from gateway.config.outside import Mistake, Outside
from gateway.config.problem import Problem
from gateway.config.rules import Entries, Rule, Written, shown
from gateway.config.secrets import FILE, is_secret, read_secret

__all__ = ["hint", "read_table"]

R = TypeVar("R", bound=msgspec.Struct)

_WORDS = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}


def read_table(
    kind: type[R], place: str, given: Mapping[str, object], outside: Outside, rules: Mapping[str, Rule | Entries]
) -> tuple[R | None, list[Problem]]:
    """The record, or what is wrong. `rules` are what the keys must keep to beyond their types."""
    fields = msgspec.structs.fields(kind)
    problems = _unknown(place, given, fields)
    values: dict[str, object] = {}
    for field in fields:
        value, wrong = _read(place, field, given, outside, rules.get(field.name))
        problems += wrong
        if value is not msgspec.UNSET:
            values[field.name] = value
    if problems:
        return None, problems
    return _made(kind, place, values)


def hint(word: str, known: Iterable[str]) -> str:
    """What was perhaps meant, else everything that is known."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names)}"


def _unknown(place: str, given: Mapping[str, object], fields: Iterable[msgspec.structs.FieldInfo]) -> list[Problem]:
    """Keys nobody reads. Their values are not shown: one may be a credential under a mistyped name."""
    known = {field.name for field in fields}
    known |= {field.name + FILE for field in fields if is_secret(field.type)}
    unknown = [key for key in given if key not in known]
    return [Problem(place, f"unknown key; {hint(key, known)}", shown(key)[1:-1]) for key in unknown]


def _read(
    place: str,
    field: msgspec.structs.FieldInfo,
    given: Mapping[str, object],
    outside: Outside,
    rule: Rule | Entries | None,
) -> tuple[Any, list[Problem]]:
    """Any: each field has its own type. UNSET where the default holds, or something is wrong."""
    if isinstance(rule, Entries):
        return _table_within(place, field, given, outside, rule)
    try:
        return _value(field, given, outside, rule), []
    except Mistake as mistake:
        return msgspec.UNSET, [Problem(place, str(mistake), field.name)]


def _table_within(
    place: str, field: msgspec.structs.FieldInfo, given: Mapping[str, object], outside: Outside, allowed: Entries
) -> tuple[Any, list[Problem]]:  # Any: as above
    """A table that is a key's value: every entry of it is looked at."""
    table = given.get(field.name, {})
    if not isinstance(table, dict):
        return msgspec.UNSET, [Problem(place, f"found {shown(table)}; it must be a table", field.name)]
    values: dict[str, object] = {}
    problems = []
    for name, value in table.items():
        key = f"{field.name}.{shown(name)[1:-1]}"
        if name not in allowed.names:
            problems.append(Problem(place, f"unknown; known: {', '.join(sorted(allowed.names))}", key))
            continue
        try:
            values[name] = _plain(get_args(field.type)[1], value, outside, allowed.rule)
        except Mistake as mistake:
            problems.append(Problem(place, str(mistake), key))
    return values, problems


def _value(field: msgspec.structs.FieldInfo, given: Mapping[str, object], outside: Outside, rule: Rule | None) -> Any:
    """Any: as above. Raises Mistake."""
    if is_secret(field.type):
        secret = read_secret(field.name, given, outside, rule.bare if isinstance(rule, Written) else None)
        if secret is not None and rule is not None:
            rule(secret.reveal(), "a secret")
        if secret is not None:
            return secret
    elif field.name in given:
        return _plain(field.type, given[field.name], outside, rule)
    if not field.required:
        return msgspec.UNSET
    forms = f'; give {field.name} = "${{VARIABLE}}" or {field.name}{FILE} = "path"' if is_secret(field.type) else ""
    raise Mistake(f"missing{forms}")


def _plain(kind: Any, written: object, outside: Outside, rule: Rule | None) -> Any:  # Any: as above
    """A value that is no secret. It is shown as it was written, never as the environment has it."""
    found = shown(written)
    try:
        value = msgspec.convert(_expanded(written, outside), kind, strict=True)
    except msgspec.ValidationError as error:
        raise Mistake(f"found {found}; it must be {_allowed(kind, error)}") from None
    if rule is not None and value is not None:
        rule(value, found)
    return value


def _expanded(value: object, outside: Outside) -> object:
    if isinstance(value, str):
        return outside.expanded(value)
    if isinstance(value, list):
        return [_expanded(each, outside) for each in value]
    if isinstance(value, dict):
        return {key: _expanded(each, outside) for key, each in value.items()}
    return value


def _allowed(kind: Any, error: msgspec.ValidationError) -> str:
    """The type in plain words; for what has none, the part of msgspec's sentence that says what it expects."""
    if get_origin(kind) is Literal:
        return " or ".join(map(repr, get_args(kind)))
    options = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    words = [_WORDS[option] for option in options if option in _WORDS]
    if words:
        return " or ".join(words)
    return str(error).partition(", got")[0].removeprefix("Expected ").replace("`", "")


def _made(kind: type[R], place: str, values: Mapping[str, object]) -> tuple[R | None, list[Problem]]:
    """A record may check in `__post_init__` what concerns several keys."""
    try:
        return kind(**values), []
    except ValueError as error:
        return None, [Problem(place, str(error))]
