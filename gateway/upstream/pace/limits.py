"""What an account allows, and what part of it one replica of several may use by itself."""

from dataclasses import dataclass

__all__ = ["Limits", "part"]


@dataclass(frozen=True)
class Limits:
    """What an account allows: `concurrency` calls at once and, where set, `calls` in any `window` seconds.

    `burst` of these may begin together after a quiet time (by default a tenth; one where calls go one by one), and the
    others follow evenly: so that nobody waits a whole window behind one who asked much.
    """

    concurrency: int = 8
    calls: int | None = None
    window: float = 1.0
    burst: int | None = None

    @property
    def most_together(self) -> int:
        """The burst, as it is kept: at least 1, at most `calls`."""
        if self.calls is None or (self.burst is None and self.concurrency == 1):
            return 1
        return max(1, min(self.calls, self.calls // 10 if self.burst is None else self.burst))

    @property
    def rate(self) -> float:
        """Calls a second between bursts: with a whole burst before, a window still holds no more than `calls`."""
        if self.calls is None:
            return 0.0
        return (self.calls - (self.most_together - 1)) / self.window

    def share(self, replicas: int, index: int | None) -> "Limits | None":
        """What the replica at `index` (None: unknown) may use without asking the others; None where that is nothing."""
        concurrency = part(self.concurrency, replicas, index)
        calls = None if self.calls is None else part(self.calls, replicas, index)
        if not concurrency or calls == 0:
            return None
        burst = max(1, self.most_together // replicas)
        return Limits(concurrency, calls, self.window, None if calls is None else burst)


def part(whole: int, replicas: int, index: int | None) -> int:
    """One of so many parts that add up to the whole: the first ones are larger where it does not go even."""
    is_larger = index is not None and index < whole % replicas
    return whole // replicas + (1 if is_larger else 0)
