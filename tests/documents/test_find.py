"""Which document a request gets: by text, by id, by digest; and which may be run."""

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.documents.asked import document_id_in
from gateway.documents.document import Document
from gateway.documents.documents import HASH_MISMATCH, Documents
from gateway.documents.known import KnownDocument, known
from gateway.documents.options import DocumentLimits, DocumentOptions
from gateway.documents.reader import digest_of
from tests.documents.zoo import ZOO

COW = "{cow {name}}"
WOLF = "{wolf {name}}"
KNOWN = known([KnownDocument("cow-1", COW, "here")])


def documents(**options: Any) -> Documents:  # Any: options have several types
    return Documents(ZOO, DocumentLimits(), DocumentOptions(**({"files": ("here",)} | options)), KNOWN)


def persisted(text: str, version: object = 1) -> dict[str, Any]:  # Any: JSON
    return {"persistedQuery": {"version": version, "sha256Hash": digest_of(text)}}


def run(found: object) -> str:
    """The digest of the document that is run."""
    assert isinstance(found, Document)
    return found.digest


def refused(found: object) -> tuple[str, Any]:
    """The message and the code of the one error."""
    assert isinstance(found, list)
    assert len(found) == 1
    return found[0].message, (found[0].extensions or {}).get("code", "INVALID")


@pytest.mark.parametrize("id_", ["cow-1", digest_of(COW), f"sha256:{digest_of(COW)}"])
@pytest.mark.parametrize("mode", ["off", "log", "only"])
def test_by_id(mode: str, id_: str) -> None:
    """A known document is found by its id and by its digest, in every mode, also where Apollo's clients send it."""
    each = documents(mode=mode)

    assert run(each.find(None, id_, {})) == digest_of(COW)
    assert run(each.find("", None, {"persistedQuery": {"version": 1, "sha256Hash": id_}})) == digest_of(COW)


def test_by_an_unknown_id() -> None:
    """An id that nobody knows is one error of its own, whoever asks."""
    for id_ in ("cow-2", "sha256:cow-1", "", digest_of(WOLF)):
        for is_exempt in (False, True):
            found = documents().find(None, id_ or "x", {}, is_exempt=is_exempt)
            assert refused(found)[1] == "DOCUMENT_NOT_FOUND"


@pytest.mark.parametrize("query", [None, "", " \n"])
def test_nothing_is_asked(query: str | None) -> None:
    """A request without any document is told so."""
    message, code = refused(documents().find(query, None, {}))

    assert code == "INVALID"
    assert "query must be a non-empty string" in message


def test_only_known_ones() -> None:
    """In mode "only" a text is run that is known to the letter; another one for those who are exempt."""
    each = documents(mode="only")

    assert run(each.find(COW, None, {})) == digest_of(COW)
    for text in (WOLF, COW + " ", "{"):
        assert refused(each.find(text, None, {}))[1] == "UNKNOWN_DOCUMENT"
        assert refused(each.find(text, "cow-1", {}))[1] == "UNKNOWN_DOCUMENT"
    assert run(each.find(WOLF, None, {}, is_exempt=True)) == digest_of(WOLF)


def test_what_one_caller_may_is_not_known_for_others() -> None:
    """What an exempt caller sends, with or without its digest, is no known document afterwards."""
    each = documents(mode="only")

    assert run(each.find(WOLF, None, persisted(WOLF), is_exempt=True)) == digest_of(WOLF)
    for is_exempt in (False, True):
        assert (
            refused(each.find(None, None, persisted(WOLF), is_exempt=is_exempt))[1] == "PERSISTED_QUERY_NOT_SUPPORTED"
        )
    assert refused(each.find(WOLF, None, persisted(WOLF)))[1] == "UNKNOWN_DOCUMENT"


def test_unknown_ones_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """In mode "log" every document is run, and one that is not known is logged once, by its digest alone."""
    caplog.set_level(logging.INFO, "gateway.documents")
    each = documents(mode="log")

    for text in (COW, WOLF, WOLF, "{secret}"):
        each.find(text, None, {})
    told = [record.getMessage() for record in caplog.records]
    assert [digest_of(WOLF) in told[0], digest_of("{secret}") in told[1]] == [True, True]
    assert len(told) == 2
    assert not any("wolf" in line or "secret" in line for line in told)


