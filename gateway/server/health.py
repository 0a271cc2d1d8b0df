"""Health, for whatever watches the gateway."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schema.account import Health

__all__ = ["health_routes"]

AILING = (Health.DOWN.value, Health.DEGRADED.value)


def health_routes() -> list[BaseRoute]:
    """For an application with its accounts by name in `state.accounts` and what tells the rest in `state.process`."""
    return [Route("/health/live", live), Route("/health/ready", ready)]


async def live(request: Request) -> Response:
    """The process runs and its loop turns."""
    del request
    return _told({"status": "UP"})


async def ready(request: Request) -> Response:
    """It can answer. A provider's outage, Redis's or the store's is told, and is no reason to take the gateway from
    its callers: nothing can be changed without the store, but everything can be read."""
    state = request.app.state
    accounts = {name: account.health.value for name, account in state.accounts.items()}
    cache: dict[str, str] = state.process.health()
    store = (Health.UP if state.process.is_store_there() else Health.DOWN).value
    is_ailing = any(each in AILING for each in (*accounts.values(), cache.get("redis"), store))
    body: dict[str, Any] = {"status": "DEGRADED" if is_ailing else "UP", "accounts": accounts}  # Any: told as JSON
    return _told(body | {"store": store} | ({"cache": cache} if "redis" in cache else {}))


def _told(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json", headers={"cache-control": "no-store"})
