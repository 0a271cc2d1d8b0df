"""When a simulated SIM was billed: a short ready period, then 30 days at a time."""

from datetime import datetime, timedelta

from gateway.providers.supersim.simulator.registry import SimView

__all__ = ["periods_of"]

_LENGTH = timedelta(days=30)


def periods_of(view: SimView, now: datetime) -> list[tuple[int, str, datetime, datetime]]:
    """(number, type, start, end) of each period, newest first; none while the SIM is new."""
    begin = view.activated
    if begin is None or view.status == "new":
        return []
    found = []
    ready_end = min(begin, view.created + timedelta(days=7))
    if ready_end > view.created:
        found.append((0, "ready", view.created, ready_end))
    last = view.updated if view.status == "inactive" else now
    number = 1
    while view.status != "ready" and begin <= last:
        found.append((number, "active", begin, begin + _LENGTH))
        begin, number = begin + _LENGTH, number + 1
    return found[::-1]
