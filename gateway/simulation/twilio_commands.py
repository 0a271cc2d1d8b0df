"""Commands of the Twilio family: those the world makes and those callers send, as one list, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.simulation.noise import Handles
from gateway.simulation.records import Command
from gateway.simulation.twilio_paging import Position, Snapshot
from gateway.simulation.world import CommandBook, World, moment

__all__ = ["CommandStore", "Sent", "message_status"]

_BY_CALLER = 1 << 39
"""Second number in the id of a command that a caller sent; the world's own have their SIM's command number there."""

_BOOKS = 4


@dataclass(frozen=True, slots=True)
class Sent:
    """One command. `first` and `number` make its id; `reachable` is whether the device could be reached."""

    first: int
    number: int
    index: int
    at: datetime
    direction: str
    transport: str
    payload: str
    reachable: bool
    payload_type: str = "text"
    port: int = 0
    receipt: bool = True


def message_status(command: Sent, now: datetime, can_deliver: bool) -> tuple[str, datetime]:
    """The status and when it was reached: queued, sent after 1 s, delivered after 3 s.

    A text for an unreachable device stays queued for 24 hours and then fails; an IP command fails at once
    (KORE's pages "SMS Command" and "IP Command").
    """
    age = now - command.at
    if command.direction == "from_sim":
        return "received", command.at
    if not command.reachable:
        patience = timedelta(hours=24) if can_deliver else timedelta(seconds=1)
        return ("failed", command.at + patience) if age >= patience else ("queued", command.at)
    if age < timedelta(seconds=1):
        return "queued", command.at
    if age < timedelta(seconds=3) or not can_deliver or not command.receipt:
        return "sent", command.at + timedelta(seconds=1)
    return "delivered", command.at + timedelta(seconds=3)


class CommandStore:
    """All commands of an account, or those of one transport. The world's own are kept for a while, as providers do."""

    def __init__(self, world: World, handles: Handles, transport: str | None, kept: timedelta) -> None:
        self._world = world
        self._handles = handles
        self._transport = transport
        self._kept = kept
        self._sent: list[Sent] = []
        self._books: dict[int, CommandBook] = {}

    def __len__(self) -> int:
        """How many commands callers have sent."""
        return len(self._sent)

    def add(
        self,
        index: int,
        payload: str,
        *,
        at: datetime,
        transport: str,
        reachable: bool,
        payload_type: str = "text",
        port: int = 0,
        receipt: bool = True,
    ) -> Sent:
        """Keep a command that a caller sent."""
        number = len(self._sent)
        command = Sent(
            number, _BY_CALLER, index, at, "to_sim", transport, payload, reachable, payload_type, port, receipt
        )
        self._sent.append(command)
        return command

    def sent_by_callers(self) -> list[Sent]:
        """What callers sent, oldest first."""
        return list(self._sent)

    def sid_of(self, command: Sent) -> str:
        """The id of a command."""
        return self._handles.encode(command.first, command.number)

    def find(self, sid: str) -> Sent | None:
        """The command with this id."""
        decoded = self._handles.decode(sid)
        if decoded is None:
            return None
        first, number = decoded
        if number == _BY_CALLER:
            return self._sent[first] if first < len(self._sent) else None
        if not self._world.has_command(first, number):
            return None
        command = self._world.command(first, number)
        expired = self._world.now() - command.at > self._kept
        return None if expired or not self._fits(command) else _told(command)

    def merged(self, position: Position, snapshot: Snapshot, index: int | None) -> Iterator[tuple[Position, Sent]]:
        """Both kinds by time, of one SIM or all; the position counts what was read of each."""
        mine, theirs = position
        own = self._own(mine, snapshot, index)
        world = self._worldly(theirs, snapshot, index)
        left, right = next(own, None), next(world, None)
        while left is not None or right is not None:
            if left is not None and (right is None or left[1].at >= right[1].at):
                mine, command = left
                left = next(own, None)
            elif right is not None:
                theirs, command = right
                right = next(world, None)
            yield (mine, theirs), command

    def _fits(self, command: Command) -> bool:
        return self._transport is None or command.transport == self._transport

    def _own(self, begin: int, snapshot: Snapshot, index: int | None) -> Iterator[tuple[int, Sent]]:
        for place in range(begin, snapshot.written):
            command = self._sent[snapshot.written - 1 - place]
            if index is None or command.index == index:
                yield place + 1, command

    def _worldly(self, begin: int, snapshot: Snapshot, index: int | None) -> Iterator[tuple[int, Sent]]:
        at = moment(snapshot.at)
        if index is None:
            for place, command in self._book(snapshot.at).read(begin):
                if self._fits(command):
                    yield place + 1, _told(command)
            return
        found = self._world.commands(index, at - self._kept, at)
        for place in range(begin, len(found)):
            if self._fits(found[place]):
                yield place + 1, _told(found[place])

    def _book(self, at: int) -> CommandBook:
        """The last few books, since the pages of one list share theirs."""
        if at not in self._books:
            while len(self._books) >= _BOOKS:
                del self._books[next(iter(self._books))]
            self._books[at] = self._world.all_commands(moment(at) - self._kept, moment(at))
        return self._books[at]


def _told(command: Command) -> Sent:
    """A command of the world in this family's terms."""
    return Sent(
        first=command.index,
        number=command.number,
        index=command.index,
        at=command.at,
        direction=command.direction,
        transport=command.transport,
        payload=command.payload,
        reachable=not command.failed,
    )
