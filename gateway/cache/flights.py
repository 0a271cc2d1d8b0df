"""One asker per question: whoever comes while it is being asked waits for the same answer."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable
from typing import Generic, TypeVar

from gateway.upstream.errand import ERRAND, Errand
from schema.errors import TimedOut

__all__ = ["Flight", "Flights"]

T = TypeVar("T")
Ask = Callable[["Flight[T]"], Awaitable[T]]

LONGEST = 60.0
"""Seconds after which a flight is given up, whoever waits: an account holds up a request much less."""
MOST_KEPT = 256
"""Flights that go on although nobody waits for them."""
MOST_FORGOTTEN = 10_000
"""Groups kept in mind for what is under way."""


class Flight(Generic[T]):
    """A question on its way. `group` is what its answer is forgotten with, `began` how much had been forgotten then."""

    def __init__(self, key: Hashable, group: str, errand: Errand, began: int) -> None:
        self.key = key
        self.group = group
        self.errand = errand
        self.began = began
        self.is_lost = False
        """Nobody knows what has changed since it began: nothing that it brings is kept."""
        self.is_kept = False
        """It goes on when everybody who waited has left."""
        self.waiting = 0
        self.task: asyncio.Task[T]


class Flights(Generic[T]):
    """Every question of this process that is being asked now."""

    def __init__(self) -> None:
        self._by_key: dict[Hashable, Flight[T]] = {}
        self._all: set[Flight[T]] = set()
        self._forgotten: dict[str, int] = {}
        """Groups, and the how manieth to be forgotten they were, while something is under way that began before."""
        self._count = 0

    def find(self, key: Hashable) -> Flight[T] | None:
        """The flight with this question, if it is being asked."""
        return self._by_key.get(key)

    def begin(self, key: Hashable, group: str, errand: Errand, ask: Ask[T]) -> Flight[T]:
        """Ask. The errand goes with it, to every call that it takes."""
        flight: Flight[T] = Flight(key, group, errand, self._count)
        before = ERRAND.set(errand)  # the task runs in a copy of the context it is made in
        try:
            flight.task = asyncio.create_task(_within_limits(ask, flight))
        finally:
            ERRAND.reset(before)
        self._by_key[key] = flight
        self._all.add(flight)
        flight.task.add_done_callback(lambda _: self._landed(flight))
        return flight

    async def wait(self, flight: Flight[T], errand: Errand) -> T:
        """The flight's answer, or its error. When the last who waits is cancelled it ends, unless it is kept.

        Who has more time, or is in a greater hurry, lends it to the flight.
        """
        flight.waiting += 1
        flight.errand.until = max(flight.errand.until, errand.until)
        flight.errand.urgency = min(flight.errand.urgency, errand.urgency)
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.is_kept and not flight.task.done():
                self._give_up(flight)

    def keep(self, flight: Flight[T]) -> bool:
        """Let it go on without anybody waiting; false where too many do already."""
        if not flight.is_kept and sum(each.is_kept for each in self._all) >= MOST_KEPT:
            return False
        flight.is_kept = True
        return True

    def forget(self, groups: Iterable[str]) -> None:
        """These have changed: what is on its way of them is not kept, and whoever asks from now on asks anew."""
        if not self._all:
            return
        gone = set(groups)
        for group in gone:
            self._count += 1
            self._forgotten[group] = self._count
        for flight in self._all:
            if flight.group in gone:
                self._leave(flight)
        if len(self._forgotten) > MOST_FORGOTTEN:
            self._clear_up()

    def forget_all(self) -> None:
        """The same for everything."""
        for flight in self._all:
            flight.is_lost = True
            self._leave(flight)

    def lose(self, accounts: Collection[str]) -> None:
        """The same for everything of these accounts."""
        for flight in self._all:
            if flight.group.partition("/")[0] in accounts:
                flight.is_lost = True
                self._leave(flight)

    def may_keep(self, flight: Flight[T], group: str) -> bool:
        """Whether what a flight has brought of a group is still so: nobody said otherwise since it began."""
        return not flight.is_lost and self._forgotten.get(group, 0) <= flight.began

    async def aclose(self) -> None:
        """End everything under way."""
        flights = list(self._all)
        for flight in flights:
            flight.task.cancel()
        await asyncio.gather(*(flight.task for flight in flights), return_exceptions=True)

    def _clear_up(self) -> None:
        """Drop what was forgotten before everything under way began; if that is not enough, all of it."""
        first = min(flight.began for flight in self._all)
        self._forgotten = {group: count for group, count in self._forgotten.items() if count > first}
        if len(self._forgotten) > MOST_FORGOTTEN:
            self.forget_all()
            self._forgotten.clear()

    def _give_up(self, flight: Flight[T]) -> None:
        self._leave(flight)  # at once: whoever asks now must not wait for what is being cancelled
        flight.task.cancel()

    def _leave(self, flight: Flight[T]) -> None:
        if self._by_key.get(flight.key) is flight:
            del self._by_key[flight.key]

    def _landed(self, flight: Flight[T]) -> None:
        self._all.discard(flight)
        self._leave(flight)
        if not self._all:
            self._forgotten.clear()
        if not flight.task.cancelled():
            flight.task.exception()  # told to those who waited; nobody else needs to hear of it


async def _within_limits(ask: Ask[T], flight: Flight[T]) -> T:
    try:
        async with asyncio.timeout(LONGEST):
            return await ask(flight)
    except TimeoutError:
        raise TimedOut(f"no answer within {LONGEST:g} s") from None
