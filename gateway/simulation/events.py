"""What happened to a SIM, told from its sessions."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from gateway.simulation.clock import moment, seconds
from gateway.simulation.noise import mix
from gateway.simulation.pattern import Pattern
from gateway.simulation.records import Event, Session

__all__ = ["events_of"]


def events_of(
    pattern: Pattern, weight: int, sessions: Sequence[Session], since: datetime, until: datetime
) -> list[Event]:
    """The events of these sessions with since <= time < until, newest first."""
    told = (event for session in sessions for event in _told(pattern, weight, session))
    found = [event for event in told if since <= event.at < until]
    return sorted(found, key=lambda event: (event.at, event.number), reverse=True)


def _told(pattern: Pattern, weight: int, session: Session) -> Iterator[Event]:
    """One session: it begins, perhaps on another network, moves data, perhaps ends."""
    start, slot = seconds(session.start), session.number // 64
    number = session.number * 8
    before = pattern.operator(slot - 1)
    if before != session.operator:
        yield Event(number, "network_change", session.start, session, session.operator, before, 0)
    yield Event(number + 1, "connection", session.start, session, session.operator, None, 0)
    yield from _on_the_way(pattern, weight, session, start, pattern.slot(slot).end - start)
    if session.end is not None:
        total = session.up + session.down
        yield Event(number + 4, "disconnection", session.end, session, session.operator, None, total)


def _on_the_way(pattern: Pattern, weight: int, session: Session, start: int, length: int) -> Iterator[Event]:
    """Some sessions report a place early on, some a volume half-way."""
    bits = mix(pattern.key ^ 0xE7E27, session.number)
    for kind, name, offset in ((2, "location_update", length // 16), (3, "data_usage", length // 2)):
        at = start + offset
        if not bits >> kind & 1 or (session.end is not None and at >= seconds(session.end)):
            continue
        moved = pattern.meter(at).total - pattern.meter(start).total
        number = session.number * 8 + kind
        yield Event(number, name, moment(at), session, session.operator, None, moved * weight)
