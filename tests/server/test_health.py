"""What /health tells of accounts and of the cache."""

import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from gateway.auth.identity import Identity
from gateway.rates.options import Budget
from gateway.rates.rates import Rates
from gateway.rights import EVERYTHING, Caller, Reach
from gateway.server.door import Door
from gateway.server.health import health_routes
from schema.account import Health
from schema.scopes import Scope
from tests.world import a_world


@dataclass
class Account:
    """As much of an account as health asks about."""

    health: Health


@dataclass
class Keeper:
    """What tells which accounts there are, and the health of the cache and of the store."""

    accounts: dict[str, Account]
    told: dict[str, str]
    is_there: bool = True

    def visible(self, _reach: Reach) -> dict[str, Account]:
        return self.accounts

    def health(self) -> dict[str, str]:
        return self.told

    def is_store_there(self) -> bool:
        return self.is_there


async def ready(accounts: dict[str, Health], cache: dict[str, str], *, is_store_there: bool = True) -> dict[str, Any]:
    """The answer's JSON, Any; its status is 200 in every case."""
    app = Starlette(routes=health_routes())
    app.state.accounts = {name: Account(health) for name, health in accounts.items()}
    app.state.process = Keeper(app.state.accounts, cache, is_store_there)
    app.state.door = Door(Identity(), Rates(Budget(), time.monotonic))
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


async def test_only_administrators_are_told_of_accounts():
    """Where callers are asked who they are, others learn whether it can answer, an administrator more."""
    ops = Caller("ops", frozenset({Scope.ADMIN}), Reach(accounts=frozenset({"wayscloud"})))
    reader = Caller("reader", frozenset({Scope.SIMS_READ}), EVERYTHING)
    async with a_world(["wayscloud", "kore-supersim"], sims=1, callers=(ops, reader)) as world:
        nobody = await world.http.get("/health/ready")
        known = await world.as_("reader").http.get("/health/ready")
        admin = await world.as_("ops").http.get("/health/ready")

    assert nobody.json() == known.json() == {"status": "UP"}
    assert admin.json() == {"status": "UP", "accounts": {"wayscloud": "UNKNOWN"}, "store": "UP"}
