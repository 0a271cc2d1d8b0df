"""Every SIM's commands as one list, newest first, read from any place without making the rest."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.simulation.records import Command

if TYPE_CHECKING:
    from gateway.simulation.world import World

__all__ = ["CommandBook"]


class CommandBook:
    """The commands of [low, high), in seconds. `len` counts those of SIMs blocked by a write too."""

    def __init__(self, world: World, low: int, high: int) -> None:
        self._world = world
        self._entries = sorted(_entries(world, low, high), reverse=True)
        self._ends: list[int] = []
        total = 0
        for _, number, _ in self._entries:
            total += len(range(number, world.sims, world.patterns))
            self._ends.append(total)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def read(self, offset: int) -> Iterator[tuple[int, Command]]:
        """(position, command) from a position on, without SIMs that a write had taken off the network by then."""
        world = self._world
        position = offset
        for entry in range(bisect_left(self._ends, offset + 1), len(self._entries)):
            _, number, command = self._entries[entry]
            members = range(number, world.sims, world.patterns)
            for index in members[position - self._ends[entry] + len(members) :]:
                if world.has_command(index, command):
                    yield position, world.command(index, command)
                position += 1


def _entries(world: World, low: int, high: int) -> Iterator[tuple[int, int, int]]:
    """(time, pattern, command number): the SIMs of one pattern have their commands at the same time."""
    for number in range(world.patterns):
        pattern = world.pattern(number)
        if pattern.connected is None:
            continue
        start, end = pattern.connected
        first, last = max(low, start), min(high, end or high)
        if first < last:
            for command in pattern.commands_between(first, last):
                yield pattern.command_moment(command), number, command
