"""What a client sends, and what it makes of answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
import pytest

from gateway.secret import Secret
from gateway.upstream.auth import Header
from gateway.upstream.client import Refusal
from gateway.upstream.errand import ERRAND, Errand
from schema.errors import BadResponse, Denied, GatewayError, NotFound, RateLimited, Refused, Unavailable
from tests.upstream.a_client import SECRET, a_client
from tests.upstream.raw_server import Arrived, a_raw_server, answer, saying

T = TypeVar("T")


class Row(msgspec.Struct):
    sid: str


ROW = answer(b'{"sid": "HS1", "more": []}', "Content-Type: application/json")


class Recording:
    """A policy that remembers what it was told, and does a thing twice where that may help."""

    def __init__(self) -> None:
        self.may_repeat: list[bool] = []
        self.failures: list[GatewayError] = []

    async def run(self, once: Callable[[], Awaitable[T]], *, may_repeat: bool) -> T:
        self.may_repeat.append(may_repeat)
        try:
            return await once()
        except GatewayError as error:
            self.failures.append(error)
            if not error.retryable:
                raise
        return await once()


class Renewing:
    """Credentials that are renewed once they are refused."""

    def __init__(self) -> None:
        self.number = 1

    async def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.number}"}

    def refused(self, headers: dict[str, str]) -> bool:
        self.number = int(headers["Authorization"].removeprefix("Bearer ")) + 1
        return True

    def is_outdated(self, headers: dict[str, str]) -> bool:
        return headers["Authorization"] != f"Bearer {self.number}"


async def test_what_is_sent():
    """The path below the base URL, the parameters, the credentials, what is accepted as an answer; no body."""
    async with a_raw_server(saying(ROW)) as server, a_client(f"{server.url}/base/") as client:
        row = await client.get("v1/My%20Sims/a%2Fb", Row, [("Status", "on & off"), ("Status", "ø")])

    [arrived] = server.requests
    assert row == Row("HS1")
    assert arrived.line == "GET /base/v1/My%20Sims/a%2Fb?Status=on+%26+off&Status=%C3%B8 HTTP/1.1"
    assert sorted(arrived.headers) == [
        ("accept", "application/json"),
        ("accept-encoding", "gzip, deflate"),
        ("host", server.url.removeprefix("http://")),
        ("user-agent", "sim-gateway"),
        ("x-key", SECRET),
    ]


async def test_what_a_form_is_sent_as():
    """A POST with the form urlencoded and without the account's credentials."""
    async with a_raw_server(saying(ROW)) as server, a_client(server.url) as client:
        row = await client.post_form(f"{server.url}/token", Row, {"grant_type": "x", "secret": "a&b"})

    [arrived] = server.requests
    assert row == Row("HS1")
    assert arrived.line == "POST /token HTTP/1.1"
    assert arrived.body == b"grant_type=x&secret=a%26b"
    assert arrived.header("content-type") == "application/x-www-form-urlencoded"
    assert arrived.header("content-length") == str(len(arrived.body))
    assert arrived.header("x-key") is None


async def test_credentials_stay_with_their_call():
    """A form in between takes no credentials with it, and the call after it has them again."""
    async with a_raw_server(saying(ROW)) as server, a_client(server.url) as client:
        await client.get("a", Row)
        await client.post_form(f"{server.url}/token", Row, {})
        await client.get("b", Row)

    assert [each.header("x-key") for each in server.requests] == [SECRET, None, SECRET]


@pytest.mark.parametrize("content_type", ["text/html", "application/json; charset=latin-9", ""])
async def test_an_answer_is_judged_by_what_it_says(content_type: str):
    """JSON is JSON whatever its content type claims."""
    body = answer(b'{"sid": "HS1"}', f"Content-Type: {content_type}")
    async with a_raw_server(saying(body)) as server, a_client(server.url) as client:
        assert await client.get("x", Row) == Row("HS1")


