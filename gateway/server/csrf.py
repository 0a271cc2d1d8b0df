"""What another site's page makes a browser send without being asked: such a GET is not executed.

A POST needs no more than its content type, which a browser sends for a page of another site only after asking here.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from gateway.server.refusal import BadRequest

__all__ = ["refuse_other_sites"]

DELIBERATE = (
    "x-api-key",
    "x-requested-with",
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
)
"""Headers that no page can add to a request to another site without that site's leave (Fetch, 2.2.2)."""

OWN = ("same-origin", "none")
"""What Sec-Fetch-Site says where no other site has a part in it; `none` is a person with the address bar."""


def refuse_other_sites(headers: Headers, origins: Collection[str] = ()) -> None:
    """Refuse what the page of another site may have made, except those of `origins`. Raises BadRequest."""
    origin = headers.get("origin")
    if origin in origins or _is_deliberate(headers):
        return
    is_elsewhere = origin is not None and not _is_here(origin, headers.get("host", ""))
    if is_elsewhere or headers.get("sec-fetch-site", "none").lower() not in OWN:
        message = "another site's page cannot ask by GET; send POST, or the header GraphQL-Require-Preflight: 1"
        raise BadRequest(403, message, "FORBIDDEN")


def _is_deliberate(headers: Headers) -> bool:
    """A browser adds Basic credentials by itself, and nothing but those."""
    is_bearer = headers.get("authorization", "").lower().startswith("bearer ")
    return is_bearer or any(name in headers for name in DELIBERATE)


def _is_here(origin: str, host: str) -> bool:
    """The same host and port. The scheme may be another: TLS may end before us."""
    try:
        return urlsplit(origin).netloc.lower() == host.lower() != ""
    except ValueError:
        return False
