"""For the tests of this folder: an account over its simulator on a real socket."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from gateway.providers.supersim import PLATFORMS
from gateway.providers.supersim.provider import SuperSim
from tests.desk import Desk, always, desk_of

__all__ = ["BOTH", "KORE", "TWILIO", "desk", "told"]

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
