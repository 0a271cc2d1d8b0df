"""How a call proves whose it is. No credential appears in a repr, an error or a log."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Protocol

from gateway.secret import Secret
from schema.errors import Denied

__all__ = ["Auth", "Basic", "Header", "Headers", "Token", "TokenAuth"]


class Headers(dict[str, str]):
    """Headers with credentials in them, which are not shown."""

    def __repr__(self) -> str:
        return f"Headers({', '.join(self)})"


class Auth(Protocol):
    """Gives the headers of a call, and may have a second try when they are refused."""

    async def headers(self) -> dict[str, str]:
        """The headers that carry the credentials; the same object as long as these are the same."""

    def refused(self, headers: dict[str, str]) -> bool:
        """Told that these were refused as bad or expired; true when fresh ones may fare better."""

    def is_outdated(self, headers: dict[str, str]) -> bool:
        """Whether the credentials these were made of have been replaced since."""


class Header:
    """One header, made of a secret; made anew when that is replaced. `write` gives its name and value."""

    def __init__(self, secret: Secret, write: Callable[[str], tuple[str, str]]) -> None:
        self._secret = secret
        self._write = write
        self._made_of: str | None = None
        self._headers = Headers()
        self._value = secret
        """What stands in the header: logs must not have it either."""

    async def headers(self) -> dict[str, str]:
        secret = self._secret.reveal()
        if secret != self._made_of:
            name, value = self._write(secret)
            self._headers, self._value, self._made_of = Headers({name: value}), Secret(value), secret
        return self._headers

    def refused(self, headers: dict[str, str]) -> bool:
        return self.is_outdated(headers)

    def is_outdated(self, headers: dict[str, str]) -> bool:
        return headers is not self._headers or self._secret.reveal() != self._made_of


class Basic(Header):
    """HTTP Basic (RFC 7617)."""

    def __init__(self, user: str, password: Secret) -> None:
        super().__init__(password, lambda secret: ("Authorization", f"Basic {_encoded(user, secret)}"))


def _encoded(user: str, password: str) -> str:
    return b64encode(f"{user}:{password}".encode(errors="surrogateescape")).decode()


class Token(Protocol):
    """What a token endpoint gives: the token, and how many seconds it lives."""

    access_token: str
    expires_in: float


class TokenAuth:
    """A bearer token, shared by concurrent calls, fetched by one of them, and renewed before it expires.

    `fetch` asks the token endpoint, with what `secret` reveals; `clock` is in seconds. A token is renewed when a tenth
    of its life, at most a minute, is left, and when the secret is replaced.
    """

    def __init__(self, fetch: Callable[[str], Awaitable[Token]], secret: Secret, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._secret = secret
        self._clock = clock
        self._fetching = asyncio.Lock()
        self._headers: Headers | None = None
        self._fetched_with: str | None = None
        self._token: Secret | None = None
        """What logs must not have either."""
        self._renew_at = 0.0

    async def headers(self) -> dict[str, str]:
        async with self._fetching:
            if self._headers is None or self._clock() >= self._renew_at or self.is_outdated(self._headers):
                self._headers = await self._renewed()
            return self._headers

    async def _renewed(self) -> Headers:
        secret = self._secret.reveal()
        try:
            token = await self._fetch(secret)
        except Denied:
            if secret == self._secret.reveal():
                raise
            secret = self._secret.reveal()  # replaced while we asked with the one before
            token = await self._fetch(secret)
        self._fetched_with, self._token = secret, Secret(token.access_token)
        self._renew_at = self._clock() + token.expires_in - min(60.0, token.expires_in / 10)
        return Headers({"Authorization": f"Bearer {token.access_token}"})

    def refused(self, headers: dict[str, str]) -> bool:
        if self._headers is headers:
            self._headers = None
        return True

    def is_outdated(self, headers: dict[str, str]) -> bool:
        return headers is not self._headers or self._secret.reveal() != self._fetched_with
