"""What every resource of the simulated Super SIM needs: the world, the ids, the clock's form, the switches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.simulation.noise import Handles
from gateway.simulation.simulator import SimulationOptions, Switch
from gateway.simulation.twilio_rest import FAMILY_SWITCHES
from gateway.simulation.world import World

__all__ = ["SWITCHES", "Desk", "desk_of"]

SWITCHES: dict[str, Switch] = {
    **FAMILY_SWITCHES,
    "settle": Switch("3", "seconds that a status change stays `scheduled`; the real time is not published"),
    "fleet_change": Switch(
        "200", "status code of a fleet change: the example says 200, the changelog 202", ("200", "202")
    ),
    "ready_to_inactive": Switch("yes", "whether a ready SIM may become inactive", ("yes", "no")),
    "new_to_inactive": Switch("no", "whether a new SIM may become inactive", ("yes", "no")),
    "absent_name": Switch("mixed", "how a missing unique name looks", ("mixed", "null", "empty")),
    "billed": Switch(
        "mixed", "type of data_total_billed: described as number, shown as string", ("mixed", "string", "number")
    ),
    "usage_order": Switch("newest", "which usage period comes first", ("newest", "oldest")),
    "alignment": Switch("yes", "whether day and hour windows must begin and end on a whole one", ("yes", "no")),
    "payload_bytes": Switch("decoded", "what the 1,300 bytes of an IP command count", ("decoded", "encoded")),
    "unattached": Switch(
        "failed", "an IP command to a device that is not attached: fails, or 83401", ("failed", "83401")
    ),
    "milliseconds": Switch("no", "whether dates carry milliseconds", ("yes", "no")),
    "token_life": Switch("3600", "seconds an OAuth token lasts (KORE)"),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """The shared parts."""

    world: World
    switches: Mapping[str, str]
    account: str
    sims: Handles
    fleets: Handles
    profiles: Handles
    networks: Handles
    periods: Handles
    sms: Handles
    ip: Handles
    esims: Handles
    updates: Handles

    def stamp(self, at: datetime) -> str:
        """A date as the API writes it."""
        if self.switches["milliseconds"] == "yes":
            return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def seconds(self, switch: str) -> float:
        """A switch that is a number of seconds."""
        return float(self.switches[switch])


def desk_of(options: SimulationOptions, provider: str, switches: Mapping[str, str]) -> Desk:
    """The parts for one provider."""
    place = (options.seed, provider)
    return Desk(
        world=World(options.sims, options.seed, options.now, provider),
        switches=switches,
        account=Handles("AC", *place).encode(0),
        sims=Handles("HS", *place),
        fleets=Handles("HF", *place),
        profiles=Handles("HA", *place),
        networks=Handles("HW", *place),
        periods=Handles("HB", *place),
        sms=Handles("HC", *place),
        ip=Handles("HG", *place),
        esims=Handles("HP", *place),
        updates=Handles("OB", *place),
    )
