"""Who is calling, what he may do, and what exists for him."""

from collections.abc import Collection
from dataclasses import dataclass, field

from schema.ids import Key
from schema.scopes import ALL_SCOPES, Scope

__all__ = ["ANYBODY", "EVERYTHING", "Caller", "Reach"]


@dataclass(frozen=True)
class Reach:
    """Which accounts exist for a caller: those that are named, those of a provider, those with a tag; `is_all`: every
    one. In an account of which `fleets` names some, nothing exists but these and what belongs to their SIMs.
    """

    is_all: bool = False
    accounts: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    fleets: frozenset[Key] = frozenset()

    def sees(self, account: str, provider: str, tags: Collection[str]) -> bool:
        """Whether this account exists for the caller, at least some fleets of it."""
        return (
            self.is_all
            or account in self.accounts
            or provider in self.providers
            or not self.tags.isdisjoint(tags)
            or any(each.account == account for each in self.fleets)
        )

    def fleets_in(self, account: str) -> frozenset[str] | None:
        """The native ids of the fleets that exist for the caller in an account he sees; None: all that is there."""
        named = frozenset(each.native_id for each in self.fleets if each.account == account)
        return named or None


EVERYTHING = Reach(is_all=True)


@dataclass(frozen=True)
class Caller:
    """Whoever is asking. `name` is how the audit log, idempotency keys, jobs and limits tell callers apart.

    `requests` and `cost` are his own limits per minute, where they are not everyone's: requests, and provider calls.
    """

    name: str
    scopes: frozenset[Scope] = frozenset()
    reach: Reach = field(default_factory=Reach)
    requests: int | None = None
    cost: int | None = None

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes


ANYBODY = Caller("anonymous", ALL_SCOPES, EVERYTHING)
"""Who sends requests to a gateway that does not ask who they are."""
