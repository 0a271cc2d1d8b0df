"""API keys: how one is made, what is kept of it, and whose it is.

    sgw_hR3kP0aZ_4Qm...      sgw, a prefix of 8 that may be shown, a secret of 43, all of 0-9, A-Z and a-z

The form tells a scanner for leaked secrets what it has found: `sgw_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}`.
"""

import re
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from gateway.auth.options import CallerSettings, KeySettings
from gateway.auth.refusal import NOT_ACCEPTED, Unauthenticated
from gateway.rights import Caller

__all__ = ["BEGINNING", "KeyRing", "NewKey", "new_key"]

BEGINNING = "sgw_"
"""What every key begins with, and no token."""

_LETTERS = string.digits + string.ascii_letters
_PREFIX = 8
_SECRET = 43
"""Letters of 62 kinds: 256 bits."""
_MOST = 128
"""Characters of a key; what is longer is none."""

_SHAPE = re.compile(f"{BEGINNING}([0-9A-Za-z]{{{_PREFIX}}})_[0-9A-Za-z]{{{_SECRET},}}")
_NOBODYS = KeySettings(prefix="", sha256="0" * 64)
"""What a key with an unknown prefix is compared with, so that it takes as long as any other. No key is known that has
this digest."""


@dataclass(frozen=True)
class NewKey:
    """A key that nobody has yet, and what is to be kept of it."""

    text: str = field(repr=False)
    prefix: str
    sha256: str


@dataclass(frozen=True)
class _Kept:
    key: KeySettings
    caller: Caller | None


def new_key() -> NewKey:
    """A key of 256 random bits."""
    prefix, secret = _random(_PREFIX), _random(_SECRET)
    text = f"{BEGINNING}{prefix}_{secret}"
    return NewKey(text, prefix, _digest(text))


class KeyRing:
    """Every caller's keys, by prefix."""

    def __init__(self, callers: Iterable[CallerSettings]) -> None:
        self._by_prefix = {key.prefix: _Kept(key, each.caller) for each in callers for key in each.keys}

    def caller(self, text: str, now: datetime) -> Caller:
        """Whose key this is. Raises Unauthenticated, with a reason that has no more of the key than its prefix."""
        match = _SHAPE.fullmatch(text) if len(text) <= _MOST else None
        if match is None:
            raise _wrong("a key that has not the form of one")
        kept = self._by_prefix.get(match[1], _Kept(_NOBODYS, None))
        is_right = compare_digest(_digest(text), kept.key.sha256)
        if kept.caller is None:
            raise _wrong(f"a key with the unknown prefix {match[1]}")
        whose = f"key {match[1]} of caller {kept.caller.name!r}"
        if not is_right:
            raise _wrong(f"{whose}: the rest of it is wrong")
        _check_time(kept.key, whose, now)
        return kept.caller


def _check_time(key: KeySettings, whose: str, now: datetime) -> None:
    if key.expires is not None and now >= key.expires:
        raise _wrong(f"{whose}: it has expired")
    if key.not_before is not None and now < key.not_before:
        raise _wrong(f"{whose}: it is not good yet")


def _wrong(reason: str) -> Unauthenticated:
    """One sentence for the caller, whatever was wrong: whoever guesses learns nothing from it."""
    return Unauthenticated(NOT_ACCEPTED, reason=reason)


def _digest(text: str) -> str:
    """What is kept of a key. One round and no salt are enough, which they are not for a password: nobody can try 2^256
    keys, and no two are alike."""
    return sha256(text.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