@pytest.mark.parametrize("body", [b"", b"null", b"<html>", b'{"sid": 1}', b'{"sid": "\xff"}', b'{"sid": "a"} x'])
async def test_an_answer_that_is_something_else(body: bytes):
    """No JSON, JSON of another shape, bytes that are no text: a BadResponse."""
    async with a_raw_server(saying(answer(body))) as server, a_client(server.url) as client:
        with pytest.raises(BadResponse):
            await client.get("x", Row)


@pytest.mark.parametrize("kind", [Row, dict[str, msgspec.Raw], msgspec.Raw, dict[str, Any]])
@pytest.mark.parametrize("around", [b"%s", b'{"sid": %s}', b'{"sid": "a", "more": %s}'])
@pytest.mark.parametrize("depth", [b"[" * 10_000_000, b"[" * 5_000_000 + b"]" * 5_000_000])
async def test_ten_megabytes_of_nesting(kind: type[object], around: bytes, depth: bytes):
    """No depth of nesting, in what is read or in what is skipped, closed or not, is more than a BadResponse."""
    nested = around % depth
    async with a_raw_server(saying(answer(nested))) as server, a_client(server.url) as client:
        with pytest.raises(BadResponse):
            await client.get("x", kind)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("400 Bad", Refused),
        ("401 No", Denied),
        ("403 No", Denied),
        ("404 Gone", NotFound),
        ("409 Hm", Refused),
        ("429 Slow", RateLimited),
        ("500 Oops", Unavailable),
        ("503 Oops", Unavailable),
        ("304 Same", BadResponse),
        ("299 Odd", None),
    ],
)
async def test_what_a_status_means(status: str, kind: type[GatewayError] | None):
    """Each status is one kind of failure, said in our own words."""
    said = answer(b'{"sid": "HS1", "message": "theirs"}', status=status)
    async with a_raw_server(saying(said)) as server, a_client(server.url) as client:
        if kind is None:
            assert await client.get("x", Row)
            return
        with pytest.raises(kind) as caught:
            await client.get("x", Row)

    assert type(caught.value) is kind
    assert "theirs" not in str(caught.value)


async def test_what_a_provider_says_of_it():
    """The provider's adapter may know better than the status: its kind, its words, its code if it looks like one."""
    refusal = Refusal(code="20429", message="too many at once", error=RateLimited)
    said = answer(b"{}", "Retry-After: 7", status="400 Bad")
    async with a_raw_server(saying(said)) as server, a_client(server.url, refusal=refusal) as client:
        with pytest.raises(RateLimited) as caught:
            await client.get("x", Row)

    assert (caught.value.message, caught.value.native_code, caught.value.retry_after) == (
        "too many at once",
        "20429",
        7,
    )


async def test_find_gives_none_for_what_is_not_there():
    """A 404 is no failure where a thing is looked up."""
    async with a_raw_server(saying(answer(status="404 Gone"))) as server, a_client(server.url) as client:
        assert await client.find("x", Row) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), ("0", 0.0), ("86401", None), ("-1", None), ("soon", None), ("Thu, 01 Jan 1970 00:00:00 GMT", None)],
)
async def test_when_to_come_again(header: str, seconds: float | None):
    """Retry-After in seconds, if it is any and of use."""
    said = answer(b"", f"Retry-After: {header}", status="429 Slow")
    async with a_raw_server(saying(said)) as server, a_client(server.url) as client:
        with pytest.raises(RateLimited) as caught:
            await client.get("x", Row)

    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Elsewhere", "308 Elsewhere"])
async def test_a_redirect_is_not_followed(status: str):
    """The host it leads to is told, and nothing else of it; nobody goes there."""
    async with a_raw_server(saying(ROW)) as other:
        said = answer(b"", f"Location: {other.url}/{SECRET}?a=b", status=status)
        async with a_raw_server(saying(said)) as server, a_client(server.url) as client:
            with pytest.raises(BadResponse, match=r"redirects to '127\.0\.0\.1'; not followed") as caught:
                await client.get("x", Row)

    assert SECRET not in str(caught.value)
    assert (len(server.requests), other.accepted) == (1, 0)


