"""Text messages: sending one, searching their ids, reading one."""

from __future__ import annotations

import base64
import binascii
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any, Final

from gateway.providers.cisco_control_center.simulator.dates import (
    moment_asked,
    printed,
    printed_or_null,
)
from gateway.providers.cisco_control_center.simulator.fleet import USER, Fleet
from gateway.providers.cisco_control_center.simulator.refusal import Refusal
from gateway.providers.cisco_control_center.simulator.search import page_asked
from gateway.simulation.records import Command

__all__ = ["Messages"]

_FIRST_SENT: Final = 9_000_000_000_000
_BY_DEVICE: Final = 100_000
_KEPT: Final = 100_000
_LONGEST: Final = {0: 160, 1: 160, 3: 160, 4: 140, 8: 70}
"""Characters by `dataCoding`: SMSC default, ASCII, Latin 1, binary, Unicode (DevNet, Send SMS)."""
_SHORT_CODE: Final = "8000"


@dataclass(frozen=True, slots=True)
class _Message:
    """One message. `done` is when it was delivered or failed; `mobile_originated` when the device sent it."""

    id: int
    index: int
    text: str
    at: datetime
    done: datetime
    failed: bool
    mobile_originated: bool

    def changed(self, now: datetime) -> datetime:
        """When it last changed."""
        return self.done if self.done <= now else self.at


