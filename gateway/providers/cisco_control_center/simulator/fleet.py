"""The devices of the account: what the world says of them, and what was edited since."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.providers.cisco_control_center.simulator import words
from gateway.providers.cisco_control_center.simulator.first import first_value
from gateway.providers.cisco_control_center.simulator.refusal import Refusal
from gateway.simulation.world import World

__all__ = ["USER", "Change", "Fleet"]

USER = "demo"
_CONNECTS = frozenset({"ACTIVATED", "TEST_READY"})
_KEPT_CHANGES = 100
_NEVER = datetime.fromtimestamp(0, UTC)
_WAITING_EDITS = 10_000


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one device, edited at a moment."""

    name: str
    before: str | None
    after: str | None
    at: datetime


@dataclass(slots=True)
class _Edited:
    """What was written to one device: its fields, when, and the changes one by one (the last hundred)."""

    at: datetime
    fields: dict[str, str | None] = field(default_factory=dict)
    activated: datetime | None = None
    changes: deque[Change] = field(default_factory=lambda: deque(maxlen=_KEPT_CHANGES))


@dataclass(order=True, frozen=True, slots=True)
class _Waiting:
    """An edit that takes effect later; of two for one moment the earlier made comes first."""

    at: datetime
    order: int
    index: int = field(compare=False)
    fields: Mapping[str, str | None] = field(compare=False)


class Fleet:
    """All devices, by their number in the world. Call `settle` before reading: it applies the edits due."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._edited: dict[int, _Edited] = {}
        self._waiting: list[_Waiting] = []
        self._made = 0
        self._by_time: list[tuple[datetime, int]] | None = None
        self._show_every_status()

    def index(self, iccid: str) -> int:
        """The number of the device with this ICCID.

        Raises:
            Refusal: 20000001 when there is none.
        """
        found = self.world.find_iccid(iccid)
        if found is None:
            raise Refusal("20000001")
        return found

    def value(self, index: int, name: str) -> str | None:
        """One field of a device that a search or an edit may name, without making the rest."""
        edited = self._edited.get(index)
        if edited is not None and name in edited.fields:
            return edited.fields[name]
        return first_value(self.world, index, name)

    def status(self, index: int) -> str:
        """The device's status."""
        return self.value(index, "status") or "INVENTORY"

    def rate_plan(self, index: int) -> str:
        """The name of the device's rate plan."""
        return self.value(index, "ratePlan") or words.RATE_PLANS[0]

    def modified(self, index: int) -> datetime:
        """When the device was last modified."""
        edited = self._edited.get(index)
        return edited.at if edited else self.world.sim(index).updated_at

    def activated(self, index: int) -> datetime | None:
        """When it was first activated; None while its status lies before activation."""
        if self.status(index) in words.PRE_ACTIVATION:
            return None
        edited = self._edited.get(index)
        return edited.activated if edited and edited.activated else self.world.sim(index).activated_at

    def changed(self, index: int) -> bool:
        """Whether anything was ever written to the device."""
        return index in self._edited

    def changes(self, index: int) -> tuple[Change, ...]:
        """What was edited, oldest first."""
        edited = self._edited.get(index)
        return tuple(edited.changes) if edited else ()

    def rate_plans(self, index: int, since: datetime, until: datetime) -> Iterator[tuple[str, datetime, datetime]]:
        """The plans in force over a span: (name, from, to), oldest first."""
        moved = [change for change in self.changes(index) if change.name == "ratePlan"]
        plan = (moved[0].before if moved else self.value(index, "ratePlan")) or words.RATE_PLANS[0]
        for change in moved:
            if since < change.at < until:
                yield plan, since, change.at
            since = max(since, change.at)
            plan = change.after or plan
        if since < until:
            yield plan, since, until

    def modified_between(self, since: datetime, till: datetime) -> list[int]:
        """The devices modified in [since, till], in order of modification: a changed one moves to the end."""
        order = self._order()
        first = bisect_left(order, (since, -1))
        last = bisect_right(order, (till, self.world.sims))
        return [index for _, index in order[first:last]]

    def edit(self, index: int, fields: Mapping[str, str | None], at: datetime) -> None:
        """Writes fields to a device, now or at a later moment.

        Raises:
            Refusal: 30000001 when too many later edits are waiting.
        """
        if at <= self.world.now():
            self._apply(index, fields, self.world.now())
            return
        if len(self._waiting) >= _WAITING_EDITS:
            raise Refusal("30000001")
        self._made += 1
        insort(self._waiting, _Waiting(at, self._made, index, dict(fields)))

    def settle(self) -> None:
        """Applies the edits whose moment has come."""
        now = self.world.now()
        while self._waiting and self._waiting[0].at <= now:
            due = self._waiting.pop(0)
            self._apply(due.index, due.fields, due.at)

    def _apply(self, index: int, fields: Mapping[str, str | None], at: datetime) -> None:
        before = {name: self.value(index, name) for name in fields}
        self._move(index, at)
        edited = self._edited.setdefault(index, _Edited(at))
        edited.at = at
        edited.fields.update(fields)
        edited.changes.extend(
            Change(name, before[name], after, at) for name, after in fields.items() if before[name] != after
        )
        if "status" in fields:
            self._connect(index, edited, at)

    def _connect(self, index: int, edited: _Edited, at: datetime) -> None:
        """A status decides whether the device may use the network."""
        if self.status(index) in _CONNECTS:
            self.world.unblock(index, at)
        else:
            self.world.block(index, at)
        if self.status(index) == "ACTIVATED" and self.activated(index) is None:
            edited.activated = at

    def _move(self, index: int, at: datetime) -> None:
        order = self._order()
        order.pop(bisect_left(order, (self.modified(index), index)))
        insort(order, (at, index))

    def _order(self) -> list[tuple[datetime, int]]:
        if self._by_time is None:
            self._by_time = sorted((self.modified(index), index) for index in range(self.world.sims))
        return self._by_time

    def _show_every_status(self) -> None:
        """Even a small account shows every status: words missing among its first SIMs go to active ones."""
        first = range(min(self.world.sims, 20))
        here = [self.status(index) for index in first]
        missing = [word for word in (*words.STATUSES, words.OPERATOR_WORD) if word not in here]
        active = [index for index in first if here[index] == "ACTIVATED"]
        today = datetime.fromtimestamp(self.world.birth, UTC)
        for place, (word, index) in enumerate(zip(missing, active[3:], strict=False)):
            activated = self.world.sim(index).activated_at
            at = today - timedelta(days=2 + place)
            if activated is not None and word not in words.PRE_ACTIVATION:
                at = max(at, activated + timedelta(hours=1))
            # A SIM before activation has no history: it was never on the network.
            self.world.block(index, _NEVER if word in words.PRE_ACTIVATION else at)
            self._edited[index] = _Edited(at, {"status": word})
