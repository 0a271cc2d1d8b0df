"""Whether a call that failed is tried again, and when: seldom enough that an outage is not made worse."""

from collections.abc import Callable

__all__ = ["Budget", "backoff"]

FIRST_STEP = 0.1
LONGEST_STEP = 2.0
"""Seconds: the most that is waited before the first repeat, doubled for each later one up to this."""

_TENTHS = 10
_FULL = 10 * _TENTHS


class Budget:
    """The repeats an account has: each first attempt earns a tenth of one, ten are kept at most.

    While all is well there is one for every single failure; while nothing works, every tenth call is made twice.
    """

    __slots__ = ("_tenths",)

    def __init__(self) -> None:
        self._tenths = _FULL

    def earn(self) -> None:
        """A first attempt begins."""
        if self._tenths < _FULL:
            self._tenths += 1

    def pay(self) -> bool:
        """Take one repeat; false when there is none left."""
        if self._tenths < _TENTHS:
            return False
        self._tenths -= _TENTHS
        return True


def backoff(repeat: int, retry_after: float | None, random: Callable[[], float]) -> float:
    """Seconds to wait before a repeat, the first being 0. `random` gives 0 to 1.

    What the provider asks for, and a little more so that not all come back at once; else anything up to a step that
    doubles, which keeps those apart that failed together.
    """
    if retry_after is not None:
        return retry_after + FIRST_STEP * random()
    step: float = min(LONGEST_STEP, FIRST_STEP * 2**repeat)
    return step * random()
