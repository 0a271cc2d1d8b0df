"""What a token says, as a caller: who he is, and what he is given below his issuer's ceiling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.auth.ceiling import narrowed, within
from gateway.auth.issuers import GrantSettings, IssuerSettings
from gateway.auth.refusal import Unauthenticated
from gateway.platform import Settings
from gateway.rights import Caller, Reach
from schema.scopes import Scope

__all__ = ["ClaimReader", "Claims"]

Claims = Mapping[str, Any]
"""A token's JSON. Any: whatever the issuer puts there."""

LONGEST_NAME = 255
"""Of a `sub` (OpenID Connect Core, 2). A longer name is refused: two that are cut to one would share what they have."""

_SCOPES = {each.value: each for each in Scope}


@dataclass(frozen=True)
class _Rights:
    scopes: frozenset[Scope] = frozenset()
    reach: Reach = Reach()  # noqa: RUF009  frozen


class ClaimReader:
    """Reads the claims of one issuer's tokens. `accounts` are all that are configured."""

    def __init__(self, issuer: IssuerSettings, accounts: Sequence[Settings]) -> None:
        self._issuer = issuer
        self._ceiling = _Rights(issuer.scopes_given(), within(issuer.reach(), issuer.reach(), accounts))
        self._grants = [(each, self._below(each, accounts)) for each in issuer.grants]

    def caller(self, claims: Claims) -> Caller:
        """Who it is. Raises Unauthenticated for one without a name that can be written."""
        who = _claim(claims, self._issuer.name_claim)
        if not isinstance(who, str) or not 0 < len(who) <= LONGEST_NAME or not who.isprintable():
            raise Unauthenticated(reason=f"a token of {self._issuer.name} whose {self._issuer.name_claim} is no name")
        rights = self._granted(claims) if self._grants else self._claimed(claims)
        return Caller(
            f"{self._issuer.name}:{who}", rights.scopes, rights.reach, self._issuer.requests, self._issuer.cost
        )

    def _below(self, grant: GrantSettings, accounts: Sequence[Settings]) -> _Rights:
        return _Rights(
            grant.scopes_given() & self._ceiling.scopes,
            within(grant.reach(), self._issuer.reach(), accounts),
        )

    def _granted(self, claims: Claims) -> _Rights:
        """The rights of the first grant that fits."""
        for grant, rights in self._grants:
            found = _claim(claims, grant.claim)
            if found == grant.value or (isinstance(found, list) and grant.value in found):
                return rights
        return _Rights()

    def _claimed(self, claims: Claims) -> _Rights:
        """What the token itself names, and the issuer may give."""
        named = _words(_claim(claims, self._issuer.scopes_claim))
        scopes = self._ceiling.scopes & {_SCOPES[each] for each in named if each in _SCOPES}
        if self._issuer.accounts_claim is None:
            return _Rights(scopes, self._ceiling.reach)
        return _Rights(scopes, narrowed(self._ceiling.reach, _words(_claim(claims, self._issuer.accounts_claim))))


def _claim(claims: Claims, name: str) -> Any:  # Any: as it was found
    """The claim of this name. A dot leads into another claim, unless the whole is a name itself, as an address is."""
    if name in claims:
        return claims[name]
    found: Any = claims  # Any: as above
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _words(value: object) -> frozenset[str]:
    """The names in a list, or in text with blanks between (RFC 6749, 3.3)."""
    if isinstance(value, str):
        return frozenset(value.split())
    if isinstance(value, list):
        return frozenset(each for each in value if isinstance(each, str))
    return frozenset()
