"""What replicas of the gateway share, as those see it who need it: scripts run in one place, which may be gone."""

from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["Gone", "Scripts"]


class Gone(Exception):
    """What is shared cannot be reached now. Never the caller's concern: whoever shares has a safe way alone."""


class Scripts(Protocol):
    """Runs Lua scripts at a Redis. Keys are given without the deployment's prefix, which is put before each."""

    async def run(self, script: str, keys: Sequence[str], args: Sequence[str | int | float | bytes]) -> Any:
        """The script's answer: whole numbers, bytes, None and lists of these. Any: each script has its own.

        Raises Gone, within 50 ms, and at once while it is known to be gone.
        """
