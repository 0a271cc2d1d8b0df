"""Lists of the Twilio family: an opaque PageToken, a `meta` object, and no total.

A list is read from a position, a few integers that only the list itself understands. The token carries the next
page's position and the list's snapshot (when the first page was read, and the highest number then written), so that
what happens between two pages neither repeats nor hides a row.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlencode

from gateway.simulation.twilio_call import Call, Refusal, Reply

__all__ = ["Listing", "PagingRules", "Position", "Rows", "Snapshot", "of_sequence", "paged"]

Position = tuple[int, ...]
Rows = Iterator[tuple[Position, object]]
"""Each row with the position that follows it."""

_MOST_BACK = 20


class Snapshot(NamedTuple):
    """When the first page was read (seconds since 1970) and how many things had been written until then."""

    at: int
    written: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: the name its rows stand under, where it begins, and how to read it from a position."""

    key: str
    start: Position
    read: Callable[[Position, Snapshot], Rows]


@dataclass(frozen=True, slots=True)
class _Place:
    position: Position
    snapshot: Snapshot
    page: int
    before: tuple[Position, ...]


def of_sequence(key: str, rows: Sequence[object]) -> Listing:
    """A list that is short enough to be made whole."""

    def read(position: Position, _: Snapshot) -> Rows:
        first = position[0]
        return (((place + 1,), rows[place]) for place in range(first, len(rows)))

    return Listing(key, (0,), read)


@dataclass(frozen=True, slots=True)
class PagingRules:
    """`code` is the provider's code for bad paging; without `full_meta` page and page_size are left out of meta.

    `trap` says what Page without PageToken does: `repeat` gives the first page again, `error` refuses. Twilio's
    description calls Page "simply for client state".
    """

    code: int
    trap: str
    full_meta: bool = True


def paged(call: Call, listing: Listing, written: int, rules: PagingRules) -> Reply:
    """One page of a list. `written` is how many things callers have written to it so far."""
    size = _size(call, rules.code)
    place = _place(call, listing, Snapshot(int(call.now.timestamp()), written), rules)
    rows = list(islice(listing.read(place.position, place.snapshot), size + 1))
    shown = rows[:size]
    following = shown[-1][0] if len(rows) > size else None
    meta = _meta(call, listing, place, size, following)
    if not rules.full_meta:
        meta = {name: value for name, value in meta.items() if name not in {"page", "page_size"}}
    return Reply({listing.key: [row for _, row in shown], "meta": meta})


def _size(call: Call, code: int) -> int:
    text = call.asked("PageSize")
    if text is None:
        return 50
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1000):
        raise Refusal(400, code, "Invalid PageSize: a whole number from 1 to 1000 is needed")
    return int(text)


def _place(call: Call, listing: Listing, fresh: Snapshot, rules: PagingRules) -> _Place:
    token = call.asked("PageToken")
    if token is None:
        if rules.trap == "error" and call.asked("Page") not in {None, "0"}:
            raise Refusal(400, rules.code, "Invalid Page: use the PageToken of next_page_url")
        return _Place(listing.start, fresh, 0, ())
    try:
        place = _from_token(token, _fingerprint(call))
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise Refusal(400, rules.code, "Invalid PageToken") from error
    if len(place.position) != len(listing.start):
        raise Refusal(400, rules.code, "Invalid PageToken")
    return place


def _from_token(token: str, fingerprint: str) -> _Place:
    content = json.loads(base64.urlsafe_b64decode(token.removeprefix("PT")))
    if content["f"] != fingerprint:
        raise ValueError("a token of another list")
    before = tuple(tuple(int(n) for n in each) for each in content["b"])
    at, written = content["s"]
    position = tuple(int(n) for n in content["p"])
    return _Place(position, Snapshot(int(at), int(written)), int(content["n"]), before)


def _token(place: _Place, fingerprint: str) -> str:
    content = {
        "p": place.position,
        "s": place.snapshot,
        "n": place.page,
        "b": place.before[-_MOST_BACK:],
        "f": fingerprint,
    }
    return "PT" + base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()


def _filters(call: Call) -> list[tuple[str, str]]:
    own = {"PageSize", "Page", "PageToken"}
    return [(name, value) for name, values in call.query.items() if name not in own for value in values]


def _fingerprint(call: Call) -> str:
    return f"{call.path}?{urlencode(_filters(call))}"


def _meta(call: Call, listing: Listing, place: _Place, size: int, following: Position | None) -> dict[str, object]:
    """The links point to the host the call came by, mount included, so that a proxy in between stays in between."""
    mark = _fingerprint(call)

    def link(to: _Place | None, page: int) -> str:
        extra = [("PageSize", str(size)), ("Page", str(page))]
        if to is not None:
            extra.append(("PageToken", _token(to, mark)))
        return f"{call.base}{call.path}?{urlencode([*_filters(call), *extra])}"

    here = place if place.page else None
    ahead = back = None
    if following is not None:
        trail = (*place.before, place.position)
        ahead = link(_Place(following, place.snapshot, place.page + 1, trail), place.page + 1)
    if place.before:
        back = link(_Place(place.before[-1], place.snapshot, place.page - 1, place.before[:-1]), place.page - 1)
    return {
        "key": listing.key,
        "page": place.page,
        "page_size": size,
        "url": link(here, place.page),
        "first_page_url": link(None, 0),
        "previous_page_url": back,
        "next_page_url": ahead,
    }
