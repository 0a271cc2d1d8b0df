"""What accounts answered, remembered: fresh, old, or asked again by one asker for each question."""

import random
from asyncio import get_running_loop, timeout
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable
from copy import copy, deepcopy
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from gateway.cache.codec import decode
from gateway.cache.entry import Entry, Slot
from gateway.cache.flights import Flight, Flights
from gateway.cache.question import Change, Question, groups_of, slot_of, slot_of_row, slot_of_thing
from gateway.cache.shelf import Kept, Shelf
from gateway.cache.stamps import mark_stale
from gateway.cache.together import IsGood, Together
from gateway.upstream.errand import Errand, Urgency
from schema.errors import BadResponse, GatewayError, RateLimited, TimedOut, Unavailable
from schema.node import Entity

__all__ = ["Cache", "How", "Told"]

Ask = Callable[[], Awaitable[Any]]
"""Asks the provider. Any: each operation has its own answer."""

REFRESHED_AT = 0.9
"""The part of its fresh time after which an answer that is still asked for is fetched again."""
REFRESH_CHANCE = 1 / 3
"""How likely one reader then has it fetched: what many read is as good as certain to be, what nobody reads is not."""
PATIENCE = 1.0
"""Seconds that a newer answer is waited for when an older one is at hand."""
BACKGROUND_TIME = 30.0
"""Seconds that a fetch has for which nobody waits."""

FORGIVABLE = (Unavailable, TimedOut, RateLimited, BadResponse)
"""Failures that an old answer is better than. Not Denied: what we may no longer read, we do not show."""

BEING_FETCHED = "a newer answer is being fetched"


class How(Enum):
    """Where an answer came from."""

    HIT = "remembered"
    JOINED = "somebody else was asking"
    ASKED = "asked"


@dataclass(slots=True)
class Told:
    """An answer. `failure` is why an old one is served. `is_leaving_calls`: a newer one is being fetched because of
    this asker, who does not wait for it; what its errand came to until now is not all."""

    answer: Any  # each operation has its own
    how: How
    failure: GatewayError | None = None
    is_leaving_calls: bool = False


@dataclass(slots=True)
class _Landed:
    """What asking brought: what is kept of it, the asked thing first, and the answer itself for the first to come."""

    kept: Kept
    answer: Any  # each operation has its own
    is_taken: bool = False

    def own(self) -> Any:  # Any: as above
        """The answer, which nobody else has."""
        if self.is_taken:
            return decode(self.kept[0][1].body) if self.kept else deepcopy(self.answer)
        self.is_taken = True
        return self.answer


class _Refresh(NamedTuple):
    """A newer answer is being fetched. `is_begun`: because of this asker; `is_kept`: also if nobody waits for it."""

    is_begun: bool = False
    is_kept: bool = False


class _Wanted(NamedTuple):
    """A question, where its answer is kept, and how to get one."""

    question: Question
    slot: Slot
    ask: Ask


