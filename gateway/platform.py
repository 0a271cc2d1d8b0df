"""What the gateway knows of a provider before any account of it is opened: its name, settings, limits, adapter."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from gateway.provider import Provider
from gateway.upstream.auth import Auth
from gateway.upstream.carrier import Carrier
from gateway.upstream.client import Client, Policy, ReadRefusal
from gateway.upstream.exchange import Times
from gateway.upstream.pace import Limits

__all__ = ["Platform", "Settings", "Wiring"]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[[accounts]]` table of gateway.toml. A provider adds its own keys in a subclass in its folder.

    A key of type Secret is given as `key = "${VARIABLE}"` or as `key_file = "path"`. Limits and times (seconds) that
    are None are the provider's own, or everyone's. `tags` are words by which callers may be given the account. `fresh`
    and `stale` are seconds by type, and go before those of the `[cache]` table.
    """

    name: str
    provider: str
    base_url: str | None = None
    tags: tuple[str, ...] = ()
    time_limit: float | None = None
    concurrency: int | None = None
    calls: int | None = None
    window: float | None = None
    burst: int | None = None
    connect_timeout: float | None = None
    read_timeout: float | None = None
    fresh: dict[str, float] = {}
    stale: dict[str, float] = {}


@dataclass
class Wiring:
    """What an adapter is connected with: the address, the limits and the policy of its calls, and the clocks."""

    base_url: str
    limits: Limits
    policy: Policy
    times: Times
    now: Callable[[], datetime]
    seconds: Callable[[], float]
    clients: list[Client] = field(default_factory=list)

    def client(self, auth: Auth, read_refusal: ReadRefusal, base_url: str | None = None) -> Client:
        """An HTTP client for the account, or for another address of its configuration; it calls no other host. Closed
        with it."""
        home = base_url or self.base_url
        client = Client(home, auth, self.policy, read_refusal, Carrier(home, self.limits.concurrency), times=self.times)
        self.clients.append(client)
        return client

    async def aclose(self) -> None:
        for client in self.clients:
            await client.aclose()


@dataclass(frozen=True)
class Platform:
    """A provider, as its folder announces it in `PLATFORMS`, or a package through `sim_gateway.providers`.

    `connect` makes the adapter of one account. `simulator` is `module:function` of its simulator, imported only when
    one is wanted. `base_url` is where the provider is when an account does not say otherwise; None: it must say.
    """

    name: str
    provider: type[Provider]
    settings: type[Settings]
    connect: Callable[[Any, Wiring], Provider]
    """Any: each provider's own Settings."""
    limits: Limits = field(default_factory=Limits)
    base_url: str | None = None
    simulator: str | None = None
