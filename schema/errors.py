"""Everything that can go wrong in a way we can name.

    GatewayError
    ├── Invalid        the caller's input: an id, a cursor, an argument
    ├── NotFound       the provider has no such thing
    ├── Unsupported    the provider's API cannot say this
    ├── Refused        the provider understood, and said no
    ├── Denied         the provider does not accept the account's credentials
    ├── Forbidden      the caller may not do this
    ├── Conflict       more than one answer where there must be one
    ├── RateLimited    too many calls, at the provider or by our own pace
    ├── Unavailable    no connection, or the provider says it is broken
    ├── TimedOut       no answer within the account's or the request's time
    ├── BadResponse    an answer that cannot be understood or trusted
    └── ScanLimit      a filter applied here read as many pages as it may

Each says which account and operation (filled in on the way up), and whether trying again can help.
The words in a message are ours: never a provider's body, a URL or a credential.
"""

from collections.abc import Sequence
from enum import Enum
from typing import ClassVar, Self

import strawberry

__all__ = [
    "BadResponse",
    "Conflict",
    "Denied",
    "Forbidden",
    "GatewayError",
    "Invalid",
    "NotFound",
    "ProblemCode",
    "RateLimited",
    "Refused",
    "ScanLimit",
    "TimedOut",
    "Unavailable",
    "Unsupported",
]


@strawberry.enum(description="What kind of problem.")
class ProblemCode(Enum):
    """The closed set of codes; each class below has one."""

    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="There is no such thing.")
    UNSUPPORTED = strawberry.enum_value("UNSUPPORTED", description="The provider's API cannot say this.")
    INVALID = strawberry.enum_value("INVALID", description="The input is wrong.")
    REFUSED = strawberry.enum_value("REFUSED", description="The provider said no; see the native code.")
    DENIED = strawberry.enum_value("DENIED", description="The provider does not accept the account's credentials.")
    FORBIDDEN = strawberry.enum_value(
        "FORBIDDEN",
        description="The caller may not do this: a scope is missing, or it is about a whole account of which the "
        "caller sees some fleets only.",
    )
    RATE_LIMITED = strawberry.enum_value("RATE_LIMITED", description="Too many calls; not executed.")
    UNAVAILABLE = strawberry.enum_value("UNAVAILABLE", description="The provider cannot be reached or is broken.")
    TIMEOUT = strawberry.enum_value("TIMEOUT", description="No answer in time.")
    BAD_RESPONSE = strawberry.enum_value("BAD_RESPONSE", description="An answer that cannot be understood or trusted.")
    CONFLICT = strawberry.enum_value(
        "CONFLICT",
        description="What is asked contradicts something that is there: several things where there must be one, an "
        "idempotency key that was used for something else, another number of SIMs than expected.",
    )
    SCAN_LIMIT = strawberry.enum_value("SCAN_LIMIT", description="A filter applied here has read as much as it may.")


class GatewayError(Exception):
    """The root: a message for the caller, a code, and where it happened.

    `native_code` is the provider's own code, `retry_after` seconds, `path` the caller's input it is about.
    """

    code: ClassVar[ProblemCode]
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        native_code: str | None = None,
        retry_after: float | None = None,
        path: Sequence[str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.native_code = native_code
        self.retry_after = retry_after
        self.path = path
        self.is_footnote = False
        """An older answer stands in its place, so that nothing is missing."""
        self.account: str | None = None
        self.operation: str | None = None
        self.request_id: str | None = None
        """The provider's own name for the call that it refused, for its support."""

    def at(self, account: str, operation: str) -> Self:
        """The same error, saying where it happened; the first to say so is right."""
        if self.account is None:
            self.account, self.operation = account, operation
        return self

    @property
    def extensions(self) -> dict[str, object]:
        """What a GraphQL error carries beside its message."""
        told: dict[str, object] = {"code": self.code.value, "retryable": self.retryable}
        if self.account is not None:
            told |= {"account": self.account, "operation": self.operation}
        if self.native_code is not None:
            told["nativeCode"] = self.native_code
        if self.retryable:
            told["retryAfter"] = self.retry_after
        if self.path is not None:
            told["path"] = list(self.path)
        return told


class Invalid(GatewayError):
    """The caller's input is wrong; the message names it and what is allowed."""

    code = ProblemCode.INVALID


class NotFound(GatewayError):
    """The provider has no such thing. An unknown id is null; this is for what was found through another thing."""

    code = ProblemCode.NOT_FOUND


class Unsupported(GatewayError):
    """The provider's API has no way to say this; the message says why."""

    code = ProblemCode.UNSUPPORTED


class Refused(GatewayError):
    """The provider understood and said no; `native_code` is its reason."""

    code = ProblemCode.REFUSED


class Denied(GatewayError):
    """The provider does not accept the account's credentials, or the right is missing."""

    code = ProblemCode.DENIED


class Forbidden(GatewayError):
    """The caller may not do this; the message says which scope is missing, or that it is about a whole account."""

    code = ProblemCode.FORBIDDEN


class Conflict(GatewayError):
    """More than one answer where there must be one."""

    code = ProblemCode.CONFLICT


class RateLimited(GatewayError):
    """Too many calls; the refused call was not executed."""

    code = ProblemCode.RATE_LIMITED
    retryable = True


class Unavailable(GatewayError):
    """The provider cannot be reached, or answers that it is broken."""

    code = ProblemCode.UNAVAILABLE
    retryable = True


class TimedOut(GatewayError):
    """No answer within the time the account or the request has."""

    code = ProblemCode.TIMEOUT
    retryable = True


class BadResponse(GatewayError):
    """The answer cannot be understood, is too large, or points somewhere it must not."""

    code = ProblemCode.BAD_RESPONSE


class ScanLimit(GatewayError):
    """A filter applied here has read as many provider pages as one request may; the cursor goes on from there."""

    code = ProblemCode.SCAN_LIMIT
