"""/v1/IpCommands."""

import base64
import binascii

from gateway.providers.supersim.simulator.commands import Commands
from gateway.providers.supersim.simulator.desk import Desk
from gateway.providers.supersim.simulator.fleets import Fleets
from gateway.providers.supersim.simulator.registry import Registry
from gateway.simulation.twilio_call import Call, Refusal, Reply
from gateway.simulation.twilio_commands import Sent, message_status

__all__ = ["IpCommands"]

_MOST_BYTES = 1300


class IpCommands(Commands):
    """UDP payloads of up to 1,300 bytes; what a device sent is always binary, that is base64."""

    key = "ip_commands"
    transport = "ip"
    can_deliver = False
    statuses = ("queued", "sent", "received", "failed")

    def __init__(self, desk: Desk, registry: Registry, fleets: Fleets) -> None:
        super().__init__(desk, registry, fleets, desk.ip)

    def send(self, call: Call) -> Reply:
        """201, queued. 83400 where the SIM cannot have data, 83401 (by switch) where it is not attached."""
        index = self.needed_sim(call)
        payload = call.needed("Payload")
        call.needed("DevicePort")
        port = call.whole("DevicePort", 0, 1, 65535)
        kind = call.word("PayloadType", ("text", "binary")) or "text"
        call.url("CallbackUrl", None)
        call.word("CallbackMethod", ("GET", "POST"))
        self._check_payload(payload, kind)
        fleet = self._registry.fleet(index)
        if fleet is None or not self._fleets.get(fleet).data:
            raise Refusal(400, 83400, "IP commands need a fleet with data enabled")
        if self._registry.status(index) not in {"ready", "active"}:
            raise Refusal(400, 83400, "IP commands need a SIM that is ready or active")
        attached = self._attached(index)
        if not attached and self._desk.switches["unattached"] == "83401":
            raise Refusal(400, 83401, "The device is not attached to a network")
        command = self._store.add(
            index, payload, at=call.now, transport="ip", reachable=attached, payload_type=kind, port=port
        )
        return Reply(self.shown(call, command), 201)

    def shown(self, call: Call, command: Sent) -> dict[str, object]:
        """A row. `device_ip` is null while queued; what a device sent is always base64."""
        back = command.direction == "from_sim"
        status, updated = message_status(command, call.now, self.can_deliver)
        sid = self._store.sid_of(command)
        session = self._desk.world.latest_session(command.index)
        return {
            "sid": sid,
            "account_sid": self._desk.account,
            "sim_sid": self._desk.sims.encode(command.index),
            "sim_iccid": self._desk.world.identities.iccid(command.index),
            "status": status,
            "direction": command.direction,
            "device_ip": None if session is None or status == "queued" else session.ip,
            "device_port": command.port or 7070,
            "payload_type": "binary" if back else command.payload_type,
            "payload": base64.b64encode(command.payload.encode()).decode() if back else command.payload,
            "date_created": self._desk.stamp(command.at),
            "date_updated": self._desk.stamp(updated),
            "url": f"{call.base}/v1/IpCommands/{sid}",
        }

    def _attached(self, index: int) -> bool:
        session = self._desk.world.latest_session(index)
        return session is not None and session.end is None

    def _check_payload(self, payload: str, kind: str) -> None:
        size = len(payload.encode())
        if kind == "binary":
            try:
                decoded = base64.b64decode(payload, validate=True)
            except binascii.Error as error:
                raise Refusal(400, 20001, "Invalid Payload: a binary payload is base64") from error
            size = len(decoded) if self._desk.switches["payload_bytes"] == "decoded" else size
        if size > _MOST_BYTES:
            raise Refusal(400, 20001, f"Invalid Payload: at most {_MOST_BYTES} bytes")
