"""What one job does at one account: its items one after the other, a few at once, as fast as the account lets it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gateway.store.records import ItemRecord
from gateway.writes.order import Told

__all__ = ["Lane", "Timing"]

CHUNK = 200
"""Items that are read from the store at once."""
LONGEST_WAIT = 5.0
"""Seconds after which an item looks again whether it may be begun: its terms may have changed."""
MOST_WAITING = 64
"""Items that wait for another try; while there are so many nothing new is begun."""

log = logging.getLogger("gateway.jobs")

Fetch = Callable[[int, int], Awaitable[Sequence[ItemRecord]]]
"""Items of the job that are not over, from this number on, at most so many."""


Turn = Callable[[ItemRecord], Awaitable[float]]
"""Seconds until an item may be begun; 0: now, and then it is begun."""


@dataclass(frozen=True)
class Timing:
    """Seconds: the pause after a first failure, which doubles up to the longest, and for how long an item is tried."""

    first: float = 1.0
    longest: float = 60.0
    patience: float = 3600.0

    def pause(self, failures: int, retry_after: float | None, random: Callable[[], float]) -> float:
        """Until the next try after so many failures in a row, the first being 1."""
        if retry_after is not None:
            return retry_after + self.first * random() / 2
        step: float = min(self.longest, self.first * 2.0 ** min(failures - 1, 30))
        return step * (1 + random()) / 2


@dataclass
class _Try:
    """An item in hand. `began` is when it was tried first, `due` when it may be tried again."""

    item: ItemRecord
    began: float
    failures: int = 0
    due: float = 0.0


async def _now(item: ItemRecord) -> float:
    del item
    return 0.0


class Lane:
    """`turn` says when an item may be begun, `do` orders it, `done` writes its outcome down; none of them raises what a
    provider can do. When `stop` is set what is in hand comes to its end, and nothing new is begun."""

    def __init__(
        self,
        account: str,
        fetch: Fetch,
        do: Callable[[ItemRecord], Awaitable[Told]],
        done: Callable[[ItemRecord, Told], Awaitable[None]],
        stop: asyncio.Event,
        *,
        random: Callable[[], float],
        timing: Timing,
        turn: Turn = _now,
    ) -> None:
        self._turn = turn
        self._account = account
        self._fetch = fetch
        self._do = do
        self._done = done
        self._stop = stop
        self._random = random
        self._timing = timing
        self._clock = asyncio.get_running_loop().time
        self._reading = asyncio.Lock()
        self._ready: list[ItemRecord] = []
        self._next: int | None = 0
        self._waiting: list[_Try] = []
        self._failures = 0
        self._failing_since: float | None = None
        self._rests_until = 0.0

    async def run(self, places: int) -> None:
        """Until every item of the account is over, or it is stopped; `places` at once."""
        async with asyncio.TaskGroup() as group:
            for _ in range(places):
                group.create_task(self._work())

    async def _work(self) -> None:
        while (tried := await self._take()) is not None and await self._is_its_turn(tried):
            told = await self._do(tried.item)
            if told.is_retryable:
                self._failed(tried, told)
            else:
                self._failures, self._failing_since = 0, None
            if told.is_retryable and not self._is_enough(tried):
                self._waiting.append(tried)
            else:
                await self._done(tried.item, told)

    async def _is_its_turn(self, tried: _Try) -> bool:
        """Waits for it; false where it is stopped before. That is no failure, and takes nothing of its patience."""
        began = self._clock()
        while not self._stop.is_set():
            wait = await self._turn(tried.item)
            if wait <= 0:
                tried.began += self._clock() - began
                return True
            await self._sleep(min(wait, LONGEST_WAIT))
        return False

    # --- what is next ------------------------------------------------------------------------------------------

    async def _take(self) -> _Try | None:
        """The next item whose time has come; None where there is none any more."""
        while not self._stop.is_set():
            now = self._clock()
            if now < self._rests_until:
                await self._sleep(self._rests_until - now)
                continue
            self._waiting.sort(key=lambda each: each.due)
            if self._waiting and self._waiting[0].due <= now:
                return self._waiting.pop(0)
            if len(self._waiting) < MOST_WAITING and (fresh := await self._fresh()) is not None:
                return _Try(fresh, self._clock())
            if not self._waiting:
                return None  # what others have in hand they try again themselves
            await self._sleep(self._waiting[0].due - now)
        return None

    async def _sleep(self, seconds: float) -> None:
        """So long, or until it is stopped."""
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return

    async def _fresh(self) -> ItemRecord | None:
        """An item that nobody has begun; None where all were."""
        async with self._reading:
            while not self._ready and self._next is not None:
                items = await self._fetch(self._next, CHUNK)
                self._next = items[-1].number + 1 if len(items) == CHUNK else None
                self._ready = [each for each in reversed(items) if each.account == self._account]
            return self._ready.pop() if self._ready else None

    # --- when it fails -----------------------------------------------------------------------------------------

    def _failed(self, tried: _Try, told: Told) -> None:
        """It was not sent, for a reason that is nearly always the account's: so the account rests, and the item more so
        the more often it fails."""
        now = self._clock()
        retry_after = told.problems[0].retry_after if told.problems else None
        if now >= self._rests_until:  # those that failed together count once
            self._failures += 1
        if self._failing_since is None:
            self._failing_since = now
        tried.failures += 1
        pause = self._timing.pause(self._failures, retry_after, self._random)
        if not self._is_enough(tried):
            self._rests_until = max(self._rests_until, now + pause)
        tried.due = now + self._timing.pause(tried.failures, retry_after, self._random)

    def _is_enough(self, tried: _Try) -> bool:
        """Whether it, or everything at the account, has been failing for too long."""
        since = tried.began if self._failing_since is None else min(tried.began, self._failing_since)
        return self._clock() - since >= self._timing.patience
