"""A pretend Cisco IoT Control Center: one account at `/rws/api/v1`, its devices those of the simulated world."""

from __future__ import annotations

from gateway.providers.cisco_control_center.simulator.app import API_KEY, ControlCenter
from gateway.providers.cisco_control_center.simulator.behaviour import SWITCHES, behaviour_of
from gateway.providers.cisco_control_center.simulator.fleet import USER, Fleet
from gateway.providers.cisco_control_center.simulator.refusal import REFUSALS
from gateway.simulation.simulator import SimulationOptions, Simulator
from gateway.simulation.world import World

__all__ = ["PROVIDER", "simulator"]

PROVIDER = "cisco-control-center"

_CODE_OF_STATUS = {
    400: "10000902",
    401: "10000001",
    403: "10000001",
    404: "20000001",
    429: "40000029",
}


def simulator(options: SimulationOptions) -> Simulator:
    """The simulator for these options; its account allows as many `calls` in a `window` of seconds as it does.

    Raises:
        ValueError: an unknown switch, or a value it cannot have.
    """
    behaviour = behaviour_of(options.switches)
    fleet = Fleet(World(options.sims, options.seed, options.now, PROVIDER))
    account: dict[str, object] = {"provider": PROVIDER, "username": USER, "api_key": API_KEY}
    if behaviour.rate:
        account |= {"calls": behaviour.rate, "window": 1.0}
    return Simulator(
        app=ControlCenter(fleet, behaviour).app,
        account=account,
        path="/rws/api/v1",
        switches=SWITCHES,
        refusal=_refusal,
    )


def _refusal(status: int) -> object:
    code = _CODE_OF_STATUS.get(status, "30000001")
    return {"errorMessage": REFUSALS[code][1], "errorCode": code}
