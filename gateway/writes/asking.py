"""How a write reads its account: past all memory, under an errand of its own."""

import asyncio
from typing import Any

from gateway.account import OpenAccount
from gateway.cache.stamps import stamp
from gateway.plan import Plan
from gateway.upstream.errand import ERRAND, Errand, Urgency
from schema.errors import TimedOut

__all__ = ["Asking"]


class Asking:
    """Fulfils `proof.Ask` for one account. `until` is the event loop's time by which an answer is wanted; what it
    comes to is told to the plan."""

    def __init__(self, account: OpenAccount, urgency: Urgency, until: float, plan: Plan | None = None) -> None:
        self._plan = plan
        self._account = account
        self._urgency = urgency
        self._until = until

    async def __call__(self, operation: str, *args: object) -> Any:  # Any: each operation has its own answer
        journey = Errand(until=self._until, urgency=self._urgency)
        before = ERRAND.set(journey)
        try:
            async with asyncio.timeout_at(self._until):
                answer = await self._account.ask(operation, args)
        except TimeoutError:
            raise TimedOut("the provider did not answer in time").at(self._account.name, operation) from None
        finally:
            ERRAND.reset(before)
            if self._plan is not None:
                self._plan.asked(self._account.name, operation, journey)
        stamp(answer, self._account.name, self._account.record.now())
        return answer

    def most_rows(self, operation: str) -> int:
        return self._account.provider.most_rows(operation)
