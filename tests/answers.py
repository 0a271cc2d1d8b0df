"""Providers' answers as the wire types that read them."""

from pathlib import Path
from typing import Any

import msgspec

__all__ = ["published_in", "wire"]


def published_in(folder: Path, name: str, kind: Any) -> Any:  # Any: whichever wire type the test asks for
    """A published answer, kept in the provider's `fixtures`."""
    return msgspec.json.decode((folder / name).read_bytes(), type=kind)


def wire(kind: Any, **given: object) -> Any:
    """An answer written by a test."""
    return msgspec.json.decode(msgspec.json.encode(given), type=kind)
