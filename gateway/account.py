"""One configured account while the gateway runs: its adapter, its limits, and how it has been doing."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from gateway.deadline import DeadlineOver
from gateway.provider import Provider
from gateway.upstream.breaker import Breaker, State
from gateway.upstream.errand import NotBegun
from gateway.upstream.pace import NoTurn, Pace
from schema.account import Account, Health, Quota
from schema.errors import BadResponse, Denied, GatewayError, RateLimited, TimedOut, Unavailable

__all__ = ["DEFAULT_TIME_LIMIT", "OpenAccount", "Record"]

DEFAULT_TIME_LIMIT = 4.0
"""Seconds an account may hold up one request, all its calls together."""

log = logging.getLogger("gateway.account")

RECENT = dt.timedelta(minutes=1)
_AILING = (Unavailable, TimedOut, BadResponse, Denied, RateLimited)


@dataclass
class Record:
    """What the calls of an account came to. A refusal is an answer: only what is wrong with the account counts."""

    now: Callable[[], dt.datetime]
    last_success: dt.datetime | None = None
    last_error: GatewayError | None = field(default=None)

    def answered(self) -> None:
        self.last_success, self.last_error = self.now(), None

    def failed(self, error: GatewayError) -> None:
        if isinstance(error, NoTurn | NotBegun):
            return
        if not isinstance(error, _AILING):
            self.answered()
        elif not isinstance(error, DeadlineOver):
            self.last_error = copy(error)  # without its traceback, which holds on to all that was read

    @property
    def health(self) -> Health:
        if self.last_error is None:
            return Health.UNKNOWN if self.last_success is None else Health.UP
        if self.last_success is not None and self.now() - self.last_success < RECENT:
            return Health.DEGRADED
        return Health.DOWN


@dataclass
class OpenAccount:
    """An account, ready to be asked."""

    name: str
    provider_name: str
    provider: Provider
    pace: Pace
    breaker: Breaker
    record: Record
    time_limit: float = DEFAULT_TIME_LIMIT
    label: str = ""
    """Its name among replicas: with a sign of what account it is."""
    tags: tuple[str, ...] = ()
    """Words by which callers may be given it."""
    fresh: Mapping[str, float] = field(default_factory=dict)
    stale: Mapping[str, float] = field(default_factory=dict)
    """Seconds by type, where they are the account's own."""

    async def ask(self, operation: str, args: tuple[object, ...]) -> Any:  # Any: each operation has its own answer
        """Ask the provider, and note how it went. Raises GatewayError, saying where it happened."""
        try:
            answer = await getattr(self.provider, operation)(*args)
        except GatewayError as error:
            self.record.failed(error)
            raise error.at(self.name, operation) from error.__cause__
        except Exception as error:
            log.exception("%s: %s failed in a way nobody foresaw", self.name, operation)
            raise BadResponse("the answer could not be understood").at(self.name, operation) from error
        self.record.answered()
        return answer

    @property
    def health(self) -> Health:
        """As the last calls tell; down while it is not even asked."""
        return self.record.health if self.breaker.state is State.CLOSED else Health.DOWN

    def described(self) -> Account:
        """What `accounts` tells of it."""
        error = self.record.last_error
        return Account(
            name=self.name,
            provider=self.provider_name,
            capabilities=self.provider.capabilities(),
            health=self.health,
            health_reason=f"{error.code.value}: {error.message}" if error else None,
            last_success_at=self.record.last_success,
            quota=self._quota(),
        )

    def _quota(self) -> Quota | None:
        quota = self.pace.quota()
        if quota is None:
            return None
        free_at = self.record.now() + dt.timedelta(seconds=quota.free_in)
        return Quota(
            limit=quota.limit,
            window=self.pace.limits.window,
            remaining=quota.remaining,
            resets_at=free_at,
            is_lowered=quota.is_lowered,
        )
