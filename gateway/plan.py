"""What a request came to at its accounts, in calls: told with the answer to who asks for it."""

from dataclasses import dataclass

from gateway.cache.cache import How, Told
from gateway.upstream.errand import Errand

__all__ = ["Line", "Plan"]


@dataclass(slots=True)
class Line:
    """One operation at one account. `calls` are HTTP calls, `hits` answers from memory, `coalesced` answers that
    another request was already asking for, `stale` old answers among the hits. The times are sums over the calls."""

    calls: int = 0
    hits: int = 0
    coalesced: int = 0
    stale: int = 0
    queued: float = 0.0
    upstream: float = 0.0


class Plan:
    """Counts by account and operation. Never a URL or a credential: there is none in it.

    `untold` are the accounts of which the caller sees a part: what was asked and what was remembered there would tell
    him of the rest. Of a whole account that he sees, he may learn that somebody else has asked the same before.
    """

    def __init__(self) -> None:
        self.untold: frozenset[str] = frozenset()
        self._lines: dict[tuple[str, str], Line] = {}

    def told(self, account: str, operation: str, told: Told) -> None:
        """An answer came."""
        line = self._line(account, operation)
        line.hits += told.how is How.HIT
        line.coalesced += told.how is How.JOINED
        line.stale += told.failure is not None

    def asked(self, account: str, operation: str, errand: Errand) -> None:
        """What asking came to, answered or not."""
        line = self._line(account, operation)
        line.calls += errand.calls
        line.queued += errand.queued
        line.upstream += errand.upstream

    def remembered(self, account: str, operation: str, things: int) -> None:
        """So many things were taken from answers to other questions."""
        self._line(account, operation).hits += things

    def expected(self, account: str, operation: str, calls: int) -> None:
        """So many calls would be made, or will be made when the request is over."""
        self._line(account, operation).calls += calls

    def calls_by_account(self) -> dict[str, int]:
        """HTTP calls made so far, at each account that was asked at all."""
        found: dict[str, int] = {}
        for (account, _), line in self._lines.items():
            found[account] = found.get(account, 0) + line.calls
        return {account: calls for account, calls in found.items() if calls}

    def shown(self) -> list[dict[str, object]]:
        """As `extensions.plan` has it: milliseconds, in the order of accounts and operations."""
        return [
            {
                "account": account,
                "operation": operation,
                "calls": line.calls,
                "cacheHits": line.hits,
                "stale": line.stale,
                "coalesced": line.coalesced,
                "queuedMs": round(line.queued * 1000, 1),
                "upstreamMs": round(line.upstream * 1000, 1),
            }
            for (account, operation), line in sorted(self._lines.items())
            if account not in self.untold
        ]

    def _line(self, account: str, operation: str) -> Line:
        return self._lines.setdefault((account, operation), Line())
