"""The `[server]` table: where it listens, how long it waits, and whom it tells what."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from gateway.config.outside import Mistake, Outside
from gateway.config.problem import Problem
from gateway.config.records import ServerSettings
from gateway.config.rules import Entries, Rule, between, every, shown, text_like
from gateway.config.table import read_table

__all__ = ["read_server"]

MOST_NAMES = 100

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")


def read_server(given: object, outside: Outside) -> tuple[ServerSettings | None, list[Problem]]:
    """The server's settings, or what is wrong with them."""
    if not isinstance(given, dict):
        return None, [Problem("server", "it must be a table; begin it with [server]")]
    return read_table(ServerSettings, "server", given, outside, _RULES)


def _host(value: Any, found: str) -> None:  # Any: as Rule has it
    if not _HOST.fullmatch(value):
        raise Mistake(f"found {found}; it must be a name or an address without a port, e.g. sims.example.com or [::1]")


def _origin(value: Any, found: str) -> None:  # Any: as above
    """Exactly what a browser sends (RFC 6454, 6.2): small letters, no path, no port that is the scheme's own."""
    try:
        parts = urlsplit(value)
        origin = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        is_usual = (parts.scheme, parts.port) in (("http", 80), ("https", 443))
    except ValueError:
        origin, is_usual = "", False
    if value != origin or is_usual or not parts.hostname or parts.scheme not in ("http", "https"):
        raise Mistake(f"found {shown(value) if '@' not in value else 'an address'}; an origin is https://host[:port]")
    del found


def _network(value: Any, found: str) -> None:  # Any: as above
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise Mistake(f"found {found}; it must be an IP address or a network like 10.0.0.0/8") from None


_RULES: dict[str, Rule | Entries] = {
    "host": text_like(r"[A-Za-z0-9.:_-]{1,253}", "a host name or an IP address"),
    "port": between(0, 65535),
    "deadline": between(0, 120, above=True),
    "cursor_key": text_like(r".{16,}", "at least 16 characters"),
    "max_body": between(1024, 16 * 1024 * 1024),
    "body_timeout": between(0, 120, above=True),
    "header_timeout": between(0, 120, above=True),
    "write_timeout": between(0, 600, above=True),
    "hosts": every(_host, MOST_NAMES),
    "cors_origins": every(_origin, MOST_NAMES),
    "trusted_proxies": every(_network, MOST_NAMES),
}
