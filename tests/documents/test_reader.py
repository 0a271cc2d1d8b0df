"""From a text to a document, or to what is wrong with it."""

import time
from collections.abc import Callable

import pytest
from graphql import OperationType

from gateway.documents import reader
from gateway.documents.document import Document
from gateway.documents.options import DocumentLimits
from gateway.documents.reader import Reader
from gateway.documents.refusal import LONGEST_MESSAGE
from tests.documents.zoo import ZOO, limit_told

READER = Reader(ZOO, DocumentLimits())


def read(text: str, limits: DocumentLimits | None = None) -> Document:
    found = (READER if limits is None else Reader(ZOO, limits)).read(text)
    assert isinstance(found, Document)
    return found


def messages(text: str, *, has_suggestions: bool = False) -> list[str]:
    found = READER.read(text, has_suggestions=has_suggestions)
    assert isinstance(found, list)
    return [error.message for error in found]


def test_operations() -> None:
    """The only operation needs no name, of several one must be named; a query and a change are told apart."""
    one = read("{cow {name}}")
    two = read("query A {cow {...F}} mutation B {feed {name}} fragment F on Cow {name}")

    assert one.operation(None) is one.operations[0]
    assert one.operation("A") is None
    assert two.operation(None) is None
    assert [each.name for each in two.operations] == ["A", "B"]
    assert [each.is_mutation for each in two.operations] == [False, True]
    assert list(two.fragments) == ["F"]
    assert two.operation("B") is two.operations[1]
    assert two.operations[1].node.operation is OperationType.MUTATION


def test_which_operation_may_be_run() -> None:
    """A change is not planned without being made; the operation that is meant must be clear."""
    document = read("query A {cow {name}} mutation B {feed {name}}")

    assert document.refusal("A", is_dry=True) is None
    assert document.refusal("B", is_dry=False) is None
    for name, is_dry, why in (("B", True, "plan"), (None, False, "Name")):
        refusal = document.refusal(name, is_dry=is_dry)
        assert refusal is not None
        assert why in refusal.message


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("{__typename cow {__typename}}", False),
        ("{x: __schema {types {name}}}", True),
        ('{...F cow {name}} fragment F on Query {... on Query {__type(name: "Cow") {name}}}', True),
        ("{cow {__schema: name}}", False),
    ],
)
def test_introspection(text: str, asks: bool) -> None:
    """An operation asks for the schema by two fields of the root, wherever they are written; by nothing else."""
    assert [each.is_introspection for each in read(text).operations] == [asks]


def test_the_same_text_is_read_once() -> None:
    """A text is read once, whether it can be run or not."""
    assert read("{cow {name}}") is read("{cow {name}}")
    assert READER.read("{cow {nome}}") is READER.read("{cow {nome}}")


def test_suggestions_are_for_some() -> None:
    """What the schema has is told to who may know it, and to nobody else, in whatever order they ask."""
    wrong = (
        "{cow {nome}}",
        "{cow {name(uper: true)}}",
        "{animal(diet: MEET) {name}}",
        "{animal(box: {widht: 1}) {name}}",
        '{animal(diet: "MEAT") {name}}',
        "query ($a: Bocks) {animal(box: $a) {name}}",
        "{cow @inclde(if: true) {name}}",
        "{animal {weight}}",
        "query ($a: Diet = MEET) {animal(diet: $a) {name}}",
        "query ($a: Box = {widht: 1}) {animal(box: $a) {name}}",
    )
    told = 0

    for text in wrong:
        assert not any("Did you mean" in each for each in messages(text))
        told += any("Did you mean" in each for each in messages(text, has_suggestions=True))
        assert not any("Did you mean" in each for each in messages(text))
    assert told >= 7


