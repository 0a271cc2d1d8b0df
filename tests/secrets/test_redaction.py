"""Log lines have stars for whatever looks like a credential or like personal data, and stay readable."""

import logging
import time

import aiohttp
import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.logs import JsonFormatter, TextFormatter
from gateway.redaction import LONGEST, redacted
from gateway.secret import Secret
from gateway.tracing import REQUEST_ID

KEY = "sgw_hR3kP0aZ_" + "4Qm7" * 11
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"

MASKED = [
    ("sent Bearer hunter2.x-y_z", "sent Bearer ***"),
    ("Basic aHVudGVyMg== was refused", "Basic *** was refused"),
    (f"key {KEY} is unknown", "key sgw_hR3kP0aZ_*** is unknown"),
    (f"token {JWT}, and more", "token ***, and more"),
    ("redis://user:p@ss@host:6379/0 is gone", "redis://***@host:6379/0 is gone"),
    ("GET https://host/v1/Sims?Iccid=89&Token=x failed", "GET https://host/v1/Sims?*** failed"),
    ("client_secret=abc&grant_type=x", "client_secret=***&grant_type=x"),
    ("connect(password='a b, c', port=1)", "connect(password=***, port=1)"),
    ('{"access_token": "ab\\"cd", "a": 1}', '{"access_token": "***", "a": 1}'),
    ('"{\\"api_key\\": \\"abc\\"}"', '"{\\"api_key\\": \\"***\\"}"'),
    ("[(b'x-api-key', b'abc'), (b'a', b'b')]", "[(b'x-api-key', b'***'), (b'a', b'b')]"),
    ("Authorization: Token abc def", "Authorization: ***"),
    ("x-api-key: abc\nhost: b", "x-api-key: ***\nhost: b"),
    ("imsi 901280000000123, imei 864072041234567", "imsi ***, imei ***"),
    ("from +4790012345 to 883510000000012", "from *** to ***"),
    ("at 10.64.3.7, then '2001:db8:0:1::1'.", "at ***, then '***'."),
]


@pytest.mark.parametrize(("text", "shown"), MASKED)
def test_what_is_masked(text: str, shown: str) -> None:
    """Credentials in all the forms that libraries write, and numbers and addresses of people's devices."""
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "6 accounts, GraphQL at http://0.0.0.0:8000/graphql",
        "6 accounts, GraphQL at http://[::]:8000/graphql",
        "cannot listen on 127.0.0.1, port 80",
        "Cannot connect to host 10.0.0.5:443",
        'accounts[1] "eu": auth_token: missing; give auth_token = "${VARIABLE}" or auth_token_file = "path"',
        "job 30eb20568b184d1f9316cecf2d29accb is over: DONE",
        "SIM 8988307000000000123 at 2026-01-31T12:00:00.123Z",
        "the token is expired; is this a secret?",
        "a.b.c: not asked for a while after repeated failures (last: HTTP 503)",
    ],
)
def test_what_stays(text: str) -> None:
    """What an operator has to read: addresses of servers, mistakes in configurations, ids, times, sentences."""
    assert redacted(text) == text


def test_every_secret_of_the_process() -> None:
    """The exact values of secrets, whatever they look like, a part of another last."""
    short, long = Secret("correct horse"), Secret("correct horse battery")

    assert redacted(f"a {long.reveal()}, a {short.reveal()}, a correct%20horse") == "a ***, a ***, a ***"


def failures() -> list[BaseException]:
    """What libraries raise, with addresses and headers in it."""
    request = httpx.Request("GET", "https://user:hunter2@host/a?token=hunter2", headers={"X-API-Key": "hunter2"})
    return [
        httpx.ConnectError("cannot reach https://user:hunter2@host/a?token=hunter2", request=request),
        aiohttp.InvalidURL("redis://:hunter2@host:6379/0"),
        aiohttp.ClientError("password=hunter2"),
        msgspec.ValidationError("Invalid value 'hunter2' in {'token': 'hunter2'}").with_traceback(None),
    ]


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_chains_of_errors(formatter: logging.Formatter) -> None:
    """Every error of a chain is redacted, not only the last one."""
    secret = Secret("Invalid value 'hunter2'")
    chained: BaseException | None = None
    for each in failures():
        each.__cause__, chained = chained, each
    record = logging.LogRecord("a", logging.ERROR, "b", 1, "failed: %s", (chained,), None)
    record.exc_info = (type(chained), chained, None)
    line = formatter.format(record)

    assert secret.reveal() not in line
    assert "hunter2" not in line
    assert line.count("direct cause") == len(failures()) - 1


def test_a_message_that_cannot_be_written() -> None:
    """A message that does not fit its arguments is a line that says so, without them."""
    line = TextFormatter().format(logging.LogRecord("a", logging.ERROR, "b.py", 7, "%d", ("hunter2",), None))

    assert line.endswith("a: a message that cannot be written (TypeError), from line 7 of b")


def test_the_request_is_named() -> None:
    """A line of a request has its number, one of nobody's has none."""
    record = logging.LogRecord("a", logging.INFO, "b.py", 7, "x", (), None)
    before = TextFormatter().format(record)
    token = REQUEST_ID.set("abc-1")
    try:
        during, as_json = TextFormatter().format(record), JsonFormatter().format(record)
    finally:
        REQUEST_ID.reset(token)

    assert "request" not in before
    assert during == f"{before} request=abc-1"
    assert msgspec.json.decode(as_json)["request"] == "abc-1"


HOSTILE = [
    "?", "?a", "eyJ-", "eyJaaaaaaaaaaa ", "token=", 'token="', "token='", 'token":"', 'token\\":\\"', "://a@", "://",
    "@", "1", "+1", "a:", "1.1.", "basic ", "authorization:", "authorization:\n", "sgw_aaaaaaaa_", "\\", " ",
    "bearer\t",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_is_read_in_linear_time(piece: str) -> None:
    """A megabyte of anything takes no longer than a text of that length must, and a bounded line comes of it."""
    began = time.process_time()
    line = redacted('token":"' + piece * (1_000_000 // len(piece)))
    spent = time.process_time() - began

    assert len(line) <= LONGEST + 100
    assert spent < 2.0  # some 0.1 s; quadratic would be hours


def test_what_is_cut_shows_no_half_of_a_credential() -> None:
    """Wherever a long text is cut, a credential across that place is gone."""
    secret = Secret("0123456789" * 20)
    for cut in (LONGEST // 2, 8 * LONGEST):
        text = redacted("." * (cut - 100) + secret.reveal() + "." * 20 * LONGEST)
        assert "0123456" not in text
        assert len(text) <= LONGEST + 100


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_is_too_odd(before: str, after: str) -> None:
    """Any text around a credential is text, and the credential is not in it."""
    assert "hunter2-hunter2" not in redacted(f"{before} Bearer hunter2-hunter2 {after}")
