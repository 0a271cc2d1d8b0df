"""The terms on which jobs go on: what the door knows of their callers, and what these have left of a minute."""

from collections.abc import Mapping
from functools import partial

from gateway.account import OpenAccount
from gateway.jobs.terms import Turn
from gateway.rights import Caller
from gateway.server.door import Door
from schema.scopes import Scope

__all__ = ["DoorTerms"]


class DoorTerms:
    """Fulfils `jobs.terms.Terms`. `accounts` are all there are."""

    def __init__(self, door: Door, accounts: Mapping[str, OpenAccount]) -> None:
        self._door = door
        self._accounts = accounts

    def may(self, caller: str, account: str, scope: Scope) -> bool:
        """By the caller's table as it is now. Of whom an issuer knows nothing is known here without his token."""
        known, opened = self._door.identity.named(caller), self._accounts.get(account)
        if known is None:
            return ":" in caller or not self._door.identity.asks
        return opened is not None and known.may(scope) and known.reach.sees(account, opened.provider_name, opened.tags)

    async def turn(self, caller: str, calls: int) -> Turn:
        """Within half of his minute: his requests have the rest."""
        who = self._who(caller)
        wait, standing = await self._door.rates.aside(who, calls)
        return Turn(wait, partial(self._door.rates.settle, who, standing))

    async def charge(self, caller: str, calls: int) -> None:
        await self._door.rates.charge(self._who(caller), calls)

    def _who(self, caller: str) -> Caller:
        """He, with his own limits; whose table they are in is not known of an issuer's, who have everybody's here."""
        return self._door.identity.named(caller) or Caller(caller)
