"""Files of documents known beforehand: each format, and everything that is wrong, told together."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.config.documents import read_documents
from gateway.config.limits import read_limits
from gateway.config.outside import Outside
from gateway.documents import files as reading
from gateway.documents.options import DocumentLimits, DocumentOptions
from gateway.documents.reader import digest_of
from gateway.documents.trusted import DocumentMistakes, known_in, open_known
from tests.documents.zoo import ZOO

COW = "query Cow {cow {name}}"
WOLF = "query Wolf {wolf {name}}\n"


def apollo(*operations: dict[str, Any], **changed: Any) -> str:  # Any: JSON
    """As `@apollo/generate-persisted-query-manifest` 1.x writes it."""
    return json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations} | changed)


def operation(name: str, body: str, **changed: Any) -> dict[str, Any]:  # Any: JSON
    return {"id": digest_of(body), "name": name, "type": "query", "body": body} | changed


def written(folder: Path, name: str, text: str | bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def mistakes(*files: str) -> list[str]:
    with pytest.raises(DocumentMistakes) as wrong:
        open_known(files, ZOO, DocumentLimits())
    return list(wrong.value.mistakes)


def test_every_format(tmp_path: Path) -> None:
    """Apollo's ids, Relay's ids, a file's name below its folder, and every document's digest name it."""
    files = [
        written(
            tmp_path, "apollo.json", apollo(operation("Cow", COW), operation("Wolf", WOLF, id="w", clientName=None))
        ),
        written(tmp_path, "relay.json", json.dumps({"3be4abb81fa595e25eb725b2c6a87508": COW})),
        str(Path(written(tmp_path, "folder/herd/cow.graphql", COW)).parents[1]),
        written(tmp_path, "wolf.graphql", WOLF),
    ]

    known = open_known(files, ZOO, DocumentLimits())
    for id_ in (digest_of(COW), "3be4abb81fa595e25eb725b2c6a87508", "herd/cow.graphql", f"sha256:{digest_of(COW)}"):
        assert known.text(id_) == COW
    for id_ in ("w", "wolf.graphql", digest_of(WOLF)):
        assert known.text(id_) == WOLF
    assert known.has(COW)
    assert not known.has(COW + "\n")
    assert known_in(files) == known


def test_everything_that_is_wrong_is_told(tmp_path: Path) -> None:
    """Every mistake of every file is told at once, with its file and its operation."""
    manifest = written(
        tmp_path,
        "apollo.json",
        apollo(
            operation("Cow", "query Cow {cow {nome}}"),
            operation("Calf", COW),
            operation("Wolf", WOLF, type="mutation"),
            operation("Deep", "query Deep {cow" + "{calf" * 20 + "{name}" + "}" * 21),
        ),
    )
    relay = written(tmp_path, "relay.json", json.dumps({"1": "{", digest_of(WOLF): COW}))

    told = mistakes(manifest, relay, str(tmp_path / "absent.json"))
    assert any(each.startswith(f"{manifest}: Cow: Cannot query field 'nome'") for each in told)
    assert f"{manifest}: Calf: it has no operation of this name" in told
    assert f"{manifest}: Wolf: it is a query, and the manifest says 'mutation'" in told
    assert any(each.startswith(f"{manifest}: Deep: ") and "depth" in each for each in told)
    assert any(each.startswith(f"{relay}: 1: Syntax Error") for each in told)
    assert any(each.startswith(f"{relay}: {digest_of(WOLF)}: its id") for each in told)
    assert any(each.startswith(f"{tmp_path / 'absent.json'}: cannot be read") for each in told)
    assert len(told) == 7


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        (b"\xff", "is not UTF-8"),
        ("[]", "neither"),
        ('{"a": 1}', "neither"),
        ("{}", "no document"),
        ('{"a": "{b}", "a": "{c}"}', "'a' is in it twice"),
        ('{"": "{b}"}', "an id must have"),
        (apollo(), "no document"),
        (apollo(version=2), "only version 1"),
        (apollo({"id": "a"}), "Apollo's manifest"),
        (apollo(operation("A", COW, id="i" * 257)), "an id must have"),
    ],
)
def test_what_is_no_manifest(tmp_path: Path, content: str | bytes, why: str) -> None:
    """A file that is none of the formats is one mistake, which says what it is not."""
    file = written(tmp_path, "manifest.json", content)

    (told,) = mistakes(file)
    assert told.startswith(f"{file}: ")
    assert why in told


def test_an_empty_folder(tmp_path: Path) -> None:
    """A folder without documents is a mistake: somebody expects some to be there."""
    assert mistakes(str(tmp_path)) == [f"{tmp_path}: no file in it ends in .graphql"]


def test_too_much_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files have so many bytes each and so many documents together."""
    files = [written(tmp_path, name, text) for name, text in (("cow.graphql", COW), ("wolf.graphql", WOLF))]
    monkeypatch.setattr(reading, "MOST_BYTES", len(WOLF) - 1)
    monkeypatch.setattr(reading, "MOST_DOCUMENTS", 2)

    assert mistakes(*files) == [f"{files[1]}: more than {len(WOLF) - 1} bytes"]
    monkeypatch.setattr(reading, "MOST_DOCUMENTS", 1)
    monkeypatch.setattr(reading, "MOST_BYTES", 1_000)
    assert mistakes(*files) == [f"{files[1]}: more than 1 documents"]


