"""What the cache is told when it is opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["CacheOptions"]


@dataclass(frozen=True)
class CacheOptions:
    """`fresh` and `stale` are seconds by type (see `windows`). `redis` is the URL of one that all replicas share, with
    `redis_ca` the file of the authority that vouches for it; each deployment has its own `prefix` there."""

    max_entries: int = 100_000
    max_bytes: int = 256 * 1024 * 1024
    fresh: Mapping[str, float] = field(default_factory=dict)
    stale: Mapping[str, float] = field(default_factory=dict)
    redis: str | None = field(default=None, repr=False)  # it may hold a password
    redis_ca: str | None = None
    prefix: str = "sim-gateway"
