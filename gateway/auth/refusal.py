"""What is told to who cannot be recognised: he is not known, or nobody can say for now."""

from schema.errors import Unavailable

__all__ = ["NOT_ACCEPTED", "IssuerGone", "Unauthenticated"]

NOT_ACCEPTED = "the credentials are not accepted"
"""All that is said of credentials that may be somebody's guess. Why, is for the log."""


class Unauthenticated(Exception):
    """HTTP 401, code UNAUTHENTICATED. `message` is for the caller; `reason` is for the log, and has no credential in
    it nor any text that came with one."""

    def __init__(self, message: str = NOT_ACCEPTED, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason


class IssuerGone(Unavailable):
    """HTTP 503, code UNAVAILABLE, retryable: the issuer's keys are not there, so that nobody can say whether a token is
    good. `retry_after` is in seconds."""
