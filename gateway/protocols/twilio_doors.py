"""The two doors of the Twilio family: HTTP Basic at Twilio, OAuth client credentials at KORE; behind both, one API."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from gateway.platform import Settings, Wiring
from gateway.protocols.twilio_rest import client_credentials, read_refusal
from gateway.provider import Provider
from gateway.secret import Secret
from gateway.upstream.auth import Basic
from gateway.upstream.client import Client

__all__ = ["KoreSettings", "TwilioSettings", "at_kore", "at_twilio"]

P = TypeVar("P", bound=Provider)
Adapter = Callable[[Client, Callable[[], datetime]], P]

KORE_TOKENS = "https://api.korewireless.com/api-services/v1/auth/token"


class TwilioSettings(Settings, frozen=True, kw_only=True):
    """HTTP Basic: the account's SID and token, or an API key's SID and secret."""

    account_sid: str
    auth_token: Secret


class KoreSettings(Settings, frozen=True, kw_only=True):
    """OAuth 2.0 client credentials."""

    client_id: str
    client_secret: Secret
    token_url: str = KORE_TOKENS


def at_twilio(adapter: Adapter[P]) -> Callable[[TwilioSettings, Wiring], P]:
    """How an account of this adapter is connected at Twilio."""

    def connect(settings: TwilioSettings, wiring: Wiring) -> P:
        auth = Basic(settings.account_sid, settings.auth_token)
        return adapter(wiring.client(auth, read_refusal), wiring.now)

    return connect


def at_kore(adapter: Adapter[P]) -> Callable[[KoreSettings, Wiring], P]:
    """How an account of this adapter is connected at KORE."""

    def connect(settings: KoreSettings, wiring: Wiring) -> P:
        auth = client_credentials(wiring, settings.token_url, settings.client_id, settings.client_secret)
        return adapter(wiring.client(auth, read_refusal), wiring.now)

    return connect
