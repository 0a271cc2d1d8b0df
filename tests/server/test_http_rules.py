"""What is decided before a request is read: media types, JSON, sites, hosts and credentials of the page."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from gateway.server.body import DEEPEST, MOST_VALUES, decoded
from gateway.server.csrf import refuse_other_sites
from gateway.server.hosts import host_of
from gateway.server.media import GRAPHQL_RESPONSE, JSON, media_of
from gateway.server.page_key import page_credentials
from gateway.server.refusal import BadRequest

NEW, OLD = "application/graphql-response+json", "application/json"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (OLD, JSON),
        (NEW, GRAPHQL_RESPONSE),
        (f"{NEW}; charset=utf-8, {OLD}; charset=utf-8", GRAPHQL_RESPONSE),
        (f"{OLD}, {NEW}", GRAPHQL_RESPONSE),
        (f"{NEW};q=0.5, {OLD}", JSON),
        (f"{NEW};q=0.5, {OLD};q=0.4", GRAPHQL_RESPONSE),
        (f"{NEW}, */*", GRAPHQL_RESPONSE),
        (f"{OLD}, */*;q=0.1", JSON),
        (f"{OLD};q=0, */*", GRAPHQL_RESPONSE),
        (f"{NEW};q=0, */*", JSON),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        (f"multipart/mixed, {OLD}", JSON),
        (f"{OLD};charset=utf-16, {NEW}", GRAPHQL_RESPONSE),
        (f'{OLD};charset="UTF-8"', JSON),
        ("text/html", None),
        (f"{OLD};q=0", None),
        (f"{OLD};charset=iso-8859-1", None),
        (f"{NEW};q=7", None),
        (",;,=,;q", None),
    ],
)
def test_the_type_of_an_answer(accept: str, media: str | None) -> None:
    """The type that is wished for most, the newer one only for who names it, and none for who takes neither."""
    assert media_of(accept.lower()) == media


@given(st.text(max_size=60))
def test_any_accept_has_an_outcome(accept: str) -> None:
    """No header makes it fail."""
    assert media_of(accept) in (JSON, GRAPHQL_RESPONSE, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"\xef\xbb\xbf{}", "JSON"),  # a byte order mark
        ("{}".encode("utf-16"), "JSON"),
        (b'{"a": "\xff"}', "JSON"),
        (b'{"a": "\xed\xa0\x80"}', "JSON"),  # a surrogate in UTF-8
        (b'{"a": "\\ud800"}', "JSON"),
        (b'{"a": "\x00"}', "JSON"),
        (b'{"a": NaN}', "JSON"),
        (b'{"a": Infinity}', "JSON"),
        (b'{"a": 1e999}', "JSON"),
        (b"{'a': 1}", "JSON"),
        (b'{"a": 1} {"a": 1}', "JSON"),
        (b'{"a": 9223372036854775808}', "64 bits"),
        (b'{"a": [[-9223372036854775809]]}', "64 bits"),
        (b'{"a": 1, "b": {"c": 1, "c": 1}}', "'c' twice"),
        (b'[{"query": 1, "qu\\u0065ry": 2}]', "'query' twice"),
        (b'{"' + b"x" * 100_000 + b'": 1, "' + b"x" * 100_000 + b'": 1}', "xxx' twice"),
        (b"[" * 131_072 + b"]" * 131_072, f"{DEEPEST} levels"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), f"{DEEPEST} levels"),
        (b'{"a":' * 50_000, f"{DEEPEST} levels"),
    ],
    ids=range(21),
)
def test_json_that_is_refused(text: bytes, said: str) -> None:
    """What two readers could read differently, or not at all, is the caller's mistake, told in a short sentence."""
    with pytest.raises(BadRequest) as caught:
        decoded(text, "the body")

    assert (caught.value.status, caught.value.extensions["code"]) == (400, "INVALID")
    assert said in caught.value.message
    assert len(caught.value.message) < 120


@pytest.mark.parametrize(
    "text", ["[" * DEEPEST + "]" * DEEPEST, '{"a": 9223372036854775807, "b": "\\u0000\\ud83d\\ude00"}', "null", "-0"]
)
def test_json_that_is_read(text: str) -> None:
    """At its limits it means what the standard library says."""
    assert decoded(text.encode(), "the body") == json.loads(text)


@pytest.mark.parametrize("item", ["[{}]", "{}", '{"":0}', "[[[[{}]]]]", "1", '"["'])
def test_very_many_values(item: str) -> None:
    """A body of more values than a body may have is refused, before lists and objects are made of it."""
    text = "[" + ",".join([item] * (MOST_VALUES + 1)) + "]"
    with pytest.raises(BadRequest, match=f"may have {MOST_VALUES} values") as caught:
        decoded(text.encode(), "the body")
    told = caught.value.extensions
    assert told["code"] == "LIMIT_EXCEEDED"
    assert told["found"] == (text.count("[") + text.count("{") if "[" in item or "{" in item else MOST_VALUES + 1)


