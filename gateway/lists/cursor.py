"""Cursors: where a reader stands in each account's list, sealed so that only we can have written it."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

import msgspec

from schema.errors import Invalid

__all__ = ["Place", "Positions", "Sealer", "fingerprint"]

SEAL = 16
"""Bytes of the HMAC-SHA256 kept: 128 bits."""


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
    """Writes and reads cursors with a key that all replicas share."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, question: bytes, positions: Positions) -> str:
        body = msgspec.msgpack.encode(_Cursor(question, positions))
        return urlsafe_b64encode(self._seal(body) + body).rstrip(b"=").decode()

    def read(self, question: bytes, cursor: str) -> Positions:
        """Raises Invalid for a cursor that is damaged, not ours, or of another list."""
        body = self._opened(cursor)
        if body is None:
            raise Invalid("after: this cursor is damaged or not of this gateway", path=["after"])
        decoded = msgspec.msgpack.decode(body, type=_Cursor)
        if decoded.fingerprint != question:
            raise Invalid("after: this cursor is of another list or filter", path=["after"])
        return decoded.positions

    def _opened(self, cursor: str) -> bytes | None:
        try:
            sealed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except ValueError:
            return None
        seal, body = sealed[:SEAL], sealed[SEAL:]
        return body if hmac.compare_digest(seal, self._seal(body)) else None

    def _seal(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")[:SEAL]
