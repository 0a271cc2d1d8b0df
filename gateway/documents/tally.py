"""What one definition of a document has by itself, each fragment it spreads left closed; counted in one walk."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

__all__ = ["Tally", "tally", "weight_of"]

PIECE = 100
"""Characters of a text that weigh as much as one value."""


@dataclass(slots=True)
class Tally:
    """`depth` counts fields within fields. `spreads` are names with the depth they stand at; `root_fields` and
    `root_spreads` stand at the top, inline fragments opened. `longest_list` is the longest literal one. `literals` is
    what the values written in it weigh, `uses` how often it names each variable; those of fields at the top again in
    `root_literals` and `root_uses`. `defaults` is what those of its variables weigh."""

    fields: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0
    longest_list: int = 0
    spreads: list[tuple[str, int]] = field(default_factory=list)
    root_fields: list[str] = field(default_factory=list)
    root_spreads: list[str] = field(default_factory=list)
    literals: int = 0
    root_literals: int = 0
    uses: Counter[str] = field(default_factory=Counter)
    root_uses: Counter[str] = field(default_factory=Counter)
    defaults: dict[str, int] = field(default_factory=dict)


def weight_of(text: str) -> int:
    """What a text, or a number as it is written, weighs among values: one, and more where it is long."""
    return 1 + len(text) // PIECE


def tally(definition: OperationDefinitionNode | FragmentDefinitionNode) -> Tally:
    """Without recursion: nobody has looked yet how deep it is."""
    counted = Tally()
    _count_directives(counted, definition.directives)
    for variable in definition.variable_definitions or ():
        _count_directives(counted, variable.directives)
        if variable.default_value is not None:
            counted.defaults[variable.variable.name.value] = _measure(counted, [variable.default_value])
    for selection, above in _selections(definition.selection_set):
        _count(counted, selection, above)
    return counted


def _selections(top: SelectionSetNode) -> Iterator[tuple[SelectionNode, int]]:
    """Every selection with the number of fields it is in."""
    rest = [(top, 0)]
    while rest:
        inside, above = rest.pop()
        for selection in inside.selections:
            yield selection, above
            if isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set is not None:
                rest.append((selection.selection_set, above + isinstance(selection, FieldNode)))


def _count(counted: Tally, selection: SelectionNode, above: int) -> None:
    _count_directives(counted, selection.directives)
    if isinstance(selection, FieldNode):
        counted.fields += 1
        counted.aliases += selection.alias is not None
        counted.depth = max(counted.depth, above + 1)
        _count_arguments(counted, selection.arguments, is_root=not above)
        if not above:
            counted.root_fields.append(selection.name.value)
    elif isinstance(selection, FragmentSpreadNode):
        counted.spreads.append((selection.name.value, above))
        if not above:
            counted.root_spreads.append(selection.name.value)


def _count_directives(counted: Tally, directives: Iterable[DirectiveNode] | None) -> None:
    for directive in directives or ():
        counted.directives += 1
        _count_arguments(counted, directive.arguments)


def _count_arguments(counted: Tally, arguments: Iterable[ArgumentNode] | None, *, is_root: bool = False) -> None:
    values = [argument.value for argument in arguments or ()]
    if not values:
        return
    uses = Counter[str]()
    weight = _measure(counted, values, uses)
    counted.literals += weight
    counted.uses.update(uses)
    if is_root:
        counted.root_literals += weight
        counted.root_uses.update(uses)


def _measure(counted: Tally, rest: list[ValueNode], uses: Counter[str] | None = None) -> int:
    """What the values weigh, without the variables in them; those are counted in `uses`."""
    weight = 0
    while rest:
        value = rest.pop()
        if isinstance(value, VariableNode):
            if uses is not None:
                uses[value.name.value] += 1
            continue
        text = getattr(value, "value", None)
        weight += weight_of(text) if isinstance(text, str) else 1
        if isinstance(value, ListValueNode):
            counted.longest_list = max(counted.longest_list, len(value.values))
            rest.extend(value.values)
        elif isinstance(value, ObjectValueNode):
            rest.extend(each.value for each in value.fields)
    return weight
