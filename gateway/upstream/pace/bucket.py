"""The guard that spreads calls: a bucket of tokens that fills evenly, and every call takes one."""

__all__ = ["Bucket"]

_NEARLY = 1e-9
"""What a sum of many small additions may lack."""


class Bucket:
    """At most `size` tokens, `rate` more a second. In any t seconds no more than `size` + `rate` * t can be taken."""

    __slots__ = ("_at", "_level", "rate", "size")

    def __init__(self, rate: float, size: float, now: float) -> None:
        self.rate = rate
        self.size = size
        self._level = size
        self._at = now

    def take(self, now: float) -> None:
        """Take one, whether it is there or not: ask `wait` first."""
        self._level = self.level(now) - 1
        self._at = max(now, self._at)

    def put_back(self, now: float) -> None:
        """Return one that was taken for a call that never began."""
        self._level = min(self.size, self.level(now) + 1)
        self._at = max(now, self._at)

    def wait(self, now: float, ahead: int = 0) -> float:
        """Seconds until there is one, after `ahead` others have taken theirs."""
        missing = ahead + 1 - self.level(now)
        return missing / self.rate if missing > _NEARLY else 0.0

    def level(self, now: float) -> float:
        return min(self.size, self._level + max(0.0, now - self._at) * self.rate)

    def change(self, rate: float, size: float, now: float, most: float | None = None) -> None:
        """Go on at another rate and size, with what is there, but no more than `most`."""
        self._level = min(size, self.level(now), size if most is None else most)
        self._at = max(now, self._at)
        self.rate, self.size = rate, size
