"""/v1/SettingsUpdates: every seventh SIM has had its settings renewed over the air."""

from collections.abc import Iterator
from datetime import timedelta

from gateway.providers.supersim.simulator.desk import Desk
from gateway.providers.supersim.simulator.registry import Registry
from gateway.simulation.twilio_call import Call
from gateway.simulation.twilio_paging import Listing, Position, Rows, Snapshot, of_sequence

__all__ = ["SettingsUpdates"]

_STATUSES = ("scheduled", "in-progress", "successful", "failed")
_EVERY = 7


class SettingsUpdates:
    """The one handler."""

    def __init__(self, desk: Desk, registry: Registry) -> None:
        self._desk = desk
        self._registry = registry

    def listing(self, call: Call) -> Listing:
        """Filters: Sim, Status."""
        sim, status = call.asked("Sim"), call.asked_word("Status", _STATUSES)
        index = None if sim is None else self._registry.find(sim)
        if sim is not None and index is None:
            return of_sequence("settings_updates", [])

        def read(position: Position, _: Snapshot) -> Rows:
            for place, (sim_index, number) in self._numbers(position[0], index):
                if status is None or self._status(sim_index, number) == status:
                    yield (place + 1,), self._shown(sim_index, number)

        return Listing("settings_updates", (0,), read)

    def _numbers(self, begin: int, index: int | None) -> Iterator[tuple[int, tuple[int, int]]]:
        """(place, (SIM, number of its update)): two updates for every SIM that has any."""
        sims = range(0, self._desk.world.sims, _EVERY) if index is None else range(index, index + 1)
        for place in range(begin, len(sims) * 2):
            sim = sims[place // 2]
            if sim % _EVERY == 0 and sim < self._desk.world.sims:
                yield place, (sim, 1 - place % 2)

    def _status(self, index: int, number: int) -> str:
        return "successful" if number == 0 else ("successful", *_STATUSES)[index // _EVERY % 5]

    def _shown(self, index: int, number: int) -> dict[str, object]:
        record = self._desk.world.sim(index)
        status = self._status(index, number)
        created = record.created_at + timedelta(days=1 + number)
        done = created + timedelta(minutes=7 + index % 50)
        return {
            "sid": self._desk.updates.encode(index, number),
            "iccid": record.iccid,
            "sim_sid": self._desk.sims.encode(index),
            "status": status,
            "packages": [{"name": "network-preferences", "version": f"1.{number}"}],
            "date_completed": self._desk.stamp(done) if status == "successful" else None,
            "date_created": self._desk.stamp(created),
            "date_updated": self._desk.stamp(created if status == "scheduled" else done),
        }
