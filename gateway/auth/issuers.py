"""Who makes tokens that are accepted here, and what the tokens are good for."""

from gateway.auth.granted import Granted

__all__ = ["ALGORITHMS", "MOST_SKEW", "GrantSettings", "IssuerSettings"]

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""The asymmetric ones of RFC 7518, 3.1 and RFC 8037. With any other, whoever can check a token could make one."""

MOST_SKEW = 300.0


class GrantSettings(Granted, frozen=True, kw_only=True):
    """An `[[issuers.grants]]` table: what a token is given whose `claim` is, or is a list with, this `value`."""

    claim: str
    value: str


class IssuerSettings(Granted, frozen=True, kw_only=True):
    """An `[[issuers]]` table. No token of the issuer is ever given more than the rights that stand here.

    `issuer` is the `iss` of its tokens and `audience` the `aud`, one or several, of which a token must have one. Its
    keys (a JWKS, RFC 7517) are at `jwks_url` or in `jwks_file`; without either they are found by OpenID Connect
    Discovery. `token_type` is the `typ` that tokens must have, e.g. "at+jwt" (RFC 9068). `clock_skew` is seconds.

    A token's caller is its `name_claim`. It may do what its `scopes_claim` (a list, or text with blanks between) has of
    `scopes`. With `accounts_claim` only those accounts exist for it that are named there, and none without. Where there
    are `grants`, the first that fits decides instead of these two claims, and a token that none fits may do nothing. A
    claim within another is written with a dot: "realm_access.roles".

    `requests` and `cost` are per minute for each caller, where they are not everyone's.
    """

    name: str
    issuer: str
    audience: str | tuple[str, ...]
    algorithms: tuple[str, ...] = ("RS256",)
    jwks_url: str | None = None
    jwks_file: str | None = None
    clock_skew: float = 30.0
    token_type: str | None = None
    name_claim: str = "sub"
    scopes_claim: str = "scope"
    accounts_claim: str | None = None
    requests: int | None = None
    cost: int | None = None
    grants: tuple[GrantSettings, ...] = ()

    @property
    def audiences(self) -> tuple[str, ...]:
        """All of them, also where there is one."""
        return (self.audience,) if isinstance(self.audience, str) else self.audience
