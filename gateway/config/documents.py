"""The `[documents]` table: which documents are known beforehand, and what becomes of others."""

from collections.abc import Callable
from typing import Any

import msgspec
from graphql import GraphQLSchema

from gateway.config.outside import Mistake, Outside
from gateway.config.problem import Problem
from gateway.config.rules import Rule, between, shown, text_like
from gateway.config.table import read_table
from gateway.documents.options import MIB, DocumentLimits, DocumentOptions
from gateway.documents.trusted import DocumentMistakes, open_known
from schema import build_schema

__all__ = ["read_documents"]

MOST_FILES = 100


def read_documents(
    given: object,
    outside: Outside,
    limits: DocumentLimits | None = None,
    new_schema: Callable[[], GraphQLSchema] = build_schema,
) -> tuple[DocumentOptions | None, list[Problem]]:
    """The settings with their files as they are found from anywhere, or what is wrong with them: each document in the
    files is read, and checked against the schema and the limits."""
    if not isinstance(given, dict):
        return None, [Problem("documents", "it must be a table; begin it with [documents]")]
    options, problems = read_table(DocumentOptions, "documents", given, outside, dict(_RULES))
    if options is None or not options.files:
        return options, problems
    files = tuple(str((outside.folder / each).absolute()) for each in options.files)
    try:
        open_known(files, new_schema(), limits or DocumentLimits())
    except DocumentMistakes as wrong:
        return None, [Problem("documents", mistake, "files") for mistake in wrong.mistakes]
    return msgspec.structs.replace(options, files=files), problems


def _files(value: Any, found: str) -> None:  # Any: paths
    if len(value) > MOST_FILES:
        raise Mistake(f"found {len(value)} paths; there may be {MOST_FILES}")
    if wrong := [each for each in value if not each or not each.isprintable()]:
        raise Mistake(f"found {shown(wrong[0])}; each must be the path of a file or a folder")
    del found


_RULES: dict[str, Rule] = {
    "mode": text_like("off|log|only", 'one of "off", "log", "only"'),
    "files": _files,
    "apq_bytes": between(64 * 1024, 1024 * MIB),
}
