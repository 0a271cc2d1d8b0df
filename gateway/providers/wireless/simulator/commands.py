"""/v1/Commands: text or binary, kept for 30 days."""

import base64
import binascii
from datetime import timedelta

from gateway.providers.wireless.simulator.desk import Desk
from gateway.providers.wireless.simulator.plans import RatePlans
from gateway.providers.wireless.simulator.registry import Registry
from gateway.simulation.twilio_call import Call, Refusal, Reply
from gateway.simulation.twilio_commands import CommandStore, Sent, message_status
from gateway.simulation.twilio_paging import Listing, Position, Rows, Snapshot, of_sequence

__all__ = ["Commands"]

_KEPT = timedelta(days=30)
_STATUSES = ("queued", "sent", "delivered", "received", "failed")
_MOST_QUEUED = 100
"""A narrowband SIM with more queued commands is refused: 33118."""


class Commands:
    """The handlers, and what was deleted."""

    def __init__(self, desk: Desk, registry: Registry, plans: RatePlans) -> None:
        self._desk = desk
        self._registry = registry
        self._plans = plans
        self._store = CommandStore(desk.world, desk.commands, None, _KEPT)
        self._deleted: set[str] = set()

    @property
    def written(self) -> int:
        """How many commands callers have sent."""
        return len(self._store)

    def sent_by_callers(self) -> list[Sent]:
        """What callers sent, oldest first."""
        return self._store.sent_by_callers()

    def fetch(self, call: Call) -> Reply:
        """By SID."""
        return Reply(self._shown(call, self._asked_for(call)))

    def delete(self, call: Call) -> Reply:
        """Gone from the list at once."""
        self._deleted.add(self._store.sid_of(self._asked_for(call)))
        code = int(self._desk.switches["command_deleted"])
        return Reply(None, code)

    def listing(self, call: Call) -> Listing:
        """Filters: Sim, Status, Direction, Transport."""
        status = call.asked_word("Status", _STATUSES, 33101)
        direction = call.asked_word("Direction", ("to_sim", "from_sim"), 33101)
        transport = call.asked_word("Transport", ("sms", "ip"), 33101)
        key = call.asked("Sim")
        index = None if key is None else self._registry.find(key)
        if key is not None and index is None:
            return of_sequence("commands", [])

        def read(position: Position, snapshot: Snapshot) -> Rows:
            for place, command in self._store.merged(position, snapshot, index):
                if direction is not None and command.direction != direction:
                    continue
                if transport is not None and command.transport != transport:
                    continue
                if status is not None and self._status(call, command)[0] != status:
                    continue
                if not self._deleted or self._store.sid_of(command) not in self._deleted:
                    yield place, self._shown(call, command)

        return Listing("commands", (0, 0), read)

    def send(self, call: Call) -> Reply:
        """Queued. The description needs Command only; without a Sim there is nobody to send it to."""
        text = call.needed("Command", 33102)
        key = call.needed("Sim", 33102)
        mode = call.word("CommandMode", ("text", "binary"), 33101) or "text"
        include = call.word("IncludeSid", ("none", "start", "end"), 33101) or "none"
        receipt = call.flag("DeliveryReceiptRequested", True, 33101)
        call.url("CallbackUrl", None, 33101)
        call.word("CallbackMethod", ("GET", "POST"), 33101)
        self._check_text(text, mode, include)
        index = self._registry.find(key)
        if index is None:
            raise Refusal(400, 33107, f"Sim {key} was not found")
        self._check_sim(call, index)
        command = self._store.add(
            index,
            text,
            at=call.now,
            transport="sms",
            reachable=self._registry.status(index) in {"ready", "active"},
            payload_type=mode,
            receipt=receipt,
        )
        return Reply(self._shown(call, command), int(self._desk.switches["command_created"]))

    def _check_text(self, text: str, mode: str, include: str) -> None:
        """160 characters, less with the SID; 140 bytes in binary mode."""
        if mode == "text":
            most = 160 if include == "none" else int(self._desk.switches["sid_room"])
            if len(text) > most:
                raise Refusal(400, 33111, f"The command is longer than {most} characters")
            return
        try:
            size = len(base64.b64decode(text, validate=True))
        except binascii.Error as error:
            raise Refusal(400, 33101, "Invalid Command: a binary command is base64") from error
        if size > 140:
            raise Refusal(400, 33111, "The command is longer than 140 bytes")

    def _check_sim(self, call: Call, index: int) -> None:
        plan_number = self._registry.plan(index)
        plan = None if plan_number is None else self._plans.get(plan_number)
        if plan is not None and not plan.messaging:
            raise Refusal(400, 33203, "Messaging is not enabled by the SIM's rate plan")
        if self._desk.world.pattern(index).rat != "NB-IoT":
            return
        mine = (command for command in self._store.sent_by_callers() if command.index == index)
        if sum(1 for command in mine if self._status(call, command)[0] == "queued") > _MOST_QUEUED:
            raise Refusal(400, 33118, "Too many commands are queued for this SIM")

    def _status(self, call: Call, command: Sent) -> tuple[str, object]:
        return message_status(command, call.now, command.transport == "sms")

    def _asked_for(self, call: Call) -> Sent:
        sid = call.place["Sid"]
        command = self._store.find(sid)
        if command is None or sid in self._deleted or not self._registry.has(command.index):
            raise Refusal(404, 20404, f"The requested resource {call.path} was not found")
        return command

    def _shown(self, call: Call, command: Sent) -> dict[str, object]:
        status, updated = message_status(command, call.now, command.transport == "sms")
        sid = self._store.sid_of(command)
        return {
            "sid": sid,
            "account_sid": self._desk.account,
            "sim_sid": self._desk.sims.encode(command.index),
            "command": command.payload,
            "command_mode": command.payload_type,
            "transport": command.transport,
            "delivery_receipt_requested": command.receipt,
            "status": status,
            "direction": command.direction,
            "date_created": self._desk.stamp(command.at),
            "date_updated": self._desk.stamp(updated),
            "url": f"{call.base}/v1/Commands/{sid}",
        }
