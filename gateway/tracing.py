"""The number of the request that is being answered, for its answer and for every line the log has of it."""

import re
from contextvars import ContextVar
from uuid import uuid4

__all__ = ["REQUEST_ID", "request_id", "request_id_of"]

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Empty outside of a request."""

_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id() -> str:
    """Of the request that is being answered; a new one where none is."""
    return REQUEST_ID.get() or _made()


def request_id_of(given: str | None) -> str:
    """The one the caller gave, if it can stand in a header and a log line as it is; else a new one."""
    return given if given is not None and _GIVEN.fullmatch(given) else _made()


def _made() -> str:
    return uuid4().hex
