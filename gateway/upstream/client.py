"""One account's HTTP client: what is asked, with which credentials, under the account's policy, decoded as what."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import NoneType
from typing import Generic, Protocol, TypeVar, cast
from urllib.parse import urlencode

import httpx
import msgspec

from gateway.upstream.auth import Auth
from gateway.upstream.errand import errand
from gateway.upstream.exchange import Answer, Body, Form, Times, Unreached, Writer, exchange
from gateway.upstream.refusal import ReadRefusal, Refusal, classified, redirected, request_id
from schema.errors import BadResponse, Denied, GatewayError, NotFound, Unavailable

__all__ = ["Body", "Client", "Form", "Params", "Policy", "ReadRefusal", "Refusal", "Written"]

T = TypeVar("T")
W = TypeVar("W")
Params = Sequence[tuple[str, str]]

log = logging.getLogger("gateway.upstream")

ACCEPTED = 202
REFUSED_FROM, REFUSED_TO = 400, 500
"""Statuses that say the provider did not do what was asked (RFC 9110, 15.5). One from 500 on leaves it open."""


class Policy(Protocol):
    """What stands around each exchange of an account: whether it is made at all, when, and whether again."""

    async def run(self, once: Callable[[], Awaitable[T]], *, may_repeat: bool) -> T:
        """Do `once`, an exchange that gives an answer or raises a GatewayError; more often only if it `may_repeat`."""


@dataclass(frozen=True, slots=True)
class Written(Generic[W]):
    """What came back from a write: decoded, whether it is under way only (HTTP 202), and the provider's name for the
    call where it gives one."""

    body: W
    is_pending: bool
    request_id: str | None


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
        return (await self._ask("GET", f"{url}?{urlencode(params)}" if params else url, kind)).body

    async def find(self, path: str, kind: type[W], params: Params = ()) -> W | None:
        """The same, None where the provider has no such thing."""
        try:
            return await self.get(path, kind, params)
        except NotFound:
            return None

    async def write(self, method: str, path: str, kind: type[W], body: Body | None = None) -> Written[W]:
        """Change something below the base URL, once: no failure is followed by a second call, but the one that says
        that the credentials had expired. `kind` is NoneType where nothing is to be read of the answer.

        Raises the same as `get`. Whether it may have been executed all the same is on the errand.
        """
        return await self._ask(method, f"{self.base_url}/{path}", kind, body, may_repeat=False)

    async def post_form(self, url: str, kind: type[W], form: Mapping[str, str]) -> W:
        """POST a form to an absolute URL of the account's own configuration, without credentials: for tokens, of
        which a second one does no harm."""
        request = self._writer.write("POST", url, {}, Body.form(list(form.items())))
        return (await self._run(_Call(request, kind, may_repeat=True))).body

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def _ask(
        self, method: str, url: str, kind: type[W], body: Body | None = None, *, may_repeat: bool = True
    ) -> Written[W]:
        """A call with credentials, made once more with fresh ones where they had expired, or were refused after others
        had taken their place: it was not executed then."""
        headers = await self._auth.headers()
        call = _Call(self._writer.write(method, url, headers, body), kind, may_repeat)
        try:
            return await self._run(call)
        except GatewayError as error:
            if not self._may_fare_better(call, error, headers):
                raise
        headers = await self._auth.headers()
        return await self._run(_Call(self._writer.write(method, url, headers, body), kind, may_repeat))

    def _may_fare_better(self, call: "_Call[W]", error: GatewayError, headers: dict[str, str]) -> bool:
        if call.is_expired:
            return self._auth.refused(headers)
        return isinstance(error, Denied) and self._auth.is_outdated(headers)

    async def _run(self, call: "_Call[W]") -> Written[W]:
        return await self._policy.run(partial(self._once, call), may_repeat=call.may_repeat)

    async def _once(self, call: "_Call[W]") -> Written[W]:
        answer = await (exchange(self._transport, call.request) if call.may_repeat else self._written(call.request))
        if answer.is_success:
            return Written(_decoded(answer.body, call.kind), answer.status == ACCEPTED, request_id(answer.headers))
        error = self._refused(answer, call)
        if isinstance(error, Unavailable) and not call.may_repeat:
            errand().may_have_happened = True  # it has broken over there, whatever status it wears
        raise error

    async def _written(self, request: httpx.Request) -> Answer:
        """The exchange of a write, from whose beginning on it may have happened, until something says it has not: no
        connection came about, or the provider answers that it refused."""
        journey = errand()
        if journey.before_write is not None:
            began = asyncio.get_running_loop().time()
            try:
                await journey.before_write()
            finally:
                journey.held_up += asyncio.get_running_loop().time() - began
        journey.is_writing = True
        try:
            answer = await exchange(self._transport, request)
        except Unreached:
            journey.may_have_happened = False
            raise
        finally:
            journey.is_writing = False
        journey.may_have_happened = not REFUSED_FROM <= answer.status < REFUSED_TO
        return answer

    def _refused(self, answer: Answer, call: "_Call[W]") -> GatewayError:
        if 300 <= answer.status < 400:
            return redirected(answer.headers)
        refusal = self._read_refusal(answer.status, answer.body)
        call.is_expired = refusal.expired
        error = classified(answer.status, answer.headers, refusal)
        error.request_id = request_id(answer.headers)
        return error


@dataclass(slots=True)
class _Call(Generic[W]):
    """One call, however often it is sent. `is_expired`: its credentials were refused in a way fresh ones may cure."""

    request: httpx.Request
    kind: type[W]
    may_repeat: bool
    is_expired: bool = False


def _decoded(body: bytes, kind: type[W]) -> W:
    try:
        if kind is NoneType:  # nothing, or some JSON: a proxy's page is no proof that anything was done
            if body.strip():
                msgspec.json.decode(body)
            return cast("W", None)
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        log.warning("an answer could not be read as %s: %s", kind.__name__, type(error).__name__)
        raise BadResponse("the answer is not what the provider's documentation says") from error
