"""Variables of a request: how deep, how many, how long, how often used, and no whole number of more than 64 bits."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from gateway.documents.numbers import TOO_LARGE, WHOLE_MAX, WHOLE_MIN
from gateway.documents.options import DocumentLimits
from gateway.documents.refusal import exceeded
from gateway.documents.shape import Shape
from gateway.documents.tally import weight_of

__all__ = ["given_below"]


def given_below(variables: Mapping[str, Any], limits: DocumentLimits, shape: Shape) -> int | GraphQLError:  # Any: JSON
    """The first thing in them that is too much for this operation. Where there is none, what the values weigh that are
    given below its root: so much is read anew for each thing they are given to.

    How many bytes the variables have the body's limit says.
    """
    uses = shape.uses
    total, below = uses.literals, uses.literals - uses.literals_at_root
    absent = {name: weight for name, weight in shape.defaults.items() if name not in variables}
    for name, given in (*absent.items(), *variables.items()):
        weight = given if name in absent else _weight(given, limits)
        if isinstance(weight, GraphQLError):
            return weight
        times = uses.variables.get(name, 0)
        total += weight * max(1, times)
        below += weight * (times - uses.at_root.get(name, 0))
        if total > limits.values:
            return exceeded("values", limits.values, total, or_more=True)
    return below


def _weight(given: Any, limits: DocumentLimits) -> int | GraphQLError:  # Any: as above
    """What one of them weighs; counted no further than needed."""
    rest, count = [(given, 0)], 1
    while rest and count <= limits.values:
        value, depth = rest.pop()
        within: list[Any] = []  # Any: as above
        if isinstance(value, int) and not WHOLE_MIN <= value <= WHOLE_MAX:
            return GraphQLError(f"variables: {TOO_LARGE}")
        if isinstance(value, list):
            if len(value) > limits.list_length:
                return exceeded("list_length", limits.list_length, len(value))
            within = value
        elif isinstance(value, dict):
            within = list(value.values())
        else:
            count += weight_of(value) - 1 if isinstance(value, str) else 0
            continue
        if depth == limits.value_depth:
            return exceeded("value_depth", limits.value_depth, depth + 1, or_more=True)
        count += len(within)
        rest += [(each, depth + 1) for each in within]
    return count
