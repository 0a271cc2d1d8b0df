"""Heads of requests that h11 takes, and that a proxy before us may read as another request than h11 does."""

import re
from collections.abc import Iterable

__all__ = ["doubt_about"]

_END = re.compile(rb"\n\r?\n")
_BARE = re.compile(rb"(?<!\r)\n")
_FOLDED = re.compile(rb"\n[ \t]")


def doubt_about(raw: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """What is wrong with a head, for its sender; None if nothing is. It begins `raw`, and has been read as `headers`,
    whose names are in small letters.

    RFC 9112 has a server refuse or mend each of these (2.2, 5.2, 6.1); who mends them wrong lets requests be smuggled.
    """
    names = {name for name, _ in headers}
    if b"transfer-encoding" in names and b"content-length" in names:
        return "a request has Content-Length or Transfer-Encoding, not both"
    if b"transfer-encoding" in names and version < "1.1":
        return "HTTP/1.0 has no Transfer-Encoding"
    end = _END.search(raw)
    head = raw[: end.end()] if end else raw
    if _BARE.search(head):
        return "the lines of a request's head end with CR and LF"
    if _FOLDED.search(head):
        return "a header is one line"
    return None