def test_registered_by_digest() -> None:
    """As Apollo's clients do it: the digest alone, then with the text, and from then on alone again."""
    each = documents(apq=True)

    assert refused(each.find(None, None, persisted(WOLF))) == ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
    assert run(each.find(WOLF, None, persisted(WOLF))) == digest_of(WOLF)
    assert run(each.find(None, None, persisted(WOLF))) == digest_of(WOLF)
    assert run(each.find(None, f"sha256:{digest_of(WOLF)}", {})) == digest_of(WOLF)


@pytest.mark.parametrize("text", ["{cow {nome}}", "{", "{" + "cow {name} " * 31 + "}"])
def test_what_cannot_be_run_is_not_registered(text: str) -> None:
    """A document is kept under its digest when it may be run, and not before."""
    each = documents(apq=True)

    assert isinstance(each.find(text, None, persisted(text)), list)
    assert refused(each.find(None, None, persisted(text)))[1] == "PERSISTED_QUERY_NOT_FOUND"


def test_a_wrong_digest() -> None:
    """A digest that is not the text's is refused, and neither is registered under the other."""
    each = documents(apq=True)

    assert refused(each.find(WOLF, None, persisted(COW + " ")))[1] == HASH_MISMATCH
    assert refused(each.find(None, None, persisted(COW + " ")))[1] == "PERSISTED_QUERY_NOT_FOUND"
    assert run(each.find(COW, None, {"persistedQuery": {"version": 1, "sha256Hash": "cow-1"}})) == digest_of(COW)


def test_registered_ones_have_so_much_room() -> None:
    """Together they have `apq_bytes`; the one not asked for longest goes first."""
    texts = [f"{{cow {{{alias}: name}}}}" for alias in "abc"]
    each = documents(apq=True, apq_bytes=2 * len(texts[0]))

    for text in texts:
        each.find(text, None, persisted(text))
    assert refused(each.find(None, None, persisted(texts[0])))[1] == "PERSISTED_QUERY_NOT_FOUND"
    assert run(each.find(None, None, persisted(texts[1]))) == digest_of(texts[1])
    long = "{cow {name}}" + " " * 2 * len(texts[0])
    assert run(each.find(long, None, persisted(long))) == digest_of(long)
    assert refused(each.find(None, None, persisted(long)))[1] == "PERSISTED_QUERY_NOT_FOUND"
    assert run(each.find(None, None, persisted(texts[1]))) == digest_of(texts[1])


def test_not_where_it_is_off() -> None:
    """Where nothing is registered a client is told so; with the text its document is run all the same."""
    each = documents()
    told = ("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")

    assert refused(each.find(None, None, persisted(WOLF))) == told
    assert run(each.find(WOLF, None, persisted(WOLF))) == digest_of(WOLF)
    assert refused(each.find(None, None, persisted(WOLF))) == told


@pytest.mark.parametrize(
    "given",
    ["x", 1, [], {}, {"version": 2, "sha256Hash": "a"}, {"version": 1}, {"version": 1, "sha256Hash": 7},
     {"version": 1, "sha256Hash": ""}, {"version": 1, "sha256Hash": "a" * 257}],
)  # fmt: skip
def test_what_nobody_can_read(given: object) -> None:
    """What stands in `extensions.persistedQuery` is an object of version 1 with a digest, or it is refused."""
    for query in (None, COW):
        message, code = refused(documents(apq=True).find(query, None, {"persistedQuery": given}))
        assert code == "INVALID"
        assert "persistedQuery" in message


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"documentId": "a", "doc_id": "b", "id": "c"}, "a"),
        ({"doc_id": "b", "id": "c", "query": None}, "b"),
        ({"id": "c"}, "c"),
        ({"id": 7, "documentId": ""}, None),
        ({"documentId": "a" * 257}, None),
        ({}, None),
    ],
)
def test_where_an_id_stands(parts: Mapping[str, Any], expected: str | None) -> None:
    """An id goes by the draft's name or by those of Relay's network layers; what is no id is none."""
    assert document_id_in(parts) == expected


def test_no_text_can_be_found_by_surprise() -> None:
    """With nothing known and nothing registered, texts are run and names are not."""
    each = Documents(ZOO)

    assert run(each.find(COW, None, {})) == digest_of(COW)
    assert refused(each.find(None, digest_of(COW), {}))[1] == "DOCUMENT_NOT_FOUND"
