"""Events, as the activity of one SIM shows them (with details) and as the feed of all SIMs does (thin)."""

from __future__ import annotations

from datetime import timedelta

from gateway.providers.wayscloud.simulator.asked import Page
from gateway.providers.wayscloud.simulator.behaviour import Behaviour
from gateway.providers.wayscloud.simulator.networks import known, network_type, thin
from gateway.providers.wayscloud.simulator.sessions import stamp
from gateway.providers.wayscloud.simulator.sims import Sims
from gateway.simulation.noise import Handles, mix
from gateway.simulation.records import Event

__all__ = ["Activity", "word_of"]


def word_of(event: Event) -> str:
    """The provider's word for the kind of an event."""
    return "data_usage_update" if event.kind == "data_usage" else event.kind


class Activity:
    """Renders events. An event of one SIM has the same id in both places."""

    def __init__(self, sims: Sims, behaviour: Behaviour) -> None:
        self._sims = sims
        self._behaviour = behaviour
        self._ids = Handles("evt_", sims.world.seed)

    def page(self, index: int, word: str | None, page: Page) -> dict[str, object]:
        """`GET /sims/{iccid}/activity`: newest first. It takes no dates; how far it goes back is not documented."""
        now = self._sims.world.now()
        since = now - timedelta(days=self._behaviour.window_days)
        events = self._sims.events(index, since, now + timedelta(seconds=1))
        found = [event for event in events if word in {None, word_of(event)}]
        shown = found[page.offset : page.offset + page.limit]
        return {
            "iccid": self._sims.world.sim(index).iccid,
            "activity": [self._whole(index, event) for event in shown],
            "total": len(found),
        }

    def feed_row(self, index: int, event: Event) -> dict[str, object]:
        """An event in the feed of all SIMs: it says whose it is, has thin networks and no details."""
        iccid, msisdn = self._sims.numbers(index)
        return {
            "event_id": self._ids.encode(index, event.number),
            "iccid": iccid,
            "msisdn": msisdn,
            "device_id": self._sims.device_id(index),
            "event_type": word_of(event),
            "timestamp": stamp(event.at),
            **_networks(event, whole=False),
        }

    def _whole(self, index: int, event: Event) -> dict[str, object]:
        return {
            "event_id": self._ids.encode(index, event.number),
            "event_type": word_of(event),
            "timestamp": stamp(event.at),
            **_networks(event, whole=True),
            "details": self._details(index, event),
        }

    def _details(self, index: int, event: Event) -> dict[str, object]:
        if event.kind == "network_change":
            return {"reason": "roaming"}
        if event.kind == "data_usage":
            used = self._sims.this_month(index, event.at)
            return {"current_usage_mb": self._behaviour.megabytes(used), "period": "current_month"}
        if event.kind == "disconnection":
            return {"network_type": network_type(event.session.rat), "reason": "detached"}
        strength = -50 - mix(index, event.number) % 60
        return {"network_type": network_type(event.session.rat), "signal_strength": strength}


def _networks(event: Event, *, whole: bool) -> dict[str, object]:
    """A network_change has two networks and no `network`; reaching a usage threshold has none."""
    show = known if whole else thin
    if event.kind == "data_usage":
        return {}
    if event.previous is not None:
        return {"previous_network": show(event.previous), "current_network": show(event.operator)}
    return {"network": show(event.operator)}
