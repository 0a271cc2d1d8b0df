"""What happened to a device: edits made to it, and where its sessions were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from gateway.providers.cisco_control_center.simulator.dates import moment_asked, printed
from gateway.providers.cisco_control_center.simulator.fleet import USER, Change, Fleet
from gateway.providers.cisco_control_center.simulator.refusal import Refusal
from gateway.providers.cisco_control_center.simulator.search import page_asked
from gateway.simulation.records import Session

__all__ = ["audit_trails", "location_history"]

_LATEST = 2
_LOOK_BACK = timedelta(days=30)
_Row = TypeVar("_Row")


def audit_trails(fleet: Fleet, index: int, query: Mapping[str, str]) -> dict[str, object]:
    """`GET /devices/{iccid}/auditTrails`, newest first; `daysOfHistory` 1..365, by default 30 (community)."""
    days = query.get("daysOfHistory", "30")
    if not (days.isascii() and days.isdecimal() and len(days) <= 3 and 1 <= int(days) <= 365):
        raise Refusal("10000902", message="Invalid value of daysOfHistory.")
    since = fleet.world.now() - timedelta(days=int(days))
    changes = [change for change in _all_changes(fleet, index) if change.at >= since]
    shown, page = _page(changes, query)
    return {**page, "deviceAuditTrails": [_trail(change) for change in shown]}


def location_history(fleet: Fleet, index: int, query: Mapping[str, str]) -> dict[str, object]:
    """`GET /devices/{iccid}/locationHistory`: where sessions began, newest first; the latest two without `fromDate`.

    The key `simlocations` comes from a public client; the fields of a row are our guess (unverified).
    """
    now = fleet.world.now()
    until = moment_asked(query["toDate"]) if "toDate" in query else now
    since = moment_asked(query["fromDate"]) if "fromDate" in query else until - _LOOK_BACK
    sessions: Sequence[Session] = fleet.world.sessions(index, since, until)
    if "fromDate" not in query:
        sessions = sessions[:_LATEST]
    shown, page = _page(sessions, query)
    iccid = fleet.world.sim(index).iccid
    return {**page, "simlocations": [_location(iccid, session) for session in shown]}


def _page(rows: Sequence[_Row], query: Mapping[str, str]) -> tuple[Sequence[_Row], dict[str, object]]:
    size, number = page_asked(query)
    page: dict[str, object] = {"pageNumber": number, "lastPage": number * size >= len(rows)}
    return rows[(number - 1) * size : number * size], page


def _all_changes(fleet: Fleet, index: int) -> list[Change]:
    """The edits made here, and before them how the device got its first status."""
    sim = fleet.world.sim(index)
    made = [Change("Status", None, "INVENTORY", sim.created_at)]
    activated = fleet.activated(index)
    if activated is not None:
        made.append(Change("Status", "INVENTORY", "ACTIVATED", activated))
    edits = fleet.changes(index)
    first = next((edit.before for edit in edits if edit.name == "status"), fleet.status(index))
    if first != made[-1].after and not edits:
        made.append(Change("Status", made[-1].after, first, fleet.modified(index)))
    return sorted((*made, *edits), key=lambda change: change.at, reverse=True)


def _trail(change: Change) -> dict[str, object]:
    """The field names that a public client reads."""
    return {
        "field": change.name,
        "priorValue": change.before,
        "value": change.after,
        "effectiveDate": printed(change.at),
        "status": "Completed",
        "userName": USER,
        "delegatedUser": "",
        "ipAddress": "127.0.0.1",
    }


def _location(iccid: str, session: Session) -> dict[str, object]:
    return {
        "iccid": iccid,
        "timestamp": printed(session.start),
        "latitude": session.lat,
        "longitude": session.lon,
        "cellId": session.cell_id,
        "mcc": session.operator.mcc,
        "mnc": session.operator.mnc,
    }
