"""What one request asks of providers: each question once, each account within its time, from memory where it may be."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from gateway.account import OpenAccount
from gateway.cache.cache import Cache, Told
from gateway.cache.question import Change, Question, groups_of, slot_of
from gateway.cache.stamps import things_in
from gateway.deadline import AccountTime, Deadline
from gateway.kinds import LOADS
from gateway.plan import Plan
from gateway.upstream.breaker import State
from gateway.upstream.errand import Errand, Urgency
from schema.errors import GatewayError, TimedOut
from schema.node import Entity

__all__ = ["Calls"]

T = TypeVar("T")
RETURN_TIME, RETURN_SHARE = 0.25, 0.1
"""Seconds, but at most this share of its time, that an errand ends early: so that who waits for a turn is told that
there is none before his own time is over, and learns when to come back."""


class Calls:
    """The only way from a request to a provider. `max_age` is how old an answer may be, in seconds, where the caller
    said so."""

    def __init__(
        self,
        accounts: Mapping[str, OpenAccount],
        cache: Cache,
        deadline: Deadline,
        *,
        max_age: float | None = None,
        urgency: Urgency = Urgency.INTERACTIVE,
        plan: Plan | None = None,
    ) -> None:
        self.accounts = accounts
        self.plan = plan or Plan()
        self._cache = cache
        self._max_age = max_age
        self._urgency = urgency
        self._clock = asyncio.get_running_loop().time
        self._times = {
            name: AccountTime(account.time_limit, deadline, self._clock) for name, account in accounts.items()
        }
        self._asked: dict[Question, asyncio.Task[Any]] = {}  # Any: each operation has its own answer
        self._forgotten: list[asyncio.Task[Any]] = []  # Any: as above
        self._known: dict[tuple[str, type, str], Entity] = {}

    async def ask(self, account: str, operation: str, *args: object) -> Any:  # Any: as above
        """Ask one account one thing. The same question in the same request is asked once and shared.

        Raises GatewayError, saying where it happened.
        """
        question = Question(account, operation, args)
        task = self._asked.get(question)
        if task is None:
            task = self._asked[question] = asyncio.create_task(self._answer(question))
        return await asyncio.shield(task)

    async def try_ask(self, account: str, operation: str, *args: object) -> Any:  # Any: as above
        """The same, with a failure as a value: for answers that are collected."""
        try:
            return await self.ask(account, operation, *args)
        except GatewayError as error:
            return error

    async def known(self, account: str, kind: type[T], native_ids: Iterable[str]) -> dict[str, T]:
        """Those of these things that some answer has already contained, of this request or a fresh one of another."""
        here = {each: self._known.get((account, kind, each)) for each in native_ids}
        missing = [each for each, known in here.items() if known is None]
        remembered = await self._remembered(account, kind, missing) if missing else {}
        return {each: known for each, known in {**here, **remembered}.items() if isinstance(known, kind)}

    def forget(self, account: str, changes: Sequence[Change]) -> None:
        """What these changes have made untrue is asked anew by the rest of the request."""
        groups = set(groups_of(account, changes))
        for question in [each for each in self._asked if slot_of(each).group in groups]:
            self._forgotten.append(self._asked.pop(question))
        for kind, native_id, _ in changes:
            self._known.pop((account, kind, native_id or ""), None)

    async def aclose(self) -> None:
        """End whatever is still under way: nobody will read it."""
        tasks = [*self._asked.values(), *self._forgotten]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _remembered(self, account: str, kind: type, native_ids: list[str]) -> dict[str, Entity]:
        things = await self._cache.things(account, kind, native_ids, self._max_age)
        for thing in things.values():
            self._remember(thing)
        if things and kind in LOADS:
            self.plan.remembered(account, LOADS[kind], len(things))
        return things

    async def _answer(self, question: Question) -> Any:  # Any: as above
        told = await self._told(question)
        self.plan.told(question.account, question.operation, told)
        for thing in things_in(told.answer):
            if isinstance(thing, Entity):
                self._remember(thing)
        return told.answer

    async def _told(self, question: Question) -> Told:
        name, operation, args = question
        account, errand = self.accounts[name], Errand(urgency=self._urgency)
        try:
            async with self._times[name].spending() as end:
                left = end - self._clock()
                errand.until = end - min(RETURN_TIME, left * RETURN_SHARE)
                return await self._cache.ask(
                    question,
                    partial(account.ask, operation, args),
                    errand,
                    self._max_age,
                    is_answering=account.breaker.state is State.CLOSED,
                )
        except TimedOut as error:
            if error.account is None:
                account.record.failed(error)
            told = self._cache.old(question, error)
            if told is None:
                raise error.at(name, operation) from error.__cause__
            return told
        finally:
            self.plan.asked(name, operation, errand)

    def _remember(self, thing: Entity) -> None:
        place = (thing.account_name, type(thing), thing.native_id)
        if place not in self._known or getattr(thing, "is_complete", True):
            self._known[place] = thing
