"""The SIMs of the simulated account: what the world made, and what was written since."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.providers.wireless.simulator.desk import Desk
from gateway.simulation.records import SimRecord
from gateway.simulation.world import moment

__all__ = ["Registry", "SimView"]

_LIFE = {"inventory": "new", "ready": "ready", "active": "active", "suspended": "suspended"}
_TRIAL_BYTES = 250_000
_TRIAL_SMS = 5
_TRIAL_TIME = timedelta(days=91)
_GRACE = timedelta(hours=72)
"""A deactivated SIM is canceled after this time."""


@dataclass(frozen=True, slots=True)
class SimView:
    """One SIM as it is now. `plan` is the rate plan's number; `settings` are the URLs and methods written to it."""

    index: int
    sid: str
    record: SimRecord
    name: str | None
    friendly: str | None
    status: str
    resetting: bool
    plan: int | None
    updated: datetime
    settings: dict[str, str | None]


@dataclass(slots=True)
class Written:
    """What replaced the world's own facts about a SIM."""

    status: str
    name: str | None
    friendly: str | None
    plan: int | None
    updated: datetime
    since: datetime
    target: str | None = None
    due: datetime | None = None
    reset_until: datetime | None = None
    settings: dict[str, str | None] = field(default_factory=dict)


class Registry:
    """Looks SIMs up by SID, name, ICCID; changes them; lets changes come true by the clock."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world
        self._written: dict[int, Written] = {}
        self._names: dict[str, int] = {}
        self._moving: set[int] = set()
        self._deleted: set[int] = set()

    # Reading

    def indexes(self, position: int) -> Iterator[int]:
        """SIM numbers from a position in the list on."""
        return (index for index in range(position, self._world.sims) if index not in self._deleted)

    def has(self, index: int) -> bool:
        """Whether this number is a SIM of the account."""
        return 0 <= index < self._world.sims and index not in self._deleted

    def find(self, key: str) -> int | None:
        """By SID or unique name."""
        decoded = self._desk.sims.decode(key)
        if decoded is not None:
            return decoded[0] if self.has(decoded[0]) else None
        return self._named(key)

    def find_iccid(self, iccid: str) -> int | None:
        """By ICCID, exact."""
        index = self._world.find_iccid(iccid)
        return index if index is not None and self.has(index) else None

    def view(self, index: int) -> SimView:
        """The SIM as it is now."""
        record = self._world.sim(index)
        written = self._written.get(index)
        now = self._world.now()
        return SimView(
            index=index,
            sid=self._desk.sims.encode(index),
            record=record,
            name=written.name if written else record.name,
            friendly=written.friendly if written else record.device_name,
            status=self.status(index),
            resetting=bool(written and written.reset_until and now < written.reset_until),
            plan=self.plan(index),
            updated=self._updated(index, record),
            settings=dict(written.settings) if written else {},
        )

    def status(self, index: int) -> str:
        """Its status word now, with what happens by itself: ready to active, deactivated to canceled."""
        written = self._written.get(index)
        pattern = self._world.pattern(index)
        if written is None:
            since = moment(pattern.connected[0]) if pattern.connected else self._world.now()
            status = _LIFE.get(pattern.life, self._ended(index, pattern.life))
        else:
            status, since = written.status, written.since
        if status == "ready" and self._used_up(index, since):
            return "active"
        if status == "deactivated" and self._world.now() - self._since(index) >= _GRACE:
            return "canceled"
        return status

    def plan(self, index: int) -> int | None:
        """The number of its rate plan."""
        written = self._written.get(index)
        if written is not None:
            return written.plan
        pattern = self._world.pattern(index)
        return None if pattern.life == "inventory" and pattern.number % 4 else pattern.plan

    def plan_in_use(self, plan: int) -> bool:
        """Whether any SIM has this plan; the plans the world came with always count as used."""
        kept = (written for index, written in self._written.items() if index not in self._deleted)
        return plan < 4 or any(written.plan == plan for written in kept)

    def _ended(self, index: int, life: str) -> str:
        """KORE's enum has `deleted` beside Twilio's words."""
        if life == "deactivated":
            return "deactivated"
        return "deleted" if self._desk.kore and index % 3 == 0 else "canceled"

    def _since(self, index: int) -> datetime:
        """When a SIM was deactivated: up to sixty hours before the world began, unless it was written."""
        written = self._written.get(index)
        return written.since if written else moment(self._world.birth) - timedelta(hours=index * 7 % 60)

    def _updated(self, index: int, record: SimRecord) -> datetime:
        written = self._written.get(index)
        if written:
            return written.updated
        return self._since(index) if record.life == "deactivated" else record.updated_at

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
        if not self.has(index) or index in self._written:
            return None
        return index if self._world.sim(index).name == name else None

    # Writing

    def write(self, index: int) -> Written:
        """The SIM's own record to write to, made when first needed."""
        now = self._world.now()
        if index not in self._written:
            view = self.view(index)
            since = self._since(index) if view.status == "deactivated" else now
            self._written[index] = Written(view.status, view.name, view.friendly, view.plan, now, since)
            if view.name:
                self._names[view.name] = index
        written = self._written[index]
        written.updated = now
        return written

    def rename(self, index: int, name: str) -> None:
        """Set the unique name; `""` clears it."""
        written = self.write(index)
        if written.name:
            self._names.pop(written.name, None)
        written.name = name or None
        if name:
            self._names[name] = index

    def reset(self, index: int) -> None:
        """Begin a reset of the SIM's connectivity."""
        seconds = self._desk.seconds("settle")
        self.write(index).reset_until = self._world.now() + timedelta(seconds=seconds)

    def schedule(self, index: int, target: str) -> None:
        """Begin a status change; it is done when its time has come."""
        written = self.write(index)
        word = self._desk.switches["changing_word"]
        written.status = word if word != "mixed" else ("updating", "updating", "scheduled")[index % 3]
        written.target = target
        written.due = self._world.now() + timedelta(seconds=self._desk.seconds("settle"))
        self._moving.add(index)

    def settle(self, now: datetime) -> None:
        """Carry out every change whose time has come."""
        for index in [i for i in self._moving if (self._written[i].due or now) <= now]:
            written = self._written[index]
            at = written.due or now
            written.status, written.since, written.updated = written.target or "active", at, at
            written.target = written.due = None
            if written.status in {"ready", "active"}:
                self._world.unblock(index, at)
            else:
                self._world.block(index, at)
            self._moving.discard(index)

    def delete(self, index: int) -> None:
        """Remove the SIM for good."""
        written = self.write(index)
        if written.name:
            self._names.pop(written.name, None)
        self._moving.discard(index)
        self._world.block(index, self._world.now())
        self._deleted.add(index)
