"""Which fields are closed to a caller, and how: refused with an error, or masked without one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from schema.marking import shown
from schema.scopes import NEEDS, Needs, Scope, lacking

__all__ = ["Bar", "Bars", "bars_for"]

PII = frozenset({Scope.PII_READ})


@dataclass(frozen=True)
class Bar:
    """A field that is closed. `refusal` is the message for who asks for it; None: it is masked, and no error."""

    refusal: str | None = None


Bars = Mapping[tuple[str, str], Bar]
"""Closed fields by the names of their type and their own."""


@lru_cache(maxsize=256)  # of the sets of scopes that are in use there are few
def bars_for(scopes: frozenset[Scope]) -> Bars:
    """What is closed to a caller with these scopes; empty for who has them all."""
    return {
        (type_name, field): _bar(type_name, field, missing)
        for (type_name, field), needs in NEEDS.items()
        if (missing := lacking(needs, scopes))
    }


def _bar(type_name: str, field: str, missing: Needs) -> Bar:
    if PII in missing:  # nothing else is missing for one of the choices
        return Bar()
    named = " or ".join(" and ".join(choice) for choice in shown(tuple(each - PII for each in missing)))
    return Bar(f"{type_name}.{field}: this takes the scope {named}")
