"""Manifests of documents as clients' compilers write them."""

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from gateway.documents.asked import LONGEST_ID
from gateway.documents.known import KnownDocument

__all__ = ["ManifestMistake", "documents_in"]

APOLLO = "apollo-persisted-query-manifest"
VERSION = 1

NEITHER = (
    f'is neither Apollo\'s manifest ({{"format": "{APOLLO}", ...}}) nor Relay\'s map ({{"<id>": "<document>", ...}})'
)


class ManifestMistake(Exception):
    """What is wrong with a file; the message begins with its name."""


class _Operation(msgspec.Struct, frozen=True):
    id: str
    body: str
    name: str
    type: str


class _Manifest(msgspec.Struct, frozen=True):
    """`@apollo/generate-persisted-query-manifest` 1.x, and Apollo Kotlin's and iOS's compilers."""

    version: int
    operations: list[_Operation]


def documents_in(text: str, file: str) -> list[KnownDocument]:
    """Those of Apollo's or Relay's file. Raises ManifestMistake."""
    try:
        content = json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise ManifestMistake(f"{file}: {error if isinstance(error, _Twice) else 'is not JSON'}") from None
    if isinstance(content, dict) and content.get("format") == APOLLO:
        documents = _of_apollo(content, file)
    else:
        documents = _of_relay(content, file)
    if not documents:
        raise ManifestMistake(f"{file}: there is no document in it")
    if any(not 0 < len(each.id) <= LONGEST_ID for each in documents):
        raise ManifestMistake(f"{file}: an id must have 1 to {LONGEST_ID} characters")
    return documents


def _of_apollo(content: dict[str, Any], file: str) -> list[KnownDocument]:  # Any: JSON, which is checked here
    try:
        manifest = msgspec.convert(content, _Manifest)
    except msgspec.ValidationError as error:
        raise ManifestMistake(f"{file}: is not as Apollo's manifest is: {error}") from None
    if manifest.version != VERSION:
        raise ManifestMistake(f"{file}: its version is {manifest.version}; only version {VERSION} is known")
    return [
        KnownDocument(each.id, each.body, f"{file}: {each.name[:80]}", each.name, each.type)
        for each in manifest.operations
    ]


def _of_relay(content: object, file: str) -> list[KnownDocument]:
    """`persistConfig.file` of relay-compiler: an object of texts by id."""
    try:
        texts = msgspec.convert(content, dict[str, str])
    except msgspec.ValidationError:
        raise ManifestMistake(f"{file}: {NEITHER}") from None
    return [KnownDocument(key, text, f"{file}: {key[:80]}") for key, text in texts.items()]


class _Twice(ValueError):
    pass


def _each_once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:  # Any: as above
    """A key that is there twice would silently be one of the two."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(f"{key[:80]!r} is in it twice")
        found[key] = value
    return found
