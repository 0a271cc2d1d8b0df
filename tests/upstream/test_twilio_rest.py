"""The REST ways of the Twilio family: ids in paths, links, rows that cannot be read, words, error bodies."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from inspect import isclass, isfunction

import httpx
import msgspec
import pytest
from starlette.types import Receive, Scope, Send

from gateway.page import Page, PageRequest
from gateway.protocols import twilio_rest
from gateway.protocols.twilio_rest import Listed, Sid, find, read_page, read_refusal, segment
from gateway.protocols.twilio_words import Words, leaves_words, read_narrowed
from gateway.secret import Secret
from gateway.upstream.auth import Header
from gateway.upstream.client import Client
from gateway.where import SimWhere
from schema.errors import BadResponse, NotFound
from schema.status import SimStatus
from tests.upstream.at_once import AtOnce

BASE = "http://provider.example"


class Row(msgspec.Struct):
    sid: Sid
    size: int | None = None


THINGS: Listed[Row, str] = Listed("v1/My%20Things", "things", Row, lambda row: row.sid)


class Provider:
    """Answers everything with one body, and remembers the paths."""

    def __init__(self, body: object) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.paths: list[str] = []

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": self.body})


def client_of(provider: Provider, base: str = BASE) -> Client:
    return Client(
        base, Header(Secret("y"), lambda key: ("X", key)), AtOnce(), read_refusal, httpx.ASGITransport(provider)
    )


async def page_of(body: object, base: str = BASE, listed: Listed[Row, str] = THINGS) -> Page[str]:
    return await read_page(client_of(Provider(body), base), listed, [], PageRequest(10))


def linking(link: str) -> dict[str, object]:
    return {"things": [{"sid": "a"}], "meta": {"key": "things", "next_page_url": link}}


def test_everything_without_an_underscore_is_exported():
    """`__all__` names every function and class that is made there for others."""
    made = {
        name
        for name, each in vars(twilio_rest).items()
        if (isfunction(each) or isclass(each)) and each.__module__ == twilio_rest.__name__ and not name.startswith("_")
    }

    assert made | {"Sid"} == set(twilio_rest.__all__)


@pytest.mark.parametrize("native_id", ["", ".", ".."])
async def test_an_id_that_leads_elsewhere_is_of_nothing(native_id: str):
    """Nothing is asked: a list below it is NotFound, the thing itself None."""
    provider = Provider({"sid": "a"})

    found = await find(client_of(provider), THINGS, native_id)
    with pytest.raises(NotFound):
        segment(native_id)

    assert (found, provider.paths) == (None, [])


@pytest.mark.parametrize("native_id", ["...", "..%2F", "%2e%2e", "a/../b", ". ."])
async def test_other_ids_stay_below_their_list(native_id: str):
    """Whatever else is in an id, it is one segment: the path that arrives begins with the list's."""
    provider = Provider({"sid": "a"})

    assert await find(client_of(provider), THINGS, native_id) == "a"
    assert provider.paths == [f"/v1/My Things/{native_id}"]


@pytest.mark.parametrize(
    ("base", "link"),
    [
        (BASE, "http://provider.example/v1/My%20Things?PageToken=x"),
        (BASE, "HTTP://PROVIDER.example:80/v1/%4dy%20Things?PageToken=x"),
        ("https://Provider.Example", "https://provider.example:443/v1/My%20Things?PageToken=x"),
        ("http://[::1]:8000", "http://[::1]:8000/v1/My%20Things?PageToken=x"),
    ],
)
async def test_the_same_place_may_be_written_differently(base: str, link: str):
    """Letter case of the host, a port that goes without saying and quoted letters make no other list."""
    page = await page_of(linking(link), base)

    assert (page.items, page.next, page.broken) == (["a"], "PageToken=x", None)


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("http://[evil", "cannot be read"),
        ("http://provider.example:port/v1/My%20Things", "cannot be read"),
        ("http://provider.example:99999/v1/My%20Things", "cannot be read"),
        ("http://evil.example:81/v1/My%20Things?PageToken=s3cret", "'evil.example:81'"),
        ("http://user:s3cret@evil.example/v1/My%20Things", "'evil.example'"),
        ("http://user:s3cret@provider.example/v1/My%20Things", "credentials"),
        ("http://s3cret@provider.example/v1/My%20Things", "credentials"),
        ("https://provider.example/v1/My%20Things?PageToken=s3cret", "'provider.example'"),
        ("http://provider.example/v1/Others?PageToken=s3cret", "'/v1/Others'"),
        ("/v1/My%20Things?PageToken=s3cret", "'nowhere'"),
        ("s3cret", "'nowhere'"),
        ("http://" + "h" * 5000 + ":81/", "h:81'"),
        ("http://provider.example/" + "p" * 5000, "ppp'"),
    ],
)
async def test_a_strange_link_keeps_the_rows_and_tells_a_host(link: str, told: str):
    """The rows are good, the rest is broken; a host or path is named, cut, and nothing else of the link."""
    page = await page_of(linking(link))

    assert (page.items, page.next) == (["a"], None)
    assert isinstance(page.broken, BadResponse)
    assert told in page.broken.message
    assert "s3cret" not in page.broken.message
    assert len(page.broken.message) < 200


