"""What the values given to an operation weigh: one for each, more for a long text, as often as each is used."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphql import FieldNode, FragmentSpreadNode, OperationDefinitionNode, SelectionNode, SelectionSetNode

from gateway.documents.tally import Tally

__all__ = ["MOST", "NO_USES", "Uses", "opened_uses", "weight_below", "widest"]

MOST = 1_000_000
"""Counts end here: fragments within fragments would make numbers that nobody wants to print."""


INNER = 5
"""What a field with fields in it weighs among fields: it is asked for together with others, or fails by itself."""


@dataclass(frozen=True)
class Uses:
    """How often an operation with its fragments opened uses each variable, and of these uses those `at_root`: in an
    argument of a field that is read once. `literals` weigh as much as what is written in it, wherever it is spread."""

    variables: Mapping[str, int] = field(default_factory=dict)
    at_root: Mapping[str, int] = field(default_factory=dict)
    literals: int = 0
    literals_at_root: int = 0


NO_USES = Uses()


def opened_uses(head: Tally, within: Mapping[str, Tally], order: Sequence[str]) -> Uses:
    """`order` has each fragment behind those it spreads. Each fragment is added up once, as often as it is opened."""
    times = Counter(name for name, _ in head.spreads)
    variables, literals = Counter(head.uses), head.literals
    for name in reversed(order):
        if not times[name] or name not in within:
            continue
        literals = min(MOST, literals + times[name] * within[name].literals)
        for variable, count in within[name].uses.items():
            variables[variable] = min(MOST, variables[variable] + times[name] * count)
        for spread, _ in within[name].spreads:
            times[spread] = min(MOST, times[spread] + times[name])
    return Uses(variables, head.root_uses, literals, head.root_literals)


def widest(operation: OperationDefinitionNode, weights: Mapping[str, int]) -> int:
    """What the fields at and below one field of the root weigh at most: no row has more of them. `weights` are those of
    fragments, opened; what stands in a fragment at the root may belong to any field there."""
    own, shared = Counter[str](), 0
    for each in operation.selection_set.selections:
        if isinstance(each, FieldNode):
            own[(each.alias or each.name).value] += weight_below(each, weights)
        else:
            shared += weight_below(each, weights)
    return min(MOST, max(own.values(), default=0) + shared)


def weight_below(top: SelectionNode | SelectionSetNode, weights: Mapping[str, int]) -> int:
    """What all fields in it weigh, itself among them."""
    count, rest = 0, [top] if isinstance(top, SelectionNode) else list(top.selections)
    while rest:
        each = rest.pop()
        if isinstance(each, FragmentSpreadNode):
            count += weights.get(each.name.value, 0)
            continue
        inside = getattr(each, "selection_set", None)
        if isinstance(each, FieldNode):
            count += 1 if inside is None else INNER
        rest += inside.selections if inside is not None else ()
    return count
