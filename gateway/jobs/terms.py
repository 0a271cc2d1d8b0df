"""On what terms jobs go on: whether their caller still may what they do, and what is left of his minute."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from schema.job import JobKind
from schema.scopes import Scope

__all__ = ["SCOPES", "Free", "Settle", "Terms", "Turn"]

SCOPES = {JobKind.UPDATE_SIMS: Scope.SIMS_WRITE, JobKind.SEND_COMMANDS: Scope.COMMANDS_SEND}
"""What a caller must be allowed, for as long as his job goes on."""

Settle = Callable[[int], Awaitable[None]]
"""Is told how many calls it was in the end."""


@dataclass(frozen=True)
class Turn:
    """After `wait` seconds it may be tried again; with 0 it is had, and must be settled."""

    wait: float
    settle: Settle


class Terms(Protocol):
    """Callers are known by their names: a job may go on for days, and be another process's that has gone."""

    def may(self, caller: str, account: str, scope: Scope) -> bool:
        """Whether he still may do this there; true where that cannot be known."""

    async def turn(self, caller: str, calls: int) -> Turn:
        """Set aside so many provider calls of his minute. Raises nothing."""

    async def charge(self, caller: str, calls: int) -> None:
        """So many provider calls were made. Raises nothing."""


class Free:
    """Everybody may, and nobody pays."""

    def may(self, caller: str, account: str, scope: Scope) -> bool:
        del caller, account, scope
        return True

    async def turn(self, caller: str, calls: int) -> Turn:
        del caller, calls
        return Turn(0.0, _nobody_is_told)

    async def charge(self, caller: str, calls: int) -> None:
        del caller, calls


async def _nobody_is_told(calls: int) -> None:
    del calls
