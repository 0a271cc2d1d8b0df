"""How the Twilio family is told to change something: a form with UpperCamelCase names, answered with the thing."""

from typing import Any, TypeVar

from msgspec import UNSET

from gateway.upstream.client import Body, Client, Form, Written

__all__ = ["delete", "form", "megabytes", "post"]

W = TypeVar("W")

BYTES_PER_MB = 1_000_000


def form(*fields: tuple[str, Any]) -> Form:
    """Fields as these APIs take them: UNSET is left out, None clears and is empty, a list is its key repeated, a bool
    is a word. Any: whatever a field holds."""
    return [(name, _text(each)) for name, value in fields if value is not UNSET for each in _values(value)]


async def post(client: Client, path: str, kind: type[W], fields: Form) -> Written[W]:
    """Make or change something."""
    return await client.write("POST", path, kind, Body.form(fields))


async def delete(client: Client, path: str) -> Written[None]:
    """Delete something: 204, or 202 at KORE."""
    return await client.write("DELETE", path, type(None))


def megabytes(size: Any) -> Any:  # Any: bytes or UNSET, and so is what comes back
    """A size in bytes as these APIs say it: in MB, of which each is taken for 10^6 bytes (unverified)."""
    return size // BYTES_PER_MB if isinstance(size, int) else size


def _values(value: Any) -> Any:  # Any: as above
    return value if isinstance(value, list | tuple) else (value,)


def _text(value: Any) -> str:  # Any: as above
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
