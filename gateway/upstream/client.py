"""One account's HTTP client: what is asked, with which credentials, under the account's policy, decoded as what."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from gateway.upstream.auth import Auth
from gateway.upstream.exchange import Answer, Times, Writer, exchange
from gateway.upstream.refusal import ReadRefusal, Refusal, classified, redirected
from schema.errors import BadResponse, GatewayError, NotFound

__all__ = ["Client", "Params", "Policy", "ReadRefusal", "Refusal"]

T = TypeVar("T")
W = TypeVar("W")
Params = Sequence[tuple[str, str]]

log = logging.getLogger("gateway.upstream")


class Policy(Protocol):
    """What stands around each exchange of an account: whether it is made at all, when, and whether again."""

    async def run(self, once: Callable[[], Awaitable[T]], *, may_repeat: bool) -> T:
        """Do `once`, an exchange that gives an answer or raises a GatewayError; more often only if it `may_repeat`."""


class Client:
    """Calls to one account. Every failure is a GatewayError without a URL, a body or a credential in it."""

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        policy: Policy,
        read_refusal: ReadRefusal,
        transport: httpx.AsyncBaseTransport,
        *,
        times: Times = Times(),  # noqa: B008 - frozen
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._auth = auth
        self._policy = policy
        self._read_refusal = read_refusal
        self._transport = transport
        self._writer = Writer(times)

    async def get(self, path: str, kind: type[W], params: Params = ()) -> W:
        """GET `path` below the base URL and decode the answer as `kind`.

        Raises NotFound, Denied, RateLimited, Refused, Unavailable, TimedOut or BadResponse.
        """
        url = f"{self.base_url}/{path}"
        return await self._ask("GET", f"{url}?{urlencode(params)}" if params else url, kind, may_repeat=True)

    async def find(self, path: str, kind: type[W], params: Params = ()) -> W | None:
        """The same, None where the provider has no such thing."""
        try:
            return await self.get(path, kind, params)
        except NotFound:
            return None

    async def post_form(self, url: str, kind: type[W], form: Mapping[str, str]) -> W:
        """POST a form to an absolute URL of the account's own configuration, without credentials: for tokens, of
        which a second one does no harm."""
        request = self._writer.write("POST", url, {}, urlencode(form).encode())
        return await self._run(_Call(request, kind, may_repeat=True))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def _ask(self, method: str, url: str, kind: type[W], *, may_repeat: bool) -> W:
        """A call with credentials, made once more with fresh ones where they had expired: it was not executed then."""
        headers = await self._auth.headers()
        call = _Call(self._writer.write(method, url, headers), kind, may_repeat)
        try:
            return await self._run(call)
        except GatewayError:
            if not call.is_expired or not self._auth.refused(headers):
                raise
        headers = await self._auth.headers()
        return await self._run(_Call(self._writer.write(method, url, headers), kind, may_repeat))

    async def _run(self, call: "_Call[W]") -> W:
        return await self._policy.run(partial(self._once, call), may_repeat=call.may_repeat)

    async def _once(self, call: "_Call[W]") -> W:
        answer = await exchange(self._transport, call.request)
        if answer.is_success:
            return _decoded(answer.body, call.kind)
        raise self._refused(answer, call)

    def _refused(self, answer: Answer, call: "_Call[W]") -> GatewayError:
        if 300 <= answer.status < 400:
            return redirected(answer.headers)
        refusal = self._read_refusal(answer.status, answer.body)
        call.is_expired = refusal.expired
        return classified(answer.status, answer.headers, refusal)


@dataclass(slots=True)
class _Call(Generic[W]):
    """One call, however often it is sent. `is_expired`: its credentials were refused in a way fresh ones may cure."""

    request: httpx.Request
    kind: type[W]
    may_repeat: bool
    is_expired: bool = False


def _decoded(body: bytes, kind: type[W]) -> W:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        log.warning("an answer could not be read as %s: %s", kind.__name__, type(error).__name__)
        raise BadResponse("the answer is not what the provider's documentation says") from error
