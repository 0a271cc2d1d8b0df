"""What a request calls its document: a text, an id, or the digest that Apollo's clients send."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

__all__ = ["DOCUMENT_ID", "Persisted", "document_id_in", "persisted_in"]

DOCUMENT_ID = ("documentId", "doc_id", "id")
"""What a request may call an id, best first: GraphQL over HTTP (draft, Appendix A), Facebook's and Relay's network
layers."""

LONGEST_ID = 256

_UNREADABLE = 'extensions.persistedQuery must be {"version": 1, "sha256Hash": "..."}'


@dataclass(frozen=True)
class Persisted:
    """Apollo's `extensions.persistedQuery`."""

    sha256: str


def document_id_in(parts: Mapping[str, Any]) -> str | None:  # Any: the caller's own JSON
    """The id in a request's parts. What is no text of a sensible length is none."""
    found = (parts.get(name) for name in DOCUMENT_ID)
    return next((each for each in found if isinstance(each, str) and 0 < len(each) <= LONGEST_ID), None)


def persisted_in(extensions: Mapping[str, Any]) -> Persisted | GraphQLError | None:  # Any: as above
    """What a request's extensions say, if anything."""
    given = extensions.get("persistedQuery")
    if given is None:
        return None
    digest = given.get("sha256Hash") if isinstance(given, dict) and given.get("version") == 1 else None
    if not isinstance(digest, str) or not 0 < len(digest) <= LONGEST_ID:
        return GraphQLError(_UNREADABLE)
    return Persisted(digest)
