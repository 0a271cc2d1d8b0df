"""What a value must be beyond its type: ranges, names, addresses."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gateway.config.outside import Mistake

__all__ = ["Entries", "Rule", "Written", "between", "every", "shown", "text_like", "url"]

Rule = Callable[[Any, str], None]
"""Called with a value and how to show it; raises Mistake. Any: each key has its own type."""


@dataclass(frozen=True)
class Entries:
    """For a key that is a table itself: the names it may have, and what the value of each must be."""

    names: tuple[str, ...]
    rule: Rule


@dataclass(frozen=True)
class Written:
    """The rule of a secret that may also stand in the file. `bare` is called with what stands there less its
    variables, and the key; it raises Mistake where that is a credential."""

    rule: Rule
    bare: Rule

    def __call__(self, value: Any, found: str) -> None:  # Any: as above
        self.rule(value, found)


_LONGEST = 60


def shown(value: object) -> str:
    """A value as it stands in the file, shortened."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def between(least: float, most: float, *, above: bool = False) -> Rule:
    """From `least` (or `above` it) to `most`, the finite ones of them."""
    beginning = f"above {least:.12g}" if above else f"at least {least:.12g}"
    allowed = beginning if math.isinf(most) else f"{beginning} and at most {most:.12g}"

    def rule(value: Any, found: str) -> None:
        in_range = math.isfinite(value) and least <= value <= most and not (above and value == least)
        if not in_range:
            raise Mistake(f"found {found}; it must be {allowed}")

    return rule


def text_like(pattern: str, allowed: str) -> Rule:
    """Text that is as the pattern says."""

    def rule(value: Any, found: str) -> None:
        if not re.fullmatch(pattern, value):
            raise Mistake(f"found {found}; it must be {allowed}")

    return rule


def every(rule: Rule, most: int) -> Rule:
    """A list of at most so many things, each of which is as its own rule says."""

    def all_of(values: Any, found: str) -> None:
        del found
        if len(values) > most:
            raise Mistake(f"found {len(values)}; there may be at most {most}")
        for value in values:
            rule(value, shown(value))

    return all_of


def url(value: str, found: str) -> None:
    """An http or https address with a host; credentials and a query have no place in it, and are not shown."""
    if problem := _wrong_with(value):
        hidden = any(sign in value for sign in "@?#")
        raise Mistake(f"found {'an address' if hidden else found} {problem}; it must be like https://host/path")


def _wrong_with(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return "with a host or port that makes no sense"
    wrong = {
        "that is not http or https": parts.scheme not in ("http", "https"),
        "without a host": not parts.hostname,
        "with port 0": port == 0,
        "with a user or password in it": "@" in parts.netloc,
        "with a query or fragment": "?" in value or "#" in value,
        "with blanks or control characters": not value.isprintable() or " " in value,
    }
    return next((words for words, is_wrong in wrong.items() if is_wrong), None)
