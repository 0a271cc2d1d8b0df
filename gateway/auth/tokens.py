"""Bearer tokens that others issue (JWT, RFC 7519): is it good, and whose is it."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from gateway.auth.claims import ClaimReader, Claims
from gateway.auth.issuers import IssuerSettings
from gateway.auth.jwks import BadToken, PublicKey
from gateway.auth.keyring import Keyring
from gateway.auth.presented import Presented, presented
from gateway.auth.refusal import Unauthenticated
from gateway.auth.remembered import Good, Remembered
from gateway.auth.sources import source_of
from gateway.platform import Settings
from gateway.rights import Caller

__all__ = ["Tokens"]


class Tokens:
    """The tokens of all issuers. `accounts` are all that are configured; `clock` is in seconds. Close it at the end.

    `older` is what it takes the place of: keys are not fetched again for a change that does not concern them.
    """

    def __init__(
        self,
        issuers: Sequence[IssuerSettings],
        accounts: Sequence[Settings],
        *,
        older: "Tokens | None" = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        remembered = Remembered()
        self._issuers = {each.issuer: _Issuer(each, accounts, remembered, now, clock) for each in issuers}
        if older is not None:
            self._inherit(older)

    async def caller(self, token: str) -> Caller:
        """Whose token it is. Raises Unauthenticated, or IssuerGone where nobody can say for now."""
        said = presented(token)
        issuer = self._issuers.get(said.issuer)
        if issuer is None:
            raise Unauthenticated(reason="a token of an issuer that is not configured")
        return await issuer.caller(token, said)

    async def aclose(self) -> None:
        """End what is under way, and close every connection."""
        for issuer in self._issuers.values():
            await issuer.keyring.aclose()

    def _inherit(self, older: "Tokens") -> None:
        for name, issuer in self._issuers.items():
            if name in older._issuers:
                issuer.inherit(older._issuers[name])


class _Issuer:
    """One of them."""

    def __init__(
        self,
        settings: IssuerSettings,
        accounts: Sequence[Settings],
        remembered: Remembered,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self.keyring = Keyring(settings.name, source_of(settings), clock)
        self._settings = settings
        self._claims = ClaimReader(settings, accounts)
        self._remembered = remembered
        self._now = now

    def inherit(self, older: "_Issuer") -> None:
        """The keys of one that has fetched them from the same place. A file is read again, and holds at once."""
        if self._settings.jwks_file is None and _place(older._settings) == _place(self._settings):
            self.keyring.inherit(older.keyring)

    async def caller(self, token: str, said: Presented) -> Caller:
        """Key first: a token counts only as long as its issuer has the key that it was signed with."""
        key = await self._key(said)
        good = self._remembered.find(token)
        if good is None or good.mark != key.mark:
            good = self._checked(token, said.algorithm, key)
            self._remembered.keep(token, good)
        if self._now().timestamp() >= good.expires + self._settings.clock_skew:
            self._remembered.drop(token)
            raise Unauthenticated("the token has expired", reason=self._reason("that has expired"))
        return good.caller

    async def _key(self, said: Presented) -> PublicKey:
        wanted = self._settings.token_type
        if wanted is not None and _media_type(said.type or "") != _media_type(wanted):
            raise Unauthenticated(reason=self._reason("of another type"))
        if said.algorithm not in self._settings.algorithms:
            raise Unauthenticated(reason=self._reason("with an algorithm that is not configured"))
        key = await self.keyring.find(said.kid, said.algorithm)
        if key is None:
            raise Unauthenticated(reason=self._reason("with a key that the issuer does not have"))
        return key

    def _checked(self, token: str, algorithm: str, key: PublicKey) -> Good:
        """From here on its words are its issuer's."""
        try:
            claims = key.claims(token, algorithm, self._settings.issuer, self._settings.audiences)
        except BadToken as error:
            raise Unauthenticated(reason=self._reason(f"that is not good: {error}")) from None
        expires = self._time(claims, "exp")
        latest = self._now().timestamp() + self._settings.clock_skew
        if any(each in claims and self._time(claims, each) > latest for each in ("nbf", "iat")):
            raise Unauthenticated("the token is not valid yet", reason=self._reason("that is not valid yet"))
        return Good(self._claims.caller(claims), expires, key.mark)

    def _time(self, claims: Claims, name: str) -> float:
        """Seconds since 1970 (RFC 7519, 2)."""
        value: Any = claims[name]  # Any: whatever stands there
        try:
            seconds = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        except OverflowError:
            seconds = None
        if seconds is None or not isfinite(seconds):
            raise Unauthenticated(reason=self._reason(f"whose {name} is no time"))
        return seconds

    def _reason(self, what: str) -> str:
        return f"a token of {self._settings.name} {what}"


def _place(settings: IssuerSettings) -> tuple[object, ...]:
    """All that keys depend on."""
    return settings.issuer, settings.jwks_url, settings.jwks_file, settings.algorithms


def _media_type(written: str) -> str:
    """In its short form (RFC 7515, 4.1.9)."""
    return written.lower().removeprefix("application/")
