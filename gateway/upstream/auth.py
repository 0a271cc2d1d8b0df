"""How a call proves whose it is. No credential appears in a repr, an error or a log."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Protocol

__all__ = ["Auth", "Basic", "Header", "Token", "TokenAuth"]


class Auth(Protocol):
    """Gives the headers of a call, and may have a second try when they are refused."""

    async def headers(self) -> dict[str, str]:
        """The headers that carry the credentials."""

    def refused(self, headers: dict[str, str]) -> bool:
        """Told that these were refused as bad or expired; true when fresh ones may fare better."""


class Header:
    """One fixed header."""

    def __init__(self, name: str, value: str) -> None:
        self._headers = {name: value}

    async def headers(self) -> dict[str, str]:
        return self._headers

    def refused(self, headers: dict[str, str]) -> bool:
        del headers
        return False


class Basic(Header):
    """HTTP Basic (RFC 7617)."""

    def __init__(self, user: str, password: str) -> None:
        super().__init__("Authorization", "Basic " + b64encode(f"{user}:{password}".encode()).decode())


class Token(Protocol):
    """What a token endpoint gives: the token, and how many seconds it lives."""

    access_token: str
    expires_in: float


class TokenAuth:
    """A bearer token, shared by concurrent calls, fetched by one of them, and renewed before it expires.

    `fetch` asks the token endpoint; `clock` is in seconds. A token is renewed when a tenth of its life, at most a
    minute, is left.
    """

    def __init__(self, fetch: Callable[[], Awaitable[Token]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._fetching = asyncio.Lock()
        self._headers: dict[str, str] | None = None
        self._renew_at = 0.0

    async def headers(self) -> dict[str, str]:
        async with self._fetching:
            if self._headers is None or self._clock() >= self._renew_at:
                token = await self._fetch()
                self._headers = {"Authorization": f"Bearer {token.access_token}"}
                self._renew_at = self._clock() + token.expires_in - min(60.0, token.expires_in / 10)
            return self._headers

    def refused(self, headers: dict[str, str]) -> bool:
        if self._headers is headers:
            self._headers = None
        return True
