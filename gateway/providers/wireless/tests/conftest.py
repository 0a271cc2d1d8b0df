"""For the tests of this folder: an account over its simulator on a real socket, and published answers."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

from gateway.providers.wireless import PLATFORMS
from gateway.providers.wireless.provider import Wireless
from tests.answers import published_in
from tests.desk import Desk, always, desk_of

__all__ = ["BOTH", "FIXTURES", "KORE", "TWILIO", "desk", "published", "told"]

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
