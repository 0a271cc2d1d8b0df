"""Fields of one response name: our rule says of every document what the library's says."""

import pytest
from graphql import OverlappingFieldsCanBeMergedRule, parse, validate
from hypothesis import given, settings

from gateway.documents.merging import TOO_TANGLED, conflict_in
from tests.documents.zoo import ZOO, documents

MANY = 20_000
"""Steps: more than any of these takes."""


@settings(max_examples=60, deadline=None)
@given(documents())
def test_agrees_with_the_library(text: str) -> None:
    """Whatever is asked, through fragments, interfaces and unions: it is a conflict here where it is one there."""
    document = parse(text)

    expected = bool(validate(ZOO, document, [OverlappingFieldsCanBeMergedRule]))
    assert (conflict_in(ZOO, document, MANY) is not None) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{animal {...on Cow {x: tag} ...on Wolf {x: milk}} animal {...on Cow {x: tag}}}",
        "{animal {...on Cow {x: weight} ...on Wolf {y: weight}}}",
        "{cow {name(times: 1, upper: true)} cow {name(upper: true, times: 1)}}",
        '{animal(box: {width: 1, tags: ["a"]}) {name} animal(box: {tags: ["a"], width: 1}) {home {name}}}',
        "{animal {friend {home {name}}} animal {friend {home {size}}}}",
        "{animal {...on Cow {home {x: name}} ...on Wolf {home {x: name}}}}",
        "query A {cow {x: name}} query B {cow {x: milk}}",
        "{__schema {types {x: name}} __schema {types {x: name}}}",
        "{being {...on Cow {x: __typename} ...on Home {x: name}}}",
    ],
)
def test_what_can_be_merged(text: str) -> None:
    """Fields with the same words, and fields that no one object has together and that look alike, are no conflict."""
    document = parse(text)

    assert conflict_in(ZOO, document, MANY) is None
    assert validate(ZOO, document) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{x: cow {name} x: wolf {name}}", "'cow' 'wolf'"),
        ("{cow {name(times: 1)} cow {name(times: 2)}}", "differing arguments"),
        ("{cow {name(times: 1)} cow {name}}", "differing arguments"),
        ('{animal(box: {tags: ["a"]}) {name} animal(box: {tags: ["b"]}) {name}}', "differing arguments"),
        ("query ($a: Int, $b: Int) {cow {name(times: $a)} cow {name(times: $b)}}", "differing arguments"),
        ("{cow {name(times: null)} cow {name}}", "differing arguments"),
        ("{animal {...on Cow {x: weight} ...on Wolf {x: weight}}}", "'Int!' 'Int'"),
        ("{animal {...on Cow {x: calf {name}} ...on Wolf {x: calf {name}}}}", "'Cow' '[Wolf]'"),
        ("{animal {...on Cow {x: milk} ...on Wolf {x: milk}}}", "'Int' 'String'"),
        ("{animal {x: home {name} ...on Wolf {x: tag}}}", "'home' 'tag'"),
        ("{animal {friend {x: name}}  ...F} fragment F on Query {animal {friend {x: home {name}}}}", "'name' 'home'"),
        ("{__schema {types {x: name}} __schema {types {x: kind}}}", "'name' 'kind'"),
        ("mutation {feed(times: 1) {name} feed(times: 2) {name}}", "differing arguments"),
    ],
)
def test_what_cannot_be_merged(text: str, why: str) -> None:
    """What is told says under which name, why, and where both stand."""
    conflict = conflict_in(ZOO, parse(text), MANY)

    assert conflict is not None
    assert all(word in conflict.message for word in why.split())
    assert conflict.locations is not None
    assert len(conflict.locations) == 2


def steps(text: str) -> int:
    """How many steps a document takes: found by halving."""
    document, low, high = parse(text), 0, MANY
    while low < high:
        middle = (low + high) // 2
        conflict = conflict_in(ZOO, document, middle)
        low, high = (low, middle) if conflict is None else (middle + 1, high)
    return low


def nested(levels: int) -> str:
    """Each level asks for the next as a cow, as a wolf and as either."""
    text = "{animal {...F0}}" + f" fragment F{levels} on Animal {{name}}"
    for level in range(levels):
        below = f"friend {{...F{level + 1}}}"
        text += f" fragment F{level} on Animal {{{below} ...on Cow {{{below}}} ...on Wolf {{{below}}}}}"
    return text


@pytest.mark.parametrize(
    "grown",
    [
        lambda size: "{" + "cow {calf {name}} " * size + "}",
        lambda size: "{animal {" + "...on Cow {x: milk} ...on Wolf {y: milk} " * size + "}}",
        lambda size: "{...F}" + " fragment F on Query {" + "cow {name} " * size + "}",
        nested,
    ],
    ids=["same fields", "parents", "fragment", "nested types"],
)
def test_is_linear(grown: object) -> None:
    """Twice as much takes twice as long, however often the same is asked and however types are nested."""
    assert callable(grown)

    assert steps(grown(40)) < 2.5 * steps(grown(20))


def test_gives_up_in_time() -> None:
    """What would take more steps than are allowed is refused, and says so."""
    document = parse("{" + "cow {name} " * 50 + "}")

    conflict = conflict_in(ZOO, document, 20)
    assert conflict is not None
    assert conflict.message == TOO_TANGLED
