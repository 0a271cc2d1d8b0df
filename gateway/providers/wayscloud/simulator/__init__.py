"""A pretend WAYSCloud Global SIM API: one account at `/v1/globalsim`, its SIMs those of the simulated world."""

from __future__ import annotations

from gateway.providers.wayscloud.simulator.app import API_KEY, GlobalSim
from gateway.providers.wayscloud.simulator.behaviour import SWITCHES, behaviour_of
from gateway.providers.wayscloud.simulator.refusal import SHAPES, Refusal, bad_key, not_found, too_many
from gateway.providers.wayscloud.simulator.sims import Sims
from gateway.simulation.simulator import SimulationOptions, Simulator
from gateway.simulation.world import World

__all__ = ["PROVIDER", "simulator"]

PROVIDER = "wayscloud"


def simulator(options: SimulationOptions) -> Simulator:
    """The simulator for these options; its account allows as many `calls` in a `window` of seconds as it does.

    Raises:
        ValueError: an unknown switch, or a value it cannot have.
    """
    behaviour = behaviour_of(options.switches)
    sims = Sims(World(options.sims, options.seed, options.now, PROVIDER), some_unbilled=behaviour.unbilled)
    account: dict[str, object] = {"provider": PROVIDER, "api_key": API_KEY}
    if behaviour.rate:
        account |= {"calls": behaviour.rate, "window": 60}
    return Simulator(
        app=GlobalSim(sims, behaviour).app,
        account=account,
        path="/v1/globalsim",
        switches=SWITCHES,
        refusal=lambda status: SHAPES[behaviour.errors](_refusal(status)),
    )


def _refusal(status: int) -> Refusal:
    known = {401: bad_key(), 404: not_found("Not found"), 429: too_many(None)}
    return known.get(status, Refusal(status, "INTERNAL_ERROR", "An unexpected error occurred"))
