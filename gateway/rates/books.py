"""Where it is written down what callers have used: in this process, and where replicas share a Redis also there."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from gateway.rates.script import SETTLE, TAKE
from gateway.rates.standing import Quota, Standing
from gateway.rates.window import SPAN, Window
from gateway.replicas import Scripts

__all__ = ["OwnBooks", "SharedBooks", "Wanted"]

MOST_CALLERS = 10_000
"""Of whom this process knows what they have used, in about 1 KB each. Who was quiet longest is forgotten."""
NONE = 2**52
"""In place of a limit that is not there: a number that Lua can count to and nobody else."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for. Limits are per minute, None where there is none. Unless they are kept, all is given.

    `requests` and `cost` are None where it is not about them. Of none at all, 0, there is enough unless more than the
    limit was used.
    """

    caller: str
    request_limit: int | None
    cost_limit: int | None
    requests: int | None = None
    cost: int | None = None
    is_kept: bool = True


class OwnBooks:
    """What was used in this process. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_caller: OrderedDict[str, tuple[Window, Window]] = OrderedDict()

    def take(self, wanted: Wanted) -> Standing:
        """Use what is wanted, if all of it is there; else nothing, and the standing says how long to wait."""
        now = self._clock()
        requests, cost = self._of(wanted.caller, now)
        waits = [
            _wait(requests, now, wanted.request_limit, wanted.requests),
            _wait(cost, now, wanted.cost_limit, wanted.cost),
        ]
        if not wanted.is_kept or not any(waits):
            requests.add(wanted.requests or 0)
            cost.add(wanted.cost or 0)
        return Standing(
            requests=_quota(requests, now, wanted.request_limit, waits[0]),
            cost=_quota(cost, now, wanted.cost_limit, waits[1]),
            is_told=wanted.is_kept,
            reserved=wanted.cost or 0,
            second=cost.second,
        )

    def note(self, wanted: Wanted) -> int:
        """Write down what was given elsewhere; the second in which it is counted."""
        requests, cost = self._of(wanted.caller, self._clock())
        requests.add(wanted.requests or 0)
        cost.add(wanted.cost or 0)
        return cost.second

    def settle(self, caller: str, standing: Standing, more: int) -> None:
        """It was so many provider calls more (or fewer) than reserved."""
        _, cost = self._of(caller, self._clock())
        if more > 0:
            cost.add(more)
        else:
            cost.give_back(standing.second, -more)

    def _of(self, caller: str, now: float) -> tuple[Window, Window]:
        """The caller's two windows, as they are now."""
        books = self._by_caller.get(caller)
        if books is None:
            books = self._by_caller[caller] = Window(now), Window(now)
            if len(self._by_caller) > MOST_CALLERS:
                self._by_caller.popitem(last=False)
        self._by_caller.move_to_end(caller)
        for each in books:
            each.advance(now)
        return books


class SharedBooks:
    """What was used in all replicas. Everything here raises Gone."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def take(self, wanted: Wanted) -> tuple[bool, Standing]:
        """As `OwnBooks.take`, in one round trip; and whether it was given."""
        numbers = (*_numbers(wanted.request_limit, wanted.requests), *_numbers(wanted.cost_limit, wanted.cost))
        keys = [_key(wanted.caller, "requests"), _key(wanted.caller, "cost")]
        given, second, *told = await self._scripts.run(TAKE, keys, [SPAN, int(wanted.is_kept), *numbers])
        return bool(given), Standing(
            requests=_told(wanted.request_limit, *told[:3]),
            cost=_told(wanted.cost_limit, *told[3:]),
            is_told=wanted.is_kept,
            reserved=wanted.cost or 0,
            shared_second=int(second),
        )

    async def settle(self, caller: str, second: int, more: int) -> None:
        """As `OwnBooks.settle`, of what was reserved in this second."""
        await self._scripts.run(SETTLE, [_key(caller, "cost")], [SPAN, second, more])


def _wait(window: Window, now: float, limit: int | None, want: int | None) -> float:
    return 0.0 if limit is None or want is None else window.wait(now, limit, want)


def _quota(window: Window, now: float, limit: int | None, wait: float) -> Quota | None:
    return None if limit is None else Quota(limit, window.used, window.free_in(now), wait)


def _numbers(limit: int | None, want: int | None) -> tuple[int, int]:
    """-1 where nothing is wanted of it."""
    return (NONE, 0) if limit is None else (limit, -1 if want is None else want)


def _told(limit: int | None, used: int, free_in: int, wait: int) -> Quota | None:
    return None if limit is None else Quota(limit, used, free_in / 1000, wait / 1000)


def _key(caller: str, what: str) -> str:
    """A caller's name may be anything, and is nobody's business at Redis. Braces: one slot of a cluster for both."""
    return f"rates:{{{blake2b(caller.encode(), digest_size=12).hexdigest()}}}:{what}"
