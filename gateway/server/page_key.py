"""The key by which a browser gets GraphiQL where that is not for everybody: asked for by the browser itself.

A browser adds these credentials to whatever it sends here, other sites' doing included. So they are good for the page
and its files, and never for executing anything: that takes a Bearer token.
"""

import binascii
from base64 import b64decode

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response

__all__ = ["ask_for_key", "page_credentials"]

CHALLENGE = 'Basic realm="SIM Gateway: any user, the key as password", charset="UTF-8"'


def page_credentials(headers: Headers) -> str | None:
    """The password of Basic credentials (RFC 7617), which is a key; None where there is none."""
    given = headers.getlist("authorization")
    if len(given) != 1:
        return None
    scheme, _, encoded = given[0].partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        _, colon, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return password if colon and password else None


def ask_for_key() -> Response:
    """The answer that makes a browser ask for one."""
    text = "GraphiQL is for administrators here: enter any user, and a key with the scope admin as password.\n"
    return PlainTextResponse(text, 401, {"WWW-Authenticate": CHALLENGE, "Vary": "Accept, Authorization"})
