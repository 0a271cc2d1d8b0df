"""How an account is called among replicas: alike where it is the same account, otherwise not."""

from collections.abc import Sequence
from typing import Any

import pytest

from gateway.opening import open_accounts
from gateway.platform import Settings
from gateway.protocols.twilio_doors import KoreSettings, TwilioSettings
from gateway.providers.wayscloud import GlobalSimSettings
from gateway.registry import platforms
from gateway.replicas import Gone
from gateway.secret import Secret
from tests.waiting import until

TWILIO = {"name": "eu", "provider": "twilio-supersim", "account_sid": "AC1", "auth_token": Secret("a")}
KORE = {"name": "eu", "provider": "kore-supersim", "client_id": "c", "client_secret": Secret("a")}
WAYS = {"name": "eu", "provider": "wayscloud", "api_key": Secret("a")}


async def label(kind: type[Settings], table: dict[str, Any], **changes: object) -> str:
    """Any: keys of every account's own table."""
    accounts = open_accounts([kind(**{**table, **changes})], platforms())
    try:
        return accounts.by_name["eu"].label
    finally:
        await accounts.aclose()


class Seen:
    """A Redis that is gone, and what it would have been asked about."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    async def run(self, script: str, keys: Sequence[str], args: Sequence[str | int | float | bytes]) -> Any:
        del script, args
        self.keys += keys
        raise Gone


async def test_limits_are_kept_under_the_label() -> None:
    """Replicas of two deployments with one Redis and one name for different accounts do not share their limits."""
    seen = Seen()
    accounts = open_accounts([TwilioSettings(**TWILIO)], platforms(), scripts=seen)
    try:
        await until(lambda: bool(seen.keys))
        label = accounts.by_name["eu"].label

        assert all(label in key for key in seen.keys)
    finally:
        await accounts.aclose()


@pytest.mark.parametrize(
    ("kind", "table", "changes", "is_same"),
    [
        (TwilioSettings, TWILIO, {}, True),
        (TwilioSettings, TWILIO, {"auth_token": Secret("b")}, True),
        (TwilioSettings, TWILIO, {"time_limit": 9.0, "calls": 5, "fresh": {"Sim": 1.0}}, True),
        (TwilioSettings, TWILIO, {"account_sid": "AC2"}, False),
        (TwilioSettings, TWILIO, {"base_url": "http://127.0.0.1:9"}, False),
        (TwilioSettings, TWILIO, {"provider": "twilio-wireless"}, False),
        (KoreSettings, KORE, {"client_secret": Secret("b")}, True),
        (KoreSettings, KORE, {"client_id": "d"}, False),
        (GlobalSimSettings, WAYS, {"api_key": Secret("b")}, False),
    ],
)
async def test_the_same_account(
    kind: type[Settings], table: dict[str, Any], changes: dict[str, object], is_same: bool
) -> None:
    """Its address and what names it there count; limits do not, and a credential only where there is nothing else."""
    first, second = await label(kind, table), await label(kind, table, **changes)

    assert first.startswith("eu~")
    assert (first == second) is is_same
