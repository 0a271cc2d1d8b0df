"""One HTTP exchange: a request goes out, a whole answer comes back, or one of our errors says what broke."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from urllib.parse import urlencode

import httpx
import msgspec

from gateway.upstream.body import ENCODINGS, read_whole
from gateway.upstream.errand import errand
from schema.errors import BadResponse, GatewayError, TimedOut, Unavailable

__all__ = ["Answer", "Body", "Form", "Times", "Unreached", "Writer", "exchange", "what_broke"]

Form = Sequence[tuple[str, str]]
"""Fields of a form, in their order."""


@dataclass(frozen=True)
class Times:
    """Seconds: `connect` until there is a connection, `read` of silence, `whole` from the beginning to the end of the
    answer. A transport finds them by these names in the `timeout` extension of a request; `whole` is ours.
    """

    connect: float = 5.0
    read: float = 10.0
    whole: float = 30.0


@dataclass(slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries."""

    content: bytes
    media_type: bytes

    @classmethod
    def form(cls, fields: Form) -> "Body":
        """A form, urlencoded. A list is its key repeated."""
        return cls(urlencode(fields).encode(), b"application/x-www-form-urlencoded")

    @classmethod
    def json(cls, value: object) -> "Body":
        """JSON, of what msgspec can write."""
        return cls(msgspec.json.encode(value), b"application/json")


class Unreached(Unavailable):
    """No connection came about, so not a byte was sent: even what must not be done twice may be tried again."""


_BASE_HEADERS = {"Accept": "application/json", "Accept-Encoding": ENCODINGS, "User-Agent": "sim-gateway"}
_NOTHING = httpx.ByteStream(b"")


class Writer:
    """Writes requests that may be sent as often as the policy says, with no work done twice that can be done once."""

    def __init__(self, times: Times) -> None:
        self._extensions = {"timeout": asdict(times)}
        self._credentials: Mapping[str, str] = {}
        self._headers = httpx.Headers(_BASE_HEADERS)
        # A page that polls asks for the same things again, and to take a URL apart costs a fifth of a call.
        self._url = lru_cache(maxsize=512)(httpx.URL)

    def write(self, method: str, url: str, credentials: Mapping[str, str], body: Body | None = None) -> httpx.Request:
        """`credentials` are headers. The host is named by whatever carries the request.

        Raises BadResponse when it cannot be written as HTTP.
        """
        try:
            where, headers = self._url(url), self._headers_with(credentials)
            if body is None:
                # With a stream of its own httpx leaves out what only bodies need.
                return httpx.Request(method, where, headers=headers, stream=_NOTHING, extensions=self._extensions)
            lines = [*headers.raw, (b"Content-Type", body.media_type)]
            return httpx.Request(method, where, headers=lines, content=body.content, extensions=self._extensions)
        except (httpx.InvalidURL, ValueError) as error:
            raise BadResponse("the call cannot be written as HTTP") from error

    def _headers_with(self, credentials: Mapping[str, str]) -> httpx.Headers:
        if credentials is not self._credentials:
            self._headers = httpx.Headers({**_BASE_HEADERS, **credentials}, encoding="utf-8")
            self._credentials = credentials
        return self._headers


async def exchange(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> Answer:
    """Send it once, read the answer to its end, and note on the errand what that came to.

    Raises Unreached, Unavailable, TimedOut or BadResponse.
    """
    cost, clock = errand(), asyncio.get_running_loop().time
    cost.calls += 1
    began = clock()
    try:
        return await _answer(transport, request)
    except httpx.TransportError as error:
        raise what_broke(error) from error
    finally:
        cost.upstream += clock() - began


async def _answer(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> Answer:
    # Straight to the transport: httpx's client above it would only add what is unwanted here (cookies, redirects, a
    # log line with the URL), for some 20 us.
    response = await transport.handle_async_request(request)
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 - the type has room for httpx's other client, too
    try:
        body = await read_whole(stream, response.headers.get("content-encoding", ""))
    except BadResponse:
        if response.is_success:
            raise
        body = b""  # the status says enough
    finally:
        await stream.aclose()
    return Answer(response.status_code, response.headers, body)


def what_broke(error: httpx.TransportError) -> GatewayError:
    """The failure in our terms, without httpx's text."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
        return Unreached("no connection to the provider")
    if isinstance(error, httpx.TimeoutException):
        return TimedOut("the provider did not answer in time")
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return BadResponse("the call cannot be written as HTTP")
    if isinstance(error, httpx.ProtocolError | httpx.DecodingError):
        return BadResponse("what the provider sent is no HTTP")
    return Unavailable("the connection to the provider broke")
