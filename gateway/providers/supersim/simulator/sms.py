"""/v1/SmsCommands."""

from gateway.providers.supersim.simulator.commands import Commands
from gateway.providers.supersim.simulator.desk import Desk
from gateway.providers.supersim.simulator.fleets import Fleets
from gateway.providers.supersim.simulator.registry import Registry
from gateway.simulation.twilio_call import Call, Refusal, Reply
from gateway.simulation.twilio_commands import Sent, message_status

__all__ = ["SmsCommands"]


class SmsCommands(Commands):
    """Texts of up to 160 single-byte characters."""

    key = "sms_commands"
    transport = "sms"
    can_deliver = True
    statuses = ("queued", "sent", "delivered", "received", "failed")

    def __init__(self, desk: Desk, registry: Registry, fleets: Fleets) -> None:
        super().__init__(desk, registry, fleets, desk.sms)

    def send(self, call: Call) -> Reply:
        """201, queued. The codes for a bad payload and a fleet without messages have no source."""
        index = self.needed_sim(call)
        payload = call.needed("Payload")
        call.url("CallbackUrl", None)
        call.word("CallbackMethod", ("GET", "POST"))
        if len(payload.encode()) > 160:
            raise Refusal(400, 20001, "Invalid Payload: at most 160 single-byte characters")
        fleet = self._registry.fleet(index)
        if fleet is None or not self._fleets.get(fleet).sms:
            raise Refusal(400, 20001, "Invalid Sim: SMS commands are not enabled for its fleet")
        reachable = self._registry.status(index) in {"ready", "active"}
        command = self._store.add(index, payload, at=call.now, transport="sms", reachable=reachable)
        return Reply(self.shown(call, command), 201)

    def shown(self, call: Call, command: Sent) -> dict[str, object]:
        """A row."""
        status, updated = message_status(command, call.now, self.can_deliver)
        sid = self._store.sid_of(command)
        return {
            "sid": sid,
            "account_sid": self._desk.account,
            "sim_sid": self._desk.sims.encode(command.index),
            "payload": command.payload,
            "status": status,
            "direction": command.direction,
            "date_created": self._desk.stamp(command.at),
            "date_updated": self._desk.stamp(updated),
            "url": f"{call.base}/v1/SmsCommands/{sid}",
        }