@pytest.mark.parametrize(
    "text",
    [
        "{" + "a" * 5_000 + "}",
        "{animal(diet: [" + "1 " * 500 + "]) {name}}",
        '{animal(diet: "' + "a" * 5_000 + '") {name}}',
        "{cow {name(" + "a" * 5_000 + ": 1)}}",
        "{a(" + '"' + "b" * 5_000,
        '{animal(diet: """a\n\nb\n""") {name}}',
        "{" + " ".join(f"f{number}" for number in range(25)) + "}",
        "{\ud800}",
        '{animal(diet: "\ud800") {name}}',
        "",
        "{",
        "}" * 500,
        "{\x00}",
        "type Cow {a: Int}",
        "fragment F on Cow {name}",
        "subscription {cow}",
    ],
)
def test_what_is_told_is_a_line(text: str) -> None:
    """Whatever is wrong, it is told in a few sentences of a line each, which can be written as UTF-8."""
    for has_suggestions in (False, True):
        told = messages(text, has_suggestions=has_suggestions)

        assert 1 <= len(told) <= 6
        for each in told:
            assert each.encode()
            assert len(each) <= LONGEST_MESSAGE + 3
            assert each.splitlines() == [each]


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("{" + " ".join(f"a{number}: __typename" for number in range(10_000)) + "}", "length"),
        ("{" + " ".join(f"a{number}:cow{{name}}" for number in range(201)) + "}", "aliases"),
        ("{" + "a:cow" * 1_000 + "}", "tokens"),
        ("{a" * 1_000 + "}" * 1_000, "depth"),
        ("{cow" + "{calf" * 20 + "{name}" + "}" * 21, "depth"),
        ("{...A} fragment A on Query {" + "...B " * 50 + "} fragment B on Query {" + "...C " * 50 + "}"
         " fragment C on Query {cow {name}}", "fields"),
        ("{cow {name " + "@a" * 201 + "}}", "directives"),
        ("{__typename " + "@a" * 30_000 + "}", "tokens"),
        ("#" * 70_000, "length"),
        ("#\n" * 3_000, "tokens"),
        ('{animal(box: {tags: "' + "a" * 262_144 + '"}) {name}}', "length"),
        ('{animal(box: {tags: """' + "a\n" * 131_072 + '"""}) {name}}', "length"),
        ("{animal(ids: [" + "1 " * 1_990 + "]) {name}}", "tokens"),
        ("{animal(box: " + "{inner: " * 11 + "{}" + "}" * 11 + ") {name}}", "value_depth"),
        ("{" + "cow {name} " * 31 + "}", "root_fields"),
        ("query A {cow {name}} " * 21, "operations"),
        ("{cow {name}} " + "fragment A on Cow {name} " * 201, "fragments"),
        (" " * 262_144, "length"),
    ],
)  # fmt: skip
def test_attacks(text: str, limit: str) -> None:
    """Each is refused by a limit, which is named."""
    found = READER.read(text)

    assert isinstance(found, list)
    assert [limit_told(error)[0] for error in found] == [limit]


def growth(make: Callable[[int], str]) -> float:
    """How much more processor time twice as much takes: the least of several attempts."""
    limits = DocumentLimits(length=10_000_000, tokens=100_000, fields=100_000, root_fields=10_000, list_length=100_000)

    def seconds(text: str) -> float:
        best = float("inf")
        for _ in range(3):
            fresh = Reader(ZOO, limits)
            begun = time.process_time()
            fresh.read(text)
            best = min(best, time.process_time() - begun)
        return best

    return seconds(make(300)) / seconds(make(150))


@pytest.mark.parametrize(
    "make",
    [
        lambda size: "{" + "cow {calf {name}} " * size + "}",
        lambda size: "{" + "cow {name(times: 1)} " * size + "cow {name(times: 2)}}",
        lambda size: "{cow {" + "...F " * size + "}} fragment F on Cow {name}",
        lambda size: "{animal(ids: [" + "1 " * size * 3 + '"a"]) {name}}',
    ],
    ids=["duplicates", "conflict", "spreads", "list"],
)
def test_time_is_linear(make: Callable[[int], str]) -> None:
    """Twice as much of the same takes about twice as long: what is quadratic would take four times as long."""
    assert min(growth(make) for _ in range(2)) < 3.2


def test_room_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are kept while there is room for them; the one not asked for longest goes first."""
    monkeypatch.setattr(reader, "MOST_KEPT", 2)
    small = Reader(ZOO, DocumentLimits())
    first, second = small.read("{cow {name}}"), small.read("{cow {milk}}")

    assert small.read("{cow {name}}") is first
    small.read("{cow {tag}}")
    assert small.read("{cow {name}}") is first
    assert small.read("{cow {milk}}") is not second
