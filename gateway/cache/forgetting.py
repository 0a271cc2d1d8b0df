"""Forgetting at every replica: told to Redis, which tells the others, and made up for where that was gone."""

from asyncio import CancelledError
from collections.abc import Callable, Iterable, Iterator, Sequence
from secrets import token_bytes, token_hex
from typing import Any

import msgspec

from gateway.cache.connections import Call, Part
from gateway.cache.link import Link
from gateway.replicas import Gone

__all__ = ["Forgetting", "OnForgotten", "OnLost"]

OnForgotten = Callable[[Sequence[str]], None]
OnLost = Callable[[], None]

MOST_TOLD = 10_000
"""Messages that Redis keeps for replicas that were away."""
MOST_OWED = 10_000
"""Groups that a replica keeps in mind while Redis is gone. With more it will have everything forgotten."""
LONGEST_OWED = 500
"""Milliseconds that something may be owed while Redis is there."""
AT_ONCE = 500
"""Groups in one script, and messages in one answer."""
KEPT = 2 * 86_400_000
"""Milliseconds that a generation is kept, which is longer than anything that was written under it."""

FORGET = """
local count = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
if not count then redis.call('ZADD', KEYS[2], 0, ARGV[1]) end
for i = 3, #KEYS do
  redis.call('UNLINK', KEYS[i])
  redis.call('ZADD', KEYS[2], (count or 0) + 1, KEYS[i])
end
if redis.call('ZCARD', KEYS[2]) > tonumber(ARGV[3]) then redis.call('DEL', KEYS[2]) end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'by', ARGV[4], 'groups', ARGV[5])
"""
"""Forget groups of an account: keys are the stream, what has changed of the account, and what is to go.

What has changed is a sorted set: first a random name for the set itself, then the keys of what was forgotten by the
how manieth time it was. Where the set has grown too long or was lost, the next one has another name, which tells who
asked before that it is not known what has changed since.
"""

FORGET_ALL = """
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'by', ARGV[4], 'groups', '')
"""
"""The same for everything: keys are the stream and the epoch."""


class Forgetting:
    """One replica's part in it; a companion of the link."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._me = token_hex(8)
        self._stream = link.key("forgotten")
        self._last = b""  # the place in the stream up to which everything was heard
        self._owed: dict[str, str] = {}  # accounts by group
        self._owes_all = False
        self._on_forgotten: OnForgotten
        self._on_lost: OnLost

    async def open(self, on_forgotten: OnForgotten, on_lost: OnLost) -> None:
        """Listen from now on: `on_forgotten` is told the groups that another replica has had forgotten, `on_lost` that
        some may have been missed."""
        self._on_forgotten, self._on_lost = on_forgotten, on_lost
        await self._link.join(self)

    def close(self) -> None:
        """Listen no more."""
        self._link.leave(self)

    async def forget(self, account: str, groups: Iterable[str]) -> None:
        """Have all of it forgotten, now or as soon as Redis is back, which is before it is used again."""
        left = list(groups)
        try:
            for part in _parts(left):
                await self._link.run(FORGET, *self._forget(account, part))
        except (Gone, CancelledError) as error:
            self._owe(account, left)
            if isinstance(error, CancelledError):
                raise

    async def forget_all(self) -> None:
        """The same for everything."""
        try:
            await self._link.run(FORGET_ALL, ["forgotten", "epoch"], self._words())
        except (Gone, CancelledError) as error:
            self._owes_all = True
            if isinstance(error, CancelledError):
                raise

    # --- as a companion ----------------------------------------------------------------------------------------

    async def prepare(self, call: Call) -> None:
        """Pay what is owed, then find the place in the stream where we left, or begin anew."""
        await self._pay(call)
        if self._last and await call("XRANGE", self._stream, self._last, self._last):
            return
        nothing = msgspec.msgpack.encode([])
        added = ("MAXLEN", "~", MOST_TOLD, "*", "by", self._me, "groups", nothing)
        self._last = await call("XADD", self._stream, *added)
        self._on_lost()

    async def follow(self, call: Call) -> None:
        """Hear what the others have had forgotten."""
        while True:
            await self._pay(call)  # while the link is up, who was cancelled or found no place may owe something
            words = ("COUNT", AT_ONCE, "BLOCK", LONGEST_OWED, "STREAMS", self._stream, self._last)
            heard = await call("XREAD", *words)
            if not heard:
                continue
            [[_, told]] = heard
            for _, fields in told:
                self._hear(dict(zip(fields[::2], fields[1::2], strict=True)))
            if not await call("XRANGE", self._stream, self._last, self._last):
                self._on_lost()  # the stream was cut off there, and what stood next may have been cut off with it
            self._last = told[-1][0]

    def _hear(self, message: dict[bytes, bytes]) -> None:
        if message.get(b"by") == self._me.encode():
            return
        try:
            groups = msgspec.msgpack.decode(message[b"groups"], type=list[str])
        except (KeyError, msgspec.MsgspecError):  # everything, or words of another version
            self._on_lost()
        else:
            if groups:
                self._on_forgotten(groups)

    # --- what is owed ------------------------------------------------------------------------------------------

    def _owe(self, account: str, groups: Iterable[str]) -> None:
        self._owed.update(dict.fromkeys(groups, account))
        if len(self._owed) > MOST_OWED:
            self._owed.clear()
            self._owes_all = True

    async def _pay(self, call: Call) -> None:
        """What is being told is no longer owed: it may be owed anew meanwhile. Told here, too: it may have been read
        again where it still was."""
        while self._owes_all:
            self._owes_all = False
            try:
                await _eval(call, FORGET_ALL, [self._stream, self._link.key("epoch")], self._words())
            except BaseException:
                self._owes_all = True
                raise
            self._on_lost()
        while self._owed:
            account = next(iter(self._owed.values()))
            groups = [group for group, owner in self._owed.items() if owner == account][:AT_ONCE]
            for group in groups:
                del self._owed[group]
            keys, words = self._forget(account, groups)
            try:
                await _eval(call, FORGET, list(map(self._link.key, keys)), words)
            except BaseException:
                self._owe(account, groups)
                raise
            self._on_forgotten(groups)

    def _forget(self, account: str, groups: Sequence[str]) -> tuple[list[str], list[Part]]:
        """Keys, without the deployment's prefix, and arguments of the script."""
        gone = [key for group in groups for key in (f"entry:{group}", f"group:{group}")]
        return ["forgotten", f"account:{account}", *gone], [*self._words(), msgspec.msgpack.encode(groups)]

    def _words(self) -> list[Part]:
        return [token_bytes(8), KEPT, MOST_TOLD, self._me]


async def _eval(call: Call, script: str, keys: Sequence[str], words: Sequence[Part]) -> Any:  # Any: see Call
    return await call("EVAL", script, len(keys), *keys, *words)


def _parts(groups: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(groups), AT_ONCE):
        yield groups[start : start + AT_ONCE]
