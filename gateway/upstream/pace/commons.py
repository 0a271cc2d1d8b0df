"""What one replica tells the others of its calls at an account, and what it is told: the script's words in ours."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex

from gateway.replicas import Scripts
from gateway.upstream.pace.gate import period_of
from gateway.upstream.pace.limits import Limits
from gateway.upstream.pace.script import TOGETHER
from gateway.upstream.pace.throttle import FIRST_PAUSE, LEAST, LONGEST_PAUSE, STEP

__all__ = ["CHANGING", "Commons", "Complaint", "Question", "Told"]

CHANGING = 0.75
"""Seconds in which everybody who is apart asks at least once, and hears that this is over."""

_KEYS = ("state", "held", "ended", "live", "waiting", "valid")


@dataclass(frozen=True)
class Complaint:
    """The provider said that it was too much: seconds to stay away (None: it did not say), and when the call began."""

    retry_after: float | None
    began: float


@dataclass(frozen=True)
class Question:
    """What is asked: `want` places, `lag` seconds behind those who are in a hurry. `is_back`: for the first time after
    a time apart from what were `replicas`. `is_beat`: tells which calls run, in case something was lost on the way.
    `is_last`: this replica ends."""

    want: int = 0
    lag: float = 0.0
    replicas: int = 1
    is_back: bool = False
    is_beat: bool = False
    is_last: bool = False
    complaint: Complaint | None = None


@dataclass(frozen=True)
class Told:
    """An answer. Times are seconds. `places` were given to us; where they are fewer than wanted, ask again after
    `wait`. `free_places` and `free_calls` are what all replicas together have left. `must_tell`: it has lost what it
    knew, and gives nothing before it knows all our calls again. `is_apart`: somebody is not back yet after a time
    apart, so everybody keeps to a part of the limits."""

    places: range
    wait: float
    replicas: int
    index: int
    free_places: int
    free_calls: int
    tokens: float
    factor: float
    pause: float
    free_in: float
    must_tell: bool
    is_apart: bool


class Commons:
    """One replica's account book, and how it is brought to where all replicas' books come together.

    The book is kept always, also while nobody can read it: what was used while apart counts afterwards.
    """

    def __init__(
        self, scripts: Scripts, account: str, limits: Limits, *, clock: Callable[[], float], lease: float
    ) -> None:
        self._scripts = scripts
        self._keys = [f"pace:{{{account}}}:{key}" for key in _KEYS]  # braces: one slot of a cluster
        self._limits = limits
        self._clock = clock
        self._lease = lease
        self._me = token_hex(6)
        self._epoch = ""
        self._count = 0
        self._running: set[int] = set()
        self._ended: deque[tuple[int, float]] = deque(maxlen=limits.calls or limits.concurrency)
        self._untold: list[tuple[int, float]] = []
        self._must_tell_all = True

    def begin(self) -> int:
        """Write down a call that began without asking; its number."""
        self._count += 1
        self._running.add(self._count)
        self._must_tell_all = True
        return self._count

    def end(self, place: int, now: float) -> None:
        """Write down that a call ended."""
        self._running.discard(place)
        self._ended.append((place, now))
        if not self._must_tell_all:
            self._untold.append((place, now))

    @property
    def has_news(self) -> bool:
        """Whether a call ended that the others do not know of."""
        return bool(self._untold)

    def tell_all(self) -> None:
        """Next time tell everything: what was told may be lost."""
        self._must_tell_all = True
        self._untold.clear()

    async def ask(self, question: Question) -> Told:
        """Tell the news, and ask for places. Raises Gone, and everything will be told again."""
        now, want = self._clock(), question.want
        tells_all, self._must_tell_all = self._must_tell_all, False
        news, self._untold = (list(self._ended) if tells_all else self._untold), []
        first, self._count = self._count + 1, self._count + want
        tells_running = (tells_all or question.is_beat) and not question.is_last
        running = sorted(self._running) if tells_running else []
        args: list[str | int | float | bytes] = [self._me, self._epoch, first, want, _ms(question.lag)]
        args += [int(question.is_back), question.replicas, 2 if tells_all else int(tells_running)]
        args += [int(question.is_last), *self._settings(), *_complaint(question.complaint, now)]
        args += [_ms(FIRST_PAUSE), _ms(LONGEST_PAUSE), LEAST, STEP, _ms(CHANGING), len(running), *running]
        for place, ended in news:
            args += [place, _ms(now - ended)]
        try:
            answer = await self._scripts.run(TOGETHER, self._keys, args)
        except BaseException:
            self.tell_all()  # also when cancelled: it may have arrived or not
            raise
        return self._told(first, answer)

    def _told(self, first: int, answer: list[int | bytes]) -> Told:
        *numbers, epoch = answer
        granted, wait, replicas, index, places, calls, tokens, factor, pause, free_in, must, apart = map(int, numbers)
        self._epoch = epoch.decode() if isinstance(epoch, bytes) else str(epoch)
        given = range(first, first + granted)
        self._running.update(given)
        if must:
            self.tell_all()
        return Told(
            places=given,
            wait=wait / 1000,
            replicas=replicas,
            index=index,
            free_places=places,
            free_calls=calls,
            tokens=tokens / 1000,
            factor=factor / 1_000_000,
            pause=pause / 1000,
            free_in=free_in / 1000,
            must_tell=bool(must),
            is_apart=bool(apart),
        )

    def _settings(self) -> list[int | float]:
        limits = self._limits
        calls = -1 if limits.calls is None else limits.calls
        # Whoever was apart is back within a lease, or dead.
        settling, period = self._lease, period_of(limits)
        guards: list[int | float] = [limits.concurrency, calls, _ms(limits.window), limits.most_together]
        return [*guards, _ms(self._lease), _ms(settling), _ms(period)]


def _complaint(complaint: Complaint | None, now: float) -> list[int | float]:
    if complaint is None:
        return [0, -1, 0]
    retry_after = -1 if complaint.retry_after is None else _ms(min(complaint.retry_after, LONGEST_PAUSE))
    return [1, retry_after, _ms(now - complaint.began)]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
