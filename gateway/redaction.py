"""What no log line may have in it, whoever wrote it: credentials, what stands in an address's query, personal data."""

import re
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from gateway.secret import secret_texts

__all__ = ["LONGEST", "redacted"]

STARS = "***"

LONGEST = 16 * 1024
"""Characters that are kept of a text, half of them from its end."""

_MOST = 16 * LONGEST
"""Characters of it that are looked at. What is kept is so far from where this cuts that no half of a credential is left
in it."""

_NAMES = r"(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|authorization|cookie|signature)"
"""Of parameters, keys and headers, or how their names end."""

Pattern = tuple[str, str | Callable[[re.Match[str]], str]]


def _shown_address(match: re.Match[str]) -> str:
    """This machine's own are nobody's."""
    try:
        address = ip_address(match[0])
    except ValueError:
        return match[0]
    return match[0] if address.is_loopback or address.is_unspecified else STARS


# Each reads a character a few times at most, whatever the text: no match is looked for within a run that has been
# looked through from another beginning, and what repeats is possessive or ends at a character it cannot contain.
_PATTERNS: Sequence[Pattern] = (
    # An Authorization header's value. Ours are in no message; a library's exception may quote one.
    (r"\b(basic|bearer|digest|negotiate)\s++[a-z0-9+/=._~-]++", rf"\1 {STARS}"),
    # Our callers' keys. What may be shown of one stays.
    (r"(sgw_[0-9a-z]{8}_)[0-9a-z]++", rf"\1{STARS}"),
    # Signed tokens (JWT, RFC 7519), and others that begin as they do.
    (r"(?<![a-z0-9_.-])eyJ[a-z0-9_.-]{10,}+", STARS),
    # User and password in an address, and its query.
    (r"(?<=://)[^\s/?#\"'<>]*@", f"{STARS}@"),
    (r"\?(?=[^\s\"'<>?=]*+=)[^\s\"'<>?]++", f"?{STARS}"),
    # Lines of headers.
    (r"\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(\s{0,8}:\s{0,8})[^\r\n\"']++", rf"\1\2{STARS}"),
    # name=value, as in forms and calls. A configuration's own `key = "${VARIABLE}"` says nothing.
    (
        rf"({_NAMES}\s{{0,8}}=\s{{0,8}})(?!\"?\$\{{)(?:b?\"[^\"]*+\"?|b?'[^']*+'?|[^\s&\"']++)",
        rf"\1{STARS}",
    ),
    # "name": "value", as in JSON, in Python's dictionaries and in lists of headers; and the same within a string.
    (rf"({_NAMES}[\"']\s{{0,8}}[:,]\s{{0,8}}b?[\"'])(?:[^\"'\\]|\\.)++", rf"\1{STARS}"),
    (rf"({_NAMES}\\+[\"']\s{{0,8}}[:,]\s{{0,8}}b?\\+[\"'])[^\"'\\]++", rf"\1{STARS}"),
    # A number with its plus sign; IMSI, IMEI and long numbers without (ITU-T E.164; 3GPP TS 23.003).
    (r"(?<![0-9a-z])\+[1-9][0-9]{6,14}(?![0-9])", STARS),
    (r"(?<![0-9a-z_.])[0-9]{14,16}(?![0-9a-z_])", STARS),
    # Addresses of devices and callers. One with a port, or within a URL, is of a server.
    (r"(?<![\w.:/@\[])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w]|\.[0-9]|:[0-9])", _shown_address),
    (r"(?<![\w.:/@\[])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", _shown_address),
)

_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), put) for pattern, put in _PATTERNS)


def redacted(text: str) -> str:
    """The text with stars for whatever looks like a credential or like personal data, and for every secret of this
    process, however that looks; cut where it is longer than anybody reads."""
    if len(text) > _MOST:
        text = _cut(text, _MOST)
    for secret in secret_texts():
        if secret in text:
            text = text.replace(secret, STARS)
    for pattern, put in _COMPILED:
        text = pattern.sub(put, text)
    return _cut(text, LONGEST) if len(text) > LONGEST else text


def _cut(text: str, most: int) -> str:
    half = most // 2
    return f"{text[:half]} ... {len(text) - 2 * half} characters ... {text[-half:]}"
