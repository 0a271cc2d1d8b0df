"""Relay connections, with the problems that make a list shorter than it should be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

import strawberry
from strawberry import Private

from schema.errors import GatewayError, Invalid, ProblemCode
from schema.relation import computed, fact

__all__ = [
    "DEFAULT_FIRST",
    "MAX_FIRST",
    "AfterArg",
    "Connection",
    "Edge",
    "FirstArg",
    "PageArgs",
    "PageInfo",
    "Problem",
    "page_size",
]

T = TypeVar("T")

DEFAULT_FIRST = 50
MAX_FIRST = 500

FirstArg = Annotated[int | None, strawberry.argument(description=f"How many to return at most, 0 to {MAX_FIRST}.")]
AfterArg = Annotated[
    str | None,
    strawberry.argument(description="The `endCursor` or an edge's `cursor` of an earlier page of the same list."),
]


@dataclass(frozen=True)
class PageArgs:
    """The arguments of every connection."""

    first: FirstArg = DEFAULT_FIRST
    after: AfterArg = None


def page_size(first: int | None) -> int:
    """The asked page size. Raises Invalid, saying the limit."""
    if first is None:
        return DEFAULT_FIRST
    if not 0 <= first <= MAX_FIRST:
        raise Invalid(f"first: must be 0 to {MAX_FIRST}; found {first}", path=["first"])
    return first


@strawberry.type(description="Why an account could not answer, or not fully.")
class Problem:
    account: str | None = fact("The account it is about; null when it is about the question itself.")
    operation: str = strawberry.field(description="What was asked of the account, as in `Capability.operation`.")
    code: ProblemCode = strawberry.field(description="What kind of problem, for programs.")
    native_code: str | None = fact("The provider's own error code, where it gave one.")
    message: str = strawberry.field(description="What happened, for people.")
    path: list[str] | None = fact("The part of the input it is about, where it is about the input.")
    retryable: bool = strawberry.field(description="True when asking again later can help.")
    retry_after: float | None = fact("Seconds to wait before asking again, where known.")
    stale: bool = fact("True when nothing is missing: older rows stand in place of what could not be read.", False)

    @classmethod
    def of(cls, error: GatewayError) -> "Problem":
        return cls(
            account=error.account,
            operation=error.operation or "",
            code=error.code,
            native_code=error.native_code,
            message=error.message,
            path=list(error.path) if error.path is not None else None,
            retryable=error.retryable,
            retry_after=error.retry_after,
            stale=error.is_footnote,
        )


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="True when more may follow `endCursor`.")
    has_previous_page: bool = fact("True when something precedes `startCursor`; lists are read forward only.", False)
    start_cursor: str | None = fact("The cursor of the first edge; null for an empty page.")
    end_cursor: str | None = fact(
        "Give this as `after` to go on. Present also where an account failed, so that a later try can go on from here."
    )


@strawberry.type(description="One thing in a list, and its place there.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="The thing itself.")
    place: Private[Callable[[], str]]
    cursor: str = computed(lambda root, _: root.place(), "Give this as `after` to go on behind this edge.")


@strawberry.type(description="One page of a list that may span accounts.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The things with their cursors.")
    nodes: list[T] = computed(lambda root, _: [edge.node for edge in root.edges], "The things alone.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    total_count: int | None = fact(
        "How many there are in all; null where a provider does not tell and not all was read."
    )
    problems: list[Problem] = strawberry.field(
        description="Each account that could not answer, or not fully, and why; an older answer of it may be shown "
        "instead, and the message then says so. Empty means the page is whole."
    )
