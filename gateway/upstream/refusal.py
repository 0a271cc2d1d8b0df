"""What an answer other than 2xx means: the provider's words for it, read by its adapter, as an error of ours."""

import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from time import time
from urllib.parse import urlsplit

import msgspec

from schema.errors import BadResponse, Denied, GatewayError, NotFound, RateLimited, Refused, Unavailable

__all__ = ["ReadRefusal", "Refusal", "classified", "redirected", "request_id"]

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What may pass as a provider's code: anything longer or stranger is text that nobody here has read."""


REQUEST_IDS = ("twilio-request-id", "x-request-id", "x-correlation-id")
"""Headers in which providers name a call; only Twilio's is documented (page "Twilio API responses")."""


class Refusal(msgspec.Struct):
    """What a provider's error body says, in the parts every provider has.

    `message` is our sentence for the provider's code: theirs is never passed on. `expired` says that the credentials
    are worth renewing. `error` is the kind of failure where the HTTP status alone would mislead.
    """

    code: str | None = None
    message: str | None = None
    expired: bool = False
    error: type[GatewayError] | None = None


ReadRefusal = Callable[[int, bytes], Refusal]
"""A provider's way of reading one, from the HTTP status and the body."""


def classified(status: int, headers: Mapping[str, str], refusal: Refusal) -> GatewayError:
    """The narrowest error for a status and what the body said."""
    kind = refusal.error or _kind_of(status)
    message = refusal.message or f"the provider answered HTTP {status}"
    code = refusal.code if refusal.code is not None and _CODE.fullmatch(refusal.code) else None
    return kind(message, native_code=code, retry_after=_retry_after(headers.get("retry-after")))


def request_id(headers: Mapping[str, str]) -> str | None:
    """The provider's own name for the call, as its support wants it."""
    given = next((headers[name] for name in REQUEST_IDS if name in headers), None)
    return given if given is not None and _CODE.fullmatch(given) else None


def redirected(headers: Mapping[str, str]) -> BadResponse:
    """A redirect, which is never followed: of where it leads, only the host is told."""
    return BadResponse(f"the provider redirects to {_host(headers.get('location', ''))}; not followed")


def _host(location: str) -> str:
    try:
        return repr((urlsplit(location).hostname or "nowhere")[:100])
    except ValueError:
        return "nowhere"


def _kind_of(status: int) -> type[GatewayError]:
    if status in (401, 403):
        return Denied
    if status == 404:
        return NotFound
    if status == 429:
        return RateLimited
    if status >= 500:
        return Unavailable
    if status >= 400:
        return Refused
    return BadResponse


def _retry_after(value: str | None) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3); at most a day, beyond which it is no help."""
    if value is None:
        return None
    try:
        seconds = float(value) if value.strip().isdecimal() else parsedate_to_datetime(value).timestamp() - time()
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds <= 86_400 else None
