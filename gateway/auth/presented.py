"""What a token says of itself before anybody has checked it: enough to know whose key it must be checked with."""

import re
from base64 import urlsafe_b64decode
from typing import TypeVar

import msgspec

from gateway.auth.refusal import Unauthenticated

__all__ = ["LARGEST", "Presented", "presented"]

T = TypeVar("T")

LARGEST = 8 * 1024
"""Characters of a token. Headers of more are refused by most servers anyway."""

_TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")


class _Header(msgspec.Struct):
    alg: str
    kid: str | None = None
    typ: str | None = None


class _Payload(msgspec.Struct):
    iss: str


class Presented(msgspec.Struct, frozen=True):
    """Nothing of it is true until the signature is."""

    issuer: str
    algorithm: str
    kid: str | None
    type: str | None


def presented(token: str) -> Presented:
    """Read it, in time linear in its size. Raises Unauthenticated for what is no signed token (RFC 7515, 3.1)."""
    match = _TOKEN.fullmatch(token) if len(token) <= LARGEST else None
    if match is None:
        raise Unauthenticated(reason="what was given is neither a key nor a token")
    header, payload = _part(match[1], _Header), _part(match[2], _Payload)
    return Presented(payload.iss, header.alg, header.kid, header.typ)


def _part(written: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(urlsafe_b64decode(written + "=" * (-len(written) % 4)), type=kind)
    except (ValueError, RecursionError):  # also what msgspec and base64 raise
        raise Unauthenticated(reason="a token that cannot be read") from None
