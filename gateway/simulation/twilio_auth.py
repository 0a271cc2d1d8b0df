"""The two ways into an API of the Twilio family: Basic at Twilio, OAuth bearer tokens at KORE."""

import base64
import binascii
import hmac
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol
from urllib.parse import parse_qs

from gateway.simulation.twilio_call import Refusal, Reply

__all__ = ["BasicGuard", "Guard", "Knock", "TokenGuard"]

TOKEN_PATH = "/api-services/v1/auth/token"  # noqa: S105 - a path
_MOST_TOKENS = 1000


@dataclass(frozen=True, slots=True)
class Knock:
    """A request before it is let in; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    now: datetime


class Guard(Protocol):
    """Decides about a request before its path is looked at."""

    def enter(self, knock: Knock) -> Reply | None:
        """None to let it pass, a Reply that answers it here, or a Refusal raised."""


class BasicGuard:
    """HTTP Basic. Anything wrong is 401 with code 20003, as Twilio answers."""

    def __init__(self, user: str, password: str) -> None:
        self._expected = f"{user}:{password}".encode()

    def enter(self, knock: Knock) -> Reply | None:
        """Check the Authorization header."""
        scheme, _, value = knock.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic" and hmac.compare_digest(_decoded(value.strip()), self._expected):
            return None
        raise Refusal(401, 20003, "Authenticate", WWW_Authenticate='Basic realm="Twilio API"')


class TokenGuard:
    """OAuth client credentials: issues tokens at TOKEN_PATH and asks for one everywhere else.

    A bad or expired token is 403 with a body of its own shape (api-evangelist/kore-wireless, `errors/`); a request
    without one is 401 (no source).
    """

    def __init__(self, client_id: str, client_secret: str, life: Callable[[], timedelta]) -> None:
        self._id = client_id
        self._secret = client_secret
        self._life = life
        self._tokens: OrderedDict[str, datetime] = OrderedDict()
        self._issued = 0

    def enter(self, knock: Knock) -> Reply | None:
        """Issue a token, or check the one presented."""
        if knock.path == TOKEN_PATH:
            return self._issue(knock)
        scheme, _, value = knock.headers.get("authorization", "").partition(" ")
        if not value:
            raise Refusal(401, None, "Unauthorized")
        expiry = self._tokens.get(value.strip())
        if scheme.lower() == "bearer" and expiry is not None and knock.now < expiry:
            return None
        words = "User is not authorized to access this resource with an explicit deny"
        return Reply({"message": words, "error": "Invalid or expired token"}, 403)

    def revoke(self) -> None:
        """End every token now, as a changed client would."""
        self._tokens.clear()

    def _issue(self, knock: Knock) -> Reply:
        """Errors of this endpoint have their own shapes (KORE's token OpenAPI file)."""
        if knock.method != "POST":
            return Reply({"code": 40405, "message": "Method Not Allowed"}, 405)
        form = {name: values[-1] for name, values in parse_qs(knock.body.decode("latin-1")).items()}
        if form.get("grant_type") != "client_credentials":
            return Reply({"code": 40400, "message": "Invalid grant_type"}, 400)
        if (form.get("client_id"), form.get("client_secret")) != (self._id, self._secret):
            words = "Invalid client or Invalid client credentials"
            return Reply({"error": "invalid_client", "error_description": words}, 401)
        return Reply(self._token(knock.now))

    def _token(self, now: datetime) -> dict[str, object]:
        self._issued += 1
        token = "eyJ" + sha256(f"{self._id}\n{self._issued}\n{now.isoformat()}".encode()).hexdigest()
        life = self._life()
        self._tokens[token] = now + life
        while len(self._tokens) > _MOST_TOKENS:
            self._tokens.popitem(last=False)
        seconds = life.total_seconds()
        return {
            "access_token": token,
            "expires_in": int(seconds) if seconds.is_integer() else seconds,
            "token_type": "Bearer",
            "scope": "all:read all:write all:modify all:delete",
        }


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
