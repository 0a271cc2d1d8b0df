"""Callers with keys, as gateway.toml has them."""

from datetime import datetime

import msgspec

from gateway.auth.granted import Granted
from gateway.rights import Caller

__all__ = ["NAME", "NAME_IS", "CallerSettings", "KeySettings"]

NAME = "[a-z0-9._-]{1,64}"
NAME_IS = "1 to 64 of a-z, 0-9, ., _ and -"
"""A caller's name: the pattern, and the same in words."""


class KeySettings(msgspec.Struct, frozen=True, kw_only=True):
    """A `[[callers.keys]]` table: what is kept of a key.

    `prefix` is the part of it that may be shown, `sha256` the digest of the whole in hex. It is good from `not_before`
    on and until `expires`, which are aware times; None: since ever, for ever.
    """

    prefix: str
    sha256: str
    not_before: datetime | None = None
    expires: datetime | None = None


class CallerSettings(Granted, frozen=True, kw_only=True):
    """A `[[callers]]` table: who it is, what he may do, and what exists for him.

    `requests` and `cost` (provider calls) are his own limits per minute, where they are not those of `[budget]`.
    Several `keys` are good at the same time, so that one can take over from another.
    """

    name: str
    requests: int | None = None
    cost: int | None = None
    keys: tuple[KeySettings, ...] = ()

    @property
    def caller(self) -> Caller:
        """The same for those who know nothing of configurations."""
        return Caller(self.name, self.scopes_given(), self.reach(), requests=self.requests, cost=self.cost)
