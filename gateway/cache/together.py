"""One asker per question over all replicas, and what it found out for all of them."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from secrets import token_hex
from typing import Protocol, TypeVar

from gateway.cache.entry import Entry, Slot
from gateway.cache.forgetting import OnForgotten, OnLost
from gateway.cache.labels import Labels
from gateway.cache.shared import SharedEntries
from gateway.replicas import Gone

__all__ = ["Brought", "Together"]

LEASE = 2.0
"""Seconds after which the lock of an asker that has died is free."""
RENEWED = LEASE / 4
FIRST_LOOK, LAST_LOOK = 0.01, 0.1
"""Seconds between two looks whether another replica has the answer: twice as long each time, up to the last."""

IsGood = Callable[[Entry], bool]


class Brought(Protocol):
    """What an asker came back with, in the part that concerns other replicas."""

    @property
    def kept(self) -> Sequence[tuple[Slot, Entry]]:
        """What is to be kept of it."""


B = TypeVar("B", bound=Brought)


class Together:
    """Asks through a Redis that all replicas share. While that is gone every replica asks for itself."""

    def __init__(self, shared: SharedEntries, labels: Labels) -> None:
        self._shared = shared
        self._labels = labels

    async def follow(self, on_forgotten: OnForgotten, on_lost: OnLost) -> None:
        """Tell from now on what other replicas have had forgotten, and when something may have been missed."""
        await self._shared.follow(lambda groups: on_forgotten(self._labels.own(groups)), on_lost)

    async def aclose(self) -> None:
        """Follow no more."""
        await self._shared.aclose()

    async def fetch(
        self, account: str, slot: Slot, is_good: IsGood, ask: Callable[[], Awaitable[B]], seen: Callable[[Entry], None]
    ) -> Entry | B:
        """Another replica's answer if it is good, else this one's own, asked while no other asks.

        `seen` is told every answer that is met on the way, good or old.
        """
        owner, account, slot = token_hex(8), self._labels.shared(account), self._labels.slot(slot)
        try:
            found = await self._entry_or_turn(slot, is_good, owner, seen)
            if found is not None:
                return found
            generation = await self._shared.generation(account)
        except Gone:
            return await ask()
        except asyncio.CancelledError:
            await self._let_go(slot.key, owner)  # the lock may have been given to who is no longer there
            raise
        async with self._holding(slot.key, owner):
            brought = await ask()
            with suppress(Gone):
                kept = [(self._labels.slot(each), entry) for each, entry in brought.kept]
                await self._shared.write(kept, account, generation)
            return brought

    async def read(self, slots: Sequence[Slot]) -> list[Entry | None]:
        """What any replica has kept there; nothing while that cannot be known."""
        try:
            return await self._shared.read(list(map(self._labels.slot, slots)))
        except Gone:
            return [None] * len(slots)

    async def forget(self, account: str, groups: Iterable[str]) -> None:
        """Have every replica forget. While Redis is gone that is made up for when it is back."""
        await self._shared.forget(self._labels.shared(account), list(map(self._labels.shared, groups)))

    async def forget_all(self) -> None:
        """The same for everything that is shared."""
        await self._shared.forget_all()

    async def _entry_or_turn(
        self, slot: Slot, is_good: IsGood, owner: str, seen: Callable[[Entry], None]
    ) -> Entry | None:
        """A good answer, or None when it is this one's turn to ask, which the lock then says to all others.

        The answer is looked for again when the turn has come: the one before may just have left it there.
        """
        pause = FIRST_LOOK
        has_turn = False
        while True:
            [entry] = await self._shared.read([slot])
            if entry is not None:
                seen(entry)
            if entry is not None and is_good(entry):
                if has_turn:
                    await self._shared.release(slot.key, owner)
                return entry
            if has_turn:
                return None
            has_turn = await self._shared.lock(slot.key, owner, LEASE)
            if not has_turn:
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  so that replicas do not keep step
                pause = min(2 * pause, LAST_LOOK)

    @asynccontextmanager
    async def _holding(self, key: str, owner: str) -> AsyncIterator[None]:
        """Hold the lock for as long as the asking takes, and no longer than its asker lives."""
        renewing = asyncio.create_task(self._renew(key, owner))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            await self._let_go(key, owner)

    async def _let_go(self, key: str, owner: str) -> None:
        with suppress(Gone):
            await self._shared.release(key, owner)

    async def _renew(self, key: str, owner: str) -> None:
        with suppress(Gone):
            while True:
                await asyncio.sleep(RENEWED)
                await self._shared.renew(key, owner, LEASE)
