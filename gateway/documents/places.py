"""Where the fields of a document stand in its text, told without looking for it each time.

The library counts the lines before a node anew for each error, and for each of the nodes that are one field there: many
empty lines and a field that fails for each row would be minutes of work. So a document that is run has no places in it;
those of its fields are kept here.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from graphql import DocumentNode, FieldNode, GraphQLError, Node, SourceLocation

__all__ = ["Places", "placed", "places_of"]

_LINE_END = re.compile(r"\r\n|[\n\r]")
"""As the library has it."""

Places = Mapping[int, SourceLocation]
"""By the identity of a field's node."""


def places_of(run: DocumentNode, read: DocumentNode, text: str) -> Places:
    """The places of the fields of a document that is run, from the same text read with places."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    return {
        id(node): _place(starts, twin.loc.start)
        for node, twin in zip(_fields(run), _fields(read), strict=True)
        if twin.loc is not None
    }


def placed(error: GraphQLError, places: Places) -> None:
    """Tell an error's place, that of the first of its nodes."""
    nodes: Sequence[Node] = error.nodes or ()
    if nodes and (place := places.get(id(nodes[0]))) is not None:
        error.locations = [place]


def _place(starts: Sequence[int], position: int) -> SourceLocation:
    line = bisect_right(starts, position)
    return SourceLocation(line, position + 1 - starts[line - 1])


def _fields(document: DocumentNode) -> Iterator[FieldNode]:
    """Every one, in an order that only the text decides."""
    rest: list[object] = [getattr(each, "selection_set", None) for each in document.definitions]
    while rest:
        inside = rest.pop()
        for node in getattr(inside, "selections", ()):
            if isinstance(node, FieldNode):
                yield node
            rest.append(getattr(node, "selection_set", None))
