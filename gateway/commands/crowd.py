"""Everybody who is connected to a process: how many requests are under way, and who goes when too many only wait."""

import logging
import time
from asyncio import WriteTransport
from collections import Counter

__all__ = ["Crowd", "Seldom"]

log = logging.getLogger("gateway.commands")


class Seldom:
    """A line of the log for many events."""

    PAUSE = 10.0
    """Seconds."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last = -self.PAUSE

    def warn(self) -> None:
        if time.monotonic() - self._last >= self.PAUSE:
            self._last = time.monotonic()
            log.warning("%s", self._text)


class Crowd:
    """A connection has a request under way from the request's head to the beginning of its answer, whether its client
    is still there or not. At any other time it waits, which costs its client nothing. That is why only so many may
    wait, `most`: one more takes the place of the one that has waited longest, so that whoever is new is heard.

    Of peers that have more than half of those places it is one of their own that goes. They are told apart by address;
    a proxy is one, and as good as any.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way = 0
        self._peers: dict[WriteTransport, str] = {}
        self._waiting: dict[WriteTransport, None] = {}
        """Who has waited longest is the first."""
        self._places: Counter[str] = Counter()
        """Of a peer, among those that wait."""
        self._closing = Seldom("too many connections have no request under way; the oldest are closed")

    @property
    def is_busy(self) -> bool:
        """More requests are under way than may be."""
        return self._under_way > self._most

    def enter(self, one: WriteTransport, peer: str) -> None:
        """It is connected, and waits."""
        self._peers[one] = peer
        self._wait(one)

    def leave(self, one: WriteTransport) -> None:
        """It is connected no more; a request of its may be under way still."""
        self._wait_no_more(one)
        del self._peers[one]

    def ask(self, one: WriteTransport) -> None:
        """The head of a request has come."""
        self._under_way += 1
        self._wait_no_more(one)

    def answer(self, one: WriteTransport) -> None:
        """The answer begins."""
        self._under_way -= 1
        if one in self._peers:
            self._wait(one)

    def _wait(self, one: WriteTransport) -> None:
        self._waiting[one] = None
        self._places[self._peers[one]] += 1
        if len(self._waiting) > self._most:
            oldest = self._oldest()
            self._wait_no_more(oldest)
            self._closing.warn()
            oldest.abort()

    def _wait_no_more(self, one: WriteTransport) -> None:
        if one not in self._waiting:
            return
        del self._waiting[one]
        peer = self._peers[one]
        self._places[peer] -= 1
        if not self._places[peer]:
            del self._places[peer]

    def _oldest(self) -> WriteTransport:
        [(peer, places)] = self._places.most_common(1)
        if 2 * places <= self._most:
            return next(iter(self._waiting))
        return next(each for each in self._waiting if self._peers[each] == peer)
