"""Cisco's fair use policy: one call at a time, and so many a second for the whole account."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from gateway.providers.cisco_control_center.simulator.refusal import Refusal

__all__ = ["Throttle"]

_WINDOW = timedelta(seconds=1)


class Throttle:
    """Counts the calls of one account; all its users share it.

    `rate` calls may begin in any window of one second; with `serial`, none while another is still
    being answered. A refused call is not counted (unverified). `status` is the HTTP status of the
    refusal, whose code is 40000029: one public integration's test shows 400 (unverified).
    """

    def __init__(self, now: Callable[[], datetime], *, rate: int, serial: bool, status: int) -> None:
        self._now = now
        self._rate = rate
        self._serial = serial
        self._status = status
        self._begun: deque[datetime] = deque(maxlen=max(rate, 1))
        self._running = 0

    @contextmanager
    def call(self) -> Iterator[None]:
        """Holds the account's place for one call.

        Raises:
            Refusal: 40000029 when another call runs or the second is used up.
        """
        self._admit()
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def _admit(self) -> None:
        if self._serial and self._running:
            raise Refusal("40000029", status=self._status)
        if not self._rate:
            return
        now = self._now()
        full = len(self._begun) == self._rate
        # A clock set back (a test's) must not lock the account for ever.
        if full and timedelta() <= now - self._begun[0] < _WINDOW:
            raise Refusal("40000029", status=self._status)
        self._begun.append(now)