@pytest.mark.parametrize(
    "text", [json.dumps(["{[" * 50_000]), json.dumps([1] * (MOST_VALUES - 2)), "[" + "{}," * 9_999 + "{}]"]
)
def test_many_values(text: str) -> None:
    """As many as are allowed are read, and brackets in a text alone are none."""
    assert decoded(text.encode(), "the body") == json.loads(text)


@settings(max_examples=40)
@given(
    st.recursive(
        st.integers(-9, 9) | st.text(max_size=3), lambda inner: st.lists(st.tuples(st.text(max_size=2), inner))
    )
)
def test_a_name_may_be_there_once_in_each_object(tree: object) -> None:
    """Objects with a doubled name anywhere are refused, and no others."""

    def written(node: object) -> str:
        if not isinstance(node, list):
            return json.dumps(node)
        return "{" + ",".join(f"{json.dumps(name)}:{written(inner)}" for name, inner in node) + "}"

    def is_doubled(node: object) -> bool:
        names = [name for name, _ in node] if isinstance(node, list) else []
        return len(set(names)) < len(names) or (isinstance(node, list) and any(is_doubled(inner) for _, inner in node))

    text = written(tree).encode()
    if is_doubled(tree):
        with pytest.raises(BadRequest, match="twice in one object"):
            decoded(text, "the body")
    else:
        assert decoded(text, "the body") == json.loads(text)


ALLOWED = ("https://app.example.com",)
HERE = {"host": "sims.example.com:8443"}


@pytest.mark.parametrize(
    "headers",
    [
        {},  # no browser, or one too old to say
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "https://sims.example.com:8443"},
        {"origin": "http://SIMS.example.com:8443"},  # TLS ended before us
        {"sec-fetch-site": "cross-site", "origin": "https://app.example.com"},
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example", "authorization": "Bearer x"},
        *({"sec-fetch-site": "cross-site", name: "1"} for name in ("x-api-key", "graphql-require-preflight")),
        *({"sec-fetch-site": "cross-site", name: "1"} for name in ("apollo-require-preflight", "x-requested-with")),
    ],
)
def test_a_get_from_here(headers: dict[str, str]) -> None:
    """No other site's page made it, or one that may; or it has what no page can add without leave."""
    refuse_other_sites(Headers(HERE | headers), ALLOWED)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "Cross-Site"},
        {"sec-fetch-site": "something-new"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://[evil"},
        {"origin": "https://sims.example.com:8443.evil.example"},
        {"origin": "https://app.example.com.evil.example"},
        {"origin": "https://sims.example.com"},
        {"sec-fetch-site": "cross-site", "authorization": "Basic dTpw"},  # a browser adds these by itself
    ],
)
def test_a_get_from_elsewhere(headers: dict[str, str]) -> None:
    """Another site's page may have made it, without anybody's leave: it is refused."""
    with pytest.raises(BadRequest) as caught:
        refuse_other_sites(Headers(HERE | headers), ALLOWED)

    assert (caught.value.status, caught.value.extensions["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8000", "localhost"),
        ("a.example.", "a.example"),
        ("[::1]:80", "[::1]"),
        ("127.0.0.1:1", "127.0.0.1"),
        ("", None),
        ("[", None),
        ("a b", None),
        ("a/b", None),
        ("a@b", None),
        ("a:b", None),
        ("::1", None),
        ("a:123456", None),
        ("x" * 300, None),
    ],
)
def test_the_name_of_a_host(host: str, name: str | None) -> None:
    """It is what stands before the port, in small letters; what is no host has none."""
    assert host_of(host) == name


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (basic("anybody:sgw_key"), "sgw_key"),
        (basic(":sgw_key"), "sgw_key"),
        (basic("a:b:c").replace("Basic", "bAsIc"), "b:c"),
        (basic("a:"), None),
        (basic("sgw_key"), None),
        ("Basic", None),
        ("Basic !!!", None),
        ("Basic " + base64.b64encode(b"a:\xff").decode(), None),
        ("Bearer sgw_key", None),
        ("", None),
    ],
)
def test_the_key_of_the_page(given: str, key: str | None) -> None:
    """It is the password of Basic credentials, and nothing else is."""
    assert page_credentials(Headers({"authorization": given})) == key
    assert page_credentials(Headers()) is None
    assert page_credentials(Headers(raw=[(b"authorization", basic("a:b").encode())] * 2)) is None
