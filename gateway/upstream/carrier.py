"""What carries httpx's requests: aiohttp, with nothing between.

httpx's own carrier loses a pooled connection when a call is cancelled at the wrong moment, and calls are cancelled all
the time here: by an account's time limit, by a request's deadline, by a caller that leaves. After as many such moments
as there are connections the account would be dead. It also takes 20 times the CPU of aiohttp.
"""

from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from typing import Any

import aiohttp
import httpx
from yarl import URL

from gateway.upstream.errand import errand
from schema.errors import BadResponse

__all__ = ["FAILURES", "Carrier", "in_words_of_httpx"]


_NO_CONNECTION = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
)

_MEANINGS: Sequence[tuple[type[Exception], type[httpx.TransportError]]] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ServerFingerprintMismatch, httpx.ConnectError),
    (TimeoutError, httpx.ReadTimeout),
    (aiohttp.UploadAbortedError, httpx.WriteError),
    (aiohttp.ClientPayloadError, httpx.ReadError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.NonHttpUrlClientError, httpx.UnsupportedProtocol),
    (ValueError, httpx.LocalProtocolError),
)
"""The first that fits. What fits none, as a socket's own OSError, is a broken connection."""

FAILURES = (aiohttp.ClientError, OSError, ValueError)
"""Whatever can come out of aiohttp because of the network, the provider or what is sent."""


class Carrier(httpx.AsyncBaseTransport):
    """At most `connections` connections, kept alive, all to the scheme, host and port of the address `home`; no
    cookies, no proxies of the machine, no redirects, and never a call that is sent twice.

    Keeps the `connect`, `read` and `whole` of a request's `timeout` extension (see `Times`). Every failure is an
    httpx.TransportError, from aiohttp's own. A request to anywhere else is a BadResponse before there is a connection,
    whoever made its address of whatever: credentials go to nobody but whom they are for.
    """

    def __init__(self, home: str, connections: int) -> None:
        self._home = _origin(_address(httpx.URL(home)))
        self._connections = connections
        self._opened: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        times = request.extensions.get("timeout", {})
        address = _address(request.url)
        if _origin(address) != self._home:
            raise BadResponse("the call would leave for a host it is not meant for")
        try:
            response = await self._session().request(
                request.method,
                address,
                headers=[(key.decode(), value.decode()) for key, value in request.headers.raw],
                data=request.read() or None,
                allow_redirects=False,
                timeout=_timeout(times.get("connect"), times.get("read"), times.get("whole")),
            )
        except FAILURES as error:
            raise in_words_of_httpx(error) from error
        return httpx.Response(response.status, headers=response.raw_headers, stream=_Body(response), request=request)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._opened is not None:
            await self._opened.close()

    def _session(self) -> aiohttp.ClientSession:
        """Opened by the first call: it wants a running loop."""
        if self._opened is None:
            self._opened = aiohttp.ClientSession(
                connector=_Connector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                middlewares=[_once],
            )
        return self._opened


def _address(url: httpx.URL) -> URL:
    """As aiohttp reads it: what is looked at is what is connected to."""
    return URL(str(url), encoded=True)


def _origin(address: URL) -> tuple[str, str | None, int | None]:
    """Scheme, host and port (RFC 6454, 4)."""
    return address.scheme, address.raw_host, address.port


class _Body(httpx.AsyncByteStream):
    """The body as it arrives, at most some 128 KiB ahead of who reads it."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while chunk := await self._response.content.readany():
                yield chunk
        except FAILURES as error:
            raise in_words_of_httpx(error) from error

    async def aclose(self) -> None:
        """A connection whose answer was not read to its end is closed, any other is kept."""
        self._response.close()


class _Connector(aiohttp.TCPConnector):
    """Tells the errand when there is a connection: until then nothing can have been sent."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  as aiohttp has it
    ) -> aiohttp.connector.Connection:
        """Any: aiohttp's own, of which there are none."""
        connection = await super().connect(req, traces, timeout)
        errand().connected()
        return connection


async def _once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """By itself aiohttp sends a GET, PUT or DELETE again when a kept connection turns out to be dead. Neither the
    account's pace nor whoever must not do a thing twice would know: such a failure is told as one that it lets pass."""
    try:
        return await send(request)
    except _NO_CONNECTION:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError("the connection broke") from error


@lru_cache(maxsize=16)
def _timeout(connect: float | None, read: float | None, whole: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=whole, connect=connect, sock_read=read)


def in_words_of_httpx(error: Exception) -> httpx.TransportError:
    """The same failure, without aiohttp's text, in which the address stands."""
    for kind, said in _MEANINGS:
        if isinstance(error, kind):
            return said(type(error).__name__)
    return httpx.NetworkError(type(error).__name__)
