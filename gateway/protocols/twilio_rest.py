"""The REST ways of Twilio, which KORE took over with the products: paging, error bodies, OAuth at KORE.

Sources: the published OpenAPI files of both; `request_validator.py` and `base/page.py` of Twilio's Python client;
KORE's pages "API Responses" and "Authorization". Facts marked unverified there are read tolerantly here.
"""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import GenericAlias
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from gateway.page import Page, PageRequest
from gateway.platform import Wiring
from gateway.secret import Secret
from gateway.upstream.auth import Auth, TokenAuth
from gateway.upstream.client import Client, Refusal
from schema.errors import BadResponse, Denied, NotFound, RateLimited, Unavailable

__all__ = ["Listed", "Sid", "client_credentials", "find", "iso", "read_page", "read_refusal", "segment"]

T = TypeVar("T")
W = TypeVar("W")

Sid = Annotated[str, msgspec.Meta(min_length=1)]
"""The id of a row: there is one, and it is not empty."""

log = logging.getLogger("gateway.protocols")

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What may pass as a provider's code."""

SHOWN = 100
"""Characters of a strange link that an error shows."""

DEFAULT_PORTS = {"http": 80, "https": 443}

MEANINGS = {
    "20001": "the provider does not know or does not accept a parameter",
    "20002": "the provider misses a parameter",
    "20003": "the provider does not accept the account's credentials",
    "20004": "the provider does not do this here",
    "20404": "the provider has no such thing",
    "20429": "too many calls to the provider at once",
    "33000": "the provider failed without saying why",
    "33004": "the provider is overloaded",
    "33010": "another change of this SIM is running",
    "33101": "the provider finds a parameter invalid",
    "33102": "the provider misses a parameter",
    "33103": "the provider does not accept the page asked for",
    "33104": "the SIM needs a rate plan before it can be activated",
    "33105": "the SIM's status does not allow this change",
    "33107": "the provider has no such SIM",
    "33108": "the provider has no such rate plan",
    "33111": "the command is too long",
    "33118": "too many commands are waiting for this SIM",
    "33119": "the connectivity of this SIM cannot be reset now",
    "33120": "the connectivity of this SIM is being reset already",
    "33121": "the provider does not take these changes together",
    "33122": "the SIM may not have this rate plan",
    "33201": "the account may not do this",
    "33203": "the SIM's rate plan does not allow messages",
    "83000": "the provider failed while it registered the SIM",
    "83001": "the provider misses a parameter",
    "83002": "the SIM cannot be registered",
    "83003": "the account has this SIM already",
    "83004": "the provider failed while it changed the SIM",
    "83005": "the provider has no such SIM",
    "83006": "the provider has no such fleet",
    "83007": "the SIM needs a fleet before it can be activated",
    "83008": "a SIM cannot leave its fleet without joining another",
    "83009": "the fleet cannot be changed while a change of the SIM is running",
    "83010": "the SIM's status does not allow this change",
    "83011": "the name is taken",
    "83400": "the provider cannot send this IP command",
    "83401": "the device is not attached to a network",
    "83402": "the address that is told of IP commands did not answer as it should",
    "83500": "the provider has no eSIM profile free",
    "83600": "the provider finds the usage parameters bad or conflicting",
    "83601": "the provider wants this usage span to begin and end on a UTC midnight",
    "83602": "the provider wants this usage span to begin and end on a UTC hour",
    "83603": "the provider tells usage by SIM for at most 31 days",
    "83604": "the usage span is too long for its granularity",
    "83605": "the provider keeps usage for 18 months; the span begins earlier",
}
"""Our words for the providers' codes. Their own sentences are not passed on: nobody knows what is in them."""


STRANGE = "the answer is not what the provider's documentation says"


class _Meta(msgspec.Struct):
    key: str | None = None
    next_page_url: str | None = None


class _ErrorBody(msgspec.Struct):
    """The classic body, RFC 9457, and KORE's token and gateway bodies, in one: all their fields are optional."""

    code: int | str | None = None
    error: str | None = None


class _TokenAnswer(msgspec.Struct):
    access_token: str
    expires_in: float


