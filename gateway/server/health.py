"""Health, for whatever watches the gateway."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.rights import Caller
from gateway.server.door import Door
from gateway.server.refusal import BadRequest
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
    its callers: nothing can be changed without the store, but everything can be read.

    Which accounts there are is told to who may know of them: administrators, where callers are asked who they are.
    """
    state = request.app.state
    accounts = {name: account.health.value for name, account in state.accounts.items()}
    cache: dict[str, str] = state.process.health()
    store = (Health.UP if state.process.is_store_there() else Health.DOWN).value
    is_ailing = any(each in AILING for each in (*accounts.values(), cache.get("redis"), store))
    status = "DEGRADED" if is_ailing else "UP"
    caller = await _administrator(request)
    if caller is None:
        return _told({"status": status})
    seen = {name: accounts[name] for name in state.process.visible(caller.reach)}
    body: dict[str, Any] = {"status": status, "accounts": seen, "store": store}  # Any: told as JSON
    return _told(body | ({"cache": cache} if "redis" in cache else {}))


async def _administrator(request: Request) -> Caller | None:
    """Who asks, if he may know everything; nobody is turned away."""
    door: Door = request.app.state.door
    try:
        return await door.administrator(request.headers)
    except BadRequest:
        return None


def _told(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json", headers={"cache-control": "no-store"})
