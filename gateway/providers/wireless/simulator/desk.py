"""What every resource of the simulated Programmable Wireless needs: the world, the ids, the switches, the flavour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.simulation.noise import Handles
from gateway.simulation.simulator import SimulationOptions, Switch
from gateway.simulation.twilio_rest import FAMILY_SWITCHES
from gateway.simulation.world import World

__all__ = ["KORE_SWITCHES", "TWILIO_SWITCHES", "Desk", "desk_of"]

TWILIO_SWITCHES: dict[str, Switch] = {
    **FAMILY_SWITCHES,
    "settle": Switch("3", "seconds that a status change takes; the real time is not published"),
    "changing_word": Switch("mixed", "status while a change runs", ("mixed", "updating", "scheduled")),
    "deactivated_to_active": Switch("no", "whether a deactivated SIM may return within its 72 hours", ("yes", "no")),
    "suspended_to_ready": Switch("no", "whether a suspended SIM may become ready", ("yes", "no")),
    "deletable": Switch("new,canceled", "statuses in which a SIM may be deleted, comma-separated"),
    "sid_room": Switch("125", "characters left for a command that carries its SID", ("125", "128")),
    "empty_records": Switch("yes", "whether a window without usage gives one record of empty objects", ("yes", "no")),
    "locations": Switch("mixed", "whether some sessions lack a location and an operator", ("mixed", "full")),
    "meta_page": Switch("yes", "whether meta has page and page_size", ("yes", "no")),
    "milliseconds": Switch("no", "whether dates carry milliseconds", ("yes", "no")),
    "conflict": Switch("400", "status code of a refused change (33010, 33105, 33120)", ("400", "409")),
    "plan_created": Switch("201", "status code of a rate plan's creation", ("200", "201", "202")),
    "command_created": Switch("201", "status code of a sent command", ("201", "202")),
    "command_deleted": Switch("204", "status code of a command's deletion", ("202", "204")),
}
KORE_SWITCHES: dict[str, Switch] = {
    **TWILIO_SWITCHES,
    "empty_records": Switch("no", "whether a window without usage gives one record of empty objects", ("yes", "no")),
    "meta_page": Switch("no", "whether meta has page and page_size; the documented sample has neither", ("yes", "no")),
    "milliseconds": Switch("yes", "whether dates carry milliseconds, as the documented sample does", ("yes", "no")),
    "plan_created": Switch("200", "status code of a rate plan's creation", ("200", "202")),
    "command_created": Switch("202", "status code of a sent command", ("201", "202")),
    "command_deleted": Switch("202", "status code of a command's deletion", ("202", "204")),
    "packets": Switch("mixed", "packet counters of sessions: nullable here", ("mixed", "present", "absent")),
    "token_life": Switch("3600", "seconds an OAuth token lasts"),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """The shared parts. `kore` tells which of the two serves the API."""

    world: World
    switches: Mapping[str, str]
    kore: bool
    account: str
    sims: Handles
    plans: Handles
    commands: Handles
    sessions: Handles

    def stamp(self, at: datetime) -> str:
        """A date as the API writes it."""
        if self.switches["milliseconds"] == "yes":
            return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def seconds(self, switch: str) -> float:
        """A switch that is a number of seconds."""
        return float(self.switches[switch])

    @property
    def conflict(self) -> int:
        """The status code of a refused change."""
        return int(self.switches["conflict"])


def desk_of(options: SimulationOptions, provider: str, switches: Mapping[str, str]) -> Desk:
    """The parts for one provider."""
    place = (options.seed, provider)
    return Desk(
        world=World(options.sims, options.seed, options.now, provider),
        switches=switches,
        kore=provider == "kore-wireless",
        account=Handles("AC", *place).encode(0),
        sims=Handles("DE", *place),
        plans=Handles("WP", *place),
        commands=Handles("DC", *place),
        sessions=Handles("WN", *place),
    )
