"""What is told of a document that is not run: codes, limits by name, and never more than a line of the caller's."""

from collections.abc import Sequence

from graphql import GraphQLError

__all__ = ["LONGEST_MESSAGE", "exceeded", "refused", "shortened", "told_briefly"]

LONGEST_MESSAGE = 300
MOST_LOCATIONS = 4
"""Characters of a message, and places it points at."""

_UNITS = {
    "length": ("a document", "characters"),
    "tokens": ("a document", "tokens"),
    "operations": ("a document", "operations"),
    "fragments": ("a document", "fragments"),
    "directives": ("an operation with its fragments opened, or a document,", "directives"),
    "depth": ("an operation", "levels of fields within fields"),
    "fields": ("an operation with its fragments opened", "fields"),
    "aliases": ("an operation with its fragments opened", "aliases"),
    "root_fields": ("an operation", "fields at its root"),
    "value_depth": ("a value", "levels of lists and objects"),
    "list_length": ("a list", "items"),
    "values": ("an operation", "values, each as often as it is used, of 100 characters at most"),
    "batch": ("a body", "requests"),
}


def exceeded(limit: str, maximum: int, found: int, *, or_more: bool = False) -> GraphQLError:
    """LIMIT_EXCEEDED: `limit` is a key of `[limits]`; `or_more` where nobody counted on."""
    subject, unit = _UNITS[limit]
    more = " or more" if or_more else ""
    return GraphQLError(
        f"{subject} may have {maximum} {unit}; {found}{more} found (limit {limit!r})",
        extensions={
            "code": "LIMIT_EXCEEDED",
            "retryable": False,
            "limit": limit,
            "maximum": maximum,
            "found": found,
        },
    )


def refused(message: str, code: str) -> GraphQLError:
    """With a code of its own, and nothing that trying again could help."""
    return GraphQLError(message, extensions={"code": code, "retryable": False})


def told_briefly(errors: Sequence[GraphQLError]) -> list[GraphQLError]:
    """The same without their trees, so that they can be kept: a line each, and few places."""
    return [_brief(error) for error in errors]


def shortened(message: str) -> str:
    """A message that may quote what the caller wrote, as one line that can be written as UTF-8."""
    line = " ".join(message.encode(errors="replace").decode().split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]}..."


def _brief(error: GraphQLError) -> GraphQLError:
    brief = GraphQLError(shortened(error.message), extensions=error.extensions)
    brief.locations = None if error.locations is None else error.locations[:MOST_LOCATIONS]
    return brief
