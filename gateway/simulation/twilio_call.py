"""One call to an API of the Twilio family, as a handler sees it, and the refusals a handler may raise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

__all__ = ["Call", "Refusal", "Reply", "parse_time"]


class Refusal(Exception):
    """The provider says no: HTTP status, its own error code (None where it has none), words."""

    def __init__(self, status: int, code: int | None, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: a status and a JSON body, None for no body."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed authentication. `base` is the URL of the mount, without a slash at its end."""

    method: str
    path: str
    base: str
    place: Mapping[str, str]
    query: Mapping[str, list[str]]
    form: Mapping[str, list[str]]
    now: datetime

    def asked(self, name: str) -> str | None:
        """A filter's value, None when it is absent or empty."""
        values = self.query.get(name)
        return values[-1] if values and values[-1] else None

    def given(self, name: str) -> str | None:
        """A field of the form, `""` when it was sent empty, None when it was not sent."""
        values = self.form.get(name)
        return values[-1] if values else None

    def needed(self, name: str, code: int = 20002) -> str:
        """A field that must be there and not empty."""
        value = self.given(name)
        if not value:
            raise Refusal(400, code, f"Missing required parameter {name} in the post body")
        return value

    def word(self, name: str, words: tuple[str, ...], code: int = 20001) -> str | None:
        """A field that is one of a few words."""
        return _word(name, self.given(name) or None, words, code)

    def asked_word(self, name: str, words: tuple[str, ...], code: int = 20001) -> str | None:
        """A filter that is one of a few words."""
        return _word(name, self.asked(name), words, code)

    def flag(self, name: str, default: bool, code: int = 20001) -> bool:
        """A field that is true or false."""
        value = _word(name, (self.given(name) or "").lower() or None, ("true", "false"), code)
        return default if value is None else value == "true"

    def whole(self, name: str, default: int, low: int, high: int, code: int = 20001) -> int:
        """A field that is a whole number of a range."""
        value = self.given(name)
        if value is None or value == "":
            return default
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            raise Refusal(400, code, f"Invalid {name}: a whole number from {low} to {high} is needed")
        return int(value)

    def url(self, name: str, default: str | None, code: int = 20001) -> str | None:
        """A field that is an absolute URL; sent empty it clears."""
        value = self.given(name)
        if value is None:
            return default
        if value and not value.startswith(("http://", "https://")):
            raise Refusal(400, code, f"Invalid {name}: an absolute URL is needed")
        return value or None

    def time(self, name: str, default: datetime, code: int) -> datetime:
        """A filter that is a time in ISO 8601."""
        value = self.asked(name)
        if value is None:
            return default
        try:
            return parse_time(value)
        except ValueError as error:
            raise Refusal(400, code, f"Invalid {name}: an ISO 8601 time is needed") from error


def _word(name: str, value: str | None, words: tuple[str, ...], code: int) -> str | None:
    if value is not None and value not in words:
        raise Refusal(400, code, f"Invalid {name}: one of {', '.join(words)} is needed")
    return value


def parse_time(text: str) -> datetime:
    """An ISO 8601 time or date as aware UTC; one without an offset is GMT. ValueError for anything else."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
