"""What one request asks of providers: each question once, each account within its time, from memory where it may be."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from gateway.account import OpenAccount
from gateway.cache.cache import Cache, How, Told
from gateway.cache.question import Change, Question, groups_of, slot_of
from gateway.cache.stamps import things_in
from gateway.deadline import AccountTime, Deadline
from gateway.kinds import LOADS
from gateway.plan import Plan
from gateway.reach.fence import Fence
from gateway.rights import EVERYTHING, Reach
from gateway.upstream.breaker import State
from gateway.upstream.errand import Errand, Urgency
from schema.errors import GatewayError, TimedOut
from schema.node import Entity

__all__ = ["Calls"]

T = TypeVar("T")
RETURN_TIME, RETURN_SHARE = 0.25, 0.1
"""Seconds, but at most this share of its time, that an errand ends early: so that who waits for a turn is told that
there is none before his own time is over, and learns when to come back."""

NOTHING_OLD = -1.0
"""As `max_age`: not even what was remembered at this very moment."""


class Calls:
    """The only way from a request to a provider. `max_age` is how old an answer may be, in seconds, where the caller
    said so. `accounts` are those that exist for him; of those that he sees some fleets of only, as `reach` says, the
    rest does not exist."""

    def __init__(
        self,
        accounts: Mapping[str, OpenAccount],
        cache: Cache,
        deadline: Deadline,
        *,
        max_age: float | None = None,
        urgency: Urgency = Urgency.INTERACTIVE,
        plan: Plan | None = None,
        reach: Reach = EVERYTHING,
    ) -> None:
        self.accounts = accounts
        self.reach = reach
        self.plan = plan or Plan()
        self._cache = cache
        self._max_age = max_age
        self._urgency = urgency
        self._clock = asyncio.get_running_loop().time
        self._times = {
            name: AccountTime(account.time_limit, deadline, self._clock) for name, account in accounts.items()
        }
        self._asked: dict[Question, asyncio.Task[Any]] = {}  # Any: each operation has its own answer
        self._from_memory: set[Question] = set()
        self._forgotten: list[asyncio.Task[Any]] = []  # Any: as above
        self._known: dict[tuple[str, type, str], Entity] = {}
        self._fences = {
            name: Fence(account.provider, tuple(sorted(fleets)), partial(self._ask, name), partial(self._met, name))
            for name, account in accounts.items()
            if (fleets := reach.fleets_in(name)) is not None
        }
        self.plan.untold = frozenset(self._fences)

    async def ask(self, account: str, operation: str, *args: object, of_shown: bool = False) -> Any:  # Any: as above
        """Ask one account one thing. The same question in the same request is asked once and shared.

        Of a long list, `of_shown` wants only what belongs to SIMs that this request has already shown; who sees the
        whole account gets the whole list. Raises GatewayError, saying where it happened.
        """
        fence = self._fences.get(account)
        if fence is None:
            return await self._ask(account, operation, *args)
        try:
            return await fence.ask(operation, *args, of_shown=of_shown)
        except GatewayError as error:
            raise error.at(account, operation) from error.__cause__

    async def try_ask(
        self, account: str, operation: str, *args: object, of_shown: bool = False
    ) -> Any:  # Any: as above
        """The same, with a failure as a value: for answers that are collected."""
        try:
            return await self.ask(account, operation, *args, of_shown=of_shown)
        except GatewayError as error:
            return error

    async def known(self, account: str, kind: type[T], native_ids: Iterable[str]) -> dict[str, T]:
        """Those of these things that some answer has already contained, of this request or a fresh one of another."""
        fence = self._fences.get(account)
        return await (self._met(account, kind, native_ids) if fence is None else fence.known(kind, list(native_ids)))

    def fleets(self, account: str) -> tuple[str, ...] | None:
        """The only fleets of the account that exist for the caller; None where everything there does."""
        fence = self._fences.get(account)
        return None if fence is None else fence.fleets

    async def seen(self, account: str, thing: T | None) -> T | None:
        """A thing that came another way than by asking; None where it does not exist for the caller.

        Raises GatewayError where that cannot be known.
        """
        fence = self._fences.get(account)
        if thing is None or fence is None:
            return thing
        found: T | None = await fence.sifted(thing)
        return found

    def forget(self, account: str, changes: Sequence[Change]) -> None:
        """What these changes have made untrue is asked anew by the rest of the request."""
        groups = set(groups_of(account, changes))
        for question in [each for each in self._asked if slot_of(each).group in groups]:
            self._forgotten.append(self._asked.pop(question))
            self._from_memory.discard(question)
        for kind, native_id, _ in changes:
            self._known.pop((account, kind, native_id or ""), None)

    async def aclose(self) -> None:
        """End whatever is still under way: nobody will read it."""
        tasks = [*self._asked.values(), *self._forgotten]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, account: str, operation: str, *args: object, is_anew: bool = False) -> Any:  # Any: as above
        """The whole account. `is_anew`: what its provider says during this request, and nothing older."""
        question = Question(account, operation, args)
        if is_anew and question in self._from_memory:
            self._from_memory.remove(question)
            if question in self._asked:  # else a change has made it be forgotten meanwhile
                self._forgotten.append(self._asked.pop(question))
        task = self._asked.get(question)
        if task is None:
            task = self._asked[question] = asyncio.create_task(self._answer(question, is_anew=is_anew))
        return await asyncio.shield(task)

    async def _met(self, account: str, kind: type[T], native_ids: Iterable[str]) -> dict[str, T]:
        """As `known`, of the whole account."""
        here = {each: self._known.get((account, kind, each)) for each in native_ids}
        missing = [each for each, known in here.items() if known is None]
        remembered = await self._remembered(account, kind, missing) if missing else {}
        return {each: known for each, known in {**here, **remembered}.items() if isinstance(known, kind)}

    async def _remembered(self, account: str, kind: type, native_ids: list[str]) -> dict[str, Entity]:
        things = await self._cache.things(account, kind, native_ids, self._max_age)
        for thing in things.values():
            self._remember(thing)
        if things and kind in LOADS:
            self.plan.remembered(account, LOADS[kind], len(things))
        return things

    async def _answer(self, question: Question, *, is_anew: bool = False) -> Any:  # Any: as above
        told = await self._told(question, NOTHING_OLD if is_anew else self._max_age)
        self.plan.told(question.account, question.operation, told)
        if is_anew and told.failure is not None:
            raise told.failure
        if told.how is not How.ASKED and not is_anew:
            self._from_memory.add(question)
        for thing in things_in(told.answer):
            if isinstance(thing, Entity):
                self._remember(thing)
        return told.answer

    async def _told(self, question: Question, max_age: float | None) -> Told:
        name, operation, args = question
        account, errand = self.accounts[name], Errand(urgency=self._urgency)
        try:
            async with self._times[name].spending() as end:
                left = end - self._clock()
                errand.until = end - min(RETURN_TIME, left * RETURN_SHARE)
                told = await self._cache.ask(
                    question,
                    partial(account.ask, operation, args),
                    errand,
                    max_age,
                    is_answering=account.breaker.state is State.CLOSED,
                )
                if told.is_leaving_calls:  # they are this request's, whoever has the answer in the end
                    self.plan.expected(name, operation, max(0, account.provider.calls_for(operation) - errand.calls))
                return told
        except TimedOut as error:
            if error.account is None:
                account.record.failed(error)
            old = self._cache.old(question, error)
            if old is None:
                raise error.at(name, operation) from error.__cause__
            return old
        finally:
            self.plan.asked(name, operation, errand)

    def _remember(self, thing: Entity) -> None:
        place = (thing.account_name, type(thing), thing.native_id)
        if place not in self._known or getattr(thing, "is_complete", True):
            self._known[place] = thing
