"""Executes a document for a caller: fields that are closed to him are neither resolved nor asked for anywhere."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLResolveInfo, GraphQLSchema, execute, is_non_null_type
from graphql.pyutils import Path

from gateway.execution.bars import Bars, bars_for
from schema.errors import Forbidden
from schema.scopes import Scope

__all__ = ["Executed", "run"]

MOST_ERRORS = 5
"""Mistakes in variables that are told: each is found at a cost, and five tell enough."""


@dataclass(frozen=True)
class Executed:
    """The result, and what was masked in it: response paths without indexes of lists, as "sims.nodes.imsi"."""

    result: ExecutionResult
    masked: list[str]


async def run(
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    scopes: frozenset[Scope],
    context: object,
    variables: dict[str, Any] | None = None,  # Any: the caller's own JSON
    operation_name: str | None = None,
    hide_suggestions: bool = False,
) -> Executed:
    """Execute a valid document for a caller with these scopes. A refused field is Forbidden where it is met first, and
    null in all rows: an error for each would cost more than the rows do."""
    bars = bars_for(scopes)
    gate = _Gate(bars)
    result = execute(
        schema,
        document,
        context_value=context,
        variable_values=variables,
        operation_name=operation_name,
        middleware=[gate] if bars else None,
        hide_suggestions=hide_suggestions,
        max_coercion_errors=MOST_ERRORS,
    )
    whole = await result if isinstance(result, Awaitable) else result
    return Executed(whole, gate.masked())


class _Gate:
    """Stands before every resolver of one request, as graphql-core's middleware: its public way to do so, and one that
    no new version of it can leave out unnoticed."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._masked: set[tuple[str, ...]] = set()
        self._refused: set[tuple[str, ...]] = set()

    def masked(self) -> list[str]:
        return sorted(".".join(path) for path in self._masked)

    def resolve(
        self,
        resolver: Callable[..., Any],
        source: Any,
        info: GraphQLResolveInfo[Any],
        /,
        **arguments: Any,
    ) -> Any:  # Any: what a resolver is given and gives
        """Called in place of `resolver`."""
        bar = self._bars.get((info.parent_type.name, info.field_name))
        if bar is None:
            return resolver(source, info, **arguments)
        path = _names(info.path)
        if bar.refusal is None:
            self._masked.add(path)
        elif path not in self._refused or is_non_null_type(info.return_type):
            self._refused.add(path)
            raise Forbidden(bar.refusal)
        return None


def _names(path: Path | None) -> tuple[str, ...]:
    """The names on the way to a field, without the places in lists."""
    names: list[str] = []
    while path is not None:
        if isinstance(path.key, str):
            names.append(path.key)
        path = path.prev
    return tuple(reversed(names))
