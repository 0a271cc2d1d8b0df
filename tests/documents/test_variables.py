"""Variables of a request: what is too much of them."""

from typing import Any

import pytest
from graphql import GraphQLError, parse

from gateway.documents.options import DocumentLimits
from gateway.documents.shape import Shape, shapes
from gateway.documents.variables import given_below
from tests.documents.zoo import limit_told

NO_USES = Shape(0, 0, 0, 0)


def shape_of(text: str) -> Shape:
    found = shapes(parse(text), DocumentLimits())
    assert isinstance(found, list)
    return found[0]


def nested(levels: int) -> Any:  # Any: lists in lists
    value: Any = "x"
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


@pytest.mark.parametrize(
    ("limit", "maximum", "variables"),
    [
        ("value_depth", 3, lambda size: {"a": 1, "b": nested(size)}),
        ("list_length", 5, lambda size: {"a": {"b": [1] * size}}),
        ("values", 7, lambda size: {"a": [1] * (size - 3), "b": {"c": None}}),
        ("values", 7, lambda size: {str(number): number for number in range(size)}),
    ],
)
def test_each_limit_at_its_border(limit: str, maximum: int, variables: Any) -> None:
    """As much as is allowed passes; one more does not, and the limit is told with both numbers."""
    limits = DocumentLimits(**{limit: maximum})

    assert given_below(variables(maximum), limits, NO_USES) == 0
    refusal = given_below(variables(maximum + 1), limits, NO_USES)
    assert limit_told(refusal) == (limit, maximum, maximum + 1)


def test_whole_numbers() -> None:
    """A whole number has at most 64 bits, wherever it is; other values have no such limit."""
    good = {"a": 2**63 - 1, "b": [-(2**63)], "c": 1e300, "d": "9" * 40, "e": True}
    assert given_below(good, DocumentLimits(), NO_USES) == 0
    for wrong in (2**63, -(2**63) - 1, 10**5_000):
        refusal = given_below({"a": [{"b": wrong}]}, DocumentLimits(), NO_USES)
        assert isinstance(refusal, GraphQLError)
        assert "64 bits" in refusal.message


def test_very_deep_ones() -> None:
    """How deep they are is no matter of the stack."""
    assert limit_told(given_below({"a": nested(100_000)}, DocumentLimits(), NO_USES)) == ("value_depth", 10, 11)


def test_as_often_as_they_are_used() -> None:
    """A list that many fields are given counts for each of them; one default counts where nothing is given."""
    shape = shape_of("query ($a: [Int], $b: [Int] = [1, 2]) { x: f(a: $a) y: f(a: $a, b: $b) z: f(b: $b) }")
    limits = DocumentLimits(values=2 * 10 + 2 * 3)

    assert given_below({"a": [1] * 9}, limits, shape) == 0
    assert limit_told(given_below({"a": [1] * 10}, limits, shape)) == ("values", 26, 28)
    assert limit_told(given_below({"a": [1] * 9, "b": [1, 2, 3]}, limits, shape)) == ("values", 26, 28)
    assert given_below({"a": [1] * 9, "b": None}, limits, shape) == 0


def test_long_texts() -> None:
    """A text counts as one value for each hundred characters, so that its length times its uses is bounded."""
    shape = shape_of("query ($a: String) { " + " ".join(f"a{n}: f(after: $a)" for n in range(29)) + " }")

    assert given_below({"a": "x" * 30_000}, DocumentLimits(), shape) == 0
    assert limit_told(given_below({"a": "x" * 250_000}, DocumentLimits(), shape))[0] == "values"


def test_what_is_given_below_the_root() -> None:
    """What is read anew for each thing it is given to is told: values below the root, written there or not."""
    shape = shape_of("query ($a: [Int]) { f(a: $a) { g(a: $a, b: [1, 2]) h(a: $a) } }")

    assert given_below({"a": [1, 2, 3]}, DocumentLimits(), shape) == 2 * 4 + 3
