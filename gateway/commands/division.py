"""Limits divided among workers that cannot meet: each keeps its own share, and together they keep the whole. Those of
an account, and those of its callers in a minute."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from gateway.auth.issuers import IssuerSettings
from gateway.auth.options import CallerSettings
from gateway.commands.failure import CONFIGURATION, Failure
from gateway.config import Config
from gateway.platform import Platform, Settings
from gateway.rates.options import Budget
from gateway.rates.rates import COST, REQUESTS

__all__ = ["divided"]

Minute = TypeVar("Minute", Budget, CallerSettings, IssuerSettings)
"""Whatever has limits of a minute."""


def divided(config: Config, workers: int, platforms: Mapping[str, Platform], *, is_shared: bool = False) -> Config:
    """The configuration of one worker among several; as it is where limits are kept together (`is_shared`).

    A caller has at least one request and one provider call in a minute at each worker. Failure names every account that
    cannot be divided so far.
    """
    if is_shared:
        return config
    shares = [_share(account, workers, platforms[account.provider]) for account in config.accounts]
    refused = [share for share in shares if isinstance(share, str)]
    if refused:
        raise Failure("\n".join([f"--workers {workers} is too many:", *refused]), CONFIGURATION)
    accounts = tuple(share for share in shares if not isinstance(share, str))
    return msgspec.structs.replace(
        config,
        accounts=accounts,
        budget=_budget(config, workers),
        callers=tuple(_own(each, workers) for each in config.callers),
        issuers=tuple(_own(each, workers) for each in config.issuers),
    )


def _budget(config: Config, workers: int) -> Budget:
    """What holds where nothing is written down is divided, too; where nobody is asked who he is nothing holds."""
    given = config.budget
    if config.asks:
        usual = {"requests": given.requests or REQUESTS, "cost": given.cost or COST}
        given = msgspec.structs.replace(given, **usual)
    return _own(given, workers)


def _own(limits: Minute, workers: int) -> Minute:
    """The same with a share of what it has in a minute. What one request may cost is not divided: one worker has it."""
    requests, cost = (None if each is None else max(1, each // workers) for each in (limits.requests, limits.cost))
    return msgspec.structs.replace(limits, requests=requests, cost=cost)


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
