"""What a bulk change or command asks for, as a digest by which a repeated one is known."""

import dataclasses
from enum import Enum
from typing import Any

import msgspec
import strawberry

from gateway.writes.inputs import digest
from schema.command_inputs import SendCommandsInput
from schema.inputs import UpdateSimsInput

__all__ = ["fingerprint_of"]


def fingerprint_of(wanted: UpdateSimsInput | SendCommandsInput) -> str:
    """Of all that was asked, but for the idempotency key and whether it is a dry run."""
    given = _plain(wanted)
    for name in ("idempotency_key", "dry_run"):
        given.pop(name, None)
    return digest(type(wanted).__name__.encode(), msgspec.json.encode(given, order="deterministic"))


def _plain(value: Any) -> Any:  # Any: inputs hold values of all types
    """An input as plain values, without what was left out."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not dataclasses.is_dataclass(value):
        return value
    return {name: _plain(each) for name, each in vars(value).items() if each is not strawberry.UNSET}
