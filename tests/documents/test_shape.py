"""How large a document is with its fragments opened: counted without opening them."""

from itertools import pairwise
from pathlib import Path

import pytest
from graphql import GraphQLError, get_introspection_query, parse

from gateway.documents.options import DocumentLimits
from gateway.documents.shape import MOST, Shape, shapes
from tests.documents.zoo import limit_told

EXAMPLES = Path(__file__).parents[2] / "gateway" / "graphiql" / "examples"


def shaped(text: str, **limits: int) -> list[Shape]:
    found = shapes(parse(text), DocumentLimits(**limits))
    assert isinstance(found, list)
    return found


def refusal(text: str, **limits: int) -> tuple[str, int, int]:
    return limit_told(shapes(parse(text), DocumentLimits(**limits)))


NESTED = """
query ($a: Int = 1 @v) @q {
  one { x: two @d { three } ...F }
  ... on Query @i { ...F @s y: four(a: [1, 2, 3]) }
}
fragment F on Any @f { five { z: six @e } }
"""


def test_counts_what_is_executed() -> None:
    """A fragment counts wherever it is spread, at the depth it stands at; an inline fragment is no level."""
    [shape] = shaped(NESTED)
    assert (shape.fields, shape.depth, shape.aliases, shape.directives) == (8, 3, 4, 9)
    assert shape.roots == ("one", "four", "five")


@pytest.mark.parametrize(
    ("limit", "found"),
    [("fields", 8), ("depth", 3), ("aliases", 4), ("directives", 9), ("root_fields", 3), ("list_length", 3)],
)
def test_each_limit_at_its_border(limit: str, found: int) -> None:
    """As many as are allowed pass; where one fewer is allowed, the limit is told with both numbers."""
    assert len(shaped(NESTED, **{limit: found})) == 1
    assert refusal(NESTED, **{limit: found - 1}) == (limit, found - 1, found)


def test_each_operation_and_all_of_them() -> None:
    """Operations and fragments are counted in the document, fields in each operation, directives in both."""
    text = "query A {a @x b @x} query B {c @x ...F} query C {...F} fragment F on Query {d @x}"

    assert [each.fields for each in shaped(text, fields=2, directives=4, operations=3, fragments=1)] == [2, 2, 1]
    assert refusal(text, operations=2) == ("operations", 2, 3)
    assert refusal(text, fragments=0) == ("fragments", 0, 1)
    assert refusal(text, directives=3) == ("directives", 3, 4)


def test_lists_wherever_they_are() -> None:
    """A literal list counts in arguments, in directives, in defaults, and within other values."""
    for text in ("{a(b: {c: [[1, 2, 3]]})}", "{a @b(c: [1, 2, 3])}", "query ($a: [Int] = [1, 2, 3]) {a}"):
        assert refusal(text, list_length=2) == ("list_length", 2, 3)


def bomb(levels: int) -> str:
    """Each fragment spreads the next one twice."""
    fragments = [f"fragment F{level} on A {{a {{...F{level + 1}}} b {{...F{level + 1}}}}}" for level in range(levels)]
    return " ".join(["{...F0}", *fragments, f"fragment F{levels} on A {{c}}"])


def test_fragment_bomb() -> None:
    """What would open to more fields than there are numbers for is counted at once, up to a number one can print."""
    assert shaped(bomb(8), fields=10_000)[0].fields == 2**8 + 2**9 - 2
    assert refusal(bomb(150), depth=1_000) == ("fields", 2_000, MOST)
    assert refusal(bomb(150)) == ("depth", 20, 151)


def test_long_chain() -> None:
    """Fragments that spread one another, one after the other, are no matter of the stack."""
    chain = "".join(f" fragment F{level} on A {{...F{level + 1}}}" for level in range(1_500))

    assert shaped("{...F0}" + chain + " fragment F1500 on A {a}", fragments=2_000)[0].roots == ("a",)


@pytest.mark.parametrize(
    "text",
    [
        "{...A} fragment A on Q {...A}",
        "{...A} fragment A on Q {a {...B}} fragment B on Q {... {...A}}",
        "{a} fragment A on Q {...B} fragment B on Q {...A}",
    ],
)
def test_circles(text: str) -> None:
    """Fragments that spread one another in a circle are refused, also where no operation spreads them."""
    found = shapes(parse(text), DocumentLimits())

    assert isinstance(found, GraphQLError)
    assert "circle" in found.message


def test_unknown_fragments_are_left_to_validation() -> None:
    """A spread of a fragment that is not there counts nothing."""
    assert [(each.fields, each.roots) for each in shaped("{a ...Nobody}")] == [(1, ("a",))]


def test_what_applications_send() -> None:
    """The query by which tools read a schema, and each of GraphiQL's examples, stay below half of most limits."""
    half = DocumentLimits(
        tokens=1_000, fields=1_000, aliases=100, directives=100, fragments=100, root_fields=15, operations=10
    )
    texts = [path.read_text() for path in sorted(EXAMPLES.glob("*.graphql"))]

    for text in (get_introspection_query(input_value_deprecation=True, one_of=True), *texts):
        assert isinstance(shapes(parse(text), half), list)
    assert len(texts) > 5


def test_values_as_often_as_they_are_used() -> None:
    """Literals and variables count wherever a fragment spreads them, long texts as several, and apart at the root."""
    text = """query ($a: [Int] = [1, 2]) { one(x: $a, y: {z: 7}) x: two { ...F } y: two { ...F ...G } }
      fragment F on Any { f(x: [$a, $a, "%s"]) } fragment G on Any { ...F @d(if: $b) }""" % ("t" * 250)
    [shape] = shaped(text)

    assert shape.uses.variables == {"a": 7, "b": 1}
    assert shape.uses.at_root == {"a": 1}
    assert (shape.uses.literals, shape.uses.literals_at_root) == (2 + 3 * 4, 2)
    assert shape.defaults == {"a": 3}
    assert refusal(text, values=13) == ("values", 13, 14)


def test_values_of_fragments_within_fragments() -> None:
    """They are counted without opening anything."""
    names = [f"F{number}" for number in range(40)]
    chain = "".join(f" fragment {one} on Any {{ ...{two} ...{two} }}" for one, two in pairwise(names))
    text = "{ a { ...F0 } }" + chain + " fragment F39 on Any { f(x: $v) }"
    found = shapes(parse(text), DocumentLimits(fields=10**9))

    assert isinstance(found, list)
    assert found[0].uses.variables == {"v": 1_000_000}


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("{ a b c }", 1),
        ("{ a { x y } b { x y z } }", 5 + 3),
        ("{ a { x } a { y } b { z } }", 2 * (5 + 1)),
        ("{ a { x } ... { b { y } } ...F } fragment F on Query { c { z { w } } }", 6 + 6 + 11),
        ("{ a { ...F ...F } } fragment F on Any { x { ...G } } fragment G on Any { y z }", 5 + 2 * (5 + 2)),
    ],
)
def test_the_widest_root_field(text: str, weight: int) -> None:
    """A row is of one field of the root, whose parts add up; what a fragment at the root has may be of any."""
    assert shaped(text)[0].widest == weight
