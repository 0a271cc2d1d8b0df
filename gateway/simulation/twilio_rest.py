"""The server that the simulators of the Twilio family share: routes, authentication, forms, errors, throttling."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.client import responses
from urllib.parse import parse_qs, unquote

from starlette.types import Receive, Scope, Send

from gateway.simulation.simulator import Switch
from gateway.simulation.twilio_auth import Guard, Knock
from gateway.simulation.twilio_call import Call, Refusal, Reply

__all__ = [
    "FAMILY_SWITCHES",
    "KORE",
    "TWILIO",
    "Family",
    "Handler",
    "Route",
    "TwilioServer",
    "error_body",
    "refusal_body",
    "route",
]

Handler = Callable[[Call], Reply]

FAMILY_SWITCHES: dict[str, Switch] = {
    "errors": Switch("classic", "shape of error bodies: both are known to the official client", ("classic", "rfc9457")),
    "concurrency": Switch("1000", "requests at once before 429/20429; Twilio does not publish its number"),
    "retry_after": Switch("", "seconds in a Retry-After header on 429; empty sends none, no official source has it"),
    "page_trap": Switch("repeat", "what Page without PageToken does", ("repeat", "error")),
}
"""Switches that every simulator of the family has."""


@dataclass(frozen=True, slots=True)
class Family:
    """What tells Twilio and KORE apart in every answer.

    `error_docs` is where an error code is explained, the code appended; `strict_forms` is whether a body that is no
    form is refused with 415, as KORE declares; `names_requests` is whether each answer carries a Twilio-Request-Id, as
    Twilio's page on responses has it.
    """

    error_docs: str
    strict_forms: bool
    names_requests: bool


TWILIO = Family("https://www.twilio.com/docs/errors/", strict_forms=False, names_requests=True)
KORE = Family("https://docs.korewireless.com/errors/", strict_forms=True, names_requests=False)
_CODES = {400: 20001, 401: 20003, 403: 20403, 404: 20404, 405: 20004, 429: 20429, 500: 20500, 503: 20503}


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path template such as `/v1/Sims/{Sid}`."""

    method: str
    template: str
    handler: Handler
    pattern: re.Pattern[str]


def route(method: str, template: str, handler: Handler) -> Route:
    """A route; names in braces match one path segment each."""
    return Route(method, template, handler, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)))


class TwilioServer:
    """An ASGI app. Handlers are plain functions; the ones under way are counted until their answer is sent."""

    def __init__(
        self,
        *,
        routes: Sequence[Route],
        guard: Guard,
        family: Family,
        switches: Mapping[str, str],
        now: Callable[[], datetime],
        before: Callable[[datetime], None],
    ) -> None:
        self.routes = routes
        self._guard = guard
        self._family = family
        self._switches = switches
        self._now = now
        self._before = before
        self._most = int(switches["concurrency"])
        self._running = 0
        self._answered = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = await _read(receive)
        self._running += 1
        try:
            reply = self._reply(scope, body)
            await _send(reply, self._own_headers(), send)
        finally:
            self._running -= 1

    def _own_headers(self) -> dict[str, str]:
        self._answered += 1
        headers = {"twilio-concurrent-requests": str(self._running)}
        if self._family.names_requests:
            headers["twilio-request-id"] = f"RQ{self._answered:032x}"
        return headers

    def _reply(self, scope: Scope, body: bytes) -> Reply:
        try:
            if self._running > self._most:
                raise self._too_many()
            return self._answer(scope, body)
        except Refusal as refusal:
            content = error_body(self._family, self._switches["errors"], refusal)
            return Reply(content, refusal.status, refusal.headers)

    def _too_many(self) -> Refusal:
        wait = self._switches["retry_after"]
        headers = {"Retry_After": wait} if wait else {}
        return Refusal(429, 20429, "Too Many Requests", **headers)

    def _answer(self, scope: Scope, body: bytes) -> Reply:
        now = self._now()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path = _path(scope)
        early = self._guard.enter(Knock(scope["method"], path, headers, body, now))
        if early is not None:
            return early
        self._before(now)
        found, place = self._find(scope["method"], path)
        host = headers.get("host", "localhost")
        call = Call(
            method=scope["method"],
            path=path,
            base=f"{scope.get('scheme', 'http')}://{host}{scope.get('root_path', '')}",
            place={name: unquote(value) for name, value in place.items()},
            query=parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True),
            form=self._form(headers, body),
            now=now,
        )
        return found.handler(call)

    def _find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        known = False
        for candidate in self.routes:
            match = candidate.pattern.fullmatch(path)
            if match is None:
                continue
            if candidate.method == method:
                return candidate, match.groupdict()
            known = True
        if known:
            raise Refusal(405, 20004, "Method not allowed")
        raise Refusal(404, 20404, f"The requested resource {path} was not found")

    def _form(self, headers: Mapping[str, str], body: bytes) -> dict[str, list[str]]:
        if not body:
            return {}
        if headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
            if self._family.strict_forms:
                raise Refusal(415, 40400, "Unsupported Media Type")
            return {}
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)


def error_body(family: Family, shape: str, refusal: Refusal) -> dict[str, object]:
    """An error in the classic shape or as RFC 9457; a refusal without a code has a message only."""
    if refusal.code is None:
        return {"message": refusal.message}
    docs = f"{family.error_docs}{refusal.code}"
    if shape == "classic":
        return {"code": refusal.code, "message": refusal.message, "more_info": docs, "status": refusal.status}
    return {
        "type": docs,
        "title": refusal.message,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.message,
    }


def refusal_body(family: Family, shape: str, status: int) -> dict[str, object]:
    """The body this family gives an error of that status, for faults that are ordered from outside."""
    return error_body(family, shape, Refusal(status, _CODES.get(status, 20500), responses.get(status, "Error")))


def _path(scope: Scope) -> str:
    """The path below the mount, still percent-encoded, so that a slash inside a unique name stays inside."""
    raw = scope.get("raw_path") or scope["path"].encode()
    path: str = raw.partition(b"?")[0].decode("latin-1")
    return path.removeprefix(scope.get("root_path", ""))


async def _read(receive: Receive) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _send(reply: Reply, more: Mapping[str, str], send: Send) -> None:
    body = b"" if reply.body is None else json.dumps(reply.body).encode()
    headers = [(name.lower().encode(), value.encode()) for name, value in {**reply.headers, **more}.items()]
    if reply.body is not None:
        headers.append((b"content-type", b"application/json"))
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
