"""The desk of each test here, once with each store."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.store.opening import StoreOptions
from tests.redis_server import RedisServer, a_redis
from tests.store.desk import Desk, a_desk


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One for all tests that do not stop it: each has a prefix of its own."""
    with a_redis() as server:
        yield server


@pytest.fixture(params=["sqlite", "redis"])
def options(request: pytest.FixtureRequest, tmp_path: Path) -> StoreOptions:
    if request.param == "sqlite":
        return StoreOptions(folder=tmp_path / "state")
    server: RedisServer = request.getfixturevalue("redis_server")
    return StoreOptions(redis=server.url, prefix=f"test-{uuid4().hex}")


@pytest.fixture
async def desk(options: StoreOptions) -> AsyncIterator[Desk]:
    async with a_desk(options) as made:
        yield made
