"""Which other sites' pages may ask, and read the answers: none but those that are configured."""

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

__all__ = ["ASKED", "EXPOSED", "Cors"]

METHODS = ("GET", "POST")
ASKED = (
    "Authorization",
    "Cache-Control",
    "Content-Type",
    "GraphQL-Require-Preflight",
    "Priority",
    "X-API-Key",
    "X-Request-Id",
    "X-Requested-With",
    "Apollo-Require-Preflight",
    "X-Apollo-Operation-Name",
    "ApolloGraphQL-Client-Name",
    "ApolloGraphQL-Client-Version",
)
"""Headers such a page may send."""

EXPOSED = (
    "RateLimit",
    "RateLimit-Policy",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "X-Request-Id",
    "WWW-Authenticate",
)
"""Headers of an answer that it may read."""

MAX_AGE = 600
"""Seconds a browser remembers that it may."""


class Cors(CORSMiddleware):
    """`origins` are exact: scheme, host, and port where it is not the scheme's own. Cookies and Basic credentials are
    never taken."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=tuple(origins),
            allow_methods=METHODS,
            allow_headers=ASKED,
            expose_headers=EXPOSED,
            max_age=MAX_AGE,
        )
