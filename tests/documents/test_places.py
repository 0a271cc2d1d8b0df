"""Places of fields, as errors tell them: right, and found without reading the text again."""

from graphql import DocumentNode, FieldNode, GraphQLError, Visitor, build_schema, parse, visit

from gateway.documents.document import Document
from gateway.documents.options import DocumentLimits
from gateway.documents.places import placed
from gateway.documents.reader import Reader

SCHEMA = build_schema("type Query { one(x: Int): Query two: Int three: [Query] }")
TEXT = "{ a: one(x: 1) {\n two\r\n  ...F }\r\r ... { three { two ...F } } }\n\n fragment F on Query\n{ two b: two }"


def fields_of(document: DocumentNode) -> list[FieldNode]:
    found: list[FieldNode] = []

    class Finding(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            found.append(node)

    visit(document, Finding())
    return found


def read(text: str) -> Document:
    document = Reader(SCHEMA, DocumentLimits()).read(text)
    assert isinstance(document, Document)
    return document


def test_places_are_those_of_the_library() -> None:
    """Every field is told where the library would tell it, whatever ends a line."""
    document = read(TEXT)
    for node, twin in zip(fields_of(document.ast), fields_of(parse(TEXT)), strict=True):
        error = GraphQLError("it failed", [node])
        assert error.locations is None
        placed(error, document.places)
        assert error.locations == GraphQLError("it failed", [twin]).locations


def test_one_place_is_told() -> None:
    """An error of a field that is written many times has one place, and one without nodes none."""
    document = read("{ two two two }")
    error, other = GraphQLError("it failed", fields_of(document.ast)), GraphQLError("all failed")
    placed(error, document.places)
    placed(other, document.places)

    assert error.locations == [(1, 3)]
    assert other.locations is None
