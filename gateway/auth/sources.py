"""Where an issuer's keys come from: a file, an address, or an address that the issuer announces."""

from pathlib import Path
from typing import Protocol

import msgspec

from gateway.auth.address import is_trusted_address, origin_of
from gateway.auth.issuers import IssuerSettings
from gateway.auth.jwks import KeySet, WrittenKeys
from gateway.upstream.document import DocumentReader
from gateway.upstream.exchange import Times
from schema.errors import BadResponse

__all__ = ["Source", "source_of"]

TIMES = Times(connect=3.0, read=4.0, whole=5.0)
"""Somebody may be waiting for an answer."""

DISCOVERY = "/.well-known/openid-configuration"


class Source(Protocol):
    """Gives the keys as they are now."""

    async def keys(self) -> KeySet:
        """Raises a GatewayError that has no address in it."""

    async def aclose(self) -> None:
        """Close every connection."""


def source_of(issuer: IssuerSettings) -> Source:
    """The one that is configured."""
    if issuer.jwks_file is not None:
        return _File(Path(issuer.jwks_file), issuer)
    return _Address(issuer)


class _File:
    """Read at once, so that it need not be there later."""

    def __init__(self, path: Path, issuer: IssuerSettings) -> None:
        self._keys = KeySet(msgspec.json.decode(path.read_bytes(), type=WrittenKeys), issuer.algorithms)

    async def keys(self) -> KeySet:
        return self._keys

    async def aclose(self) -> None:
        """Nothing is open."""


class _Announced(msgspec.Struct):
    """Of an issuer's own description (OpenID Connect Discovery 1.0, 3), what is needed here."""

    issuer: str
    jwks_uri: str


class _Address:
    def __init__(self, issuer: IssuerSettings) -> None:
        self._issuer = issuer
        self._reader = DocumentReader(issuer.jwks_url or issuer.issuer, TIMES)

    async def keys(self) -> KeySet:
        url = self._issuer.jwks_url or await self._discovered()
        return KeySet(await self._reader.read(url, WrittenKeys), self._issuer.algorithms)

    async def aclose(self) -> None:
        await self._reader.aclose()

    async def _discovered(self) -> str:
        """The address of the keys. Elsewhere than at the issuer's own it has to be configured: nobody shall lead us
        there by an announcement."""
        name = self._issuer.issuer
        announced = await self._reader.read(name.removesuffix("/") + DISCOVERY, _Announced)
        if announced.issuer != name:
            raise BadResponse("the issuer announces another name than the one that is configured")
        if not is_trusted_address(announced.jwks_uri) or origin_of(announced.jwks_uri) != origin_of(name):
            raise BadResponse("the issuer announces keys elsewhere than at its own https address; give jwks_url")
        return announced.jwks_uri
