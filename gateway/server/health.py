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
    """For an application with its accounts by name in `state.accounts`, and in `state.cache` what tells its health."""
    return [Route("/health/live", live), Route("/health/ready", ready)]


async def live(request: Request) -> Response:
    """The process runs and its loop turns."""
    del request
    return _told({"status": "UP"})


async def ready(request: Request) -> Response:
    """It can answer. A provider's outage or Redis's is told, and is no reason to take the gateway from its callers."""
    state = request.app.state
    accounts = {name: account.health.value for name, account in state.accounts.items()}
    cache: dict[str, str] = state.cache.health()
    is_ailing = any(each in AILING for each in (*accounts.values(), cache.get("redis")))
    body: dict[str, Any] = {"status": "DEGRADED" if is_ailing else "UP", "accounts": accounts}  # Any: told as JSON
    return _told(body | ({"cache": cache} if "redis" in cache else {}))


def _told(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json", headers={"cache-control": "no-store"})
