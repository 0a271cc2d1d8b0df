"""Media types: in which an answer is told (RFC 9110, 12.5.1; GraphQL over HTTP, 6), and what a body may be."""

import re
from collections.abc import Iterator

__all__ = ["GRAPHQL_RESPONSE", "JSON", "charset_of", "content_type", "media_of", "media_or_json"]

JSON = "application/json; charset=utf-8"
GRAPHQL_RESPONSE = "application/graphql-response+json; charset=utf-8"

_EXACT, _APPLICATION, _ANY = 3, 2, 1
"""How much a range of an Accept header says; what says more counts."""
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_MOST = 50
"""Ranges that are looked at; browsers send fewer than ten."""
_UTF_8 = ("", "utf-8", "utf8")


def media_of(accept: str) -> str | None:
    """The type an answer to this Accept header has; None where it takes neither.

    The newer type for who names it, JSON for who does not care.
    """
    ranges = list(_ranges(accept))
    if not ranges:
        return None if accept.strip() else JSON
    old, new = _wish(ranges, "application/json"), _wish(ranges, "application/graphql-response+json")
    if max(old, new)[0] == 0.0:
        return None
    if new > old or (new == old and new[1] == _EXACT):
        return GRAPHQL_RESPONSE
    return JSON


def media_or_json(accept: str) -> str:
    """The same for a refusal, which is told in any case."""
    return media_of(accept) or JSON


def content_type(value: str) -> tuple[str, dict[str, str]]:
    """A media type and its parameters, both in small letters."""
    kind, *rest = value.lower().split(";")
    pairs = (each.partition("=") for each in rest)
    return kind.strip(), {name.strip(): text.strip().strip('"') for name, _, text in pairs if name.strip()}


def charset_of(parameters: dict[str, str]) -> str:
    """`utf-8` where none is said (GraphQL over HTTP, 4.1)."""
    charset = parameters.get("charset", "")
    return "utf-8" if charset in _UTF_8 else charset


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Each range and its weight. What makes no sense is passed over, and so is another charset than ours."""
    for each in accept.split(",", _MOST)[:_MOST]:
        kind, parameters = content_type(each)
        weight = parameters.get("q", "1")
        if kind and _WEIGHT.fullmatch(weight) and charset_of(parameters) == "utf-8":
            yield kind, float(weight)


def _wish(ranges: list[tuple[str, float]], media: str) -> tuple[float, int]:
    """How much that type is wished for, and how plainly: by the range that says most."""
    said = {media: _EXACT, "application/*": _APPLICATION, "*/*": _ANY}
    plain, weight = max(((said[kind], weight) for kind, weight in ranges if kind in said), default=(0, 0.0))
    return weight, plain
