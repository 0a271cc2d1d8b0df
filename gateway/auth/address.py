"""Where an issuer's keys may be fetched from."""

from ipaddress import ip_address
from urllib.parse import urlsplit

__all__ = ["is_trusted_address", "origin_of"]


def is_trusted_address(url: str) -> bool:
    """Whether it is an https address, or an http one of this machine, as a test has it: whoever can change a key set
    on its way can make tokens."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    is_plain = url.isprintable() and not set(url) & set(" @#\\")
    is_private = parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(parts.hostname))
    return bool(is_plain and is_private and parts.hostname)


def origin_of(url: str) -> tuple[str, str | None, int]:
    """Scheme, host and port of such an address (RFC 6454, 4)."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _is_this_machine(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
