"""Sums over one pattern and the times it was connected; every sum of bytes is a difference of meter readings."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from gateway.simulation.operators import Operator
from gateway.simulation.pattern import Meter, Pattern
from gateway.simulation.records import Usage

__all__ = ["Window", "command_kind", "command_numbers", "data_by_operator", "data_of", "messages_of"]

Window = tuple[int, int | None]
"""[from, to) in seconds, without end while connected."""


def data_of(pattern: Pattern, windows: Iterable[Window], low: int, high: int) -> Usage:
    """Bytes in [low, high)."""
    total = Usage()
    for first, last in _inside(windows, low, high):
        before, after = _reading(pattern, first), _reading(pattern, last)
        total = total.plus(Usage(after.up - before.up, after.down - before.down))
    return total


@lru_cache(maxsize=20_000)
def _reading(pattern: Pattern, moment: int) -> Meter:
    """Neighbouring periods share a bound, so most readings are asked for twice."""
    return pattern.meter(moment)


def data_by_operator(pattern: Pattern, windows: Iterable[Window], low: int, high: int) -> dict[Operator, Usage]:
    """Bytes in [low, high) on each network that carried any."""
    found: dict[Operator, Usage] = {}
    if not pattern.mean_up:
        return found
    if not pattern.travels:
        moved = data_of(pattern, windows, low, high)
        return {pattern.home: moved} if moved.total else found
    for first, last in _inside(windows, low, high):
        for start, end, operator in pattern.stays(first, last):
            moved = data_of(pattern, ((start, end),), start, end)
            if moved.total:
                found[operator] = found.get(operator, Usage()).plus(moved)
    return found


def command_numbers(pattern: Pattern, windows: Iterable[Window], low: int, high: int) -> list[int]:
    """The numbers of the commands in [low, high), oldest first."""
    return [number for first, last in _inside(windows, low, high) for number in pattern.commands_between(first, last)]


def messages_of(pattern: Pattern, windows: Iterable[Window], low: int, high: int) -> tuple[int, int]:
    """Text messages (to, from) the device in [low, high)."""
    kinds = [command_kind(number) for number in command_numbers(pattern, windows, low, high)]
    return kinds.count(("to_sim", "sms")), kinds.count(("from_sim", "sms"))


def command_kind(number: int) -> tuple[str, str]:
    """(direction, transport) of the command with this number."""
    return "from_sim" if number % 3 == 1 else "to_sim", "ip" if number % 4 == 3 else "sms"


def _inside(windows: Iterable[Window], low: int, high: int) -> Iterator[tuple[int, int]]:
    """The parts of the windows within [low, high)."""
    for start, end in windows:
        first, last = max(low, start), high if end is None else min(high, end)
        if first < last:
            yield first, last