class Cache:
    """Remembers answers of all accounts. Every answer handed out is the asker's own to change."""

    def __init__(
        self,
        shelf: Shelf,
        together: Together | None = None,
        *,
        chance: Callable[[], float] = random.random,
        patience: float = PATIENCE,
    ) -> None:
        self._shelf = shelf
        self._together = together
        self._chance = chance
        self._patience = patience
        self._dropped = 0
        self._flights: Flights[Entry | _Landed] = Flights()

    # --- asking ------------------------------------------------------------------------------------------------

    async def ask(
        self,
        question: Question,
        ask: Ask,
        errand: Errand,
        max_age: float | None = None,
        *,
        is_answering: bool = True,
    ) -> Told:
        """The answer, from memory where it is fresh and, where that is set, no older than `max_age` seconds.

        `is_answering` is false while the account is known not to: then nobody is told that a newer answer is on its
        way, but why there is none.

        Where somebody must be asked, the errand goes along and says afterwards what it came to. Raises GatewayError
        where there is no answer, not even an old one.
        """
        wanted = _Wanted(question, slot_of(question), ask)
        found, refresh = self._shelf.find(wanted.slot), _Refresh()
        if found is not None:
            age, fresh = self._shelf.age(found.entry), found.entry.fresh
            if self._shelf.is_fresh(found.entry, max_age):
                is_due = age >= fresh * REFRESHED_AT and self._chance() < REFRESH_CHANCE
                refresh = self._refresh(wanted, found.entry) if is_due else refresh
                return Told(found.answer, How.HIT, is_leaving_calls=refresh.is_begun)
            if max_age is None and is_answering and age < 2 * fresh:
                refresh = self._refresh(wanted, found.entry)
                if refresh.is_kept:
                    mark_stale(found.answer, BEING_FETCHED)
                    return Told(found.answer, How.HIT, is_leaving_calls=refresh.is_begun)
        told = await self._asked(wanted, errand, max_age, is_known=found is not None)
        told.is_leaving_calls = told.is_leaving_calls or refresh.is_begun
        return told

    def old(self, question: Question, failure: GatewayError) -> Told | None:
        """An answer that is no longer fresh, in place of a failure; None where there is none or it must not be."""
        if not isinstance(failure, FORGIVABLE):
            return None
        found = self._shelf.find(slot_of(question))
        if found is None:
            return None
        failure = copy(failure).at(question.account, question.operation)
        mark_stale(found.answer, f"{failure.code.value}: {failure.message}", failure)
        return Told(found.answer, How.HIT, failure=failure)

    def at_hand(self, question: Question, max_age: float | None) -> Told | None:
        """What `ask` would tell without asking anybody, if it can: for who only wants to know."""
        found = self._shelf.find(slot_of(question))
        if found is None:
            return None
        age = self._shelf.age(found.entry)
        limit = 2 * found.entry.fresh if max_age is None else min(found.entry.fresh, max_age)
        return Told(found.answer, How.HIT) if age <= limit else None

    async def things(
        self, account: str, kind: type, native_ids: Iterable[str], max_age: float | None
    ) -> dict[str, Entity]:
        """Those of these things that are remembered and fresh, whichever answer they came in, by id."""
        wanted = list(native_ids)
        found = self._shelf.things(account, kind, wanted, max_age)
        missing = [each for each in wanted if each not in found]
        if self._together is not None and missing:
            places = [place(account, kind.__name__, each) for each in missing for place in (slot_of_thing, slot_of_row)]
            dropped = self._dropped
            read = zip(places, await self._together.read(places), strict=True)
            if dropped == self._dropped:  # else what was read may be just what was dropped meanwhile
                self._shelf.put([(slot, entry) for slot, entry in read if entry is not None])
                found |= self._shelf.things(account, kind, missing, max_age)
        return found

    # --- forgetting --------------------------------------------------------------------------------------------

    async def forget(self, account: str, *changes: Change) -> None:
        """Drop what these changes have made untrue, here and at every replica, and nothing else.

        What was asked before this began is kept nowhere: whoever asks after it has returned gets what the provider
        says now.
        """
        groups = groups_of(account, changes)
        self.drop(groups)
        if self._together is not None:
            await self._together.forget(account, groups)
            self.drop(groups)  # again: who began in between may have read there what was just being forgotten

    async def forget_all(self) -> None:
        """The same for everything."""
        self.drop_all()
        if self._together is not None:
            await self._together.forget_all()
            self.drop_all()

    async def forget_below(self, prefixes: Collection[str]) -> None:
        """The same for every key that begins like one of these. What replicas share is then forgotten as a whole: it is
        not kept in an order that would let a part of it be found."""
        self.drop_below(prefixes)
        if self._together is not None:
            await self._together.forget_all()
            self.drop_below(prefixes)

    def drop_below(self, prefixes: Collection[str]) -> None:
        """The same here only."""
        self._dropped += 1
        self._flights.lose({prefix.partition("/")[0] for prefix in prefixes})
        self._shelf.drop_below(tuple(prefixes))

    def drop(self, groups: Iterable[str]) -> None:
        """The same here only: told by another replica, which did the rest."""
        self._dropped += 1
        gone = list(groups)
        self._flights.forget(gone)
        self._shelf.drop(gone)

    def drop_all(self) -> None:
        """Forget everything here: something that should have been forgotten may have been missed."""
        self._dropped += 1
        self._flights.forget_all()
        self._shelf.clear()

    async def aclose(self) -> None:
        """End every fetch under way."""
        await self._flights.aclose()

    # --- fetching ----------------------------------------------------------------------------------------------

    async def _asked(self, wanted: _Wanted, errand: Errand, max_age: float | None, *, is_known: bool) -> Told:
        """What the provider says now; what it said before, if it cannot or takes too long."""
        # What is asked alone comes from the provider, and is new enough for anybody; what others asked may not be.
        key = (wanted.slot.key, None if self._together is None else max_age)
        flight, how = self._flights.find(key), How.JOINED
        if flight is None:
            is_good = partial(self._shelf.is_fresh, max_age=max_age)
            flight, how = self._begin(key, wanted, errand, is_good), How.ASKED
        try:
            if is_known and max_age is None and self._flights.keep(flight):
                told = await self._hurried(wanted.question, flight, errand)
                if told is not None:
                    told.is_leaving_calls = how is How.ASKED
                    return told
            landed = await self._flights.wait(flight, errand)
        except GatewayError as error:
            failure = copy(error)
            told = self.old(wanted.question, failure)
            if told is None:
                raise failure from error.__cause__
            return told
        if isinstance(landed, Entry):
            return Told(decode(landed.body), How.HIT)
        return Told(landed.own(), how)

    async def _hurried(self, question: Question, flight: Flight[Entry | _Landed], errand: Errand) -> Told | None:
        """Wait for a moment. An old answer where that is over; None where the flight has landed, or nothing is known
        any more, because it was forgotten meanwhile."""
        try:
            async with timeout(self._patience):
                await self._flights.wait(flight, errand)
        except TimeoutError:
            return self.old(question, TimedOut(f"no answer within {self._patience:g} s yet"))
        return None

    def _refresh(self, wanted: _Wanted, old: Entry) -> _Refresh:
        """Have a newer answer fetched without waiting for it."""
        key = (wanted.slot.key, None)
        under_way = self._flights.find(key)
        flight = under_way or self._begin(key, wanted, _background(), lambda entry: entry.as_of > old.as_of)
        return _Refresh(is_begun=under_way is None, is_kept=self._flights.keep(flight))

    def _begin(self, key: Hashable, wanted: _Wanted, errand: Errand, is_good: IsGood) -> Flight[Entry | _Landed]:
        question, slot, ask = wanted

        async def alone(flight: Flight[Entry | _Landed]) -> _Landed:
            answer = await ask()
            landed = _Landed(self._shelf.entries(question, slot, answer), answer)
            self._keep(flight, landed.kept)
            return landed

        async def with_others(together: Together, flight: Flight[Entry | _Landed]) -> Entry | _Landed:
            def seen(entry: Entry) -> None:
                self._keep(flight, [(slot, entry)])

            def is_usable(entry: Entry) -> bool:
                return is_good(entry) and self._shelf.can_read(entry)

            return await together.fetch(question.account, slot, is_usable, lambda: alone(flight), seen)

        fly = alone if self._together is None else partial(with_others, self._together)
        return self._flights.begin(key, slot.group, errand, fly)

    def _keep(self, flight: Flight[Entry | _Landed], kept: Kept) -> None:
        """Keep what a flight has brought, but for what has changed on the way."""
        self._shelf.put([each for each in kept if self._flights.may_keep(flight, each[0].group)])


def _background() -> Errand:
    """For what nobody waits for."""
    return Errand(get_running_loop().time() + BACKGROUND_TIME, Urgency.BULK)
