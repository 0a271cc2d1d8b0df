"""One replica among several: keeps its line by what all know together, and alone, safely, while they cannot meet."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from math import inf

from gateway.replicas import Gone
from gateway.upstream.errand import Urgency
from gateway.upstream.pace.commons import Commons, Complaint, Question, Told
from gateway.upstream.pace.gate import Gate, Hold
from gateway.upstream.pace.limits import Limits, part
from gateway.upstream.pace.line import Line
from gateway.upstream.pace.queue import OLDEST_EVERY
from gateway.upstream.pace.throttle import Throttle

__all__ = ["BEATS", "Together"]

BEATS = 5
"""So many times in a lease a replica says that it lives."""

RETRY = 0.25
"""Seconds between two attempts to meet the others again; with all delays less than `commons.CHANGING`."""

FAREWELLS = 3
"""Attempts to say good-bye: the others would wait for a whole lease."""

CALM = 1.0
"""Seconds in which places that others held when they were lost still count. Most calls have ended by then. Longer would
be safer for the provider, but whoever asks here has few seconds, and without a place all of them would be over."""

log = logging.getLogger("gateway.upstream")


class Together:
    """Owns the one task that talks with the others: it asks for places, tells of calls that ended, and beats.

    When Redis is gone for all, parts of the limits add up to the whole. When only one replica is cut off, the others
    do not know it from one that is quiet or dead, and go on with what it does not use: then the provider may see the
    whole and that one's part, until it complains.
    """

    def __init__(
        self,
        commons: Commons,
        limits: Limits,
        *,
        account: str,
        gate: Gate,
        line: Line,
        throttle: Throttle,
        clock: Callable[[], float],
        random: Callable[[], float],
        workers: int,
        lease: float,
    ) -> None:
        self._commons = commons
        self._limits = limits
        self._account = account
        self._gate = gate
        self._line = line
        self._throttle = throttle
        self._clock = clock
        self._random = random
        self._workers = workers
        self._beat = lease / BEATS
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._complaint: Complaint | None = None
        self._told: Told | None = None
        self._told_at = 0.0
        self._ask_at = 0.0
        self._beat_at = 0.0
        self._is_over = False
        self._was_lost = False
        self.is_apart = False
        line.keep_together(self._ask, self._soonest)

    def start(self) -> None:
        """Be counted among the replicas from now on."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="pace")

    def left(self) -> None:
        """A call has ended, which others may wait for."""
        if not self.is_apart:
            self._wake.set()

    def complain(self, complaint: Complaint) -> None:
        """The provider said that it was too much: tell the others too."""
        self._complaint = _worse(self._complaint, complaint)
        self.left()

    def quota(self, now: float) -> tuple[int, float] | None:
        """What all together have left of the window, and the seconds until all is free; None while that is unknown."""
        told = self._told
        if told is None or self.is_apart:
            return None
        return max(0, told.free_calls), max(0.0, self._told_at + told.free_in - now)

    async def aclose(self) -> None:
        """Say good-bye, so that the others need not wait for a sign of life."""
        if self._task is None or self._is_over:
            return
        # Not cancelled: it ends by itself, soon, and no answer with places in it is lost.
        self._is_over = True
        self._wake.set()
        await asyncio.wait([self._task])
        for attempt in range(FAREWELLS):
            if attempt:
                await asyncio.sleep(RETRY)
            with suppress(Gone):
                await self._commons.ask(Question(is_last=True))
                return
        log.debug("%s: this replica ends without being able to say so", self._account)

    async def _run(self) -> None:
        while not self._is_over:
            await self._until_needed()
            try:
                told = await self._commons.ask(self._question())
            except Gone:
                self._lose()
            except Exception:
                log.exception("%s: its limits could not be kept together with other replicas", self._account)
                self._lose()
            else:
                self._meet(told)

    async def _until_needed(self) -> None:
        """Until somebody waits, something happened, or it is time for a sign of life."""
        due = min(self._beat_at, self._ask_at if len(self._line) or self.is_apart else inf)
        try:
            async with asyncio.timeout(max(0.0, due - self._clock())):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    def _question(self) -> Question:
        now = self._clock()
        is_beat = now >= self._beat_at
        if is_beat:
            self._beat_at = now + self._beat
        return Question(
            want=0 if self.is_apart else min(len(self._line), self._limits.concurrency),
            lag=self._lag(),
            replicas=self._replicas()[0],
            is_back=self._was_lost,
            is_beat=is_beat,
            complaint=self._complaint,
        )

    def _meet(self, told: Told) -> None:
        """Live by what was told."""
        now = self._clock()
        self._complaint, self._was_lost = None, False
        self._throttle.adopt(now, told.factor, told.pause)
        if told.must_tell:
            self._wake.set()
        if told.is_apart:
            self._stay_apart(now)
            return
        self._told, self._told_at = told, now
        self._ask_at = now + told.wait + self._random() * min(0.02, told.wait / 4)
        if self.is_apart:
            self.is_apart = False
            log.debug("%s: its limits are kept together by %d replicas again", self._account, told.replicas)
            self._gate.change(self._limits, now)
            self._line.keep_together(self._ask, self._soonest)
        for place in told.places:
            if not self._line.let_in(place):
                self._commons.end(place, now)
        if self._commons.has_news:
            self._wake.set()
        if told.wait > self._beat:
            self._line.refuse_until(now + told.wait)

    def _stay_apart(self, now: float) -> None:
        """Others are not back yet. Who is new has no part of what they share until then, and waits."""
        if self._told is None:
            self._ask_at = now + RETRY
        else:
            self._part(now)

    def _lose(self) -> None:
        """Nobody can be asked."""
        self._was_lost = True
        self._part(self._clock())

    def _part(self, now: float) -> None:
        """Go on with the part of the account that is safe whatever the others do, and try to meet them again."""
        self._ask_at = now + RETRY * (1 + self._random())
        if self.is_apart:
            return
        self.is_apart = True
        replicas, index = self._replicas()
        log.debug("%s: its limits are kept without the other replicas, as one of %d", self._account, replicas)
        self._gate.change(self._limits.share(replicas, index), now, *self._at_first(replicas, index, now))
        self._line.keep_alone()

    def _at_first(self, replicas: int, index: int | None, now: float) -> tuple[float | None, Hold | None]:
        """Tokens and places of the first time alone: the calls of before, ours and theirs, count until they are over.

        What was free at the last word is shared; what we had used comes free for ourselves.
        """
        told = self._told
        if told is None:
            return None, None
        calls = self._gate.used(now) + part(max(0, told.free_calls), replicas, index)
        at_once = self._gate.running + part(max(0, told.free_places), replicas, index)
        return told.tokens / replicas, Hold(calls, now + self._limits.window, at_once, now + CALM)

    def _replicas(self) -> tuple[int, int | None]:
        """How many there are, and which of them this is (None: unknown)."""
        if self._told is None:
            return self._workers, 0 if self._workers == 1 else None
        return self._told.replicas, self._told.index

    def _ask(self) -> None:
        """Somebody waits: ask now, unless it is known that there is nothing to have yet. Or somebody gave up: tell it
        where others would wait for that."""
        self.start()
        if self._clock() >= self._ask_at or self._commons.has_news or not len(self._line):
            self._wake.set()

    def _soonest(self, now: float, ahead: int) -> float:
        """Seconds before which nobody who comes now can begin, `ahead` of our own before: our part of the rate."""
        told = self._told
        if told is None:
            return 0.0
        pause = self._throttle.pause(now)
        if self._limits.calls is None:
            return pause
        rate = self._limits.rate * told.factor / told.replicas
        before = max(0.0, ahead - told.tokens / told.replicas) / rate
        return max(pause, max(0.0, self._ask_at - now) + before if len(self._line) else 0.0)

    def _lag(self) -> float:
        """Seconds that a replica goes behind the others where nobody in its line is in a hurry: some turns."""
        if self._line.first in (None, Urgency.INTERACTIVE):
            return 0.0
        return OLDEST_EVERY / self._limits.rate if self._limits.calls is not None else 1.0


def _worse(one: Complaint | None, other: Complaint) -> Complaint:
    """Two complaints as one: the longest pause, the latest call."""
    if one is None:
        return other
    pauses = [each.retry_after for each in (one, other) if each.retry_after is not None]
    return Complaint(max(pauses, default=None), max(one.began, other.began))
