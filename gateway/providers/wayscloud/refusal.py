"""What Global SIM's error bodies mean. One shape is documented, the provider's own SDK is ready for four more:

`{"error": {"code": ...}}`, `{"detail": {"error": {"code": ...}}}`, `{"detail": "..."}`, `{"detail": [{"msg": ...}]}`,
`{"message": "..."}`, and plain text. Only the first two carry a code; the sentences of all are left where they are.
"""

import re
from typing import Any

import msgspec

from gateway.upstream.client import Refusal
from schema.errors import Denied, GatewayError, RateLimited

__all__ = ["read_refusal"]

MEANINGS = {
    "INVALID_PARAMETER": "the provider finds a parameter invalid",
    "AUTH_FAILED": "the provider does not accept the account's API key",
    "INSUFFICIENT_PERMISSIONS": "the account's API key is not for this service of the provider",
}
"""Our words for the documented codes (page "Error Handling")."""

MEANINGS_OF_STATUS = {
    400: "the provider finds the request wrong",
    401: "the provider does not accept the account's API key",
    403: "the account's API key is not for this service of the provider",
    404: "the provider has no such thing",
    422: "the provider finds a parameter invalid",
    429: "too many calls to the provider: it allows 500 a minute",
}
"""Our words where a body has no code we know."""

KINDS: dict[str, type[GatewayError]] = {
    "AUTH_FAILED": Denied,
    "INSUFFICIENT_PERMISSIONS": Denied,
    "RATE_LIMIT_EXCEEDED": RateLimited,
}
"""What a code says whatever its HTTP status."""

_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


def read_refusal(status: int, body: bytes) -> Refusal:
    """The code of an error body, and our words for it or for the status."""
    code = _code(body)
    message = MEANINGS.get(code or "") or MEANINGS_OF_STATUS.get(status)
    return Refusal(code=code, message=message, error=KINDS.get(code or ""))


def _code(body: bytes) -> str | None:
    """Capitals and underlines, as documented: anything else may be a sentence, or what we sent."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    code = _part(_part(said, "error") or _part(_part(said, "detail"), "error"), "code")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None


def _part(value: Any, name: str) -> Any:  # Any: a body of any shape at all
    return value.get(name) if isinstance(value, dict) else None
