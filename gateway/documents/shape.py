"""How large the operations of a document are with their fragments opened: each definition is walked once and each
fragment added up once, so that it is linear in the text, whatever the fragments would grow to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter

from graphql import DocumentNode, FragmentDefinitionNode, GraphQLError, OperationDefinitionNode

from gateway.documents.options import DocumentLimits
from gateway.documents.refusal import exceeded
from gateway.documents.tally import Tally, tally
from gateway.documents.weight import MOST, NO_USES, Uses, opened_uses, weight_below, widest

__all__ = ["Shape", "shapes"]


@dataclass(frozen=True)
class Shape:
    """An operation as it is executed. `roots` are the names of the fields at its root, of introspection too. `widest`
    is what the fields at and below one of them weigh at most. `uses` are those of values, `defaults` what its variables
    weigh where nobody gives them."""

    fields: int
    depth: int
    aliases: int
    directives: int
    roots: tuple[str, ...] = ()
    widest: int = 0
    uses: Uses = NO_USES
    defaults: Mapping[str, int] = field(default_factory=dict)


_NOTHING = Shape(0, 0, 0, 0)


def shapes(document: DocumentNode, limits: DocumentLimits) -> list[Shape] | GraphQLError:
    """One for each operation, in order, or the first limit that one of them or the whole document exceeds."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    definitions = len(document.definitions) - len(operations)
    if refusal := _first(limits, operations=len(operations), fragments=definitions):
        return refusal
    within = {name: tally(fragment) for name, fragment in fragments.items()}
    heads = [tally(operation) for operation in operations]
    counted = (*within.values(), *heads)
    found = _first(
        limits,
        directives=sum(each.directives for each in counted),
        list_length=max((each.longest_list for each in counted), default=0),
    )
    return found or _opened(operations, fragments, heads, within, limits)


def _opened(
    operations: list[OperationDefinitionNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    heads: list[Tally],
    within: Mapping[str, Tally],
    limits: DocumentLimits,
) -> list[Shape] | GraphQLError:
    order = _in_order(within)
    if order is None:
        return GraphQLError("fragments spread one another in a circle")
    sums: dict[str, Shape] = {}
    for name in order:
        if name in within:  # a spread of one that is not there is for validation to tell
            sums[name] = _summed(within[name], sums)
    weights: dict[str, int] = {}
    for name in order:
        if name in within:
            weights[name] = min(MOST, weight_below(fragments[name].selection_set, weights))
    told = []
    for operation, head in zip(operations, heads, strict=True):
        shape = replace(
            _summed(head, sums),
            roots=_roots(head, within),
            widest=widest(operation, weights),
            uses=opened_uses(head, within, order),
            defaults=head.defaults,
        )
        if refusal := _too_large(shape, limits):
            return refusal
        told.append(shape)
    return told


def _in_order(within: Mapping[str, Tally]) -> list[str] | None:
    """The fragments, each behind those it spreads; None where that is a circle."""
    graph = {name: {spread for spread, _ in counted.spreads} for name, counted in within.items()}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return None


def _summed(own: Tally, sums: Mapping[str, Shape]) -> Shape:
    fields, depth, aliases, directives = own.fields, own.depth, own.aliases, own.directives
    for name, above in own.spreads:
        opened = sums.get(name, _NOTHING)
        fields += opened.fields
        aliases += opened.aliases
        directives += opened.directives
        depth = max(depth, above + opened.depth)
    return Shape(min(fields, MOST), min(depth, MOST), min(aliases, MOST), min(directives, MOST))


def _roots(head: Tally, within: Mapping[str, Tally]) -> tuple[str, ...]:
    """The fields at the root, those of fragments too, each fragment once, as it is executed."""
    roots, seen, rest = list(head.root_fields), set[str](), list(head.root_spreads)
    while rest:
        name = rest.pop()
        if name not in seen and name in within:
            seen.add(name)
            roots += within[name].root_fields
            rest += within[name].root_spreads
    return tuple(roots)


def _too_large(shape: Shape, limits: DocumentLimits) -> GraphQLError | None:
    return _first(
        limits,
        depth=shape.depth,
        fields=shape.fields,
        aliases=shape.aliases,
        directives=shape.directives,
        root_fields=len(shape.roots),
        values=shape.uses.literals,
    )


def _first(limits: DocumentLimits, **found: int) -> GraphQLError | None:
    """The first limit that is exceeded. `found` are counts by the names of limits."""
    exceeding: Iterable[str] = (name for name, count in found.items() if count > getattr(limits, name))
    name = next(iter(exceeding), None)
    return None if name is None else exceeded(name, getattr(limits, name), found[name], or_more=found[name] >= MOST)
