"""Many lists as one: each thing once, full pages, fair turns, whatever the lists look like."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.lists.cursor import Positions, Sealer, fingerprint
from gateway.lists.merge import Listing, Row, merge
from gateway.lists.source import MAX_SCANNED_PAGES, Source
from gateway.page import Page, PageRequest
from schema.errors import ProblemCode, Unavailable

SEALER, QUESTION = Sealer(b"key"), fingerprint("x")


@dataclass
class Thing:
    account_name: str
    native_id: str
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)


class Account:
    """A pretend account that pages by offset, counts its calls, and can fail or move its rows."""

    def __init__(self, name: str, rows: int, largest: int, *, empty_pages: bool = False) -> None:
        self.name = name
        self.rows = [
            Thing(name, str(row), datetime(2026, 1, 1, tzinfo=UTC) - timedelta(minutes=row)) for row in range(rows)
        ]
        self.largest = largest
        self.calls = 0
        self.is_down = False
        self.empty_pages = empty_pages

    async def fetch(self, request: PageRequest) -> Page[Thing]:
        self.calls += 1
        if self.is_down:
            raise Unavailable("no connection to the provider")
        start = int(request.token or 0)
        if self.empty_pages and request.token is None:
            return Page([], next="0")
        rows = self.rows[start : start + request.size]
        end = start + len(rows)
        return Page(rows, next=str(end) if end < len(self.rows) else None)

    def source(self, first: int, keep: int = 1) -> Source[Thing]:
        return Source(
            f"{self.name}/list",
            self.fetch,
            size=max(1, min(first, self.largest)),
            keep=lambda thing: int(thing.native_id) % keep == 0,
        )


ACCOUNTS = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([1, 3, 10, 50, 1000]), st.booleans()), min_size=0, max_size=5
)


async def walk(accounts: list[Account], first: int, keep: int = 1) -> list[Listing[Thing]]:
    """Every page, through sealed cursors, until there is no more."""
    pages: list[Listing[Thing]] = []
    begun = Positions()
    while True:
        page = await merge([account.source(first, keep) for account in accounts], begun, first)
        pages.append(page)
        if not page.has_more:
            return pages
        assert len(pages) < 1000
        begun = SEALER.read(QUESTION, SEALER.write(QUESTION, page.positions))


@settings(max_examples=60, deadline=None)
@given(ACCOUNTS, st.integers(1, 40))
async def test_a_walk_meets_each_thing_once(shapes: list[tuple[int, int, bool]], first: int):
    """Every page but the last has exactly `first`, and together they hold every thing exactly once."""
    accounts = [Account(f"a{i}", rows, size, empty_pages=empty) for i, (rows, size, empty) in enumerate(shapes)]

    pages = await walk(accounts, first)

    met = [(row.item.account_name, row.item.native_id) for page in pages for row in page.rows]
    assert sorted(met) == sorted((a.name, thing.native_id) for a in accounts for thing in a.rows)
    assert all(len(page.rows) == first for page in pages[:-1])


@settings(max_examples=60, deadline=None)
@given(ACCOUNTS, st.integers(1, 40), st.integers(1, 40), st.data())
async def test_any_edge_is_a_place_to_go_on(
    shapes: list[tuple[int, int, bool]], first: int, then: int, data: st.DataObject
):
    """Going on behind any row of a page, in pages of another size, gives what would have followed it, in order."""
    accounts = [Account(f"a{i}", rows, size, empty_pages=empty) for i, (rows, size, empty) in enumerate(shapes)]
    whole = await merge([account.source(300) for account in accounts], Positions(), 300)
    page = await merge([account.source(first) for account in accounts], Positions(), first)
    if not page.rows:
        return
    at = data.draw(st.integers(0, len(page.rows) - 1))

    rest = await merge([account.source(then) for account in accounts], page.rows[at].positions, then)

    def told(rows: list[Row[Thing]]) -> list[tuple[str, str]]:
        return [(row.item.account_name, row.item.native_id) for row in rows]

    assert told(page.rows) == told(whole.rows[:first])
    assert told(rest.rows) == told(whole.rows[at + 1 : at + 1 + then])


@settings(max_examples=40, deadline=None)
@given(ACCOUNTS, st.integers(1, 20), st.sampled_from([2, 7]))
async def test_a_filter_applied_here_loses_nothing(shapes: list[tuple[int, int, bool]], first: int, keep: int):
    """With a filter, short pages are allowed only where the scan limit is named, and the walk still meets all."""
    accounts = [Account(f"a{i}", rows, size) for i, (rows, size, _) in enumerate(shapes)]

    pages = await walk(accounts, first, keep)

    met = [(row.item.account_name, row.item.native_id) for page in pages for row in page.rows]
    assert sorted(met) == sorted(
        (a.name, t.native_id) for a in accounts for t in a.rows if int(t.native_id) % keep == 0
    )
    for page in pages[:-1]:
        assert len(page.rows) == first or {each.code for each in page.problems} == {ProblemCode.SCAN_LIMIT}


async def test_accounts_take_turns():
    """Two accounts with enough give every other row."""
    page = await merge([Account("a", 9, 50).source(6), Account("b", 9, 50).source(6)], Positions(), 6)

    assert [row.item.account_name for row in page.rows] == ["a", "b"] * 3


async def test_turns_go_on_from_page_to_page():
    """In pages of one, every account has its turn before one has its second."""
    accounts = [Account(name, 5, 50) for name in "abc"]

    pages = await walk(accounts, 1)

    assert [page.rows[0].item.account_name for page in pages[:6]] == ["a", "b", "c"] * 2


async def test_a_list_that_leads_back_to_itself_is_a_problem():
    """A page whose next page is one already read ends its list with BAD_RESPONSE; the other accounts are whole."""
    good = Account("good", 9, 50)
    calls: list[PageRequest] = []

    async def circle(request: PageRequest) -> Page[Thing]:
        calls.append(request)
        return Page([Thing("bad", "1")], next="again")

    page = await merge([good.source(50), Source("bad/list", circle, size=50)], Positions(), 50)

    assert len(page.rows) == 10
    assert len(calls) == 2
    assert [(each.account, each.code) for each in page.problems] == [("bad", ProblemCode.BAD_RESPONSE)]


async def test_a_list_that_repeats_itself_is_not_read_for_ever():
    """Ever new tokens for ever the same rows are stopped by the scan limit."""
    calls: list[PageRequest] = []

    async def same(request: PageRequest) -> Page[Thing]:
        calls.append(request)
        return Page([Thing("a", "1")], next=str(len(calls)))

    page = await merge([Source("a/list", same, size=50)], Positions(), 50)

    assert len(page.rows) == 1
    assert len(calls) <= MAX_SCANNED_PAGES + 1


async def test_by_time_the_newest_head_goes_first():
    """Merged by time, rows of both accounts are in one descending order."""
    sources = [Account("a", 9, 50).source(6), Account("b", 9, 50).source(6)]

    page = await merge(sources, Positions(), 12, newest_by=lambda thing: thing.at)

    times = [row.item.at for row in page.rows]
    assert times == sorted(times, reverse=True)


async def test_a_full_first_page_is_one_call_each():
    """Each account is asked once for a first page, and not for a page that nobody needs yet."""
    accounts = [Account(name, 50, 50) for name in "abc"]

    await merge([account.source(30) for account in accounts], Positions(), 30)

    assert [account.calls for account in accounts] == [1, 1, 1]


async def test_an_account_that_fails_keeps_its_place():
    """A failed account is a problem, not the end: the walk ends without it, and goes on with it once it is back."""
    good, bad = Account("good", 4, 50), Account("bad", 4, 50)
    bad.is_down = True
    page = await merge([good.source(10), bad.source(10)], Positions(), 10)
    assert [row.item.account_name for row in page.rows] == ["good"] * 4
    assert [(each.account, each.code) for each in page.problems] == [("bad", ProblemCode.UNAVAILABLE)]
    assert not page.has_more

    bad.is_down = False
    rest = await merge([good.source(10), bad.source(10)], page.positions, 10)

    assert [row.item.account_name for row in rest.rows] == ["bad"] * 4


async def test_a_thing_met_twice_in_a_page_is_told_once():
    """When rows move between two provider pages, a page of ours has no duplicates."""
    account = Account("a", 10, 5)
    moved = account.rows
    original = account.fetch

    async def moving(request: PageRequest) -> Page[Thing]:
        page = await original(request)
        if request.token is None:
            moved.insert(0, Thing("a", "new"))
        return page

    page = await merge([Source("a/list", moving, size=5)], Positions(), 50)

    ids = [row.item.native_id for row in page.rows]
    assert len(ids) == len(set(ids))


async def test_a_scan_stops_and_says_so():
    """A filter that matches nothing reads a bounded number of pages, says SCAN_LIMIT, and can go on."""
    account = Account("a", 100, 10)
    nothing = Source("a/list", account.fetch, size=10, keep=lambda _: False)

    page = await merge([nothing], Positions(), 5)

    assert account.calls == MAX_SCANNED_PAGES
    assert [each.code for each in page.problems] == [ProblemCode.SCAN_LIMIT]
    assert page.has_more
    assert page.positions.places["a/list"].token == "50"


async def test_endless_empty_pages_are_not_walked_for_ever():
    """A provider that gives empty pages with a next link each is stopped by the same limit."""
    calls = []

    async def endless(request: PageRequest) -> Page[Thing]:
        calls.append(request)
        return Page([], next=str(len(calls)))

    page = await merge([Source("a/list", endless, size=10)], Positions(), 5)

    assert len(calls) == MAX_SCANNED_PAGES
    assert [each.code for each in page.problems] == [ProblemCode.SCAN_LIMIT]


async def test_asking_for_none_tells_whether_there_are_any():
    """first: 0 gives no rows, and says that there are some."""
    some, none = Account("a", 3, 10), Account("b", 0, 10)

    assert (await merge([some.source(0)], Positions(), 0)).has_more
    assert not (await merge([none.source(0)], Positions(), 0)).has_more