@pytest.mark.parametrize("location", ["Location: http://[", "Location: //", "X: y"])
async def test_a_redirect_to_nowhere(location: str):
    """A redirect that leads nowhere is a BadResponse like any other."""
    async with (
        a_raw_server(saying(answer(b"", location, status="302 Found"))) as server,
        a_client(server.url) as client,
    ):
        with pytest.raises(BadResponse, match="nowhere"):
            await client.get("x", Row)


async def test_expired_credentials_are_renewed_once():
    """Credentials refused as expired are renewed and the call is made again, and refused ones after that are told."""

    async def behave(arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        is_fresh = arrived.header("authorization") == "Bearer 2"
        writer.write(ROW if is_fresh else answer(status="401 Expired"))

    refusal = Refusal(expired=True)
    async with (
        a_raw_server(behave) as server,
        a_client(server.url, auth=(auth := Renewing()), refusal=refusal) as client,
    ):
        assert await client.get("x", Row) == Row("HS1")
        auth.number = 7
        with pytest.raises(Denied):
            await client.get("x", Row)

    assert [each.header("authorization") for each in server.requests] == [f"Bearer {n}" for n in (1, 2, 7, 8)]


async def test_credentials_that_cannot_be_renewed():
    """Where fresh credentials are not to be had, the refusal is told and nothing is sent again."""
    said, refusal = answer(status="401 Expired"), Refusal(expired=True)
    async with a_raw_server(saying(said)) as server, a_client(server.url, refusal=refusal) as client:
        with pytest.raises(Denied):
            await client.get("x", Row)

    assert len(server.requests) == 1


async def test_the_policy_stands_around_every_exchange():
    """It is told that reads may be repeated, sees failures classified, and an answer that cannot be read is one."""
    policy, answers = Recording(), [answer(status="503 Oops"), ROW, answer(b"<html>"), ROW]

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(answers.pop(0))

    async with a_raw_server(behave) as server, a_client(server.url, policy=policy) as client:
        repeated = await client.get("x", Row)
        with pytest.raises(BadResponse):
            await client.get("x", Row)
        await client.post_form(f"{server.url}/token", Row, {})

    assert repeated == Row("HS1")
    assert [type(failure) for failure in policy.failures] == [Unavailable, BadResponse]
    assert policy.may_repeat == [True, True, True]


async def test_the_errand_knows_what_it_came_to():
    """Every request that is sent counts, a failed one, too, and so does the time from sending to the answer's end."""
    answers = [answer(status="503 Oops"), ROW]

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        writer.write(answers.pop(0))

    came_to = Errand()
    ERRAND.set(came_to)
    async with a_raw_server(behave) as server, a_client(server.url, policy=Recording()) as client:
        await client.get("x", Row)

    assert came_to.calls == 2
    assert came_to.upstream >= 0.02


@pytest.mark.parametrize("value", ["a\r\nX-Other: b", "a\nb", "\udc80"])
async def test_what_cannot_be_written_is_not_sent(value: str):
    """Credentials that would be more than their header send nothing and are told of without being told."""
    auth = Header(Secret(value), lambda key: ("X-Key", key))
    async with a_raw_server(saying(ROW)) as server, a_client(server.url, auth=auth) as client:
        with pytest.raises(BadResponse, match="cannot be written as HTTP"):
            await client.get("x", Row)

    assert server.requests == []


async def test_a_path_that_is_no_url():
    """A path with control characters in it is not sent."""
    async with a_client("http://127.0.0.1:9") as client:
        with pytest.raises(BadResponse, match="cannot be written as HTTP"):
            await client.get("a\0b", Row)
