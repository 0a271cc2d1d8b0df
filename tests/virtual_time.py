"""Time that passes only when everybody waits: minutes of waiting take no time, and every run is the same."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import TypeVar

__all__ = ["run_in_virtual_time"]

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Instead of sleeping it moves the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            raise RuntimeError("everybody waits for something that will not happen")
        self.now += max(0.0, timeout)
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._selector_with_clock = _Selector()
        super().__init__(self._selector_with_clock)

    def time(self) -> float:
        return self._selector_with_clock.now


def run_in_virtual_time(main: Coroutine[object, object, T]) -> T:
    """Run it to its end on a loop whose `time` begins at 0; for what needs no socket, thread or process."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(main)
