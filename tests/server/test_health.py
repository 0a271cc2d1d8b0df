"""What /health tells of accounts and of the cache."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from gateway.server.health import health_routes
from schema.account import Health


@dataclass
class Account:
    """As much of an account as health asks about."""

    health: Health


@dataclass
class Keeper:
    """What tells the health of the cache and of the store."""

    told: dict[str, str]
    is_there: bool = True

    def health(self) -> dict[str, str]:
        return self.told

    def is_store_there(self) -> bool:
        return self.is_there


async def ready(accounts: dict[str, Health], cache: dict[str, str], *, is_store_there: bool = True) -> dict[str, Any]:
    """The answer's JSON, Any; its status is 200 in every case."""
    app = Starlette(routes=health_routes())
    app.state.accounts = {name: Account(health) for name, health in accounts.items()}
    app.state.process = Keeper(cache, is_store_there)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as http:
        response = await http.get("/health/ready")
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    return dict(response.json())


@pytest.mark.parametrize(
    ("health", "status"),
    [(Health.UP, "UP"), (Health.UNKNOWN, "UP"), (Health.DEGRADED, "DEGRADED"), (Health.DOWN, "DEGRADED")],
)
async def test_an_ailing_account(health: Health, status: str):
    """Is told, and makes the whole degraded; one that nobody has asked yet does not."""
    told = await ready({"a": Health.UP, "b": health}, {"store": "memory"})

    assert told == {"status": status, "accounts": {"a": "UP", "b": health.value}, "store": "UP"}


@pytest.mark.parametrize(("redis", "status"), [("UP", "UP"), ("DOWN", "DEGRADED")])
async def test_a_shared_cache(redis: str, status: str):
    """Says whether its Redis is there; while it is not, the whole is degraded and still answers."""
    told = await ready({"a": Health.UP}, {"store": "redis", "redis": redis})

    cache = {"store": "redis", "redis": redis}
    assert told == {"status": status, "accounts": {"a": "UP"}, "store": "UP", "cache": cache}


async def test_a_store_that_is_gone():
    """While nothing can be written down, and so nothing changed, the whole is degraded and still answers."""
    told = await ready({"a": Health.UP}, {"store": "memory"}, is_store_there=False)

    assert told == {"status": "DEGRADED", "accounts": {"a": "UP"}, "store": "DOWN"}
