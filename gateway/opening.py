"""From a configured account to one that can be asked."""

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

import msgspec

from gateway.account import DEFAULT_TIME_LIMIT, OpenAccount, Record
from gateway.platform import Platform, Settings, Wiring
from gateway.replicas import Scripts
from gateway.secret import Secret
from gateway.upstream.attempts import Attempts
from gateway.upstream.breaker import Breaker
from gateway.upstream.exchange import Times
from gateway.upstream.pace import Limits, Pace
from gateway.upstream.retries import Budget

__all__ = ["Accounts", "open_accounts"]

COMMON = frozenset(each.name for each in msgspec.structs.fields(Settings))
"""Keys that every account has, none of which tells which account it is over there."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Accounts:
    """Every open account by name, and what must be closed at the end."""

    by_name: dict[str, OpenAccount]
    wirings: list[Wiring]

    async def aclose(self) -> None:
        """End what keeps the limits, then close every connection."""
        # Together: each may wait for a Redis that is gone.
        await asyncio.gather(*(account.pace.aclose() for account in self.by_name.values()))
        for wiring in self.wirings:
            await wiring.aclose()


def open_accounts(
    settings: Iterable[Settings],
    platforms: dict[str, Platform],
    now: Callable[[], datetime] = utc_now,
    *,
    scripts: Scripts | None = None,
    workers: int = 1,
) -> Accounts:
    """Open accounts; no call is made yet.

    With `scripts` their limits are kept together with all replicas, of which there may be `workers` while nobody has
    been seen yet.
    """
    opened = Accounts({}, [])
    for each in settings:
        account, wiring = _opened(each, platforms[each.provider], now, scripts, workers)
        opened.by_name[each.name] = account
        opened.wirings.append(wiring)
    for account in opened.by_name.values():
        account.pace.start()  # only now: where one cannot be opened, nothing of the others is left running
    return opened


def _opened(
    settings: Settings, platform: Platform, now: Callable[[], datetime], scripts: Scripts | None, workers: int
) -> tuple[OpenAccount, Wiring]:
    clock = asyncio.get_running_loop().time
    limits = _limits(settings, platform.limits)
    label = _label(settings, platform)
    pace = Pace(limits, clock, account=label, scripts=scripts, workers=workers)
    breaker = Breaker(settings.name, clock, random.random)
    wiring = Wiring(
        base_url=settings.base_url or platform.base_url or "",
        limits=limits,
        policy=Attempts(pace, breaker, Budget(), clock, random.random),
        times=_times(settings),
        now=now,
        seconds=clock,
    )
    account = OpenAccount(
        name=settings.name,
        provider_name=settings.provider,
        provider=platform.connect(settings, wiring),
        pace=pace,
        breaker=breaker,
        record=Record(now),
        time_limit=DEFAULT_TIME_LIMIT if settings.time_limit is None else settings.time_limit,
        label=label,
        tags=settings.tags,
        fresh=settings.fresh,
        stale=settings.stale,
    )
    return account, wiring


def _label(settings: Settings, platform: Platform) -> str:
    """The account's name and a digest of what account it is, the same at every replica: its address, and whatever names
    it there, which is what it cannot do without. A credential is part of that only where nothing else is, so that one
    can be changed replica by replica."""
    own = [each.name for each in msgspec.structs.fields(settings) if each.required and each.name not in COMMON]
    values = [getattr(settings, name) for name in own]
    names = [value for value in values if not isinstance(value, Secret)] or [
        value.reveal() for value in values if isinstance(value, Secret)
    ]
    told = repr((settings.provider, settings.base_url or platform.base_url, names))
    return f"{settings.name}~{blake2b(told.encode(), digest_size=6).hexdigest()}"


def _limits(settings: Settings, default: Limits) -> Limits:
    """The account's own limits, else its provider's."""
    return Limits(
        concurrency=settings.concurrency or default.concurrency,
        calls=settings.calls or default.calls,
        window=settings.window or default.window,
        burst=settings.burst or (default.burst if settings.calls is None else None),
    )


def _times(settings: Settings) -> Times:
    usual = Times()
    return Times(connect=settings.connect_timeout or usual.connect, read=settings.read_timeout or usual.read)
