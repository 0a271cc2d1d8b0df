"""Cursors: where a reader stands in each account's list, sealed so that only we can have written it, or read it: what
stands last on a provider's page need not be the reader's to know."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from copy import copy
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from gateway.rights import EVERYTHING, Reach
from schema.errors import Invalid

__all__ = ["LONGEST", "Place", "Positions", "Sealer", "fingerprint"]

LONGEST = 65_536
"""Characters of a cursor. It has a place for each account, so that of a thousand accounts it may be as long; what is
longer is not opened, as that takes time."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A place in one list: `offset` rows into the page of this token and size. `done`: nothing is left."""

    size: int
    token: str | None = None
    offset: int = 0
    done: bool = False


class Positions(msgspec.Struct, frozen=True, array_like=True):
    """A place for each list that has been begun, by the list's name, and the list that gave the last row."""

    places: dict[str, Place] = {}
    last: str = ""


class _Cursor(msgspec.Struct, array_like=True):
    fingerprint: bytes
    positions: Positions


def fingerprint(*question: object) -> bytes:
    """Eight bytes that differ when the question differs: a cursor is good for the list it came from only."""
    return sha256(repr(question).encode()).digest()[:8]


class Sealer:
    """Writes and reads cursors with a key that all replicas share. `view` stands for what the reader sees: a cursor is
    good for who sees the same."""

    def __init__(self, key: bytes, view: bytes = b"") -> None:
        self._key = key
        self._view = view
        self._lock = AESSIV(hmac.digest(key, b"cursors", "sha512"))  # equal places have equal cursors (RFC 5297)
        self._opened: dict[str, _Cursor | None] | None = None

    def seeing(self, reach: Reach) -> "Sealer":
        """The same for whom only this exists."""
        return self if reach == EVERYTHING else Sealer(self._key, _view_of(reach))

    def remembering(self) -> "Sealer":
        """The same for one request, which may give a cursor to many fields: it is opened once."""
        sealer = copy(self)
        sealer._opened = {}
        return sealer

    def write(self, question: bytes, positions: Positions) -> str:
        body = msgspec.msgpack.encode(_Cursor(self._bound(question), positions))
        return urlsafe_b64encode(self._lock.encrypt(body, None)).rstrip(b"=").decode()

    def read(self, question: bytes, cursor: str) -> Positions:
        """Raises Invalid for a cursor that is damaged, not ours, or of another list or view."""
        opened = self._open(cursor)
        if opened is None:
            raise Invalid("after: this cursor is damaged or not of this gateway", path=["after"])
        if opened.fingerprint != self._bound(question):
            raise Invalid("after: this cursor is of another list or filter", path=["after"])
        return opened.positions

    def places(self, cursor: str) -> Positions | None:
        """Where a cursor stands, whichever list it is of; None for one that is damaged or not ours."""
        opened = self._open(cursor)
        return None if opened is None else opened.positions

    def _bound(self, question: bytes) -> bytes:
        return fingerprint(self._view, question) if self._view else question

    def _open(self, cursor: str) -> _Cursor | None:
        if self._opened is None:
            return self._decrypted(cursor)
        if cursor not in self._opened:
            self._opened[cursor] = self._decrypted(cursor)
        return self._opened[cursor]

    def _decrypted(self, cursor: str) -> _Cursor | None:
        if len(cursor) > LONGEST:
            return None
        try:
            sealed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            return msgspec.msgpack.decode(self._lock.decrypt(sealed, None), type=_Cursor)
        except (ValueError, InvalidTag):
            return None


def _view_of(reach: Reach) -> bytes:
    """Equal for who sees the same, in every process: sets are put in order."""
    named = (reach.accounts, reach.providers, reach.tags, reach.fleets)
    return fingerprint(reach.is_all, *(sorted(each) for each in named))