def test_the_table(tmp_path: Path) -> None:
    """What is written in `[documents]` is what the record holds, with its files as they are found from anywhere."""
    file = written(tmp_path, "cow.graphql", COW)
    given = {"mode": "log", "files": ["cow.graphql"], "apq": True, "apq_bytes": 65_536}

    options, problems = read_documents(given, Outside(tmp_path, {}), None, lambda: ZOO)
    assert problems == []
    assert options == DocumentOptions(mode="log", files=(file,), apq=True, apq_bytes=65_536)
    assert read_documents({}, Outside(tmp_path, {})) == (DocumentOptions(), [])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([], "begin it with [documents]"),
        ({"mode": "maybe"}, 'one of "off", "log", "only"'),
        ({"mode": "only"}, "needs files"),
        ({"mode": "only", "files": ["a"], "apq": True}, "no place in mode"),
        ({"files": "a"}, "array"),
        ({"files": [""]}, "must be the path"),
        ({"files": ["a\n"]}, "must be the path"),
        ({"files": ["a"] * 101}, "101 paths"),
        ({"files": ["absent.json"]}, "cannot be read"),
        ({"apq_bytes": 1}, "at least"),
        ({"apc": True}, "did you mean 'apq'"),
    ],
)
def test_mistakes_in_the_table(tmp_path: Path, given: object, why: str) -> None:
    """Each mistake in `[documents]` says what is allowed."""
    options, problems = read_documents(given, Outside(tmp_path, {}), None, lambda: ZOO)

    assert options is None
    (problem,) = problems
    assert problem.place == "documents"
    assert why in str(problem)


def test_a_document_beyond_the_limits(tmp_path: Path) -> None:
    """The documents in the files keep to the limits of the same configuration."""
    written(tmp_path, "cow.graphql", COW)

    options, problems = read_documents(
        {"files": ["cow.graphql"]}, Outside(tmp_path, {}), DocumentLimits(depth=1), lambda: ZOO
    )
    assert options is None
    assert "may have 1 levels" in str(problems[0])


def test_limits(tmp_path: Path) -> None:
    """Every limit can be set; what is out of range is told, each with its key."""
    outside = Outside(tmp_path, {})
    names = DocumentLimits.__struct_fields__

    assert read_limits(dict.fromkeys(names, 19) | {"length": 2_000, "tokens": 100}, outside)[1] == []
    limits, problems = read_limits(dict.fromkeys(names, -1), outside)
    assert limits is None
    assert [problem.key for problem in problems] == list(names)
    assert read_limits({}, outside) == (DocumentLimits(), [])
    assert str(read_limits(1, outside)[1][0]) == "limits: it must be a table; begin it with [limits]"
