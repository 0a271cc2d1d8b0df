"""Documents known beforehand are read and checked at start, so that none of them is refused later."""

from collections.abc import Sequence

from graphql import GraphQLSchema

from gateway.documents.document import Document
from gateway.documents.files import read_files
from gateway.documents.known import Known, KnownDocument, known
from gateway.documents.options import DocumentLimits
from gateway.documents.reader import Reader

__all__ = ["DocumentMistakes", "known_in", "open_known"]


class DocumentMistakes(Exception):
    """Everything that is wrong with the files of `[documents]`: one line each, with file and operation."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


def open_known(files: Sequence[str], schema: GraphQLSchema, limits: DocumentLimits) -> Known:
    """The documents in these files, each within the limits and valid. Raises DocumentMistakes."""
    documents, mistakes = read_files(files)
    reader = Reader(schema, limits)
    for each in documents:
        mistakes += _mistakes(each, reader)
    return _known(documents, mistakes)


def known_in(files: Sequence[str]) -> Known:
    """The same of files that have been checked a moment ago: they are read, and that is all. A document that has become
    wrong meanwhile is refused when somebody asks for it. Raises DocumentMistakes."""
    return _known(*read_files(files))


def _known(documents: Sequence[KnownDocument], mistakes: Sequence[str]) -> Known:
    if mistakes:
        raise DocumentMistakes(mistakes)
    return known(documents)


def _mistakes(given: KnownDocument, reader: Reader) -> list[str]:
    read = reader.read(given.text, has_suggestions=True)
    if not isinstance(read, Document):
        return [f"{given.origin}: {error.message}" for error in read]
    if given.name is None or given.kind is None:
        return []
    operation = read.operation(given.name)
    if operation is None:
        return [f"{given.origin}: it has no operation of this name"]
    found = operation.node.operation.value
    if found == given.kind:
        return []
    return [f"{given.origin}: it is a {found}, and the manifest says {given.kind[:80]!r}"]
