"""Whether an address may be given to a provider to call: it would be called from the provider's own network, so one
that points at somebody's inside is a way in."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

__all__ = ["LONGEST_URL", "callback_flaw"]

LONGEST_URL = 2_048
"""Characters. No provider says its own limit; longer ones are refused somewhere on the way."""

_PLAIN = re.compile(r"[!-~]+")
"""Printable ASCII: anything else has to be percent-encoded (RFC 3986, 2)."""
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_INSIDE = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "localdomain",
    "home.arpa",
    "svc",
    "private",
    "onion",
    "alt",
    "invalid",
)
"""Last labels of names that mean something else in each network (RFC 6761, RFC 6762, RFC 8375, ICANN 2018 and 2024), or
nothing at all outside (RFC 6761, RFC 7686, RFC 9476)."""
_UNICAST = ipaddress.ip_network("2000::/3")
"""All that is given out for the internet so far (RFC 4291, 2.4)."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Behind it stands the IPv4 address in the last 32 bits (RFC 6052)."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def callback_flaw(url: str, *, allow_private: bool) -> str | None:
    """What is wrong with an address for callbacks; None where nothing is. Names are judged by their text: whoever owns
    one may point it anywhere, and the provider is the one who looks it up.

    `allow_private`: http, and addresses and names of the inside, are fine too.
    """
    if not 0 < len(url) <= LONGEST_URL:
        return f"must be 1 to {LONGEST_URL:,} characters; found {len(url):,}"
    if not _PLAIN.fullmatch(url) or "\\" in url:
        return "must be a URL in ASCII without blanks, control characters or backslashes; encode others with %"
    try:
        parts = urlsplit(url)
        is_port = parts.port != 0
    except ValueError:
        is_port = False
    if not is_port:
        return "must be a URL: its host or its port cannot be read"
    return _scheme_flaw(parts, allow_private) or _host_flaw(parts, allow_private)


def _scheme_flaw(parts: SplitResult, allow_private: bool) -> str | None:
    allowed = ("https", "http") if allow_private else ("https",)
    if parts.scheme not in allowed:
        return f"must begin with {' or '.join(f'{each}://' for each in allowed)}"
    if "@" in parts.netloc:
        return "must have no user name or password in it"
    return None


def _host_flaw(parts: SplitResult, allow_private: bool) -> str | None:
    host = (parts.hostname or "").rstrip(".")
    if not host:
        return "must name a host"
    try:
        address = _address(host)
    except ValueError:
        return "must name a host by a name or an IP address; this is neither"
    if address is None:
        return _name_flaw(host, allow_private)
    if not allow_private and not _is_public(address):
        return "must not point at a private, local or reserved address"
    return None


def _name_flaw(name: str, allow_private: bool) -> str | None:
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(each) for each in labels):
        return "must name a host by a name or an IP address; this is neither"
    if allow_private:
        return None
    if len(labels) == 1:
        return "must name a host with a domain, not by a single word"
    if any(f".{name}".endswith(f".{last}") for last in _INSIDE):
        return "must name a host on the internet, not one of a local network"
    return None


def _address(host: str) -> Address | None:
    """The IP address that a host is; None where it is a name. Raises ValueError where it can be neither."""
    if ":" in host:
        return ipaddress.IPv6Address(host)
    if _NUMBER.fullmatch(host.rpartition(".")[2]) is None:
        return None
    return _ipv4(host.split("."))


def _ipv4(parts: list[str]) -> ipaddress.IPv4Address:
    """As clients read it: 1 to 4 numbers, each decimal, octal with 0 or hexadecimal with 0x, the last one filling what
    is left (WHATWG URL, "IPv4 parser", which is inet_aton)."""
    numbers = [_number(each) for each in parts]
    *firsts, last = numbers
    if len(numbers) > 4 or any(each > 255 for each in firsts) or last >= 256 ** (5 - len(numbers)):
        raise ValueError("not an IPv4 address")
    return ipaddress.IPv4Address(sum(each << (24 - 8 * place) for place, each in enumerate(firsts)) + last)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") and len(text) > 1 else 10)


def _is_public(address: Address) -> bool:
    inner = _inner(address)
    if inner is not None:
        return _is_public(inner)
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inner(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to: mapped, of 6to4, or behind NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
