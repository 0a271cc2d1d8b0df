"""What tells callers of the schema: for nobody, for administrators, or for all."""

from dataclasses import dataclass
from typing import Literal

from gateway.rights import Caller
from schema.scopes import Scope

__all__ = ["Exposure", "Exposures"]

Exposure = Literal["off", "admin", "all"]
"""Whom something is for: nobody, callers with the scope `admin`, or every caller."""


@dataclass(frozen=True)
class Exposures:
    """Whom each is for. Without callers everybody is an administrator, so that nothing changes for the demo."""

    graphiql: Exposure = "admin"
    introspection: Exposure = "admin"
    suggestions: Exposure = "admin"

    @staticmethod
    def allows(exposure: Exposure, caller: Caller) -> bool:
        return exposure == "all" or (exposure == "admin" and caller.may(Scope.ADMIN))
