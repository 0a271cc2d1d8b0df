"""The `[limits]` table: what one document and its variables may have."""

from gateway.config.outside import Outside
from gateway.config.problem import Problem
from gateway.config.rules import Rule, between
from gateway.config.table import read_table
from gateway.documents.options import DocumentLimits

__all__ = ["read_limits"]

RULES: dict[str, Rule] = {
    "length": between(1_000, 1024 * 1024),
    "tokens": between(100, 100_000),
    "operations": between(1, 1_000),
    "fragments": between(0, 10_000),
    "depth": between(1, 100),
    "fields": between(1, 100_000),
    "aliases": between(0, 100_000),
    "root_fields": between(1, 10_000),
    "directives": between(0, 100_000),
    "value_depth": between(1, 50),
    "list_length": between(1, 100_000),
    "values": between(1, 25_000),
    "batch": between(0, 20),
}


def read_limits(given: object, outside: Outside) -> tuple[DocumentLimits | None, list[Problem]]:
    """The limits, or what is wrong with them."""
    if not isinstance(given, dict):
        return None, [Problem("limits", "it must be a table; begin it with [limits]")]
    return read_table(DocumentLimits, "limits", given, outside, dict(RULES))
