"""How a caller stands: what he has used of a minute, and the headers that tell him."""

from dataclasses import dataclass
from math import ceil

from gateway.rates.window import MINUTE

__all__ = ["Quota", "Standing"]


@dataclass(frozen=True)
class Quota:
    """`used` of a `limit`; in `free_in` seconds all of it is free again, in `wait` what was just asked for."""

    limit: int
    used: int
    free_in: float
    wait: float = 0.0

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


@dataclass(frozen=True)
class Standing:
    """After a question to `Rates`. A quota is None where there is no limit. `reserved` are provider calls, `second` and
    `shared_second` when: in this process' book, and in the replicas' where there is one."""

    requests: Quota | None = None
    cost: Quota | None = None
    is_told: bool = True
    """Whether the caller is to know: not while limits are only tried out."""
    reserved: int = 0
    second: int = 0
    shared_second: int | None = None

    @property
    def wait(self) -> float:
        """Seconds until what was asked for can be had; 0 where it was had."""
        return max((each.wait for each in (self.requests, self.cost) if each is not None), default=0.0)

    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers-06, of the quota that is nearer to its end; with
        Retry-After where there was too little. Numbers are whole: requests or provider calls, and seconds."""
        quotas = [each for each in (self.requests, self.cost) if each is not None]
        if not quotas or not self.is_told:
            return {}
        nearest = min(quotas, key=lambda each: (-each.wait, each.remaining / each.limit))
        retry = {"Retry-After": _seconds(self.wait)} if self.wait else {}
        return {
            "RateLimit-Limit": str(nearest.limit),
            "RateLimit-Remaining": str(nearest.remaining),
            "RateLimit-Reset": _seconds(self.wait or nearest.free_in),
            "RateLimit-Policy": self._policy(),
            **retry,
        }

    def _policy(self) -> str:
        named = (("requests", self.requests), ("provider calls", self.cost))
        return ", ".join(f'{quota.limit};w={MINUTE};comment="{name}"' for name, quota in named if quota is not None)


def _seconds(seconds: float) -> str:
    return str(ceil(seconds))
