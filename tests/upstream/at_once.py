"""The policy of a test that is not about policies."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

__all__ = ["AtOnce"]

T = TypeVar("T")


class AtOnce:
    """Every exchange at once, none twice."""

    async def run(self, once: Callable[[], Awaitable[T]], *, may_repeat: bool) -> T:
        del may_repeat
        return await once()
