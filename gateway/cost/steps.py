"""From an operation to the questions in it: what remains when everything that costs nothing is left out."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from gateway.cost.given import Args, Given
from gateway.cost.index import Index
from gateway.cost.price import Price, RootPrice

__all__ = ["Root", "Step", "roots_of"]

Below = tuple[str, SelectionSetNode]
"""A selection, and the type it is made on."""
Steps = dict[Hashable, tuple["Step", list[Below]]]
Seen = set[tuple[str, str]]
"""Fragments that were met already for the same things, and the type they were met on."""


@dataclass(slots=True)
class Step:
    """A relation that is asked for, with what is asked of its answers. `is_of_sims`: its parents are SIMs."""

    price: Price
    args: Args
    is_of_sims: bool
    below: Sequence["Step"] = ()


@dataclass
class Root:
    """A root field, with what is asked of its rows."""

    price: RootPrice
    args: Args
    reader: "_Reader"
    selections: list[Below] = field(default_factory=list)

    def below(self, kind: str | None) -> Sequence[Step]:
        """What is asked of rows of this type; None: of whatever type the field has."""
        return self.reader.steps(self.selections, kind)


def roots_of(
    index: Index, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode], given: Given
) -> list[Root]:
    """The root fields. Two that ask the same are one, as nothing is asked twice in a request; two changes are two."""
    is_change = operation.operation is OperationType.MUTATION
    reader = _Reader(index, fragments, given)
    found: dict[Hashable, Root] = {}
    for type_name, node in reader.fields("Mutation" if is_change else "Query", operation.selection_set):
        price = index.roots.get((type_name, node.name.value))
        if price is None:
            continue
        args = given.arguments(node)
        key: Hashable = (node.alias or node.name).value if is_change else (node.name.value, repr(args))
        root = found.setdefault(key, Root(price, args, reader))
        below = index.fields[type_name][node.name.value].below
        if node.selection_set and below:
            root.selections.append((below, node.selection_set))
    return list(found.values())


class _Reader:
    def __init__(self, index: Index, fragments: Mapping[str, FragmentDefinitionNode], given: Given) -> None:
        self._index = index
        self._fragments = fragments
        self._given = given

    def steps(self, selections: Sequence[Below], kind: str | None = None) -> Sequence[Step]:
        """The relations that these selections on the same things ask for, each once."""
        found: Steps = {}
        seen: Seen = set()
        for type_name, each in selections:
            self._collect(found, type_name, each, kind, seen)
        for step, below in found.values():
            if below:
                step.below = self.steps(below)
        return [step for step, _ in found.values()]

    def _collect(
        self, found: Steps, type_name: str, selections: SelectionSetNode, kind: str | None, seen: Seen
    ) -> None:
        for on, node in self.fields(type_name, selections, kind, seen):
            known = self._index.fields[on].get(node.name.value)
            if known is None:
                continue
            if known.price is None:
                if known.below and node.selection_set:  # another look at the same things: a connection's nodes
                    self._collect(found, known.below, node.selection_set, None, seen)
                continue
            args = self._given.arguments(node)
            key = known.price.key(args)
            if key not in found:
                found[key] = Step(known.price, args, on == "Sim"), []
            if known.below and node.selection_set:
                found[key][1].append((known.below, node.selection_set))

    def fields(
        self, type_name: str, selections: SelectionSetNode, kind: str | None = None, seen: Seen | None = None
    ) -> Iterator[tuple[str, FieldNode]]:
        """Each field of a selection and the type it is of, with those of its fragments, as far as they are for things
        of this kind."""
        seen = set() if seen is None else seen
        for node in selections.selections:
            if node.directives and self._given.is_left_out(node):
                continue
            if isinstance(node, FieldNode):
                yield type_name, node
                continue
            fragment = self._fragments.get(node.name.value) if isinstance(node, FragmentSpreadNode) else node
            if not isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode):
                continue
            condition = fragment.type_condition
            on = condition.name.value if condition else type_name
            if isinstance(node, FragmentSpreadNode):
                if (node.name.value, on) in seen:
                    continue
                seen.add((node.name.value, on))
            if kind is None or kind in self._index.kinds[on]:
                yield from self.fields(on, fragment.selection_set, kind, seen)
