"""Control Center as it is changed: editing a device, and sending it a text message. Both take JSON.

Sources: Cisco DevNet, Edit Device Details and Send SMS; the community's OpenAPI reconstruction.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec import UNSET

from gateway.changes import SendSmsCommand, UpdateSim
from gateway.provider import Provider
from gateway.providers.cisco_control_center.effective import effective_date
from gateway.providers.cisco_control_center.extra import SimExtra, SmsExtra
from gateway.providers.cisco_control_center.notes import NO_FLEETS
from gateway.providers.cisco_control_center.refusal import is_not_done, refused
from gateway.providers.cisco_control_center.wire import WireAnswer, WireEdited, WireSent
from gateway.upstream.client import Body, Written
from gateway.upstream.errand import errand
from gateway.upstream.extra import OF_SMS, read_extra
from gateway.writing import Done
from schema.command import CommandDirection, PayloadEncoding, SmsCommand
from schema.errors import BadResponse, Invalid, NotFound, Unsupported
from schema.iccid import is_iccid
from schema.sim import Sim
from schema.status import SimTarget

__all__ = ["ControlCenterWrites", "no_such_sim"]

A = TypeVar("A", bound=WireAnswer)
Fields = dict[str, Any]  # Any: JSON

ENCODING = {PayloadEncoding.TEXT: "LITERAL", PayloadEncoding.BINARY: "BASE64"}
BINARY_CODING = 4
"""Cisco's number for a message of bytes. Without it the network would take them for letters."""

NO_CALLBACK = "Control Center calls nobody back about"
NO_WAY_BACK = "there is no way back for the account, as far as known"


class ControlCenterWrites(Provider):
    text_limit: ClassVar[int | None] = None
    """The account's own at Cisco, or that of the `dataCoding`: theirs to refuse."""
    binary_limit: ClassVar[int | None] = None

    targets: ClassVar[Mapping[SimTarget, str]] = {SimTarget.ACTIVE: "ACTIVATED", SimTarget.SUSPENDED: "DEACTIVATED"}
    target_notes: ClassVar[Mapping[SimTarget, str]] = {
        SimTarget.READY: "ACTIVATION_READY and TEST_READY both mean it; give one of them as nativeStatus",
        SimTarget.DEACTIVATED: "Cisco's own word DEACTIVATED is a stop that can be taken back, SUSPENDED here",
        SimTarget.TERMINATED: "RETIRED, PURGED and REPLACED all mean it; give one of them as nativeStatus",
    }
    settable: ClassVar[frozenset[str]] = frozenset(
        {
            *("INVENTORY", "ACTIVATION_READY", "TEST_READY", "ACTIVATED"),
            *("DEACTIVATED", "RETIRED", "PURGED", "REPLACED"),
        }
    )
    """Every word that Cisco documents. Which of them an account may ask for, and from where, is theirs to refuse."""

    status_consequences: ClassVar[Mapping[str, str]] = {
        "ACTIVATED": "the SIM is charged from then on",
        "RETIRED": NO_WAY_BACK,
        "PURGED": NO_WAY_BACK,
        "REPLACED": NO_WAY_BACK,
    }

    async def update_sim(self, write: UpdateSim) -> Done[Sim]:
        """The answer names the SIM and nothing of it. 202: it will be done, at its effectiveDate or soon."""
        fields = self._edit(write)
        answer = await self._send("PUT", write.sim_id, "", WireEdited, fields)
        return Done(None, answer.is_pending, answer.request_id)

    async def send_sms_command(self, write: SendSmsCommand) -> Done[SmsCommand]:
        """The answer is the message's id: how far it has come is not told yet."""
        fields = _message(write)
        answer = await self._send("POST", write.sim_id, "/smsMessages", WireSent, fields)
        native_id = answer.body.sms_msg_id if answer.body.sms_msg_id is not None else answer.body.sms_message_id
        if native_id is None:
            raise BadResponse("the answer to a sent message does not name it")
        command = SmsCommand(
            native_id=str(native_id),
            sim_id=write.sim_id,
            direction=CommandDirection.TO_SIM,
            payload=write.payload,
            payload_encoding=write.encoding,
        )
        return Done(command, answer.is_pending, answer.request_id)

    def _edit(self, write: UpdateSim) -> Fields:
        """What is to be changed, in Cisco's names."""
        if write.fleet_id is not UNSET:
            raise Unsupported(NO_FLEETS, path=_at("fleetId"))
        if write.rate_plan_id is None:
            raise Unsupported("Control Center names no way to leave a SIM without a rate plan", path=_at("ratePlanId"))
        _check_callback(write, "a changed SIM")
        extra = read_extra(SimExtra, write.extra)
        given: Fields = {
            "deviceID": write.name,
            "status": self.native_target(write) or UNSET,
            "ratePlan": write.rate_plan_id,
            **msgspec.to_builtins(extra),
        }
        fields = {name: "" if value is None else value for name, value in given.items() if value is not UNSET}
        if not fields.keys() - {"effectiveDate"}:
            raise Invalid("nothing is given that is to be changed", path=["input"])
        if extra.effective_date is not UNSET:
            fields["effectiveDate"] = effective_date(extra.effective_date, self.now())
        return fields

    async def _send(self, method: str, iccid: str, below: str, kind: type[A], fields: Fields) -> Written[A]:
        """One call to a device. A refusal may come in an answer of success: 1000512 wears a 202 (Cisco DevNet)."""
        if not is_iccid(iccid):
            raise no_such_sim()
        answer = await self.client.write(method, f"devices/{iccid}{below}", kind, Body.json(fields))
        if answer.body.error_code is None:
            return answer
        errand().may_have_happened = not is_not_done(answer.body.error_code)
        raise refused(answer.body.error_code, answer.request_id)


def no_such_sim() -> NotFound:
    return NotFound("the provider has no such SIM")


def _message(write: SendSmsCommand) -> Fields:
    if write.delivery_receipt_requested is not UNSET:
        why = "Control Center takes no wish for a delivery receipt; the message's status tells its delivery"
        raise Unsupported(why, path=["input", "body", "sms", "deliveryReceiptRequested"])
    _check_callback(write, "a sent message")
    extra: Fields = msgspec.to_builtins(read_extra(SmsExtra, write.extra, OF_SMS))
    coding: Fields = {"dataCoding": BINARY_CODING} if write.encoding is PayloadEncoding.BINARY else {}
    return {"messageText": write.payload, "messageEncoding": ENCODING[write.encoding], **coding, **extra}


def _check_callback(write: UpdateSim | SendSmsCommand, what: str) -> None:
    """Refuse what Cisco's pages do not have. The community's OpenAPI names a `callbackParam` of messages, but no source
    what its `callbackType` may be."""
    for name, value in (("callbackUrl", write.callback_url), ("callbackMethod", write.callback_method)):
        if value is not UNSET:
            raise Unsupported(f"{NO_CALLBACK} {what}", path=_at(name))


def _at(name: str) -> list[str]:
    return ["input", name]
