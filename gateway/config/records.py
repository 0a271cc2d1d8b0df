"""What gateway.toml says, once it is known to be right."""

import msgspec

from gateway.platform import Settings
from gateway.secret import Secret

__all__ = ["CacheSettings", "Config", "ServerSettings", "StoreSettings"]

MIB = 1024 * 1024


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The `[server]` table.

    `deadline` is seconds, `max_body` bytes of a request's body. `cursor_key` seals cursors; replicas need the same
    one, and without it each start has its own. `allow_private_callbacks`: a provider may be given an address within a
    private network to call.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    deadline: float = 10.0
    cursor_key: Secret | None = None
    graphiql: bool = True
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
    cache: CacheSettings = CacheSettings()
    store: StoreSettings = StoreSettings()
