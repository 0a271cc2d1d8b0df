"""Every provider that can be found, each with an account over its own simulator."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from gateway.operation import WRITES
from gateway.platform import Platform
from gateway.provider import OPERATIONS, Provider
from gateway.registry import platforms
from tests.contract.samples import LISTS, LOADS
from tests.contract.writes import NAMELESS, UNREAD
from tests.world import World, a_world


def writes_of(platform: Platform, but: set[str]) -> list[str]:
    return [each for each in WRITES if platform.provider.supports(each) and each not in but]


ASKED: dict[str, Callable[[Platform], list[str]]] = {
    "lacking": lambda platform: [each for each in OPERATIONS if not platform.provider.supports(each)],
    "listing": lambda platform: [each for each in LISTS if platform.provider.supports(each)],
    "writing": lambda platform: writes_of(platform, set()),
    "naming": lambda platform: writes_of(platform, NAMELESS),
    "answered": lambda platform: writes_of(platform, UNREAD),
    "loading": lambda platform: [each for each in LOADS if platform.provider.supports(each)],
}
"""What a test may ask for by an argument of this name: each provider with each such operation."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "provider_name" not in metafunc.fixturenames:
        return
    names = ["provider_name", *(each for each in ASKED if each in metafunc.fixturenames)]
    if len(names) == 1:
        metafunc.parametrize("provider_name", list(platforms()), scope="module")
        return
    pairs = [(name, each) for name, platform in platforms().items() for each in ASKED[names[1]](platform)]
    metafunc.parametrize(names, pairs, scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept_world(provider_name: str) -> AsyncIterator[World]:
    async with a_world([provider_name], sims=30, unhurried=True, calls=1000, window=1.0) as made:
        yield made


@pytest.fixture
def world(kept_world: World) -> World:
    """One world for all tests of a provider; what arrived before is forgotten."""
    kept_world.forget()
    return kept_world


@pytest.fixture
def provider(world: World, provider_name: str) -> Provider:
    return world.accounts.by_name[provider_name].provider
