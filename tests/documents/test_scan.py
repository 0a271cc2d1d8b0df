"""The pass over a text before the parser: what it counts, and what never gets to the parser."""

import pytest
from graphql import GraphQLError, Lexer, Source, TokenKind
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.documents.options import DocumentLimits
from gateway.documents.scan import MOST_NESTED, scan
from tests.documents.zoo import documents, limit_told

WIDE = DocumentLimits(length=10_000_000, tokens=10_000_000)


def tokens_of(text: str) -> int:
    """How many the library's own lexer finds, with comments."""
    lexer, count = Lexer(Source(text)), 0
    token = lexer.token
    while token.kind is not TokenKind.EOF:
        lexer.advance()
        assert token.next is not None
        token = token.next
        count += token.kind is not TokenKind.EOF
    return count


@settings(max_examples=25)
@given(documents())
def test_counts_as_the_lexer_does(text: str) -> None:
    """Every token of a document is counted, and nothing else."""
    assert scan(text, WIDE) == tokens_of(text)


@pytest.mark.parametrize(
    "text",
    [
        '{a(b: "{[(#\\"", c: """ \\""" " "" { """, d: "", e: -1.5e+3, f: -0) @g(h: $i) ...j}',
        "\ufeff{a # ( { [\r\n b\t, ,,c}#",
        "query($a: [Int!]! = [1, 2] @b) {a & | = !}",
        '"""""" "" """"""',
    ],
)
def test_counts_every_kind_of_token(text: str) -> None:
    """Brackets and signs within strings and comments are none; blanks, commas and byte order marks are nothing."""
    assert scan(text, WIDE) == tokens_of(text)


@pytest.mark.parametrize("around", ["<>", '{a(b: "<>', '"""<>', "# <>", "<>}"])
@settings(max_examples=40)
@given(text=st.text())
def test_any_text_is_counted_or_left_to_the_parser(around: str, text: str) -> None:
    """No text makes it fail."""
    assert isinstance(scan(around.replace("<>", text), WIDE), int | GraphQLError)


def test_length_and_tokens() -> None:
    """As many characters and tokens, with comments, as are allowed pass, one more does not."""
    limits = DocumentLimits(length=20, tokens=5)

    assert scan("{a b c}", limits) == 5
    assert scan("{a}" + " " * 17, limits) == 3
    assert limit_told(scan("{a b c d}", limits)) == ("tokens", 5, 6)
    assert limit_told(scan("{a#\n#\n#\n}", limits)) == ("tokens", 5, 6)
    assert limit_told(scan("{a}" + " " * 18, limits)) == ("length", 20, 21)


def test_depth_of_values() -> None:
    """Lists and objects within one another are counted within parentheses, and by the deepest of them."""
    limits = DocumentLimits(value_depth=3)

    assert isinstance(scan("{a(b: [[{c: 1}]], d: [[[]]]) {e(f: [])}}", limits), int)
    assert isinstance(scan("{a {b {c {d {e}}}}}", limits), int)
    assert limit_told(scan("{a(b: [[{c: []}]])}", limits)) == ("value_depth", 3, 4)
    assert limit_told(scan("query ($a: [Int] = [[[[1]]]]) {b}", limits)) == ("value_depth", 3, 4)


def test_depth_the_parser_would_not_like() -> None:
    """Braces that are nested too deeply for any document are not left to the parser."""
    inside = MOST_NESTED - 1

    assert isinstance(scan("{a" * inside + "}" * inside, WIDE), int)
    assert limit_told(scan("{a" * 1000 + "}" * 1000, WIDE)) == ("depth", 20, MOST_NESTED + 1)


def test_whole_numbers() -> None:
    """A whole number has at most 64 bits; one with a fraction or an exponent is none, and one in a string neither."""
    fine = (
        "{a(b: 9223372036854775807, c: -9223372036854775808, d: 9999999999999999999.0, e: 9e99, f: " + '"9' * 30 + '")}'
    )

    assert isinstance(scan(fine, WIDE), int)
    for number in ("9223372036854775808", "-9223372036854775809", "1" * 10_000):
        refusal = scan("{a(b:\n" + number + ")}", WIDE)
        assert isinstance(refusal, GraphQLError)
        assert "64 bits" in refusal.message
        assert refusal.locations == [(2, 1)]


@pytest.mark.parametrize(
    "piece",
    [
        '"',
        '\\"',
        '"""',
        '\\"""',
        '"\\',
        "#\n",
        " ",
        "{",
        "a ",
        ".",
        "...",
        "1",
        "1.",
        "1e",
        "-",
        "@a",
        "é",
        '"a\n',
        "\ufeff",
    ],
)
@pytest.mark.parametrize("begin", ["", '"', '"""'])
def test_no_text_is_read_twice(begin: str, piece: str) -> None:
    """A million characters are read in a moment, whatever is repeated: something quadratic would take for ever."""
    limits = DocumentLimits(length=10_000_000, tokens=1_000)

    assert scan(begin + piece * (1_000_000 // len(piece)), limits) is not None
