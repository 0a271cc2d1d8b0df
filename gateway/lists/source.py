"""One account's list, read page by page from where a cursor left it."""

from collections.abc import Awaitable, Callable
from copy import copy
from typing import Generic, TypeVar

from gateway.lists.cursor import Place
from gateway.page import Page, PageRequest
from schema.errors import BadResponse, GatewayError, ScanLimit

__all__ = ["MAX_SCANNED_PAGES", "Reader", "Source"]

T = TypeVar("T")

MAX_SCANNED_PAGES = 5
"""Provider pages that a filter applied here may read per list and request."""


class Source(Generic[T]):
    """A list to read: its name in cursors, how to fetch a page, which rows to keep, and how many to ask for."""

    def __init__(
        self,
        name: str,
        fetch: Callable[[PageRequest], Awaitable[Page[T]]],
        *,
        size: int,
        keep: Callable[[T], bool] = lambda _: True,
        keeps_all: bool = False,
    ) -> None:
        self.name = name
        self.fetch = fetch
        self.size = size
        self.keep = keep
        self.keeps_all = keeps_all
        """Whether the provider applies the whole filter, so that its count is the count."""

    @property
    def account(self) -> str:
        """The first part of its name; the second is the operation, the third a fleet where it is the list of one."""
        return self.name.split("/", 2)[0]

    @property
    def operation(self) -> str:
        return self.name.split("/", 2)[1]


class Reader(Generic[T]):
    """A source being read: rows in hand, the place behind the last one taken, and why it stopped, if it did."""

    def __init__(self, source: Source[T], place: Place | None) -> None:
        self.source = source
        self.place = place or Place(source.size)
        self.total: int | None = None
        self.is_partial = False
        self.problem: GatewayError | None = None
        self.footnote: GatewayError | None = None
        """Why a page of it is an old one."""
        self._rows: list[T] = []
        self._next: str | None = None
        self.gave_new = False
        """Whether the page in hand gave a row that no page before it had; whoever takes rows knows."""
        self._is_paused = False
        self._was_sifted = False
        self._scanned = 0
        self._visited: set[str | None] = set()

    @property
    def is_begun(self) -> bool:
        """Whether a later page has anything to remember about it."""
        return self.place.done or self.place.token is not None or self.place.offset > 0

    @property
    def needs_page(self) -> bool:
        return self.problem is None and not self.place.done and self.head is None

    @property
    def has_more(self) -> bool:
        """Whether rows may follow, in hand or at the provider; not for a list that failed."""
        return self.head is not None or (not self.place.done and (self.problem is None or self._is_paused))

    @property
    def head(self) -> T | None:
        """The next row in hand."""
        return self._rows[self.place.offset] if self.place.offset < len(self._rows) else None

    def take(self) -> T:
        """Hand out the head and stand behind it."""
        row = self._rows[self.place.offset]
        self._stand_at(self.place.offset + 1)
        return row

    def _is_barren(self) -> bool:
        """Whether the page in hand gave less than it had, or nothing new: such pages are what makes a walk long."""
        return bool(self._visited) and (self._was_sifted or not self.gave_new)

    async def read_page(self) -> None:
        """Fetch the page the place is in. A failure becomes the problem; the place stays, for another try."""
        if self._is_barren():
            self._scanned += 1
        if self._scanned >= MAX_SCANNED_PAGES:
            self.problem = ScanLimit(
                f"the filter was applied to {MAX_SCANNED_PAGES} pages of the provider; the cursor goes on from there"
            ).at(self.source.account, self.source.operation)
            self._is_paused = True
            return
        try:
            page = await self.source.fetch(PageRequest(self.place.size, self.place.token))
        except GatewayError as error:
            self.problem = error.at(self.source.account, self.source.operation)
            return
        self._visited.add(self.place.token)
        if page.in_place_of is not None and self.footnote is None:
            self.footnote = _footnote(page.in_place_of)
        if page.next is not None and page.next in self._visited:
            page = Page(page.items, broken=BadResponse("the next page is one that was already read"))
        self._was_sifted = not all(map(self.source.keep, page.items))
        self.gave_new = False
        self.total = page.total if self.source.keeps_all else None
        self.is_partial = self.is_partial or page.is_partial
        self.problem = page.broken.at(self.source.account, self.source.operation) if page.broken else None
        self._rows, self._next = page.items, page.next
        self._stand_at(self.place.offset)

    def _stand_at(self, offset: int) -> None:
        """Stand before the next row to keep at or behind `offset`; at the page's end, before the next page."""
        while offset < len(self._rows) and not self.source.keep(self._rows[offset]):
            offset += 1
        if offset < len(self._rows):
            self.place = Place(self.place.size, self.place.token, offset)
            return
        self._rows = []
        if self._next is None:
            self.place = Place(self.place.size, self.place.token, 0, done=True)
        else:
            self.place = Place(self.place.size, self._next)


def _footnote(failure: GatewayError) -> GatewayError:
    """The failure as it stands beside an old answer."""
    note = copy(failure)
    note.message = f"an older answer is served: {failure.message}"
    note.is_footnote = True
    return note
