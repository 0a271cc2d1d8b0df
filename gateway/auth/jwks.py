"""An issuer's public keys (a JWKS, RFC 7517), and what a token says that one of them has signed.

PyJWT does the cryptography, and nothing else here imports it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

__all__ = ["BadToken", "KeySet", "PublicKey", "WrittenKeys"]

MOST_KEYS = 100
RSA_BITS = range(2048, 8193)
"""A smaller key is no protection (RFC 7518, 3.3); a larger one takes more time than it is worth."""

_KINDS = {
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""The `kty` and `crv` of the keys that an algorithm takes (RFC 7518, 3.1; RFC 8037)."""

_OPTIONS: Any = {  # Any: PyJWT does not export the type
    "enforce_minimum_key_length": True,
    "require": ["exp", "iss", "aud"],
    "verify_exp": False,  # times are checked by our own clock
    "verify_nbf": False,
    "verify_iat": False,
}


class WrittenKeys(msgspec.Struct):
    """The document itself."""

    keys: list[dict[str, Any]]  # Any: members are as RFC 7517 and its relatives have them


class BadToken(Exception):
    """A token that this key has not signed, or not for us. The message is ours."""


@dataclass(frozen=True)
class PublicKey:
    """One key. `mark` tells it from another that goes by the same `kid`."""

    kid: str | None
    mark: bytes
    by_algorithm: Mapping[str, jwt.PyJWK]

    def claims(self, token: str, algorithm: str, issuer: str, audiences: Sequence[str]) -> dict[str, Any]:
        """What the token says, its times not yet looked at. Raises BadToken. Any: claims are JSON."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self.by_algorithm[algorithm],
                algorithms=[algorithm],
                audience=audiences,
                issuer=issuer,
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise BadToken(type(error).__name__) from None
        return claims


class KeySet:
    """The keys of a document that can check signatures of these algorithms; all others are passed over."""

    def __init__(self, written: WrittenKeys, algorithms: Collection[str]) -> None:
        made = [_public_key(each, algorithms) for each in written.keys[:MOST_KEYS]]
        self._keys = [each for each in made if each is not None]

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, kid: str | None, algorithm: str) -> PublicKey | None:
        """The key of this name. A token that names none must leave no choice (OpenID Connect Core, 10.1)."""
        fit = [each for each in self._keys if algorithm in each.by_algorithm and kid in (None, each.kid)]
        return fit[0] if len(fit) == 1 else None


def _public_key(written: dict[str, Any], algorithms: Collection[str]) -> PublicKey | None:
    """The key; None for one that is of no use here."""
    fitting = [each for each in algorithms if _fits(written, each)]
    kid = written.get("kid")
    if not fitting or not isinstance(kid, str | None) or not _is_for_checking(written):
        return None
    try:
        by_algorithm = {each: jwt.PyJWK(written, each) for each in fitting}
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if not all(_is_strong(each.key) for each in by_algorithm.values()):
        return None
    return PublicKey(kid, sha256(msgspec.json.encode(written, order="deterministic")).digest(), by_algorithm)


def _fits(written: Mapping[str, Any], algorithm: str) -> bool:
    kind, curve = _KINDS[algorithm]
    is_of_kind = written.get("kty") == kind and (curve is None or written.get("crv") == curve)
    return is_of_kind and written.get("alg") in (None, algorithm)


def _is_for_checking(written: Mapping[str, Any]) -> bool:
    """Whether it is the public part of a key that signs (RFC 7517, 4.2 and 4.3). A private one, which everybody can
    read there, proves nothing any more."""
    operations = written.get("key_ops")
    may_check = operations is None or (isinstance(operations, list) and "verify" in operations)
    return may_check and written.get("use") in (None, "sig") and "d" not in written


def _is_strong(key: object) -> bool:
    return not isinstance(key, RSAPublicKey) or key.key_size in RSA_BITS
