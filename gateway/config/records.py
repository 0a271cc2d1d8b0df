"""What gateway.toml says, once it is known to be right."""

import msgspec

from gateway.auth.issuers import IssuerSettings
from gateway.auth.options import CallerSettings
from gateway.documents.options import DocumentLimits, DocumentOptions
from gateway.exposure import Exposure
from gateway.platform import Settings
from gateway.rates.options import Budget
from gateway.secret import Secret

__all__ = ["CacheSettings", "Config", "ServerSettings", "StoreSettings"]

MIB = 1024 * 1024


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The `[server]` table.

    `deadline` is seconds, `max_body` bytes of a request's body. `cursor_key` seals cursors; replicas need the same
    one, and without it each start has its own. A request's head has `header_timeout` seconds to arrive and its body
    `body_timeout`; a client has `write_timeout` for taking some of its answer. `hosts` are the names the gateway is
    reached by, `cors_origins` the sites whose pages may ask, `trusted_proxies` the addresses and networks whose
    X-Forwarded-For and X-Forwarded-Proto are believed. `graphiql`, `introspection` and `suggestions` ("did you mean")
    are what tells callers of the schema. `allow_private_callbacks`: a provider may be given an address within a private
    network to call.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    deadline: float = 10.0
    cursor_key: Secret | None = None
    body_timeout: float = 10.0
    header_timeout: float = 10.0
    write_timeout: float = 15.0
    hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    graphiql: Exposure = "admin"
    introspection: Exposure = "admin"
    suggestions: Exposure = "admin"
    max_body: int = 256 * 1024
    allow_private_callbacks: bool = False


class CacheSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The `[cache]` table.

    Memory has at most `max_entries` answers in `max_bytes`. `redis` is the URL of one that all replicas share; a
    deployment's keys there begin with `prefix`. `redis_ca` is the file of the authority that vouches for a rediss://
    one. `fresh` and `stale` are seconds by type, where they are not the defaults.
    """

    redis: Secret | None = None
    redis_ca: str | None = None
    prefix: str = "sim-gateway"
    max_entries: int = 100_000
    max_bytes: int = 256 * MIB
    fresh: dict[str, float] = {}
    stale: dict[str, float] = {}

    def __post_init__(self) -> None:
        _check_authority(self.redis, self.redis_ca)


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The `[store]` table.

    `folder` is where this machine keeps what must outlive the process; None, which no file can say: nowhere, it is gone
    at the end. `redis` is the URL of one that all replicas share and that takes the place of the file there; `redis_ca`
    and `prefix` are as in `[cache]`.
    """

    folder: str | None = None
    redis: Secret | None = None
    redis_ca: str | None = None
    prefix: str = "sim-gateway"

    def __post_init__(self) -> None:
        _check_authority(self.redis, self.redis_ca)


def _check_authority(redis: Secret | None, redis_ca: str | None) -> None:
    """Somebody who names an authority believes that the way to Redis is encrypted."""
    has_tls = redis is not None and redis.reveal().startswith("rediss://")
    if redis_ca is not None and not has_tls:
        raise ValueError("redis_ca is for a redis of rediss://, and there is none")


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file. Each account is its provider's own Settings."""

    accounts: tuple[Settings, ...]
    server: ServerSettings
    callers: tuple[CallerSettings, ...] = ()
    issuers: tuple[IssuerSettings, ...] = ()
    limits: DocumentLimits = DocumentLimits()
    documents: DocumentOptions = DocumentOptions()
    budget: Budget = Budget()
    cache: CacheSettings = CacheSettings()
    store: StoreSettings = StoreSettings()

    @property
    def asks(self) -> bool:
        """Whether callers are asked who they are."""
        return bool(self.callers or self.issuers)
