"""Pages as providers give them."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from schema.errors import GatewayError

__all__ = ["Page", "PageRequest"]

T = TypeVar("T")


@dataclass(frozen=True)
class PageRequest:
    """Which page of a list: how many at most, and the provider's token for it. No token: the first page."""

    size: int
    token: str | None = None


@dataclass
class Page(Generic[T]):
    """One page. `next` is the token of the page behind it, None at the end.

    `total` is told by few providers. `broken` is why the rest cannot be had, when the link to it cannot be trusted.
    `is_partial` says that the provider has no list of everything, so that absence from this one proves nothing.
    `in_place_of` is the failure that this page, an old one, is served in place of.
    """

    items: list[T]
    next: str | None = None
    total: int | None = None
    broken: GatewayError | None = field(default=None)
    is_partial: bool = False
    in_place_of: GatewayError | None = field(default=None)
