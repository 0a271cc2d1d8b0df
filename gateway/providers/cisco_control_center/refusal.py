"""What Control Center's error bodies mean: `{"errorMessage": "...", "errorCode": "10000001"}`."""

import msgspec

from gateway.upstream.client import Refusal
from schema.errors import Denied, GatewayError, NotFound, RateLimited, Unavailable

__all__ = ["read_refusal"]

MEANINGS = {
    "10000001": "the provider does not accept the account's credentials, or not from this gateway's address",
    "10000003": "the provider finds a date missing or malformed",
    "10000024": "the provider does not know this version of its API: see the account's base_url",
    "10000031": "the provider knows no such rating zone",
    "10000045": "the provider searches one year back; this list was begun too long ago and must be begun anew",
    "10002119": "the provider finds a date in the future",
    "20000001": "the provider has no such thing",
    "30000001": "the provider has an error of its own",
    "40000029": "too many calls to the provider",
}
"""Our words for the provider's codes (Cisco DevNet, Get Session Details and others; 40000029: a community client)."""

KINDS: dict[str, type[GatewayError]] = {
    "10000001": Denied,
    "20000001": NotFound,
    "30000001": Unavailable,
    "40000029": RateLimited,
}
"""What a code says whatever its HTTP status: a throttle was seen in a 400."""


class _ErrorBody(msgspec.Struct, rename="camel"):
    """The code is a string; a number is taken too."""

    error_code: str | int | None = None


def read_refusal(status: int, body: bytes) -> Refusal:
    """What an error body says; nothing where it is not one of theirs, as a proxy's page."""
    del status
    try:
        said = msgspec.json.decode(body, type=_ErrorBody)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Refusal()
    if said.error_code is None:
        return Refusal()
    code = str(said.error_code)
    return Refusal(code=code, message=MEANINGS.get(code), error=KINDS.get(code))