@pytest.mark.parametrize("meta", [{"meta": None}, {}, {"meta": {}}, {"meta": {"key": None, "next_page_url": None}}])
async def test_a_page_without_meta_is_the_last(meta: dict[str, object]):
    """Null, nothing and an empty object say that there is no next page."""
    page = await page_of({"things": [{"sid": "a"}], **meta})

    assert (page.items, page.next, page.broken, page.is_partial) == (["a"], None, None, False)


@pytest.mark.parametrize(
    "body",
    [
        {"things": None},
        {"things": {}},
        {"others": []},
        {"things": [{"sid": None}, {"sid": ""}]},
        {"things": [], "meta": []},
        b'{"things": [{"sid": "\xff"}]}',
        b'{"things": [{"sid": "a"}], "meta": {"key": "\xff"}}',
    ],
)
async def test_a_page_that_cannot_be_read(body: object):
    """No rows, no row that can be read, bytes that are no text: a BadResponse, whatever the decoder raised."""
    with pytest.raises(BadResponse):
        await page_of(body)


async def test_rows_that_cannot_be_read_are_left_out(caplog: pytest.LogCaptureFixture):
    """The others come; the log has one line for the page, and absence from such a page proves nothing."""
    rows = [{"sid": "a"}, {"sid": None}, None, {"sid": ""}, {"sid": "b", "size": "large"}, {"sid": "c"}]
    with caplog.at_level(logging.WARNING):
        page = await page_of({"things": rows})

    assert (page.items, page.is_partial, page.broken) == (["a", "c"], True, None)
    assert [record.getMessage() for record in caplog.records] == [
        "4 of 6 rows of things cannot be read and are left out"
    ]


async def test_rows_that_are_added_up_are_all_needed():
    """A sum without one of its rows would be wrong: there such a row spoils the page."""
    with pytest.raises(BadResponse):
        await page_of({"things": [{"sid": "a"}, {"sid": None}]}, listed=replace(THINGS, needs_all=True))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": 20404}, "20404"),
        ({"code": "20404", "error": "x"}, "20404"),
        ({"error": "invalid_client"}, "invalid_client"),
        ({"error": "The secret s3cret is wrong"}, None),
        ({"code": "<b>", "error": "invalid_client"}, "invalid_client"),
        ({"code": "9" * 65}, None),
        (b'{"code": ' + b"9" * 4000 + b"}", None),
        (b'{"code": ' + b"9" * 5000 + b"}", None),
        ({"error": ""}, None),
        ([], None),
    ],
)
def test_a_code_is_a_code(body: object, code: str | None):
    """Only what looks like a code is passed on as one: text in its place is not."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    assert read_refusal(400, raw).code == code


WORDS = {"status": Words("Status", {"on": SimStatus.ACTIVE, "go": SimStatus.PENDING, "wait": SimStatus.PENDING})}


@pytest.mark.parametrize(
    ("wanted", "path", "leaves"),
    [
        ([], ["/v1/My Things"], False),
        ([SimStatus.ACTIVE], ["/v1/My Things"], False),
        ([SimStatus.PENDING], ["/v1/My Things"], True),
        ([SimStatus.ACTIVE, SimStatus.PENDING], ["/v1/My Things"], True),
        ([SimStatus.ACTIVE, SimStatus.TERMINATED], ["/v1/My Things"], True),
        ([SimStatus.UNKNOWN], ["/v1/My Things"], True),
        ([SimStatus.UNKNOWN, SimStatus.TERMINATED], ["/v1/My Things"], True),
        ([SimStatus.TERMINATED], [], True),
        ([SimStatus.TERMINATED, SimStatus.READY], [], True),
    ],
)
async def test_what_no_row_can_have_is_not_asked_for(wanted: Sequence[SimStatus], path: list[str], leaves: bool):
    """Where no native word means any wanted value nothing is asked, unless UNKNOWN is wanted, which any word may be;
    the filter stays here wherever the wanted value has no word of its own."""
    provider, where = Provider({"things": [{"sid": "a"}]}), SimWhere(status=frozenset(wanted))
    page = await read_narrowed(client_of(provider), THINGS, WORDS, where, PageRequest(10))

    assert provider.paths == path
    assert page.items == ["a"] * len(path)
    assert leaves_words(WORDS, where) is leaves