def iso(moment: datetime) -> str:
    """A moment as these APIs write it: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def segment(native_id: str) -> str:
    """An id as one segment of a path. Unique names are allowed there too, so anything may come.

    Raises NotFound for what would lead to another place: nothing has such an id. Quoted dots are dots all the same
    to whoever reads the path (RFC 3986, 6.2.2.2), so they cannot be sent at all.
    """
    if native_id in ("", ".", ".."):
        raise NotFound(MEANINGS["20404"])
    return quote(native_id, safe="")


@dataclass(frozen=True)
class Listed(Generic[W, T]):
    """A list of the API: its path, the key its rows stand under, their wire type, and how to read one.

    `needs_all` is for rows that are added up: a sum without one of them is wrong, so that a row that cannot be read
    spoils the page. Elsewhere it is left out.
    """

    path: str
    key: str
    row: type[W]
    read: Callable[[W], T]
    needs_all: bool = False


async def find(client: Client, listed: Listed[W, T], native_id: str) -> T | None:
    """One thing of a list by its id; None where there is none."""
    try:
        path = f"{listed.path}/{segment(native_id)}"
    except NotFound:
        return None
    found = await client.find(path, listed.row)
    return None if found is None else listed.read(found)


async def read_page(
    client: Client, listed: Listed[W, T], params: Iterable[tuple[str, str | None]], page: PageRequest
) -> Page[T]:
    """One page of a list; parameters without a value are left out.

    The token is the query of `next_page_url` without what we ask anyway; that URL itself is never kept and never
    followed elsewhere: a link to another origin or path makes the rest of the list a BadResponse.
    """
    asked = [(name, value) for name, value in params if value is not None] + [("PageSize", str(page.size))]
    given = parse_qsl(page.token or "")
    query = [(name, value) for name, value in asked if name not in dict(given)] + given
    body = await client.get(listed.path, dict[str, msgspec.Raw], query)
    meta = (_part(body["meta"], _Meta | None) if "meta" in body else None) or _Meta()
    rows, left_out = _rows(body.get(meta.key if meta.key in body else listed.key), listed)
    found = Page([listed.read(each) for each in rows], is_partial=left_out > 0)
    if meta.next_page_url:
        flaw = _flaw(client.base_url, listed.path, meta.next_page_url)
        found.broken = None if flaw is None else BadResponse(flaw)
        found.next = _token(meta.next_page_url, asked) if flaw is None else None
    return found


def _token(link: str, asked: list[tuple[str, str]]) -> str:
    ours = set(asked)
    return urlencode([pair for pair in parse_qsl(urlsplit(link).query) if pair not in ours or pair[0] == "PageSize"])


def _rows(raw: msgspec.Raw | None, listed: Listed[W, T]) -> tuple[list[W], int]:
    """The rows, and how many of them cannot be read and are left out. BadResponse where none can be."""
    if raw is None:
        raise BadResponse(STRANGE)
    try:
        return _part(raw, GenericAlias(list, (listed.row,))), 0
    except BadResponse:
        if listed.needs_all:
            raise
    singly: list[msgspec.Raw] = _part(raw, list[msgspec.Raw])
    rows = [row for each in singly if (row := _row(each, listed.row)) is not None]
    if not rows:
        raise BadResponse(STRANGE)
    left_out = len(singly) - len(rows)
    log.warning("%d of %d rows of %s cannot be read and are left out", left_out, len(singly), listed.key)
    return rows, left_out


def _row(raw: msgspec.Raw, kind: type[W]) -> W | None:
    try:
        row: W = _part(raw, kind)
    except BadResponse:
        return None
    return row


def _part(raw: msgspec.Raw, kind: Any) -> Any:  # Any: a type that is only known at run time
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadResponse(STRANGE) from error


def _flaw(base_url: str, path: str, link: str) -> str | None:
    """Why a link is not the list's own next page; None where it is. At most the host or the path is told of it."""
    try:
        ours, theirs = urlsplit(f"{base_url}/{path}"), urlsplit(link)
        strange = None if _origin(ours) == _origin(theirs) else _host(theirs)
    except ValueError:
        return "the link to the next page cannot be read"
    if strange is None and "@" in theirs.netloc:
        return "the link to the next page carries credentials and is not followed"
    if strange is None and unquote(ours.path) != unquote(theirs.path):
        strange = theirs.path
    return strange and f"the link to the next page points to {strange[:SHOWN]!r}, which is not followed"


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    """Scheme, host and port (RFC 6454, 4). Raises ValueError for a port that is none."""
    return url.scheme, url.hostname, url.port if url.port is not None else DEFAULT_PORTS.get(url.scheme)


def _host(url: SplitResult) -> str:
    host = url.hostname or "nowhere"
    return host if url.port is None else f"{host[: SHOWN - 6]}:{url.port}"


def read_refusal(status: int, body: bytes) -> Refusal:
    """What an error body says. 20429 is Twilio's concurrency limit; 33004 and 20503 mean overloaded."""
    try:
        said = msgspec.json.decode(body, type=_ErrorBody)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Refusal()
    code = _code(said.code)
    refusal = Refusal(
        code=code or _code(said.error), message=MEANINGS.get(code or ""), expired=_is_expired(status, said)
    )
    if code in ("20429",):
        refusal.error = RateLimited
    elif code in ("33004", "20503"):
        refusal.error = Unavailable
    elif code in ("20003",):
        refusal.error = Denied
    return refusal


def _code(said: int | str | None) -> str | None:
    """A code as it may be passed on; longer or stranger text is something that nobody here has read."""
    code = str(said)
    return code if said is not None and _CODE.fullmatch(code) else None


def _is_expired(status: int, said: _ErrorBody) -> bool:
    """A 401, or the 403 of KORE's gateway, which has `error` and no code; a 403 with a code is a missing right."""
    return status == 401 or (status == 403 and said.code is None and said.error is not None)


def client_credentials(wiring: Wiring, token_url: str, client_id: str, client_secret: Secret) -> Auth:
    """OAuth 2.0 client credentials (RFC 6749, 4.4) as KORE has them: form in the body, no refresh token."""

    async def fetch(secret: str) -> _TokenAnswer:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        return await tokens.post_form(token_url, _TokenAnswer, form)

    auth = TokenAuth(fetch, client_secret, wiring.seconds)
    tokens = wiring.client(auth, _read_token_refusal, token_url)
    return auth


def _read_token_refusal(status: int, body: bytes) -> Refusal:
    refusal = read_refusal(status, body)
    refusal.expired = False
    if status in (400, 401, 403):
        refusal.error = Denied
    return refusal
