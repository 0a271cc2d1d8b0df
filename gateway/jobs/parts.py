"""What every job of this process needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.account import OpenAccount
from gateway.jobs.lane import Timing
from gateway.jobs.terms import Free, Terms
from gateway.store.store import Store
from gateway.writes.writer import Writer

__all__ = ["Parts"]


@dataclass(frozen=True)
class Parts:
    """`now` is the time of day, `random` gives 0 to 1; `terms` are those on which jobs go on."""

    store: Store
    writer: Writer
    accounts: Mapping[str, OpenAccount]
    now: Callable[[], datetime]
    random: Callable[[], float]
    timing: Timing = field(default_factory=Timing)
    terms: Terms = field(default_factory=Free)
