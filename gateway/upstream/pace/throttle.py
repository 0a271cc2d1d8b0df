"""How much less than its limits an account is asked after its provider said that it was too much."""

__all__ = ["FIRST_PAUSE", "LEAST", "LONGEST_PAUSE", "STEP", "Throttle"]

LEAST = 1 / 16
"""Of the full rate: below this it is not lowered."""

STEP = 1 / 16
"""Of the full rate: so much it is raised after each period in which the provider did not complain."""

FIRST_PAUSE = 0.5
"""Seconds in which nothing begins, where the provider does not say how long; doubled when it complains again."""

LONGEST_PAUSE = 60.0
"""Seconds, whatever the provider says."""


class Throttle:
    """A factor from 1/16 to 1, and a pause. Halved by a complaint, raised a step after each `period` of seconds."""

    __slots__ = ("_cut_at", "_factor", "_period", "_raised_at", "_streak", "paused_until")

    def __init__(self, period: float) -> None:
        self._period = period
        self._factor = 1.0
        self._raised_at = 0.0
        self._cut_at = float("-inf")
        self._streak = 0
        self.paused_until = float("-inf")

    def cut(self, now: float, retry_after: float | None, began: float) -> None:
        """The provider complained about a call that began at `began`. Calls that were under way at the last complaint
        say nothing new."""
        pause = 0.0 if retry_after is None else min(LONGEST_PAUSE, max(0.0, retry_after))
        factor = self.factor(now)
        if began > self._cut_at:
            self._factor = max(LEAST, factor / 2)
            self._cut_at = now
            pause = self._next_pause() if retry_after is None else pause
            self._streak += 1
        self.paused_until = max(self.paused_until, now + pause)
        self._raised_at = self.paused_until

    def factor(self, now: float) -> float:
        """What the limits are to be multiplied with."""
        if self._factor < 1 and now >= self._raised_at + self._period:
            steps = int((now - self._raised_at) / self._period)
            self._factor = min(1.0, self._factor + steps * STEP)
            self._raised_at += steps * self._period
            self._streak = 0
        return self._factor

    def is_calm(self, now: float) -> bool:
        """Whether there is nothing to keep in mind."""
        return self._factor == 1 and now >= self.paused_until

    def pause(self, now: float) -> float:
        """Seconds in which nothing may begin."""
        return max(0.0, self.paused_until - now)

    def adopt(self, now: float, factor: float, pause: float) -> None:
        """Take over what all replicas know together."""
        if factor != self._factor:
            self._raised_at = now + pause
        self._factor, self.paused_until = factor, now + pause

    def _next_pause(self) -> float:
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._streak, 10))
