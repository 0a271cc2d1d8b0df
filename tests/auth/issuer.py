"""An issuer of tokens on a loopback socket: keys that come and go, and every way of not answering."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.auth.issuers import IssuerSettings
from gateway.platform import Settings
from gateway.simulation.serving import serving

AUDIENCE = "https://sims.example"
ACCOUNTS = (
    Settings(name="eu", provider="supersim", tags=("road",)),
    Settings(name="us", provider="supersim"),
    Settings(name="jp", provider="cisco", tags=("road", "lab")),
)
START = 1_790_000_000.0


@dataclass
class Clock:
    """Both clocks: the time of day, and seconds that only go on."""

    seconds: float = START

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds - START


@dataclass(frozen=True)
class SigningKey:
    """A key pair under a name."""

    kid: str
    algorithm: str
    private: Any  # Any: cryptography's key of that algorithm

    @property
    def written(self) -> dict[str, Any]:
        """The public part as a JWK."""
        return self._as_jwk(self.private.public_key())

    @property
    def given_away(self) -> dict[str, Any]:
        """The whole, as nobody should publish it."""
        return self._as_jwk(self.private)

    def _as_jwk(self, key: Any) -> dict[str, Any]:  # Any: as above
        kind = {"R": RSAAlgorithm, "P": RSAAlgorithm, "ES": ECAlgorithm, "Ed": OKPAlgorithm}
        algorithm: Any = next(each for start, each in kind.items() if self.algorithm.startswith(start))
        return {**algorithm.to_jwk(key, as_dict=True), "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def signed(self, claims: dict[str, Any], **header: Any) -> str:  # Any: JSON
        """A token, its header changed. A kid of None is left out."""
        headers = {"kid": self.kid} | header
        if headers["kid"] is None:
            del headers["kid"]
        return jwt.encode(claims, self.private, self.algorithm, headers=headers)


@cache
def a_key(kid: str = "first", algorithm: str = "ES256") -> SigningKey:
    """One of this name; RSA's take a while, so that they are made once."""
    if algorithm.startswith("ES"):
        curves = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
        return SigningKey(kid, algorithm, ec.generate_private_key(curves[algorithm]))
    if algorithm == "EdDSA":
        return SigningKey(kid, algorithm, ed25519.Ed25519PrivateKey.generate())
    return SigningKey(kid, algorithm, rsa.generate_private_key(public_exponent=65537, key_size=2048))


def forged(claims: dict[str, Any], key: SigningKey, algorithm: str) -> str:
    """A token that libraries refuse to write: signed with the public key as if that were a secret, or with nothing."""
    signing_input = f"{encoded({'alg': algorithm, 'kid': key.kid})}.{encoded(claims)}"
    public = key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signature = b"" if algorithm == "none" else hmac.digest(public, signing_input.encode(), hashlib.sha256)
    return f"{signing_input}.{encoded(signature)}"


def encoded(part: object) -> str:
    """JSON or bytes as a part of a token."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Issuer:
    """`published` is what it shows of its keys; `fault` is how it answers instead: a status, or a word below."""

    url: str = ""
    published: list[dict[str, Any]] = field(default_factory=list)
    announced: dict[str, Any] = field(default_factory=dict)
    """What its description says otherwise."""
    fault: int | str | None = None
    requests: list[str] = field(default_factory=list)

    def publish(self, *keys: SigningKey) -> None:
        self.published = [each.written for each in keys]

    def settings(self, **changed: Any) -> IssuerSettings:  # Any: each key has its own type
        given: dict[str, Any] = {
            "name": "idp",
            "issuer": self.url,
            "audience": AUDIENCE,
            "algorithms": ("RS256", "ES256", "EdDSA"),
            "jwks_url": f"{self.url}/keys",
            "scopes": ("sims:read", "sims:write"),
            "accounts": ("*",),
        }
        return IssuerSettings(**given | changed)

    def claims(self, **changed: Any) -> dict[str, Any]:  # Any: JSON
        """Right ones, changed. What is None is left out."""
        given = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "somebody",
            "exp": START + 3600,
            "iat": START,
            "scope": "sims:read",
        }
        return {name: value for name, value in (given | changed).items() if value is not None}

    def token(self, key: SigningKey | None = None, **changed: Any) -> str:  # Any: as above
        return (key or a_key()).signed(self.claims(**changed))

    async def answer(self, request: Request) -> Response:
        self.requests.append(request.url.path)
        if isinstance(self.fault, int):
            return JSONResponse({"keys": self.published}, self.fault)
        if self.fault == "redirect":
            return RedirectResponse("/elsewhere")
        if self.fault is not None:
            return Response({"garbage": "<html>", "large": json.dumps({"keys": [{}] * 100_000})}[self.fault])
        if request.url.path.endswith("openid-configuration"):
            return JSONResponse({"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | self.announced)
        return JSONResponse({"keys": self.published})


@asynccontextmanager
async def an_issuer(keys: Iterable[SigningKey] | None = None) -> AsyncIterator[Issuer]:
    """It listens for as long as the block lasts, and counts who asks."""
    issuer = Issuer()
    issuer.publish(*([a_key()] if keys is None else keys))
    async with serving(Starlette(routes=[Route("/{path:path}", issuer.answer)])) as url:
        issuer.url = url
        yield issuer
