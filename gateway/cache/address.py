"""Where a Redis is, as its URL says."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

__all__ = ["Address", "address_of"]

SHAPE = "redis[s]://[[user]:password@]host[:port][/database]"


@dataclass(frozen=True)
class Address:
    """Host, port and number of the database, who we are there, and whether to speak TLS."""

    host: str
    port: int
    database: int
    user: str | None
    password: str | None = field(repr=False)
    is_tls: bool


def address_of(url: str) -> Address:
    """What the URL says. Raises ValueError for what is no such URL, without quoting it: it may hold a password."""
    try:
        parts = urlsplit(url)
        port = parts.port or 6379
        database = int(parts.path.strip("/") or "0")
    except ValueError:
        raise ValueError(f"must be {SHAPE}, with numbers for port and database") from None
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or parts.query or parts.fragment or database < 0:
        raise ValueError(f"must be {SHAPE}")
    user, password = (unquote(each) if each else None for each in (parts.username, parts.password))
    return Address(parts.hostname, port, database, user, password, parts.scheme == "rediss")
