"""What a caller may be allowed to do, and which of it each field takes."""

from collections.abc import Collection, Mapping
from enum import Enum

from schema.errors import Forbidden
from schema.scope_table import ANY, TABLE

__all__ = ["ALL_SCOPES", "NEEDS", "SCOPE_OF_KIND", "Needs", "Scope", "forbidden_kind", "lacking"]


class Scope(Enum):
    """The closed set of scopes; the value is how configurations, tokens and errors write it."""

    SIMS_READ = "sims:read"
    SESSIONS_READ = "sessions:read"
    USAGE_READ = "usage:read"
    EVENTS_READ = "events:read"
    COMMANDS_READ = "commands:read"
    COMMANDS_SEND = "commands:send"
    SIMS_WRITE = "sims:write"
    FLEETS_WRITE = "fleets:write"
    PII_READ = "pii:read"
    ADMIN = "admin"


ALL_SCOPES = frozenset(Scope)

Needs = tuple[frozenset[Scope], ...]
"""What a field takes: all scopes of any one of these sets. Empty: any caller may have it."""


def _read(needs: str) -> Needs:
    if needs == ANY:
        return ()
    return tuple(frozenset(Scope(each) for each in choice.split()) for choice in needs.split("|"))


NEEDS: Mapping[tuple[str, str], Needs] = {
    (type_name, field): _read(needs)
    for type_name, groups in TABLE.items()
    for needs, fields in groups.items()
    for field in fields.split()
}
"""What each field takes, by the names of its type and of itself."""

SCOPE_OF_KIND: Mapping[str, Scope] = {
    kind: scope
    for scope, kinds in {
        Scope.SIMS_READ: "Sim Fleet Network NetworkAccessProfile RatePlan EsimProfile SettingsUpdate BillingPeriod",
        Scope.SESSIONS_READ: "DataSession",
        Scope.COMMANDS_READ: "SmsCommand IpCommand",
    }.items()
    for kind in kinds.split()
}
"""What it takes to load a thing by its id. Accounts and jobs are for any caller: those that exist for him."""


def lacking(needs: Needs, scopes: Collection[Scope]) -> Needs:
    """What is missing for each choice; empty where nothing is."""
    missing = tuple(choice.difference(scopes) for choice in needs)
    return missing if all(missing) else ()


def forbidden_kind(kind: str, scopes: Collection[Scope]) -> Forbidden | None:
    """Why things of this kind cannot be loaded by id with these scopes; None where they can."""
    needed = SCOPE_OF_KIND[kind]
    return None if needed in scopes else Forbidden(f"{kind}: this takes the scope {needed.value}")
