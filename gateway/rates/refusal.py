"""What is told to who asks too much: in a minute, or at once."""

from math import ceil

from gateway.rates.standing import Standing
from schema.errors import RateLimited

__all__ = ["OverBudget", "TooCostly"]


class OverBudget(RateLimited):
    """HTTP 429: the caller has used up what he has in a minute. `limit` is its name in gateway.toml; the headers are
    `standing.headers()`."""

    def __init__(self, message: str, limit: str, standing: Standing) -> None:
        super().__init__(f"{message}; try again in {ceil(standing.wait)} s", retry_after=float(ceil(standing.wait)))
        self.limit = limit
        self.standing = standing

    @property
    def extensions(self) -> dict[str, object]:
        return super().extensions | {"limit": self.limit}


class TooCostly(Exception):
    """Code LIMIT_EXCEEDED: more than the caller may ever ask at once, so that trying again is no use. `limit` is its
    name in gateway.toml."""

    def __init__(self, message: str, *, limit: str, maximum: int, found: int) -> None:
        super().__init__(message)
        self.message = message
        self.limit = limit
        self.maximum = maximum
        self.found = found

    @property
    def extensions(self) -> dict[str, object]:
        """What a GraphQL error carries beside its message."""
        told = {"limit": self.limit, "maximum": self.maximum, "found": self.found}
        return {"code": "LIMIT_EXCEEDED", "retryable": False, **told}
