"""WAYSCloud's rate limit: so many requests per minute and API key."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

from gateway.providers.wayscloud.simulator.refusal import too_many

__all__ = ["MinuteLimit"]

_MINUTE = timedelta(minutes=1)


class MinuteLimit:
    """Lets `most` requests through in any window of sixty seconds; 0 means no limit.

    A refused request is not counted (unverified). The header `Retry-After` is sent on request only:
    the SDK honours it "when given", no page promises it.
    """

    def __init__(self, now: Callable[[], datetime], most: int, *, retry_after: bool) -> None:
        self._now = now
        self._most = most
        self._retry_after = retry_after
        self._taken: deque[datetime] = deque(maxlen=max(most, 1))

    def take(self) -> None:
        """Counts one request.

        Raises:
            Refusal: 429 when the minute is used up.
        """
        if not self._most:
            return
        now = self._now()
        age = now - self._taken[0] if len(self._taken) == self._most else _MINUTE
        # A clock set back (a test's) must not shut the door for ever: a negative age counts as old.
        if timedelta() <= age < _MINUTE:
            wait = ceil((_MINUTE - age).total_seconds())
            raise too_many(wait if self._retry_after else None)
        self._taken.append(now)
