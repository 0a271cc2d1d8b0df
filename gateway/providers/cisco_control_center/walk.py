"""Where a walk over Control Center's numbered pages stands, as a page token."""

from dataclasses import dataclass
from datetime import UTC, datetime

from schema.errors import Invalid

__all__ = ["Walk"]


@dataclass(frozen=True)
class Walk:
    """The start of the search, fixed for the whole walk; which page, counted from 1; which of its parts."""

    since: str
    number: int = 1
    part: int = 0

    @classmethod
    def begun(cls, since: datetime) -> "Walk":
        """The first page of a search from a moment on, written as Cisco wants it: `2016-04-18T17:31:34+00:00`."""
        return cls(since.astimezone(UTC).isoformat(timespec="seconds"))

    @classmethod
    def read(cls, token: str) -> "Walk":
        """The walk a token stands for. Raises Invalid when it is none of ours."""
        try:
            since, number, part = token.split(" ")
            return cls(since, int(number), int(part))
        except ValueError as error:
            raise Invalid("the page token does not belong to this list") from error

    @property
    def token(self) -> str:
        return f"{self.since} {self.number} {self.part}"

    def behind(self, *, last_page: bool, parts: int = 1) -> str | None:
        """The token of the next page: of this part, else the next part's first; None at the end of all."""
        if not last_page:
            return Walk(self.since, self.number + 1, self.part).token
        if self.part + 1 < parts:
            return Walk(self.since, 1, self.part + 1).token
        return None
