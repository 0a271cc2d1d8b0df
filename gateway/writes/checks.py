"""What can be known to be wrong with a value before a provider is asked. Each check gives the flaw, in words that name
the limit and never the value, or None."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Any

from gateway.writes.gsm7 import outsider, septets
from schema.command import PayloadEncoding
from schema.iccid import is_iccid, luhn_digit

__all__ = [
    "MEGABYTE",
    "check_digit_flaw",
    "data_limit_flaw",
    "eid_flaw",
    "extra_urls",
    "iccid_flaw",
    "ip_flaw",
    "key_flaw",
    "name_flaw",
    "port_flaw",
    "registration_code_flaw",
    "sms_flaw",
]

MEGABYTE = 1_000_000
MOST_MEGABYTES = 2_000_000
"""2 TB (OpenAPI `supersim` v1, `DataLimit`: "between 1MB (1) and 2TB (2,000,000)"; `wireless` v1: "up to 2TB")."""
MOST_IP_BYTES = 1_300
"""OpenAPI `supersim` v1, IpCommand `Payload`. Whether before or after base64 is not said: taken as after decoding."""
LONGEST_KEY = 200

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def sms_flaw(text: str, encoding: PayloadEncoding, text_limit: int | None, binary_limit: int | None) -> str | None:
    """For the text of one message, or for base64 of its bytes. A limit of None is the provider's own business."""
    if encoding is PayloadEncoding.BINARY:
        return _bytes_flaw(text, binary_limit)
    if not text:
        return "must not be empty"
    return None if text_limit is None else _text_flaw(text, text_limit)


def _text_flaw(text: str, limit: int) -> str | None:
    """A message is 140 bytes: 160 characters of 7 bits, or 70 of 16 where one is not in the alphabet (3GPP TS 23.038).

    Twilio's and KORE's pages say "160 single-byte characters" and nothing of others. What does not fit into one message
    even so is refused here; what does is sent, as whether they take such characters is theirs to say.
    """
    stranger = outsider(text)
    if stranger is None:
        size = septets(text)
        return (
            None if size <= limit else f"at most {limit} characters (^ {{ }} \\ [ ] ~ | and € count two); found {size}"
        )
    size, most = len(text.encode("utf-16-le")) // 2, limit * 7 // 16
    if size <= most:
        return None
    return (
        f"at most {most} characters where one is not in the GSM alphabet, as U+{ord(stranger):04X} is not, and {limit} "
        f"where all are; found {size}"
    )


def ip_flaw(payload: str, encoding: PayloadEncoding) -> str | None:
    """For the payload of one UDP datagram."""
    if encoding is PayloadEncoding.BINARY:
        return _bytes_flaw(payload, MOST_IP_BYTES)
    return _size_flaw(len(payload.encode()), MOST_IP_BYTES)


def _bytes_flaw(text: str, limit: int | None) -> str | None:
    try:
        decoded = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        decoded = None
    if decoded is None or b64encode(decoded).decode() != text:
        return "must be base64 of bytes (RFC 4648, section 4), with padding and without line breaks"
    return _size_flaw(len(decoded), limit)


def _size_flaw(size: int, limit: int | None) -> str | None:
    if size == 0:
        return "must not be empty"
    return None if limit is None or size <= limit else f"at most {limit:,} bytes; found {size:,}"


def port_flaw(port: int) -> str | None:
    return None if 1 <= port <= 65_535 else f"must be 1 to 65,535; found {port}"


def registration_code_flaw(code: str) -> str | None:
    """Ten digits (OpenAPI `supersim` v1, Sim `RegistrationCode`). The code is a secret: it is not repeated."""
    return None if re.fullmatch(r"[0-9]{10}", code) else "must be 10 digits"


def iccid_flaw(iccid: str) -> str | None:
    return None if is_iccid(iccid) else "must be 18 to 22 digits"


def check_digit_flaw(iccid: str) -> str | None:
    """Only 20 digits are known to end in a check digit; shorter ones may have left it out (ITU-T E.118)."""
    if not is_iccid(iccid) or len(iccid) != 20 or luhn_digit(iccid[:19]) == iccid[19]:
        return None
    return f"the check digit of these 20 digits should be {luhn_digit(iccid[:19])}; that alone stands in no way"


def eid_flaw(eid: str) -> str | None:
    """An eUICC's id has 32 digits (GSMA SGP.02, 2.2.2)."""
    return None if re.fullmatch(r"[0-9]{32}", eid) else "must be 32 digits"


def data_limit_flaw(size: int) -> str | None:
    """For a limit in bytes: providers take whole megabytes."""
    if size % MEGABYTE == 0 and 1 <= size // MEGABYTE <= MOST_MEGABYTES:
        return None
    most = MEGABYTE * MOST_MEGABYTES
    return f"must be bytes in whole megabytes of {MEGABYTE:,}, from {MEGABYTE:,} to {most:,}; found {size:,}"


def name_flaw(name: str) -> str | None:
    """No provider documents how long a name may be: what is too long for one is its own to refuse."""
    if not name.strip():
        return "must not be empty; null clears it"
    return "must have no control characters or line breaks" if _CONTROL.search(name) else None


def key_flaw(key: str) -> str | None:
    return None if 0 < len(key) <= LONGEST_KEY else f"must be 1 to {LONGEST_KEY} characters; found {len(key):,}"


def extra_urls(extra: dict[str, Any]) -> list[tuple[str, str]]:  # Any: each provider has values of its own
    """The addresses among what only one provider has: names and values."""
    return [
        (name, value)
        for name, value in extra.items()
        if name.lower().endswith("url") and isinstance(value, str) and value
    ]
