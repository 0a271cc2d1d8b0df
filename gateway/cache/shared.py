"""Answers that all replicas share: kept at Redis, each under the generation of what it is forgotten with."""

from collections.abc import Iterator, Sequence
from secrets import token_bytes
from typing import Any

import msgspec

from gateway.cache.connections import Part
from gateway.cache.entry import Entry, Slot
from gateway.cache.forgetting import KEPT, Forgetting, OnForgotten, OnLost
from gateway.cache.link import Link

__all__ = ["SharedEntries"]

TOKEN = 8
"""Bytes of a generation: a random number, made anew whenever something is forgotten."""
NO_GROUP = bytes(TOKEN)
"""Stands where a generation would, with an entry that is its own group: forgetting removes the entry itself."""
LONGEST = 86_400.0
"""Seconds that an entry is kept at most."""
LARGEST = 1024 * 1024
"""Bytes of an entry that is still shared."""
AT_ONCE = 100
"""Entries in one script: Redis does nothing else meanwhile."""

GENERATION = """
local epoch = redis.call('GET', KEYS[1]) or ARGV[2]
redis.call('SET', KEYS[1], epoch, 'PX', ARGV[1])
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('ZADD', KEYS[2], 0, ARGV[2]) end
redis.call('PEXPIRE', KEYS[2], ARGV[1])
local name = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
return epoch .. name .. redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
"""
"""What is so now: the epoch, the name of the set of what has changed of the account, and how often something has."""

WRITE = """
local epoch = redis.call('GET', KEYS[1]) or ''
local known = epoch .. (redis.call('ZRANGE', KEYS[2], 0, 0)[1] or '')
if string.sub(ARGV[1], 1, #ARGV[3] * 2) ~= known then return 0 end
local since = tonumber(string.sub(ARGV[1], #known + 1))
for i = 3, #KEYS, 2 do
  if tonumber(redis.call('ZSCORE', KEYS[2], KEYS[i + 1]) or 0) <= since then
    local token = ARGV[2]
    if KEYS[i] ~= KEYS[i + 1] then
      token = redis.call('GET', KEYS[i + 1]) or ARGV[3]
      redis.call('SET', KEYS[i + 1], token, 'PX', ARGV[4])
    end
    redis.call('SET', KEYS[i], epoch .. token .. ARGV[i + 3], 'PX', ARGV[i + 2])
  end
end
return 1
"""
"""Keep those entries of which nothing was forgotten. Keys: epoch, what has changed of the account, then for each entry
its own and its group's, which are the same for one that is its own group. Arguments: what was so when it was asked, no
group, a new generation, how long a generation is kept, then for each entry how long in milliseconds, and what."""

LOCK = "return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])"
RENEW = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2])"
RELEASE = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1])"

_ENTRY = msgspec.msgpack.Decoder(Entry)


class SharedEntries:
    """The second place to look. All of it raises Gone while Redis is, but for forgetting, which is made up for."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._forgetting = Forgetting(link)
        self._is_following = False

    async def follow(self, on_forgotten: OnForgotten, on_lost: OnLost) -> None:
        """Tell from now on which groups other replicas have had forgotten, and when some may have been missed."""
        await self._forgetting.open(on_forgotten, on_lost)
        self._is_following = True

    async def aclose(self) -> None:
        """Follow no more once the link has gone."""
        if self._is_following:
            self._forgetting.close()
            self._is_following = False

    # --- entries -----------------------------------------------------------------------------------------------

    async def read(self, slots: Sequence[Slot]) -> list[Entry | None]:
        """What is kept in these slots, in one round trip, which also takes what others read at the same moment."""
        keys = ["epoch"]
        for slot in slots:
            keys += [_entry(slot)] if slot.key == slot.group else [_entry(slot), _group(slot)]
        told = iter(await self._link.values(keys))
        epoch = next(told)
        if epoch is None:
            return [None] * len(slots)
        return [_read(next(told), epoch, NO_GROUP if slot.key == slot.group else next(told)) for slot in slots]

    async def generation(self, account: str) -> bytes:
        """What `write` wants to know: asked before the provider is, so that nothing is kept that has been forgotten
        meanwhile."""
        told: bytes = await self._link.run(GENERATION, ["epoch", f"account:{account}"], [KEPT, token_bytes(TOKEN)])
        return told

    async def write(self, kept: Sequence[tuple[Slot, Entry]], account: str, generation: bytes) -> bool:
        """Keep entries of an account, but those that were forgotten since `generation` was asked for; false where that
        is not known any more, and nothing is kept."""
        small = [(slot, entry) for slot, entry in kept if len(entry.body) <= LARGEST and entry.stale > 0]
        for part in _parts(small):
            keys = ["epoch", f"account:{account}"]
            args: list[Part] = [generation, NO_GROUP, token_bytes(TOKEN), KEPT]
            for slot, entry in part:
                keys += [_entry(slot), _entry(slot) if slot.key == slot.group else _group(slot)]
                args += [max(1, int(min(entry.stale, LONGEST) * 1000)), msgspec.msgpack.encode(entry)]
            if not await self._link.run(WRITE, keys, args):
                return False
        return True

    async def forget(self, account: str, groups: Sequence[str]) -> None:
        """Forget groups of an account at every replica, now or when Redis is back."""
        await self._forgetting.forget(account, groups)

    async def forget_all(self) -> None:
        """The same for everything."""
        await self._forgetting.forget_all()

    # --- locks -------------------------------------------------------------------------------------------------

    async def lock(self, key: str, owner: str, lease: float) -> bool:
        """Whether the lock is the owner's now, for `lease` seconds."""
        return await self._on_lock(LOCK, key, owner, lease)

    async def renew(self, key: str, owner: str, lease: float) -> bool:
        """Hold the lock for so many seconds from now; false where it is no longer the owner's."""
        return await self._on_lock(RENEW, key, owner, lease)

    async def release(self, key: str, owner: str) -> bool:
        """Let go of the lock; false where it was no longer the owner's."""
        return await self._on_lock(RELEASE, key, owner, 0)

    async def _on_lock(self, script: str, key: str, owner: str, lease: float) -> bool:
        told: Any = await self._link.run(script, [f"lock:{key}"], [owner, int(lease * 1000)])  # Any: what Lua says
        return bool(told)


def _entry(slot: Slot) -> str:
    return f"entry:{slot.key}"


def _group(slot: Slot) -> str:
    return f"group:{slot.group}"


def _read(kept: bytes | None, epoch: bytes, group: bytes | None) -> Entry | None:
    """The entry, unless it was forgotten since, or another version wrote it."""
    if kept is None or group is None or not kept.startswith(epoch + group):
        return None
    try:
        return _ENTRY.decode(memoryview(kept)[len(epoch) + len(group) :])
    except msgspec.MsgspecError:
        return None


def _parts(kept: Sequence[tuple[Slot, Entry]]) -> Iterator[Sequence[tuple[Slot, Entry]]]:
    for start in range(0, len(kept), AT_ONCE):
        yield kept[start : start + AT_ONCE]
