"""Whether fields of the same response name can be one: "Field Selection Merging" (GraphQL, 5.3.2).

The library's own rule compares every two of them, and again in every selection set around them. Here all that become
one are put together under their response name and each is compared with the first of them, level by level: once for
name and arguments, among those that one object can have together, and once for their types, whoever is their parent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_interface_type,
    is_leaf_type,
    is_object_type,
)

from gateway.documents.written import written_call

__all__ = ["conflict_in"]

Level = Sequence[tuple[GraphQLNamedType | None, SelectionSetNode]]
"""Selection sets that become one, each with the type it stands in."""

TOO_TANGLED = "the document's fragments overlap in more ways than can be checked"


@dataclass(slots=True, eq=False)
class _Asked:
    """A field as it is asked for. `definition` is None for what introspection asks of any type."""

    parent: GraphQLNamedType | None
    node: FieldNode
    definition: GraphQLField | None


_Groups = dict[str, list[_Asked]]
"""By response name."""


class _TooManySteps(Exception):
    pass


def conflict_in(schema: GraphQLSchema, document: DocumentNode, steps: int) -> GraphQLError | None:
    """The first conflict, None where there is none. The document is valid by all other rules. A document that somebody
    uses takes a few steps for each of its fields; after `steps` it is refused."""
    merging = _Merging(schema, document, steps)
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            try:
                conflict = merging.conflict(operation)
            except _TooManySteps:
                return GraphQLError(TOO_TANGLED)
            if conflict is not None:
                return conflict
    return None


class _Merging:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode, steps: int) -> None:
        self._schema = schema
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._steps = steps
        self._calls: dict[int, object] = {}

    def conflict(self, operation: OperationDefinitionNode) -> GraphQLError | None:
        top: Level = [(self._schema.get_root_type(operation.operation), operation.selection_set)]
        return self._same_calls(top) or self._types(top)

    def _types(self, top: Level) -> GraphQLError | None:
        """Whoever is their parent, fields of one response name have answers of one shape."""
        rest = [top]
        while rest:
            for name, group in self._groups(rest.pop()).items():
                defined = [each for each in group if each.definition is not None]
                for each in defined[1:]:
                    if _form(_type(defined[0])) != _form(_type(each)):
                        return _conflict(name, f"return '{_type(defined[0])}' and '{_type(each)}'", defined[0], each)
                rest.append(_below(group))
        return None

    def _same_calls(self, top: Level) -> GraphQLError | None:
        """Those that one object can have together are one field with the same arguments."""
        rest, seen = [top], set[frozenset[int]]()
        while rest:
            level = rest.pop()
            key = frozenset(id(inside) for _, inside in level)
            if key in seen:
                continue
            seen.add(key)
            for name, group in self._groups(level).items():
                for together in self._together(group):
                    if conflict := self._one_call(name, together):
                        return conflict
                    rest.append(_below(together))
        return None

    def _one_call(self, name: str, together: list[_Asked]) -> GraphQLError | None:
        first = together[0]
        for each in together[1:]:
            if first.node.name.value != each.node.name.value:
                return _conflict(name, f"are '{first.node.name.value}' and '{each.node.name.value}'", first, each)
            if self._call(first) != self._call(each):
                return _conflict(name, "have differing arguments", first, each)
        return None

    def _call(self, asked: _Asked) -> object:
        key = id(asked.node)
        if key not in self._calls:
            self._calls[key] = written_call(asked.node)
        return self._calls[key]

    def _together(self, group: list[_Asked]) -> Iterator[list[_Asked]]:
        """Two object types are never the same object's; of any other two types that is not known, or not for ever."""
        of_objects: dict[GraphQLNamedType, list[_Asked]] = {}
        of_others = []
        for each in group:
            if is_object_type(each.parent):
                of_objects.setdefault(each.parent, []).append(each)
            else:
                of_others.append(each)
        if not of_objects:
            yield of_others
        for alike in of_objects.values():
            self._spend(len(alike) + len(of_others))
            yield alike + of_others

    def _groups(self, level: Level) -> _Groups:
        """All fields of a level, each field and each fragment once, inline fragments and fragments opened."""
        groups: _Groups = {}
        rest, opened = list(level), set[int]()
        while rest:
            parent, inside = rest.pop()
            if id(inside) in opened:
                continue
            opened.add(id(inside))
            self._spend(1 + len(inside.selections))
            for selection in inside.selections:
                if isinstance(selection, FieldNode):
                    name = (selection.alias or selection.name).value
                    asked = _Asked(parent, selection, _definition(parent, selection.name.value))
                    groups.setdefault(name, []).append(asked)
                elif isinstance(selection, InlineFragmentNode):
                    condition = selection.type_condition
                    narrowed = parent if condition is None else self._schema.get_type(condition.name.value)
                    rest.append((narrowed, selection.selection_set))
                elif isinstance(selection, FragmentSpreadNode):
                    fragment = self._fragments[selection.name.value]
                    rest.append((self._schema.get_type(fragment.type_condition.name.value), fragment.selection_set))
        return groups

    def _spend(self, steps: int) -> None:
        self._steps -= steps
        if self._steps < 0:
            raise _TooManySteps


def _definition(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    return parent.fields.get(name) if is_object_type(parent) or is_interface_type(parent) else None


def _type(asked: _Asked) -> GraphQLOutputType:
    assert asked.definition is not None  # noqa: S101  only such are asked
    return asked.definition.type


def _below(group: list[_Asked]) -> Level:
    return [
        (None if each.definition is None else get_named_type(each.definition.type), each.node.selection_set)
        for each in group
        if each.node.selection_set is not None
    ]


def _form(of: GraphQLOutputType) -> tuple[object, ...]:
    """What two answers must have in common to be one: lists, what may be null, and the kind of leaf."""
    wrappers: list[object] = []
    inner: Any = of  # Any: the library's types of wrapped types are wider than what can be wrapped
    while isinstance(inner, GraphQLList | GraphQLNonNull):
        wrappers.append(type(inner))
        inner = inner.of_type
    return (*wrappers, inner if is_leaf_type(inner) else None)


def _conflict(name: str, why: str, one: _Asked, other: _Asked) -> GraphQLError:
    return GraphQLError(
        f"Fields '{name}' conflict because they {why}. Use different aliases to get both.", [one.node, other.node]
    )
