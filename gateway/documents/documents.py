"""The document of a request: sent as a text, or named by an id or a digest; read, and allowed to be run."""

import logging
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError, GraphQLSchema

from gateway.documents.asked import Persisted, persisted_in
from gateway.documents.document import Document
from gateway.documents.kept import Kept
from gateway.documents.known import NOTHING, SHA256, Known
from gateway.documents.options import DocumentLimits, DocumentOptions
from gateway.documents.reader import Reader, digest_of
from gateway.documents.refusal import refused

__all__ = ["HASH_MISMATCH", "Documents"]

log = logging.getLogger("gateway.documents")

HASH_MISMATCH = "PERSISTED_QUERY_HASH_MISMATCH"
"""Of an error that is HTTP 400 whatever the client accepts, as Apollo's servers have it."""

NO_DOCUMENT = "query must be a non-empty string, unless documentId or extensions.persistedQuery names a document"

MOST_LOGGED = 10_000
MOST_REGISTERED = 100_000


class Documents:
    """Documents for a schema. Not for several threads."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: DocumentLimits | None = None,
        options: DocumentOptions | None = None,
        known: Known = NOTHING,
    ) -> None:
        self._options = options or DocumentOptions()
        self._known = known
        self._reader = Reader(schema, limits or DocumentLimits())
        self._registered: Kept[str] = Kept(MOST_REGISTERED, self._options.apq_bytes)
        self._logged: Kept[bool] = Kept(MOST_LOGGED, MOST_LOGGED)

    def read(self, text: str, *, has_suggestions: bool = False) -> Document | list[GraphQLError]:
        """A text, whoever sends it: parsed, within the limits, valid; or why not."""
        return self._reader.read(text, has_suggestions=has_suggestions)

    def find(
        self,
        query: str | None,
        document_id: str | None,
        extensions: Mapping[str, Any],  # Any: the caller's own JSON
        *,
        is_exempt: bool = False,
        has_suggestions: bool = False,
    ) -> Document | list[GraphQLError]:
        """The document that a request asks for, or why it may not be run.

        Where there is a text, an id beside it says nothing. `is_exempt`: this caller may send any document, also where
        only known ones are run. `has_suggestions`: "Did you mean" may tell him what the schema has.
        """
        persisted = persisted_in(extensions)
        if isinstance(persisted, GraphQLError):
            return [persisted]
        if query is None or not query.strip():
            text = self._named(document_id, persisted)
            return [text] if isinstance(text, GraphQLError) else self.read(text, has_suggestions=has_suggestions)
        if refusal := self._mismatch(query, persisted) or self._unknown(query, is_exempt=is_exempt):
            return [refusal]
        document = self.read(query, has_suggestions=has_suggestions)
        if persisted is not None and isinstance(document, Document):
            self._register(document.digest, query)
        return document

    def _named(self, document_id: str | None, persisted: Persisted | None) -> str | GraphQLError:
        """The text that goes by a name."""
        name = document_id or (None if persisted is None else persisted.sha256)
        if name is None:
            return GraphQLError(NO_DOCUMENT)
        text = self._known.text(name)
        if text is None:
            text = self._registered.get(name.removeprefix(SHA256))
        return self._nothing(document_id) if text is None else text

    def _nothing(self, document_id: str | None) -> GraphQLError:
        """By what Apollo's clients are told they know whether to send the text and, from then on, the digest."""
        if document_id is not None:
            return refused("no document is known by this id", "DOCUMENT_NOT_FOUND")
        if self._options.apq:
            return refused("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        return refused("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")

    def _mismatch(self, query: str, persisted: Persisted | None) -> GraphQLError | None:
        """A digest that is sent beside a text is the text's, or the id that this very text is known by."""
        if persisted is None or persisted.sha256 == digest_of(query) or self._known.text(persisted.sha256) == query:
            return None
        return refused("extensions.persistedQuery.sha256Hash is not the digest of query", HASH_MISMATCH)

    def _unknown(self, query: str, *, is_exempt: bool) -> GraphQLError | None:
        if self._options.mode == "off" or self._known.has(query):
            return None
        if self._options.mode == "log":
            self._log(digest_of(query))
        elif not is_exempt:
            return refused("only documents that are known beforehand are run here", "UNKNOWN_DOCUMENT")
        return None

    def _log(self, digest: str) -> None:
        if self._logged.get(digest) is None:
            self._logged.keep(digest, True, 1)
            log.info("a document that is not known beforehand: sha256 %s", digest)

    def _register(self, digest: str, query: str) -> None:
        """From now on it may be named by its digest."""
        if self._options.apq:
            self._registered.keep(digest, query, len(query.encode()))
