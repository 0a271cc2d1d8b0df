"""An account's limits divided among workers that cannot meet: each keeps its own pace, and together the account's."""

from collections.abc import Mapping

import msgspec

from gateway.commands.failure import CONFIGURATION, Failure
from gateway.config import Config
from gateway.platform import Platform, Settings

__all__ = ["divided"]


def divided(config: Config, workers: int, platforms: Mapping[str, Platform], *, is_shared: bool = False) -> Config:
    """The configuration of one worker among several; as it is where limits are kept together (`is_shared`).

    Failure names every account that cannot be divided so far.
    """
    if is_shared:
        return config
    shares = [_share(account, workers, platforms[account.provider]) for account in config.accounts]
    refused = [share for share in shares if isinstance(share, str)]
    if refused:
        raise Failure("\n".join([f"--workers {workers} is too many:", *refused]), CONFIGURATION)
    accounts = tuple(share for share in shares if not isinstance(share, str))
    return msgspec.structs.replace(config, accounts=accounts)


def _share(account: Settings, workers: int, platform: Platform) -> Settings | str:
    """One worker's part of the account, or why it has none."""
    concurrency = account.concurrency or platform.limits.concurrency
    calls = account.calls or platform.limits.calls
    burst = account.burst or (platform.limits.burst if account.calls is None else None)
    if concurrency < workers:
        at_once = "one call at a time" if concurrency == 1 else f"{concurrency} calls at once"
        return f"  account {account.name!r} may be asked {at_once}, and each worker would keep its own count"
    if calls is not None and calls < workers:
        window = account.window or platform.limits.window
        return f"  account {account.name!r} has {calls} calls in {window:g} s, fewer than one for each worker"
    return msgspec.structs.replace(
        account,
        concurrency=concurrency // workers,
        calls=None if calls is None else calls // workers,
        burst=None if burst is None else max(1, burst // workers),
    )
