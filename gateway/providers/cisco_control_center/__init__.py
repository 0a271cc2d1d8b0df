"""Cisco IoT Control Center, once Jasper: one API at every operator that sells it."""

from gateway.platform import Platform, Settings, Wiring
from gateway.providers.cisco_control_center.provider import MESSAGES_AT_ONCE, ControlCenter
from gateway.providers.cisco_control_center.refusal import read_refusal
from gateway.secret import Secret
from gateway.upstream.auth import Basic
from gateway.upstream.pace import Limits

__all__ = ["PLATFORMS", "ControlCenterSettings"]

PATIENCE = 3.0
"""Seconds that one page of messages may take: less than an account has for one request."""


class ControlCenterSettings(Settings, frozen=True, kw_only=True):
    """HTTP Basic: a user's name and API key (not the password). `base_url` is the operator's, with `/rws/api/v1`."""

    username: str
    api_key: Secret


def _connect(settings: ControlCenterSettings, wiring: Wiring) -> ControlCenter:
    client = wiring.client(Basic(settings.username, settings.api_key), read_refusal)
    return ControlCenter(client, wiring.now, _messages_at_once(wiring.limits))


def _messages_at_once(limits: Limits) -> int:
    """How many messages, each a call after the search for them, the account's own pace lets through in time."""
    if limits.calls is None:
        return MESSAGES_AT_ONCE
    calls = int(limits.calls / limits.window * PATIENCE)
    return max(1, min(MESSAGES_AT_ONCE, calls - 1))


PLATFORMS = (
    Platform(
        name="cisco-control-center",
        provider=ControlCenter,
        settings=ControlCenterSettings,
        connect=_connect,
        limits=Limits(concurrency=1, calls=1, window=1.0),
        simulator="gateway.providers.cisco_control_center.simulator:simulator",
    ),
)
