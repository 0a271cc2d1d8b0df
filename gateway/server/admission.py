"""Who is known while the gateway runs; replaced when its configuration is read again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from gateway.auth.identity import Identity
from gateway.auth.issuers import IssuerSettings
from gateway.auth.options import CallerSettings
from gateway.auth.tokens import Tokens
from gateway.platform import Settings
from gateway.rates.options import Budget
from gateway.rates.rates import Rates
from gateway.replicas import Scripts
from gateway.server.door import Door

__all__ = ["Admission", "admitting"]


class Admission:
    """The door, and how those who are known can be changed. `accounts` are all that are configured."""

    def __init__(self, door: Door, accounts: Sequence[Settings], now: Callable[[], datetime]) -> None:
        self.door = door
        self._accounts = accounts
        self._now = now
        self._tokens: Tokens | None = None

    async def admit(self, callers: Sequence[CallerSettings], issuers: Sequence[IssuerSettings]) -> None:
        """From now on these are known, and no others. Where a file of keys cannot be read it raises whatever that does,
        and all stays as it was."""
        tokens = Tokens(issuers, self._accounts, older=self._tokens, now=self._now) if issuers else None
        before, self._tokens = self._tokens, tokens
        self.door.identity.replace(callers, tokens)
        if before is not None:
            await before.aclose()

    async def aclose(self) -> None:
        if self._tokens is not None:
            await self._tokens.aclose()


@asynccontextmanager
async def admitting(
    accounts: Sequence[Settings], budget: Budget, scripts: Scripts | None, now: Callable[[], datetime]
) -> AsyncIterator[Admission]:
    """Nobody is known yet. With `scripts` the replicas count together."""
    clock = asyncio.get_running_loop().time
    door = Door(Identity(now=now, clock=clock), Rates(budget, clock, scripts))
    admission = Admission(door, accounts, now)
    try:
        yield admission
    finally:
        await admission.aclose()
