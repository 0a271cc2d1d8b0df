"""Who comes in: somebody who is known, within what he may ask in a minute."""

from collections.abc import Mapping

from starlette.datastructures import Headers

from gateway.auth.identity import Identity
from gateway.auth.refusal import IssuerGone, Unauthenticated
from gateway.rates.rates import Rates
from gateway.rates.refusal import OverBudget, TooCostly
from gateway.rates.standing import Standing
from gateway.rights import Caller
from gateway.server.refusal import BadRequest
from schema.scopes import Scope

__all__ = ["Door", "over_budget"]

CHALLENGE = 'Bearer realm="SIM Gateway"'


class Door:
    """Every request that may cost something comes through here, before its body is read."""

    def __init__(self, identity: Identity, rates: Rates) -> None:
        self.identity = identity
        self.rates = rates

    async def caller(self, headers: Headers) -> Caller:
        """Who sent it. Raises BadRequest: 401, or 503 where nobody can say for now."""
        try:
            return await self.identity.caller(headers)
        except Unauthenticated as unknown:
            raise _unauthenticated(unknown, is_given="authorization" in headers or "x-api-key" in headers) from None
        except IssuerGone as gone:
            raise _unavailable(gone) from None

    async def administrator(self, headers: Headers) -> Caller:
        """The same, of somebody with the scope `admin`. Raises BadRequest: 403 for anybody else."""
        caller = await self.caller(headers)
        if not caller.may(Scope.ADMIN):
            raise BadRequest(403, "this takes the scope admin", "FORBIDDEN")
        return caller

    async def counted(self, caller: Caller, requests: int = 1) -> Standing:
        """Count so many requests of his. Raises BadRequest: 429 with the seconds to wait."""
        try:
            return await self.rates.request(caller, requests)
        except OverBudget as over:
            raise over_budget(over) from None
        except TooCostly as much:
            raise BadRequest(429, much.message, "LIMIT_EXCEEDED", details=_limit(much)) from None


def over_budget(over: OverBudget) -> BadRequest:
    """The answer to who has used up his minute."""
    refusal = BadRequest(429, over.message, "RATE_LIMITED", retryable=True, headers=over.standing.headers())
    refusal.extensions |= {"limit": over.limit, "retryAfter": over.retry_after}
    return refusal


def _unauthenticated(unknown: Unauthenticated, *, is_given: bool) -> BadRequest:
    """What was given and is not good is told apart from nothing (RFC 6750, 3.1)."""
    challenge = f'{CHALLENGE}, error="invalid_token"' if is_given else CHALLENGE
    return BadRequest(401, unknown.message, "UNAUTHENTICATED", headers={"WWW-Authenticate": challenge})


def _unavailable(gone: IssuerGone) -> BadRequest:
    wait: Mapping[str, str] = {} if gone.retry_after is None else {"Retry-After": str(round(gone.retry_after))}
    refusal = BadRequest(503, gone.message, "UNAVAILABLE", retryable=True, headers=wait)
    refusal.extensions["retryAfter"] = gone.retry_after
    return refusal


def _limit(much: TooCostly) -> dict[str, int | str]:
    return {"limit": much.limit, "maximum": much.maximum, "found": much.found}
