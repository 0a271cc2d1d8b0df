"""For the tests of this folder: an account over its simulator on a real socket, and published answers."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import cast
from urllib.parse import parse_qsl

from gateway.providers.wireless import PLATFORMS
from gateway.providers.wireless.provider import Wireless
from gateway.simulation.request_log import Request
from schema.sim import Sim
from schema.status import SimStatus
from tests.answers import published_in
from tests.desk import Desk, always, desk_of

__all__ = ["BOTH", "FIXTURES", "KORE", "TWILIO", "desk", "extra_of", "published", "sim_that_is", "the_form", "told"]

TWILIO, KORE = "twilio-wireless", "kore-wireless"
BOTH = (TWILIO, KORE)
FIXTURES = Path(__file__).parents[1] / "fixtures"
_PLATFORMS = {each.name: each for each in PLATFORMS}

published = partial(published_in, FIXTURES)


def desk(name: str = TWILIO, sims: int = 40, **switches: str) -> AbstractAsyncContextManager[Desk[Wireless]]:
    """A desk at one of the two."""
    return desk_of(_PLATFORMS[name], Wireless, sims, switches)


@asynccontextmanager
async def told(answer: bytes) -> AsyncIterator[Wireless]:
    """An account at a provider that answers everything with this."""
    async with desk_of(_PLATFORMS[TWILIO], Wireless, 1, {}, app=always(answer)) as asked:
        yield asked.provider


async def sim_that_is(asked: Desk[Wireless], status: SimStatus) -> Sim:
    """A SIM of this status, an active one with a rate plan that allows messages; and then forget that it was asked."""
    sims = await asked.sims()
    standard = await asked.provider.load_rate_plan("standard")
    asked.host.clear()
    assert standard is not None
    plans = {standard.native_id} if status is SimStatus.ACTIVE else {sim.rate_plan_id for sim in sims}
    return next(sim for sim in sims if sim.status is status and sim.rate_plan_id in plans)


def extra_of(sim: Sim | None) -> dict[str, object]:
    """What only this provider tells of a SIM; empty where it tells nothing."""
    return cast("dict[str, object]", sim.extra or {}) if sim is not None else {}


def the_form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form as they arrived, in their order."""
    return parse_qsl(request.body, keep_blank_values=True)
