"""What Control Center's error bodies mean: `{"errorMessage": "...", "errorCode": "10000001"}`."""

import msgspec

from gateway.upstream.client import Refusal
from gateway.upstream.refusal import classified
from schema.errors import Denied, GatewayError, NotFound, RateLimited, Unavailable

__all__ = ["is_not_done", "read_refusal", "refused"]

NO_RIGHT = "the provider does not let this user or account do that"

MEANINGS = {
    "10000001": "the provider does not accept the account's credentials, or not from this gateway's address",
    "10000003": "the provider finds a date missing or malformed",
    "10000017": "the provider does not know the message's encoding, or cannot read the text in it",
    "10000018": "the provider does not know the message's dataCoding",
    "10000019": "the provider does not take the message's validity period, tpvp",
    "10000020": "the message is longer than the provider lets it be: see its dataCoding, or the account's own limit",
    "10000024": "the provider does not know this version of its API: see the account's base_url",
    "10000029": "the provider takes no SIM back to a status before activation",
    "10000031": "the provider knows no such rating zone",
    "10000045": "the provider searches one year back; this list was begun too long ago and must be begun anew",
    "10002119": "the provider finds a date in the future",
    "1000512": "the provider takes only a purged SIM back to its inventory",
    "20000001": "the provider has no such thing",
    "30000001": "the provider has an error of its own",
    # Community clients only: 10030000 and 40000029 one, the others another, whose list agrees with Cisco's in every
    # code that both have.
    "10000005": "the provider knows no such status",
    "10000008": "the provider does not let this user change operator custom fields",
    "10000009": "the provider does not let this user change account custom fields",
    "10000010": "the provider does not let this user change customer custom fields",
    "10000011": "the provider misses a field that it needs",
    "10000012": "the provider finds a date malformed",
    "10000013": "the provider knows no such rate plan for this SIM",
    "10000014": "the provider knows no such communication plan for this SIM",
    "10000015": "the provider knows no such customer",
    "10000016": "the provider knows no such override of the overage limit",
    "10000021": "the provider finds the ICCID malformed",
    "10000023": "the provider cannot read the request as JSON",
    "10000028": "the provider does not know one of the fields sent",
    "10000030": NO_RIGHT,
    "10000062": NO_RIGHT,
    "10000079": NO_RIGHT,
    "10000080": NO_RIGHT,
    "10030000": "the SIM is active already",
    "20000002": "the provider has no such message",
    "30000002": "the provider could not hand the message to the network",
    "40000029": "too many calls to the provider",
}
"""Our words for the provider's codes (Cisco DevNet: Get Session Details, Edit Device Details, Send SMS and others)."""

KINDS: dict[str, type[GatewayError]] = {
    "10000001": Denied,
    "10000030": Denied,
    "10000062": Denied,
    "10000079": Denied,
    "10000080": Denied,
    "20000001": NotFound,
    "20000002": NotFound,
    "30000001": Unavailable,
    "30000002": Unavailable,
    "40000029": RateLimited,
}
"""What a code says whatever its HTTP status: a throttle was seen in a 400."""

BAD_REQUEST = 400


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
    return Refusal() if said.error_code is None else _meaning(str(said.error_code))


def refused(code: str | int, request_id: str | None) -> GatewayError:
    """The error for a code that came in an answer of success."""
    error = classified(BAD_REQUEST, {}, _meaning(str(code)))
    error.request_id = request_id
    return error


def is_not_done(code: str | int) -> bool:
    """Whether this code says that nothing was done: one we know, and not that something broke over there."""
    return str(code) in MEANINGS and KINDS.get(str(code)) is not Unavailable


def _meaning(code: str) -> Refusal:
    return Refusal(code=code, message=MEANINGS.get(code), error=KINDS.get(code))
