"""How much each caller may ask: requests in a minute, provider calls in a minute, provider calls in a request."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.rates.books import OwnBooks, SharedBooks, Wanted
from gateway.rates.options import Budget
from gateway.rates.refusal import OverBudget, TooCostly
from gateway.rates.standing import Standing
from gateway.rates.telling import Telling
from gateway.replicas import Gone, Scripts
from gateway.rights import ANYBODY, Caller

__all__ = ["COST", "COST_PER_REQUEST", "REQUESTS", "Rates"]

REQUESTS, COST, COST_PER_REQUEST = 1_200, 20_000, 2_500
"""For callers who are known, where it is not configured."""
MOST = 1_000_000_000
"""Provider calls of a request as they are counted; an estimate may be any number where nothing is refused."""


@dataclass(frozen=True)
class _Limits:
    requests: int | None
    cost: int | None
    cost_per_request: int | None


class Rates:
    """Keeps callers to their budget, together with all replicas where there are `scripts`.

    While Redis is gone every process keeps each caller to the whole of his limits by itself: so many processes there
    are, so many times can he use them. What he has used here before counts. Nothing needs to be closed.
    """

    def __init__(self, options: Budget, clock: Callable[[], float], scripts: Scripts | None = None) -> None:
        self._options = options
        self._own = OwnBooks(clock)
        self._shared = None if scripts is None else SharedBooks(scripts)
        self._telling = Telling(clock)

    async def request(self, caller: Caller, count: int = 1) -> Standing:
        """Count a request, or several that came together. Raises OverBudget, and TooCostly for more than ever go."""
        limits = self._limits(caller)
        self._check(caller, "requests", limits.requests, count, "requests at once")
        return await self._take(caller, limits, requests=count)

    async def reserve(self, caller: Caller, cost: int) -> Standing:
        """Set aside what a request may cost in provider calls. Settle it, whatever becomes of the request.

        Raises TooCostly for more than a request may cost, OverBudget for more than is left of the minute: for nothing
        at all, too, where the minute is overdrawn, as what is said to cost nothing may cost something.
        """
        limits = self._limits(caller)
        self._check(caller, "cost_per_request", limits.cost_per_request, cost, "provider calls in one request")
        self._check(caller, "cost", limits.cost, cost, "provider calls in a minute")
        return await self._take(caller, limits, cost=min(cost, MOST))

    async def aside(self, caller: Caller, cost: int) -> tuple[float, Standing]:
        """The same for what goes on behind his requests, of half of the minute only: they have the rest.

        Refuses nothing. Where there is too little for now nothing is set aside, and the first are seconds to wait.
        """
        limits = self._limits(caller)
        if limits.cost is None:
            return 0.0, Standing(reserved=cost)
        half = max(limits.cost // 2, cost)
        standing = await self._asked(Wanted(caller.name, limits.requests, half, None, cost, self._is_kept))
        return standing.wait if self._is_kept else 0.0, standing

    async def charge(self, caller: Caller, cost: int) -> None:
        """So many provider calls were made for him. Never refuses."""
        limits = self._limits(caller)
        if cost and limits.cost is not None:
            await self._asked(Wanted(caller.name, limits.requests, limits.cost, None, cost, is_kept=False))

    async def settle(self, caller: Caller, reserved: Standing, actual: int) -> None:
        """Give back what was reserved and not needed, or charge what was needed more. Never refuses."""
        more = actual - reserved.reserved
        if not more or reserved.cost is None:
            return
        self._own.settle(caller.name, reserved, more)
        if self._shared is None or reserved.shared_second is None:
            return
        try:
            await self._shared.settle(caller.name, reserved.shared_second, more)
        except Gone:
            return  # it counts as reserved until its minute is over

    @property
    def is_counting(self) -> bool:
        """Whether anything is counted at all."""
        return self._options.mode != "off"

    def most(self, caller: Caller) -> int | None:
        """Provider calls that one request of his may cost; None where there is no limit."""
        limits = self._limits(caller)
        return min((each for each in (limits.cost_per_request, limits.cost) if each is not None), default=None)

    def _limits(self, caller: Caller) -> _Limits:
        """His own limits, else everyone's; who is not asked for credentials has none that nobody wrote down."""
        options = self._options
        if options.mode == "off":
            return _Limits(None, None, None)
        given = _Limits(caller.requests or options.requests, caller.cost or options.cost, options.cost_per_request)
        if caller.name == ANYBODY.name:
            return given
        return _Limits(given.requests or REQUESTS, given.cost or COST, given.cost_per_request or COST_PER_REQUEST)

    def _check(self, caller: Caller, name: str, limit: int | None, found: int, what: str) -> None:
        """What is more than there ever is needs no book."""
        if limit is None or found <= limit:
            return
        message = f"{found} {what}, and {limit} are allowed"
        self._telling.tell(caller.name, message, is_refused=self._is_kept)
        if self._is_kept:
            raise TooCostly(message, limit=name, maximum=limit, found=found)

    async def _take(
        self, caller: Caller, limits: _Limits, *, requests: int | None = None, cost: int | None = None
    ) -> Standing:
        if limits.requests is None and limits.cost is None:
            return Standing(reserved=cost or 0)
        wanted = Wanted(caller.name, limits.requests, limits.cost, requests, cost, self._is_kept)
        standing = await self._asked(wanted)
        if standing.wait > 0:
            self._refuse(caller, wanted, standing)
        return standing

    async def _asked(self, wanted: Wanted) -> Standing:
        """By the replicas' book where it can be reached, which this process keeps along; else by its own."""
        if self._shared is None:
            return self._own.take(wanted)
        try:
            is_given, standing = await self._shared.take(wanted)
        except Gone:
            return self._own.take(wanted)
        return replace(standing, second=self._own.note(wanted)) if is_given else standing

    def _refuse(self, caller: Caller, wanted: Wanted, standing: Standing) -> None:
        if wanted.requests:
            name, message = "requests", f"more than {wanted.request_limit} requests in a minute"
        elif not wanted.cost:
            name, message = "cost", f"more than {wanted.cost_limit} provider calls in a minute were made"
        else:
            left = 0 if standing.cost is None else standing.cost.remaining
            name, message = (
                "cost",
                f"{wanted.cost} provider calls, and {left} of {wanted.cost_limit} in a minute are left",
            )
        self._telling.tell(caller.name, message, is_refused=self._is_kept)
        if self._is_kept:
            raise OverBudget(message, name, standing)

    @property
    def _is_kept(self) -> bool:
        return self._options.mode == "enforce"
