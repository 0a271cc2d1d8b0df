"""Which names the gateway is reached by. A page whose name was pointed at this machine later (DNS rebinding) has
another."""

import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.server.refusal import BadRequest, refused

__all__ = ["LIVE", "LOOPBACK", "Hosts", "host_of"]

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""The names of a gateway that serves this machine only."""

LIVE = "/health/live"
"""Who watches a process asks it by its address, and is told nothing about it."""

_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


class Hosts:
    """Middleware: who asks for another host than these, with any port, gets 421 (RFC 9110, 15.5.20). None of them
    means any; what is no host at all is refused in any case."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(each.lower() for each in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is meant for us."""
        if scope["type"] != "http" or scope["path"] == LIVE:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if (bad := self._wrong_with(headers.getlist("host"))) is not None:
            await refused(headers.get("accept", ""), bad)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _wrong_with(self, given: list[str]) -> BadRequest | None:
        if not given and not self._hosts:
            return None  # HTTP/1.0 has none, and some who watch speak it
        name = host_of(given[0]) if len(given) == 1 else None
        if name is None:
            return BadRequest(400, "the Host must be a name or an address, with a port or without")
        if self._hosts and name not in self._hosts:
            return BadRequest(421, "the gateway is not known by this Host; [server] hosts lists its names")
        return None


def host_of(host: str) -> str | None:
    """The name in a Host header, in small letters and without the port; None where it is no host."""
    match = _HOST.fullmatch(host)
    return None if match is None else match["name"].lower().removesuffix(".")
