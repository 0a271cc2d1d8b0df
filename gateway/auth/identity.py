"""Who sent a request: the caller whose key or token it carries."""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from gateway.auth.complaints import Complaints
from gateway.auth.keys import BEGINNING, KeyRing
from gateway.auth.options import CallerSettings
from gateway.auth.refusal import NOT_ACCEPTED, Unauthenticated
from gateway.rights import ANYBODY, Caller

__all__ = ["Identity", "Tokens"]

NEEDED = "credentials are needed: an API key or a token, as  Authorization: Bearer ...  or a key as  X-API-Key: ..."
ONCE = "credentials are given more than once; give one key or token, in one header"
NOT_BEARER = "the Authorization header is not of the form  Bearer ..."
NO_TOKENS = "a token was given, and no issuer is configured"

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)
"""RFC 6750, 2.1."""


class Tokens(Protocol):
    """Knows whose a token is that somebody else has issued."""

    async def caller(self, token: str) -> Caller:
        """Raises Unauthenticated, and IssuerGone where nobody can tell for now."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Identity:
    """Knows callers by what their requests carry. Where there is nothing to know them by, everybody is ANYBODY.

    `now` is by which keys expire; `clock` gives seconds, for the log.
    """

    def __init__(
        self,
        callers: Iterable[CallerSettings] = (),
        tokens: Tokens | None = None,
        *,
        now: Callable[[], datetime] = _utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._complaints = Complaints(clock)
        self._asks = False
        self.replace(callers, tokens)

    @property
    def asks(self) -> bool:
        """Whether a request must carry anything at all."""
        return self._asks

    def replace(self, callers: Iterable[CallerSettings], tokens: Tokens | None) -> None:
        """From now on these are known, and no others. Who has been let in before stays.

        Where somebody was known once, nobody comes in without credentials again: not even when all are gone.
        """
        known = tuple(callers)
        self._keys, self._tokens = KeyRing(known), tokens
        self._named = {each.name: each.caller for each in known}
        self._asks = self._asks or bool(known) or tokens is not None

    def named(self, name: str) -> Caller | None:
        """The caller of this name who has keys now; None where there is none."""
        return self._named.get(name)

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who sent a request with these headers, their names in any case. Raises Unauthenticated, and IssuerGone."""
        if not self._asks:
            return ANYBODY
        return await self.known_by(_credential(headers))

    async def known_by(self, credential: str) -> Caller:
        """Whose key or token this is. Raises Unauthenticated, and IssuerGone."""
        if not self._asks:
            return ANYBODY
        try:
            return await self._look_up(credential)
        except Unauthenticated as refused:
            if refused.reason is not None:
                self._complaints.tell(refused.reason)
            raise

    async def _look_up(self, credential: str) -> Caller:
        if credential.startswith(BEGINNING):
            return self._keys.caller(credential, self._now())
        if self._tokens is None:
            raise Unauthenticated(NOT_ACCEPTED, reason=NO_TOKENS)
        return await self._tokens.caller(credential)


def _credential(headers: Mapping[str, str]) -> str:
    """The one that is given. A header that comes twice is listed twice by who reads requests."""
    authorizations, keys = _all_of(headers, "authorization"), _all_of(headers, "x-api-key")
    if not authorizations and not keys:
        raise Unauthenticated(NEEDED)
    if len(authorizations) + len(keys) > 1:
        raise Unauthenticated(ONCE)
    if keys:
        return keys[0].strip()
    match = _BEARER.fullmatch(authorizations[0])
    if match is None:
        raise Unauthenticated(NOT_BEARER)
    return match[1]


def _all_of(headers: Mapping[str, str], name: str) -> list[str]:
    return [value for each, value in headers.items() if each.lower() == name]
