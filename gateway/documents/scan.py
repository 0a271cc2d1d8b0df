"""One pass over a document's text, before the parser sees it: the parser takes microseconds for each token, this a
fraction of one, and it stops at the first thing that is too much."""

import re

from graphql import GraphQLError, Source

from gateway.documents.numbers import TOO_LARGE, fits
from gateway.documents.options import DocumentLimits
from gateway.documents.refusal import exceeded

__all__ = ["scan"]

_LEXEMES = re.compile(
    r"""
      (?P<blank>[ \t\n\r,\ufeff]++)
    | (?P<name>[A-Za-z_][0-9A-Za-z_]*+)
    | (?P<sign>[!$&:=@|]|\.\.\.)
    | (?P<open>[\[{(])
    | (?P<close>[\]})])
    | (?P<number>-?[0-9]++(?P<fraction>\.[0-9]++)?(?P<power>[eE][+-]?[0-9]++)?)
    | (?P<text>\"\"\"(?:[^"\\]++|\\\"\"\"|\\|"(?!""))*+\"\"\"|"(?!"")(?:[^"\\\n\r]++|\\.)*+")
    | (?P<comment>\#[^\n\r]*+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
"""Everything matches something, and nothing is ever tried twice (`++`), so that no text makes this slow."""

MOST_NESTED = 150
"""Levels of braces outside of values. The parser goes 200 deep; which of them are levels of fields is counted later."""


class _Levels:
    """How deep brackets are within one another: those of values and those around them."""

    def __init__(self, limits: DocumentLimits) -> None:
        self._limits = limits
        self._braces = self._parens = self._values = 0

    def opened(self, bracket: str) -> GraphQLError | None:
        if bracket == "(":
            self._parens += 1
        elif self._parens:
            self._values += 1
        else:
            self._braces += 1
        if self._values > self._limits.value_depth:
            return exceeded("value_depth", self._limits.value_depth, self._values, or_more=True)
        if self._braces > MOST_NESTED or self._parens > MOST_NESTED:
            return exceeded("depth", self._limits.depth, MOST_NESTED + 1, or_more=True)
        return None

    def closed(self, bracket: str) -> None:
        if bracket == ")":
            self._parens -= 1
        elif self._parens:
            self._values -= 1
        else:
            self._braces -= 1


def scan(text: str, limits: DocumentLimits) -> int | GraphQLError:
    """How many tokens there are, comments included, or why the parser must not see this text. It ends early at what is
    no token: the parser says so better."""
    if len(text) > limits.length:
        return exceeded("length", limits.length, len(text))
    tokens, levels = 0, _Levels(limits)
    for match in _LEXEMES.finditer(text):
        kind, refusal = match.lastgroup, None
        if kind == "other":
            break
        tokens += kind != "blank"
        if tokens > limits.tokens:
            return exceeded("tokens", limits.tokens, tokens, or_more=True)
        if kind == "open":
            refusal = levels.opened(match[0])
        elif kind == "close":
            levels.closed(match[0])
        elif kind == "number":
            refusal = _too_large(text, match)
        if refusal is not None:
            return refusal
    return tokens


def _too_large(text: str, match: re.Match[str]) -> GraphQLError | None:
    is_whole = match["fraction"] is None and match["power"] is None
    if not is_whole or fits(match[0]):
        return None
    return GraphQLError(TOO_LARGE, source=Source(text), positions=[match.start()])
