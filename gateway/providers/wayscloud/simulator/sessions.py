"""The sessions of one SIM, a page at a time, with their summary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from gateway.providers.wayscloud.simulator.asked import Page, Span
from gateway.providers.wayscloud.simulator.behaviour import Behaviour
from gateway.providers.wayscloud.simulator.networks import of_session
from gateway.providers.wayscloud.simulator.sims import Sims
from gateway.simulation.noise import Handles
from gateway.simulation.records import Session

__all__ = ["Sessions", "bounded", "stamp"]


class Sessions:
    """Renders sessions. The answer does not echo `limit` and `offset`, as the sample does not."""

    def __init__(self, sims: Sims, behaviour: Behaviour) -> None:
        self._sims = sims
        self._behaviour = behaviour
        self._ids = Handles("ses_", sims.world.seed)

    def page(self, index: int, span: Span, page: Page) -> dict[str, object]:
        """`GET /sims/{iccid}/sessions`: those that began in the span, newest first."""
        now = self._sims.world.now()
        since, until = bounded(span, now, self._behaviour.window_days)
        found = self._sims.sessions(index, since, until)
        shown = found[page.offset : page.offset + page.limit]
        return {
            "iccid": self._sims.world.sim(index).iccid,
            "sessions": [self._shown(index, session, now) for session in shown],
            "total": len(found),
            "summary": self._summary(shown if self._behaviour.summary_of_page else found, now),
        }

    def _shown(self, index: int, session: Session, now: datetime) -> dict[str, object]:
        return {
            "session_id": self._ids.encode(index, session.number),
            "start_time": stamp(session.start),
            **self._end(session, now),
            "network": of_session(session.operator, session.rat),
            "data_usage": {
                "upload_mb": self._behaviour.megabytes(session.up),
                "download_mb": self._behaviour.megabytes(session.down),
                "total_mb": self._behaviour.megabytes(session.up + session.down),
            },
            "ip_address": session.ip,
        }

    def _end(self, session: Session, now: datetime) -> dict[str, object]:
        """End and duration; how an open session looks is not documented."""
        if session.end is not None:
            return {"end_time": stamp(session.end), "duration_seconds": _lasted(session, now)}
        if self._behaviour.open_session == "absent":
            return {}
        so_far = _lasted(session, now) if self._behaviour.open_session == "duration" else None
        return {"end_time": None, "duration_seconds": so_far}

    def _summary(self, sessions: Sequence[Session], now: datetime) -> dict[str, object]:
        lasted = sum(_lasted(session, now) for session in sessions)
        moved = sum(session.up + session.down for session in sessions)
        return {
            "total_sessions": len(sessions),
            "total_data_mb": self._behaviour.megabytes(moved),
            "average_session_duration_seconds": round(lasted / len(sessions)) if sessions else 0,
        }


def bounded(span: Span, now: datetime, days: int) -> tuple[datetime, datetime]:
    """A span with both ends: up to now, and so many days back where no start was asked (unverified)."""
    until = span.until or now + timedelta(seconds=1)
    return span.since or until - timedelta(days=days), until


def stamp(moment: datetime) -> str:
    """`2025-11-05T08:00:00Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _lasted(session: Session, now: datetime) -> int:
    return int(((session.end or now) - session.start).total_seconds())
