"""The one session the API knows of: the current or the latest."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.providers.cisco_control_center.simulator.dates import printed_or_null
from gateway.providers.cisco_control_center.simulator.fleet import Fleet
from gateway.simulation.records import Session

__all__ = ["session_details", "session_info"]

_IPV6_ONLY = "CP_Data_IPv6"
_BOTH = "CP_Roaming"


def session_info(fleet: Fleet, index: int, *, null_ip: str | None, apn: bool) -> dict[str, object]:
    """`GET /devices/{iccid}/sessionInfo` (Cisco, Get Session Details).

    `ipAddress` is always there, and the text "null" where there is none, as in Cisco's own sample;
    `ipv6Address` is a prefix and only there with a value. Both dates are null for a device never connected.
    """
    session = fleet.world.latest_session(index)
    plan = fleet.value(index, "communicationPlan")
    answer: dict[str, object] = {
        "iccid": fleet.world.sim(index).iccid,
        "ipAddress": null_ip if session is None or plan == _IPV6_ONLY else session.ip,
    }
    if session is not None and plan in {_IPV6_ONLY, _BOTH}:
        answer["ipv6Address"] = f"2605:9780:{1 + session.number % 0xFFFE:x}::/64"
    started, ended = _ends(session)
    answer["dateSessionStarted"] = printed_or_null(started)
    answer["dateSessionEnded"] = printed_or_null(ended)
    if apn and session is not None:
        answer["apn"] = "iot.example"
    return answer


def session_details(info: dict[str, object]) -> dict[str, object]:
    """The same where an operator's documents call the end `lastSessionEndTime` (unverified)."""
    return {("lastSessionEndTime" if name == "dateSessionEnded" else name): info[name] for name in info}


def _ends(session: Session | None) -> tuple[datetime | None, datetime | None]:
    """Start and end; whole seconds would look unlike the real thing, so both get the same milliseconds."""
    if session is None:
        return None, None
    extra = timedelta(milliseconds=session.number * 37 % 1000)
    return session.start + extra, None if session.end is None else session.end + extra
