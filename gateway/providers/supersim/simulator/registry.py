"""The SIMs of the simulated account: what the world made, and what was written since."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.providers.supersim.simulator.desk import Desk
from gateway.simulation.records import SimRecord
from gateway.simulation.world import moment

__all__ = ["Registry", "SimView"]

_LIFE = {"inventory": "new", "ready": "ready", "active": "active"}
_STOCK = 5000
"""How many unregistered SIMs lie in a drawer, ready to be registered."""

_TRIAL_BYTES = 250_000
_TRIAL_SMS = 5
_TRIAL_TIME = timedelta(days=91)


@dataclass(frozen=True, slots=True)
class SimView:
    """One SIM as it is now. `fleet` is the fleet's number; `activated` its first moment as ready or active."""

    index: int
    sid: str
    record: SimRecord
    name: str | None
    status: str
    fleet: int | None
    created: datetime
    activated: datetime | None
    updated: datetime


@dataclass(slots=True)
class _Written:
    """What replaced the world's own facts about a SIM."""

    status: str
    name: str | None
    fleet: int | None
    updated: datetime
    since: datetime
    created: datetime
    activated: datetime | None = None
    before: str | None = None
    target: str | None = None
    next_fleet: int | None = None
    due: datetime | None = None


class Registry:
    """Looks SIMs up by SID, name, ICCID; changes them; lets scheduled changes come true by the clock."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world
        self._written: dict[int, _Written] = {}
        self._names: dict[str, int] = {}
        self._scheduled: set[int] = set()
        self._registered: list[int] = []
        self.version = 0
        """Grows with every change that can move usage between fleets."""

    # Reading

    def __len__(self) -> int:
        return self._world.sims + len(self._registered)

    def indexes(self, position: int) -> Iterator[tuple[int, int]]:
        """(position, SIM number) from a position in the list on; registered SIMs come last."""
        for place in range(position, len(self)):
            yield place, place if place < self._world.sims else self._registered[place - self._world.sims]

    def has(self, index: int) -> bool:
        """Whether this number is a SIM of the account."""
        return 0 <= index < self._world.sims or index in self._written

    def find(self, key: str) -> int | None:
        """By SID or unique name."""
        decoded = self._desk.sims.decode(key)
        if decoded is not None:
            return decoded[0] if self.has(decoded[0]) else None
        return self._named(key)

    def find_iccid(self, iccid: str) -> int | None:
        """By ICCID, exact."""
        index = self.printed(iccid)
        return index if index is not None and self.has(index) else None

    def printed(self, iccid: str) -> int | None:
        """The number of a SIM card of ours, registered or still in the drawer."""
        identities = self._world.identities
        return identities.find_iccid(iccid, self._world.sims + _STOCK)

    def stock(self, number: int) -> int:
        """The number of an unregistered SIM."""
        return self._world.sims + number

    def view(self, index: int) -> SimView:
        """The SIM as it is now."""
        record = self._world.sim(index)
        written = self._written.get(index)
        return SimView(
            index=index,
            sid=self._desk.sims.encode(index),
            record=record,
            name=written.name if written else record.name,
            status=self.status(index),
            fleet=self.fleet(index),
            created=written.created if written else record.created_at,
            activated=written.activated if written else record.activated_at,
            updated=written.updated if written else record.updated_at,
        )

    def status(self, index: int) -> str:
        """Its status word now; a ready SIM that used its allowance has become active by itself."""
        written = self._written.get(index)
        if written is None:
            pattern = self._world.pattern(index)
            status = _LIFE.get(pattern.life, "inactive")
            if status == "ready" and pattern.connected and self._used_up(index, moment(pattern.connected[0])):
                return "active"
            return status
        if written.status == "ready" and self._used_up(index, written.since):
            return "active"
        return written.status

    def fleet(self, index: int) -> int | None:
        """The number of its fleet."""
        written = self._written.get(index)
        if written is not None:
            return written.fleet
        pattern = self._world.pattern(index)
        return None if pattern.life == "inventory" and pattern.number % 4 else pattern.group

    def apart(self) -> list[int]:
        """SIMs whose fleet is no longer the one the world gave them."""
        return list(self._written)

    def _used_up(self, index: int, since: datetime) -> bool:
        now = self._world.now()
        if now - since > _TRIAL_TIME:
            return True
        usage = self._world.usage(index, since, now)
        return usage.total > _TRIAL_BYTES or usage.sms_to + usage.sms_from >= _TRIAL_SMS

    def _named(self, name: str) -> int | None:
        if name in self._names:
            return self._names[name]
        number = name.rpartition("-")[2]
        if not (number.isascii() and number.isdigit() and len(number) < 12):
            return None
        index = int(number)
        if index >= self._world.sims or index in self._written:
            return None
        return index if self._world.sim(index).name == name else None

    # Writing

    def register(self, index: int) -> None:
        """Take a SIM out of the drawer: new, without name, fleet or history."""
        now = self._world.now()
        self._world.block(index, moment(0))
        self._written[index] = _Written("new", None, None, now, now, now)
        self._registered.append(index)
        self.version += 1

    def next_in_stock(self) -> int | None:
        """The first SIM still in the drawer, None when it is empty."""
        return next((at for at in range(self.stock(0), self.stock(_STOCK)) if at not in self._written), None)

    def change(self, index: int, name: str | None, fleet: int | None) -> None:
        """Set name (`""` clears) and fleet, where given."""
        written = self._write(index)
        if name is not None:
            if written.name:
                self._names.pop(written.name, None)
            written.name = name or None
            if name:
                self._names[name] = index
        if fleet is not None:
            written.fleet = fleet
            self.version += 1

    def schedule(self, index: int, target: str, fleet: int | None) -> None:
        """Begin a change of the status, or of the fleet, or of both; it is done when its time has come."""
        written = self._write(index)
        written.before, written.target, written.next_fleet = written.status, target, fleet
        written.status = "scheduled"
        written.due = self._world.now() + timedelta(seconds=self._desk.seconds("settle"))
        self._scheduled.add(index)

    def settle(self, now: datetime) -> None:
        """Carry out every change whose time has come."""
        for index in [i for i in self._scheduled if (self._written[i].due or now) <= now]:
            self._carry_out(index)
            self._scheduled.discard(index)

    def _carry_out(self, index: int) -> None:
        written = self._written[index]
        at = written.due or self._world.now()
        written.status, written.updated = written.target or "active", at
        written.fleet = written.fleet if written.next_fleet is None else written.next_fleet
        if written.status != written.before:
            self._reach(index, written, at)
        written.before = written.target = written.next_fleet = written.due = None
        self.version += 1

    def _reach(self, index: int, written: _Written, at: datetime) -> None:
        """What another status means for the network."""
        written.since = at
        if written.status == "inactive":
            self._world.block(index, at)
        else:
            self._world.unblock(index, at)
            written.activated = written.activated or at

    def _write(self, index: int) -> _Written:
        now = self._world.now()
        if index not in self._written:
            view = self.view(index)
            self._written[index] = _Written(view.status, view.name, view.fleet, now, now, view.created, view.activated)
            if view.name:
                self._names[view.name] = index
            self.version += 1
        written = self._written[index]
        written.updated = now
        return written
