"""N single reads or one list read, whichever is fewer calls.

Providers give no totals, so the length of a list is learned: the first time, a few pages of it are tried and the rest
is asked singly; after that its number of pages is known, or known to be more than were tried.
"""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gateway.calls import Calls
from gateway.page import Page, PageRequest
from gateway.where import Where
from schema.errors import GatewayError

__all__ = ["Learned", "ListRead", "Planner"]

T = TypeVar("T")

TRIED_SHARE = 4
"""Of so many single calls, one page of a list of unknown length is tried."""
MOST_TRIED = 10
"""Pages of such a list that are tried at most."""

AccountList = tuple[str, ...]
"""Which list: the account, the operation and, where one operation gives lists of different lengths, the shape."""


class Learned:
    """How many pages each account's whole lists have, kept for as long as the gateway runs.

    One small entry for each account and list, so it stays small by itself.
    """

    def __init__(self) -> None:
        self._whole: dict[AccountList, int] = {}
        self._more_than: dict[AccountList, int] = {}

    def copy(self) -> "Learned":
        """What is known so far, for who must not add to it."""
        known = Learned()
        known._whole, known._more_than = dict(self._whole), dict(self._more_than)
        return known

    def learn(self, which: AccountList, pages: int, *, is_end: bool) -> None:
        """A list was read for so many pages, to its end or not."""
        if is_end:
            self._whole[which] = pages
            self._more_than.pop(which, None)
        else:
            self._more_than[which] = max(pages, self._more_than.get(which, 0))
            if self._whole.get(which, pages + 1) <= pages:
                del self._whole[which]

    def worth_reading(self, which: AccountList, instead_of: int) -> int:
        """How many pages of a list are worth reading in place of single calls; 0: none.

        A list of known length is worth it when that is fewer. Of an unknown one a part of the calls it may save is
        tried, unless as much was tried before in vain.
        """
        if instead_of < 2:
            return 0
        pages = self._whole.get(which)
        if pages is not None:
            return pages if pages < instead_of else 0
        tried = max(1, min(instead_of // TRIED_SHARE, MOST_TRIED))
        return tried if tried > self._more_than.get(which, 0) else 0


@dataclass
class ListRead(Generic[T]):
    """What a list read found; `is_whole` when there is nothing beyond it, so that what is missing does not exist.

    `in_place_of` is the failure that an old page of it stands in place of: what is missing may exist by now.
    """

    items: list[T]
    is_whole: bool
    in_place_of: GatewayError | None = None


class Planner:
    """Decides, for each account and list, whether to read it as a whole."""

    def __init__(self, calls: Calls, learned: Learned) -> None:
        self.calls = calls
        self._learned = learned

    async def read_list(
        self,
        account: str,
        operation: str,
        where: Where,
        instead_of: int,
        shape: str = "",
        *,
        of_shown: bool = False,
    ) -> ListRead[Any] | GatewayError | None:
        """Read a whole list in place of `instead_of` single calls; None when the single calls are not more.

        A failed list is an error for all: asking singly would only add to the trouble. `of_shown` is as in `Calls.ask`.
        """
        provider = self.calls.accounts[account].provider
        which = (account, operation, shape)
        worth = self._learned.worth_reading(which, instead_of) if provider.supports(operation) else 0
        if not worth:
            return None
        request: PageRequest | None = PageRequest(provider.most_rows(operation))
        items: list[Any] = []
        is_end = is_partial = False
        in_place_of: GatewayError | None = None
        pages = 0
        while request is not None and pages < worth:
            page: Page[Any] | GatewayError = await self.calls.try_ask(
                account, operation, where, request, of_shown=of_shown
            )
            if isinstance(page, GatewayError):
                return page
            items += page.items
            pages += 1
            is_end = page.next is None and page.broken is None
            is_partial = is_partial or page.is_partial
            in_place_of = in_place_of or page.in_place_of
            request = PageRequest(request.size, page.next) if page.next is not None else None
        if not is_partial:
            self._learned.learn(which, pages, is_end=is_end)
        return ListRead(items, is_end and not is_partial, in_place_of)
