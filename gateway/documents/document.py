"""A document that may be run, and what is known of its operations before one of them is."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import DocumentNode, FragmentDefinitionNode, GraphQLError, OperationDefinitionNode, OperationType

from gateway.documents.places import Places
from gateway.documents.shape import Shape

__all__ = ["Document", "Operation", "document_of"]

WHICH = "operationName must name one of the document's operations where it has several"

_INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True)
class Operation:
    """One operation; `shape` has its fragments opened."""

    name: str | None
    node: OperationDefinitionNode
    shape: Shape

    @property
    def is_mutation(self) -> bool:
        return self.node.operation is OperationType.MUTATION

    @property
    def is_introspection(self) -> bool:
        """Whether it asks for the schema, besides whatever else it asks for. `__typename` alone is no such thing."""
        return not _INTROSPECTION.isdisjoint(self.shape.roots)


@dataclass(frozen=True)
class Document:
    """Parsed, within the limits and valid. `digest` is the SHA-256 of its text in hex, `places` where its fields stand:
    the tree does not tell."""

    digest: str
    ast: DocumentNode
    operations: tuple[Operation, ...]
    fragments: Mapping[str, FragmentDefinitionNode]
    places: Places

    def operation(self, name: str | None) -> Operation | None:
        """The one that is named, or the only one where none is named; None where that does not say which."""
        if name is None:
            return self.operations[0] if len(self.operations) == 1 else None
        return next((each for each in self.operations if each.name == name), None)

    def refusal(self, name: str | None, *, is_dry: bool) -> GraphQLError | None:
        """Why this operation may not be run; None where it may. `is_dry` is for a plan of calls that nobody makes."""
        operation = self.operation(name)
        if operation is None:
            return GraphQLError(WHICH)
        if operation.is_mutation and is_dry:
            return GraphQLError("a mutation has no dry plan")
        return None


def document_of(digest: str, ast: DocumentNode, shapes: list[Shape], places: Places) -> Document:
    """`shapes` are those of its operations, in order."""
    operations = [each for each in ast.definitions if isinstance(each, OperationDefinitionNode)]
    return Document(
        digest,
        ast,
        tuple(
            Operation(None if node.name is None else node.name.value, node, shape)
            for node, shape in zip(operations, shapes, strict=True)
        ),
        {each.name.value: each for each in ast.definitions if isinstance(each, FragmentDefinitionNode)},
        places,
    )
