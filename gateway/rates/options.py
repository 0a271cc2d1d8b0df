"""What a caller may use, as gateway.toml has it."""

from typing import Literal

import msgspec

__all__ = ["Budget", "Mode"]

Mode = Literal["enforce", "measure", "off"]


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """The `[budget]` table: what each caller may use, where his own table does not say otherwise.

    `requests` and `cost` (provider calls) are per minute, `cost_per_request` is for one request. What is None is
    1,200, 20,000 and 2,500 for whoever is known, and without a limit where nobody is asked for credentials. `mode`:
    "measure" counts and logs, but refuses nothing; "off" does not count either.
    """

    requests: int | None = None
    cost: int | None = None
    cost_per_request: int | None = None
    mode: Mode = "enforce"
