"""What /v1/SmsCommands and /v1/IpCommands have in common: reading one, listing all."""

from abc import ABC, abstractmethod
from datetime import timedelta

from gateway.providers.supersim.simulator.desk import Desk
from gateway.providers.supersim.simulator.fleets import Fleets
from gateway.providers.supersim.simulator.registry import Registry
from gateway.simulation.noise import Handles
from gateway.simulation.twilio_call import Call, Refusal, Reply
from gateway.simulation.twilio_commands import CommandStore, Sent, message_status
from gateway.simulation.twilio_paging import Listing, Position, Rows, Snapshot, of_sequence

__all__ = ["Commands"]

_KEPT = timedelta(days=90)


class Commands(ABC):
    """One of the two kinds; how a row looks and how one is sent is the subclass's."""

    key: str
    transport: str
    can_deliver: bool
    statuses: tuple[str, ...]

    def __init__(self, desk: Desk, registry: Registry, fleets: Fleets, handles: Handles) -> None:
        self._desk = desk
        self._registry = registry
        self._fleets = fleets
        self._store = CommandStore(desk.world, handles, self.transport, _KEPT)

    @property
    def written(self) -> int:
        """How many commands callers have sent."""
        return len(self._store)

    @abstractmethod
    def shown(self, call: Call, command: Sent) -> dict[str, object]:
        """A row."""

    def fetch(self, call: Call) -> Reply:
        """By SID."""
        command = self._store.find(call.place["Sid"])
        if command is None:
            raise Refusal(404, 20404, f"The requested resource {call.path} was not found")
        return Reply(self.shown(call, command))

    def listing(self, call: Call) -> Listing:
        """Filters: Sim, Status, Direction; SimIccid for IP commands."""
        status = call.asked_word("Status", self.statuses)
        direction = call.asked_word("Direction", ("to_sim", "from_sim"))
        index, nobody = self._asked_sim(call)
        if nobody:
            return of_sequence(self.key, [])

        def read(position: Position, snapshot: Snapshot) -> Rows:
            for place, command in self._store.merged(position, snapshot, index):
                if direction is not None and command.direction != direction:
                    continue
                if status is None or message_status(command, call.now, self.can_deliver)[0] == status:
                    yield place, self.shown(call, command)

        return Listing(self.key, (0, 0), read)

    def needed_sim(self, call: Call) -> int:
        """The SIM to send to, by SID or unique name."""
        key = call.needed("Sim")
        index = self._registry.find(key)
        if index is None:
            raise Refusal(400, 83005, f"Sim {key} was not found")
        return index

    def _asked_sim(self, call: Call) -> tuple[int | None, bool]:
        """The SIM filtered by, and whether the filter can match nothing."""
        sim, iccid = call.asked("Sim"), call.asked("SimIccid")
        keys = [] if sim is None else [self._registry.find(sim)]
        if iccid is not None and self.transport == "ip":
            keys.append(self._registry.find_iccid(iccid))
        if not keys:
            return None, False
        return keys[0], keys[0] is None or len(set(keys)) > 1
