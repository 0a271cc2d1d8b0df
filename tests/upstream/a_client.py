"""A client for a test: of one account at a raw server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from gateway.secret import Secret
from gateway.upstream.auth import Auth, Header
from gateway.upstream.carrier import Carrier
from gateway.upstream.client import Client, Policy, Refusal
from gateway.upstream.exchange import Times
from tests.upstream.at_once import AtOnce

__all__ = ["SECRET", "a_client"]

SECRET = "s3cret-of-the-account"


@asynccontextmanager
async def a_client(
    url: str,
    *,
    auth: Auth | None = None,
    policy: Policy | None = None,
    connections: int = 4,
    refusal: Refusal | None = None,
    **times: Any,  # Any: seconds, as Times has them
) -> AsyncIterator[Client]:
    """A client without limits, and with patience, whose provider's error bodies all say `refusal`."""
    client = Client(
        url,
        auth or Header(Secret(SECRET), lambda key: ("X-Key", key)),
        policy or AtOnce(),
        lambda _status, _body: refusal or Refusal(),
        Carrier(url, connections),
        times=Times(**({"connect": 30.0, "read": 30.0, "whole": 60.0} | times)),
    )
    try:
        yield client
    finally:
        await client.aclose()
