"""Who waits for a turn, and whose turn it is."""

from asyncio import Future
from collections import OrderedDict
from math import inf

from gateway.upstream.errand import Errand, Urgency

__all__ = ["BULK_SHARE", "MOST_WAITING", "OLDEST_EVERY", "Queue", "Waiter"]

MOST_WAITING = 1_000
"""Callers that may wait for one account."""

BULK_SHARE = 2
"""One part in so many of the queue is all that callers in no hurry may fill."""

OLDEST_EVERY = 8
"""Every so many turns the one who has waited longest is next, in a hurry or not: so nobody waits for ever."""


class Waiter:
    """One who waits. Its future is a place's number, or the reason why there is none."""

    __slots__ = ("arrival", "due", "errand", "future", "urgency")

    def __init__(self, future: "Future[int]", errand: Errand, due: float) -> None:
        self.future = future
        self.errand = errand
        self.urgency = errand.urgency
        self.due = due
        self.arrival = 0


class Queue:
    """Bounded; those in a hurry before those who are not, and among equals first come, first served."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._lanes: dict[Urgency, OrderedDict[Waiter, None]] = {each: OrderedDict() for each in sorted(Urgency)}
        self._arrivals = 0
        self._turns = 0

    def __len__(self) -> int:
        return sum(map(len, self._lanes.values()))

    def ahead(self, urgency: Urgency) -> int:
        """How many would have their turn before one who came now."""
        return sum(len(lane) for each, lane in self._lanes.items() if each <= urgency)

    def most(self, urgency: Urgency) -> int:
        """How many may wait, of those."""
        return self._most if urgency is Urgency.INTERACTIVE else self._most // BULK_SHARE

    def is_full(self, urgency: Urgency) -> bool:
        """Whether there is no room for one more of this urgency."""
        if len(self) >= self._most:
            return True
        return urgency is not Urgency.INTERACTIVE and len(self._lanes[urgency]) >= self.most(urgency)

    def first(self) -> Urgency | None:
        """How urgent the most urgent one is."""
        return next((urgency for urgency, lane in self._lanes.items() if lane), None)

    def add(self, waiter: Waiter) -> None:
        """Put somebody at the end of their lane; ask `is_full` before."""
        self._arrivals += 1
        waiter.arrival = self._arrivals
        self._lanes[waiter.urgency][waiter] = None

    def take(self) -> Waiter | None:
        """Take out whose turn it is. Who has given up meanwhile is passed over."""
        while lanes := [lane for lane in self._lanes.values() if lane]:
            lane = self._lane(lanes)
            waiter, _ = lane.popitem(last=False)
            if not waiter.future.done():
                self._turns += 1
                return waiter
        return None

    def drop(self, waiter: Waiter) -> None:
        """Forget somebody, wherever they are."""
        self._lanes[waiter.urgency].pop(waiter, None)

    def take_late(self, moment: float) -> list[Waiter]:
        """Take out everybody whose time is over at this moment."""
        late = [waiter for lane in self._lanes.values() for waiter in lane if waiter.errand.until <= moment]
        for waiter in late:
            self.drop(waiter)
        return [waiter for waiter in late if not waiter.future.done()]

    def earliest(self) -> float:
        """When the first one's time is over; infinite where nobody's is."""
        return min((waiter.errand.until for lane in self._lanes.values() for waiter in lane), default=inf)

    def _lane(self, lanes: list[OrderedDict[Waiter, None]]) -> OrderedDict[Waiter, None]:
        if self._turns % OLDEST_EVERY != OLDEST_EVERY - 1:
            return lanes[0]
        return min(lanes, key=lambda lane: next(iter(lane)).arrival)