class Messages:
    """The messages of the account: those of the world and those sent here, of which the newest are kept.

    `limit` is characters in one message without a `dataCoding`, `delay` seconds until one is delivered. `by_change`: a
    search gives the longest unchanged first.
    """

    def __init__(self, fleet: Fleet, *, limit: int, delay: float, by_change: bool = False) -> None:
        self._fleet = fleet
        self._limit = limit
        self._delay = timedelta(seconds=delay)
        self._by_change = by_change
        self._sent: deque[_Message] = deque(maxlen=_KEPT)
        self._made = 0

    def send(self, index: int, body: object) -> int:
        """`POST /devices/{iccid}/smsMessages`: the id of the new message (DevNet, Send SMS).

        Raises:
            Refusal: 10000017..20 for encoding, coding, validity and length, 10000011 without a text, 10000023 for what
                is no JSON.
        """
        given = _fields(body)
        text = _decoded(given["messageText"], given.get("messageEncoding"))
        coding = given.get("dataCoding")
        if len(text) > (self._limit if coding is None else _LONGEST[coding]):
            raise Refusal("10000020")
        now = self._fleet.world.now()
        # A device that may not use the network gets nothing; the provider takes the message all the same.
        failed = self._fleet.status(index) not in {"ACTIVATED", "TEST_READY"}
        message = _Message(
            _FIRST_SENT + self._made, index, text, now, now + self._delay, failed, mobile_originated=False
        )
        self._made += 1
        self._sent.append(message)
        return message.id

    def search(self, query: Mapping[str, str]) -> dict[str, object]:
        """`GET /smsMessages`: ids only, newest first, or as `by_change` says (DevNet), for which all must be read.

        Raises:
            Refusal: 10000003 without a proper `fromDate`, 10002119 for one in the future.
        """
        now = self._fleet.world.now()
        since = moment_asked(query.get("fromDate"))
        until = moment_asked(query["toDate"]) if "toDate" in query else now
        if since > now:
            raise Refusal("10002119")
        if query.get("msgType") not in {None, "MO", "MT"}:
            raise Refusal("10000902", message="Invalid value of msgType.")
        size, number = page_asked(query)
        found = self._found(query, since, min(until, now))
        if self._by_change:
            found = iter(sorted(found, key=lambda each: each.changed(now)))
        shown = [message.id for message in islice(found, (number - 1) * size, number * size + 1)]
        return {"pageNumber": number, "lastPage": len(shown) <= size, "smsMsgIds": shown[:size]}

    def read(self, text: str, query: Mapping[str, str]) -> dict[str, object]:
        """`GET /smsMessages/{smsMsgId}` (DevNet, Get SMS Details); `messageEncoding=BASE64` encodes the text.

        Raises:
            Refusal: 20000002 for an unknown id, 10000017 for an unknown encoding.
        """
        if query.get("messageEncoding") not in {None, "LITERAL", "BASE64"}:
            raise Refusal("10000017")
        message = self._message(text)
        if message is None:
            raise Refusal("20000002")
        return self._shown(message, encoded=query.get("messageEncoding") == "BASE64")

    def _found(self, query: Mapping[str, str], since: datetime, until: datetime) -> Iterator[_Message]:
        """Newest first. The world's are read lazily, so that a page costs about a page."""
        wanted = self._fleet.index(query["iccid"]) if "iccid" in query else None
        sent = (message for message in reversed(self._sent) if since <= message.at <= until)
        past = self._past(wanted, since, until)
        for message in merge(sent, past, key=lambda each: each.at, reverse=True):
            if wanted not in {None, message.index}:
                continue
            if query.get("accountId") not in {None, self._fleet.value(message.index, "accountId")}:
                continue
            if query.get("msgType") in {None, _direction(message)}:
                yield message

    def _past(self, wanted: int | None, since: datetime, until: datetime) -> Iterator[_Message]:
        world = self._fleet.world
        if wanted is not None:
            commands = iter(world.commands(wanted, since, until))
        else:
            commands = (command for _, command in world.all_commands(since, until).read(0))
        return (self._told(command) for command in commands if command.transport == "sms")

    def _told(self, command: Command) -> _Message:
        return _Message(
            id=(command.index + 1) * _BY_DEVICE + command.number,
            index=command.index,
            text=command.payload,
            at=command.at,
            done=command.at + timedelta(seconds=2),
            failed=command.failed,
            mobile_originated=command.direction == "from_sim",
        )

    def _message(self, text: str) -> _Message | None:
        if not (text.isascii() and text.isdecimal() and len(text) <= 15):
            return None
        number = int(text)
        if number >= _FIRST_SENT:
            return next((message for message in self._sent if message.id == number), None)
        index, command = number // _BY_DEVICE - 1, number % _BY_DEVICE
        world = self._fleet.world
        if not 0 <= index < world.sims or not world.has_command(index, command):
            return None
        told = world.command(index, command)
        return self._told(told) if told.transport == "sms" else None

    def _shown(self, message: _Message, *, encoded: bool) -> dict[str, object]:
        sim = self._fleet.world.sim(message.index)
        done = message.done <= self._fleet.world.now()
        device, account = sim.msisdn.removeprefix("+"), _SHORT_CODE
        incoming = message.mobile_originated
        text = base64.b64encode(message.text.encode()).decode() if encoded else message.text
        return {
            "smsMsgId": message.id,
            "status": _status(message, done=done),
            "messageText": text,
            "senderLogin": "" if incoming else USER,
            "iccid": sim.iccid,
            "sentTo": account if incoming else device,
            "sentFrom": device if incoming else account,
            "msgType": _direction(message),
            "dateSent": printed(message.at),
            "dateReceived": printed_or_null(message.done if done and not message.failed else None),
            "dateModified": printed(message.changed(self._fleet.world.now())),
        }


def _direction(message: _Message) -> str:
    return "MO" if message.mobile_originated else "MT"


def _status(message: _Message, *, done: bool) -> str:
    """The words a public client lists: Received, Delivered, Pending, Failed (more exist)."""
    if message.mobile_originated:
        return "Received"
    if not done:
        return "Pending"
    return "Failed" if message.failed else "Delivered"


def _fields(body: object) -> dict[str, Any]:  # Any: JSON, of which these fields have been looked at
    """The message that was asked for, its text still encoded."""
    if not isinstance(body, dict):
        raise Refusal("10000023")
    text, coding, validity = (body.get(name) for name in ("messageText", "dataCoding", "tpvp"))
    if not isinstance(text, str) or not text:
        raise Refusal("10000011")
    if coding is not None and (type(coding) is not int or coding not in _LONGEST):
        raise Refusal("10000018")
    if validity is not None and (type(validity) is not int or not 0 <= validity <= 255):
        raise Refusal("10000019")
    return body


def _decoded(text: str, encoding: object) -> str:
    if encoding in {None, "LITERAL"}:
        return text
    if encoding != "BASE64":
        raise Refusal("10000017")
    try:
        return base64.b64decode(text, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        raise Refusal("10000017") from None
