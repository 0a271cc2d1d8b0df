"""The two stores, both aiocache's: memory of this process, bounded, and a Redis that all replicas share."""

import random
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from aiocache import RedisCache, SimpleMemoryCache  # type: ignore[import-untyped]  # aiocache tells no types
from aiocache.serializers import NullSerializer  # type: ignore[import-untyped]  # as above

from gateway.cache.address import address_of
from gateway.cache.entry import Entry, Slot
from gateway.cache.lanes import BOUND
from gateway.cache.link import ATTEMPT, Link

__all__ = ["BoundedMemory", "RedisLink"]

OVERHEAD = 320
"""Bytes that an entry takes beside its key and its body, measured."""
GROUPED = 280
"""Bytes more for an entry whose group has another name."""
LARGEST_PART = 10
"""An entry larger than this part of the whole is not kept: it would push out too many others."""


class BoundedMemory:
    """Entries by slot, bounded in number and bytes; the least recently used goes first.

    Nothing watches the clock: what is too old is overwritten when it is asked for again, or in the end goes as the
    least recently used.
    """

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self._store = _LeastRecentlyUsed(max_entries, max_bytes)

    def get(self, slot: Slot) -> Entry | None:
        """The entry in this slot, which is now the most recently used."""
        kept = self._store.look(slot.key)
        return kept.entry if kept is not None else None

    def put(self, slot: Slot, entry: Entry) -> None:
        """Keep the entry, in place of the one in this slot."""
        self._store.keep(slot.key, _Kept(entry, slot.group))

    def drop(self, groups: Iterable[str]) -> None:
        """Forget every entry of these groups."""
        for group in groups:
            self._store.discard_group(group)

    def drop_below(self, prefixes: tuple[str, ...]) -> None:
        """Forget every entry whose key begins like one of these."""
        self._store.discard_below(prefixes)

    def clear(self) -> None:
        """Forget everything."""
        self._store.discard_all()

    def __len__(self) -> int:
        return self._store.entries

    @property
    def bytes(self) -> int:
        """Bytes taken, about: keys, bodies, and what holding them costs."""
        return self._store.bytes


class RedisLink(Link):
    """The link to a Redis or Valkey: `redis://[[user]:password@]host[:port][/database]`, or `rediss://` with TLS.

    `ca` is a file with the certificates of those who may vouch for it; without it, the system's. `prefix` stands before
    every key, `bound` is how many seconds an answer may take. Raises ValueError for what is no such URL.
    """

    def __init__(
        self,
        url: str,
        *,
        ca: str | None = None,
        prefix: str = "sim-gateway",
        bound: float = BOUND,
        chance: Callable[[], float] = random.random,
    ) -> None:
        address = address_of(url)
        tls = {"ssl_ca_certs": ca} if address.is_tls else {}
        store = RedisCache(
            endpoint=address.host,
            port=address.port,
            db=address.database,
            password=address.password,
            ssl=address.is_tls,
            create_connection_timeout=ATTEMPT,
            connection_pool_kwargs={
                "username": address.user,
                "socket_timeout": None,  # the link has a limit of its own, and who follows has none
                "protocol": 2,  # this and the next: nothing needs to be said before the first command
                "driver_info": None,
                **tls,
            },
        )
        super().__init__(store.client.connection_pool, f"Redis at {address.host}:{address.port}", prefix, bound, chance)


class _Kept(NamedTuple):
    entry: Entry
    group: str


class _LeastRecentlyUsed(SimpleMemoryCache):  # type: ignore[misc]  # aiocache tells no types
    """aiocache's memory store with a bound. What it does needs no waiting, so it can also be asked without `await`;
    its own time to live is refused, as that would be a timer for each key."""

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        super().__init__(serializer=NullSerializer(), timeout=0)
        self._cache: OrderedDict[str, _Kept] = OrderedDict()
        self._others: dict[str, set[str]] = {}  # keys by group, but for the key that is the group's own name
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self.bytes = 0

    @property
    def entries(self) -> int:
        return len(self._cache)

    def look(self, key: str) -> _Kept | None:
        kept = self._cache.get(key)
        if kept is not None:
            self._cache.move_to_end(key)
        return kept

    def keep(self, key: str, kept: _Kept) -> bool:
        self.discard(key)
        size = _size(key, kept)
        if size * LARGEST_PART > self._max_bytes or self._max_entries < 1:
            return False
        self._cache[key] = kept
        self.bytes += size
        if kept.group != key:
            self._others.setdefault(kept.group, set()).add(key)
        while len(self._cache) > self._max_entries or self.bytes > self._max_bytes:
            self.discard(next(iter(self._cache)))
        return True

    def discard(self, key: str) -> bool:
        kept = self._cache.pop(key, None)
        if kept is None:
            return False
        self.bytes -= _size(key, kept)
        if kept.group != key:
            keys = self._others[kept.group]
            keys.remove(key)
            if not keys:
                del self._others[kept.group]
        return True

    def discard_group(self, group: str) -> None:
        own = self._cache.get(group)
        if own is not None and own.group == group:
            self.discard(group)
        for key in list(self._others.get(group, ())):
            self.discard(key)

    def discard_below(self, prefixes: tuple[str, ...]) -> None:
        for key in [key for key in self._cache if key.startswith(prefixes)]:
            self.discard(key)

    def discard_all(self) -> None:
        self._cache.clear()
        self._others.clear()
        self.bytes = 0

    # --- what aiocache's own methods call; Any: what else they hand over is of no use here ---------------------

    async def _get(self, key: str, **_: Any) -> _Kept | None:
        return self.look(key)

    async def _multi_get(self, keys: Iterable[str], **_: Any) -> list[_Kept | None]:
        return [self.look(key) for key in keys]

    async def _set(self, key: str, value: _Kept, ttl: float | None = None, **_: Any) -> bool:
        if ttl is not None:
            raise NotImplementedError("an entry carries its own age")
        return self.keep(key, value)

    async def _delete(self, key: str, **_: Any) -> int:
        return int(self.discard(key))

    async def _clear(self, namespace: str | None = None, **_: Any) -> bool:
        for key in [key for key in self._cache if key.startswith(namespace or "")]:
            self.discard(key)
        return True

    async def _expire(self, key: str, ttl: float, **_: Any) -> bool:
        raise NotImplementedError(f"{key}: an entry carries its own age, not {ttl:g} s")

    async def _increment(self, key: str, delta: int, **_: Any) -> int:
        raise NotImplementedError(f"{key}: an entry is no number that {delta} could be added to")


def _size(key: str, kept: _Kept) -> int:
    """Bytes, about."""
    size = len(key) + len(kept.entry.body) + OVERHEAD
    return size if kept.group == key else size + len(kept.group) + GROUPED
