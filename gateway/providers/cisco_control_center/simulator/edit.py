"""Editing a device: what may be written, which way a status may go, and when it takes effect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from starlette.responses import JSONResponse

from gateway.providers.cisco_control_center.simulator import words
from gateway.providers.cisco_control_center.simulator.dates import day_asked, moment_asked
from gateway.providers.cisco_control_center.simulator.first import EDITABLE
from gateway.providers.cisco_control_center.simulator.fleet import Fleet
from gateway.providers.cisco_control_center.simulator.refusal import Refusal

__all__ = ["edit"]

_OVERRIDES = ("DEFAULT", "TEMPORARY_OVERRIDE", "PERMANENT_OVERRIDE")
_FARTHEST = timedelta(days=180)
_LONGEST = 255
_CHOICES = {
    "ratePlan": (words.RATE_PLANS, "10000013"),
    "communicationPlan": (words.COMMUNICATION_PLANS, "10000014"),
    "overageLimitOverride": (_OVERRIDES, "10000016"),
    "status": ((*words.STATUSES, words.OPERATOR_WORD), "10000005"),
}
"""What a field may be, and the code for anything else."""


def edit(fleet: Fleet, index: int, body: object, *, delay: float) -> JSONResponse:
    """`PUT /devices/{iccid}`: answers only the ICCID, 200 when done and 202 when it will be (DevNet).

    `delay` is how many seconds a status takes to change.

    Raises:
        Refusal: 10000005, 11..14, 16, 23 or 10000902 for what the body holds, 10000029, 1000512 or 10030000 for the
            status.
    """
    fields = _fields(body)
    at = _effective(fleet.world.now(), body)
    if "status" in fields:
        _check_status(fleet.status(index), str(fields["status"]))
        at = max(at, fleet.world.now() + timedelta(seconds=delay))
    fleet.edit(index, fields, at)
    later = at > fleet.world.now()
    return JSONResponse({"iccid": fleet.world.sim(index).iccid}, status_code=202 if later else 200)


def _fields(body: object) -> dict[str, str | None]:
    if not isinstance(body, dict):
        raise Refusal("10000023")
    known = {name: body[name] for name in EDITABLE if name in body}
    if not known:
        raise Refusal("10000011")
    return {name: _checked(name, value) for name, value in known.items()}


def _checked(name: str, value: object) -> str | None:
    allowed, code = _CHOICES.get(name, ((value,), ""))
    if value not in allowed:
        raise Refusal(code)
    if value is not None and not isinstance(value, str):
        raise _wrong(name)
    if value is not None and len(value) > _LONGEST:
        raise _wrong(name)
    return value


def _wrong(name: str) -> Refusal:
    return Refusal("10000902", message=f"Invalid value of {name}.")


def _check_status(current: str, target: str) -> None:
    """The transitions known from Cisco: no way back before activation, and only a purged SIM to inventory."""
    if target == current:
        if target == "ACTIVATED":
            raise Refusal("10030000")
        return
    if target == "INVENTORY":
        if current != "PURGED":
            raise Refusal("1000512")
        return
    if target in words.PRE_ACTIVATION and current not in words.PRE_ACTIVATION:
        raise Refusal("10000029")
    if current in words.FINAL:
        raise Refusal("10000902", message=f"The status {current} is final.")


def _effective(now: datetime, body: object) -> datetime:
    """The moment asked for, at most 180 days ahead (DevNet); without one, now."""
    text = body.get("effectiveDate") if isinstance(body, Mapping) else None
    if text is None:
        return now
    if not isinstance(text, str):
        raise Refusal("10000012")
    at = _moment(text)
    if at > now + _FARTHEST:
        raise _wrong("effectiveDate")
    return max(at, now)


def _moment(text: str) -> datetime:
    """A date and time as in searches, or a day (the format of this field is unverified)."""
    try:
        return moment_asked(text if "T" in text else f"{day_asked(text)}T00:00:00Z")
    except Refusal:
        raise Refusal("10000012") from None
