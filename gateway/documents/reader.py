"""From a text to a document that may be run, or to what is wrong with it; kept by the text's digest either way."""

from hashlib import sha256

from graphql import GraphQLError, GraphQLSchema, parse

from gateway.documents.document import Document, document_of
from gateway.documents.kept import Kept
from gateway.documents.options import DocumentLimits
from gateway.documents.places import places_of
from gateway.documents.refusal import told_briefly
from gateway.documents.scan import scan
from gateway.documents.shape import shapes
from gateway.documents.validation import invalid

__all__ = ["Reader", "digest_of"]

MOST_KEPT = 2_000
MOST_BYTES = 32 * 1024 * 1024

BYTES_PER_TOKEN = 500
BYTES_PER_ERROR = 1_000
"""What a parsed document, and a sentence about one, takes in memory, roughly: it is more than the text."""

STEPS_PER_FIELD = 10
"""To see whether fields can be merged: what a document of as many fields as are allowed needs, three times over."""

Read = Document | list[GraphQLError]


def digest_of(text: str) -> str:
    """SHA-256 in hex. A text that has no UTF-8, which no parser takes, has one too."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Reader:
    """Reads documents for a schema. What is refused costs less than what is read, at each step: characters, tokens,
    the tree, its size with fragments opened, the rules."""

    def __init__(self, schema: GraphQLSchema, limits: DocumentLimits) -> None:
        self._schema = schema
        self._limits = limits
        self._documents: Kept[Document] = Kept(MOST_KEPT, MOST_BYTES)
        self._refused: Kept[list[GraphQLError]] = Kept(MOST_KEPT, MOST_BYTES // 8)

    def read(self, text: str, *, has_suggestions: bool = False) -> Read:
        """The document, or why it may not be run. `has_suggestions`: "Did you mean" may tell what the schema has."""
        digest = digest_of(text)
        if (document := self._documents.get(digest)) is not None:
            return document
        tokens = scan(text, self._limits)
        if isinstance(tokens, GraphQLError):
            return told_briefly([tokens])
        refused_as = f"{digest} {has_suggestions}"
        if (errors := self._refused.get(refused_as)) is not None:
            return errors
        read = self._read(text, digest, has_suggestions)
        if isinstance(read, Document):
            self._documents.keep(digest, read, len(text) + tokens * BYTES_PER_TOKEN)
        else:
            self._refused.keep(refused_as, read, len(read) * BYTES_PER_ERROR)
        return read

    def _read(self, text: str, digest: str, has_suggestions: bool) -> Read:
        tokens = self._limits.tokens
        try:
            ast = parse(text, max_lexical_tokens=tokens, max_comments=tokens)
        except GraphQLError as error:
            return told_briefly([error])
        found = shapes(ast, self._limits)
        if isinstance(found, GraphQLError):
            return told_briefly([found])
        steps = STEPS_PER_FIELD * self._limits.fields
        if errors := invalid(self._schema, ast, steps, has_suggestions=has_suggestions):
            return told_briefly(errors)
        run = parse(text, no_location=True, max_lexical_tokens=tokens, max_comments=tokens)
        return document_of(digest, run, found, places_of(run, ast, text))
