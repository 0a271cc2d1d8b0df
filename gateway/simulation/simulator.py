"""The seam between a provider's simulator and everything that runs simulators."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from starlette.types import ASGIApp

__all__ = ["SimulationOptions", "Simulator", "Switch", "chosen"]


@dataclass(frozen=True, slots=True)
class Switch:
    """A fact no source settles, or a behaviour to try: what it means, its default, the values it may have."""

    default: str
    meaning: str
    values: tuple[str, ...] = ()
    """The allowed values; empty when any text is (a number, say)."""


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """What a simulator is made from. `sims` is this provider's own number of SIMs; `now` gives aware UTC times."""

    sims: int
    seed: int
    now: Callable[[], datetime]
    switches: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Simulator:
    """A pretend provider.

    `app` answers at the root of its mount. `account` is the `[[accounts]]` table that reaches it, without name and
    base_url: the provider, demo credentials, limits. `path` is what follows the mount in the account's base_url.
    `refusal(status)` gives the JSON body of this provider's own error of that status; `throttled()` the status and
    body with which it slows a caller down (429 and `refusal(429)` when None). `spare_card()` is the ICCID and the
    registration code of a SIM that nobody has registered yet, None where SIMs are not registered by code.
    """

    app: ASGIApp
    account: dict[str, object]
    path: str = ""
    switches: Mapping[str, Switch] = field(default_factory=dict)
    refusal: Callable[[int], object] | None = None
    throttled: Callable[[], tuple[int, object]] | None = None
    spare_card: Callable[[], tuple[str, str]] | None = None


def chosen(known: Mapping[str, Switch], given: Mapping[str, str]) -> dict[str, str]:
    """Every switch's value: as given, or its default. ValueError names every unknown name and value."""
    wrong = [f"unknown switch {name!r}; known: {', '.join(sorted(known))}" for name in given.keys() - known.keys()]
    for name in given.keys() & known.keys():
        values = known[name].values
        if known[name].default.isdigit() and not values and not _is_number(given[name]):
            wrong.append(f"switch {name!r} is a number, not {given[name]!r}")
        if values and given[name] not in values:
            wrong.append(f"switch {name!r} is one of {', '.join(values)}, not {given[name]!r}")
    if wrong:
        raise ValueError("; ".join(sorted(wrong)))
    return {name: given.get(name, switch.default) for name, switch in known.items()}


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", text) is not None
