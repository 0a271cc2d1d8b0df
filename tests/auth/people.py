"""Callers with keys, for tests."""

from datetime import UTC, datetime
from typing import Any

from gateway.auth.keys import NewKey
from gateway.auth.options import CallerSettings, KeySettings

__all__ = ["NOON", "a_caller", "kept"]

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def kept(key: NewKey, **times: datetime) -> KeySettings:
    """What a configuration has of a key."""
    return KeySettings(prefix=key.prefix, sha256=key.sha256, **times)


def a_caller(name: str, *keys: KeySettings, **given: Any) -> CallerSettings:
    """A caller who reads SIMs of the account eu, unless it is said otherwise. Any: as the table has it."""
    return CallerSettings(name=name, keys=keys, **({"scopes": ("sims:read",), "accounts": ("eu",)} | given))
