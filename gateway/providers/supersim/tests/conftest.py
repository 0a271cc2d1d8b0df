"""For the tests of this folder: an account over its simulator on a real socket."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

from gateway.changes import Write, operation_of
from gateway.page import PageRequest
from gateway.providers.supersim import PLATFORMS
from gateway.providers.supersim.provider import SuperSim
from gateway.where import FleetWhere
from gateway.writing import Done
from schema.sim import Sim
from schema.status import SimStatus
from tests.desk import Desk, always, desk_of

__all__ = ["BOTH", "KORE", "TWILIO", "a_sim", "desk", "form_of", "ordered", "told"]

TWILIO, KORE = "twilio-supersim", "kore-supersim"
BOTH = (TWILIO, KORE)
_PLATFORMS = {each.name: each for each in PLATFORMS}


def desk(
    name: str = TWILIO, sims: int = 40, secret: str | None = None, **switches: str
) -> AbstractAsyncContextManager[Desk[SuperSim]]:
    """A desk at one of the two. `secret` in place of the right client secret at KORE."""
    return desk_of(_PLATFORMS[name], SuperSim, sims, switches, secret=secret)


@asynccontextmanager
async def told(answer: bytes) -> AsyncIterator[SuperSim]:
    """An account at a provider that answers everything with this."""
    async with desk_of(_PLATFORMS[TWILIO], SuperSim, 1, {}, app=always(answer)) as asked:
        yield asked.provider


async def ordered(asked: Desk[SuperSim], write: Write) -> Done[Any]:  # Any: each write has its own
    """Order one write; what was asked before is forgotten."""
    asked.host.clear()
    done: Done[Any] = await getattr(asked.provider, operation_of(write))(write)
    return done


def form_of(asked: Desk[SuperSim]) -> tuple[str, str, dict[str, list[str]]]:
    """The only request: its method, its path, its form."""
    [request] = asked.arrived()
    return request.method, request.path, parse_qs(request.body, keep_blank_values=True)


async def a_sim(asked: Desk[SuperSim], status: SimStatus = SimStatus.ACTIVE, *, in_fleet: bool = True) -> Sim:
    """One with this status whose fleet has data and SMS commands."""
    fleets = (await asked.provider.list_fleets(FleetWhere(), PageRequest(10))).items
    open_ = {each.native_id for each in fleets if each.data_enabled and each.sms_commands_enabled}
    sims = await asked.sims()
    return next(each for each in sims if each.status is status and (each.fleet_id in open_) is in_fleet)
