"""Files of documents known beforehand: a `.graphql` file, a folder of them, Apollo's manifest, Relay's map."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gateway.documents.known import KnownDocument
from gateway.documents.manifest import ManifestMistake, documents_in

__all__ = ["read_files"]

SUFFIX = ".graphql"

MOST_BYTES = 16 * 1024 * 1024
MOST_DOCUMENTS = 10_000
"""Of one file, and of all files together."""


def read_files(paths: Sequence[str]) -> tuple[list[KnownDocument], list[str]]:
    """What is in them, and everything that is wrong with them, each with its file. Whether a document is valid is not
    looked at."""
    found: list[KnownDocument] = []
    mistakes: list[str] = []
    for path in map(Path, paths):
        try:
            found += _in_folder(path) if path.is_dir() else _in_file(path, path.name)
        except ManifestMistake as mistake:
            mistakes.append(str(mistake))
        if len(found) > MOST_DOCUMENTS:
            return [], [f"{path}: more than {MOST_DOCUMENTS} documents"]
    return found, mistakes + _twice(found)


def _in_folder(folder: Path) -> Iterator[KnownDocument]:
    """Each file below it, by its name from there."""
    files = sorted(each for each in folder.rglob(f"*{SUFFIX}") if each.is_file())
    if not files:
        raise ManifestMistake(f"{folder}: no file in it ends in {SUFFIX}")
    for file in files:
        yield from _in_file(file, file.relative_to(folder).as_posix())


def _in_file(file: Path, name: str) -> Iterable[KnownDocument]:
    text = _text(file)
    return [KnownDocument(name, text, str(file))] if file.suffix == SUFFIX else documents_in(text, str(file))


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ManifestMistake(f"{file}: more than {MOST_BYTES} bytes")
        return content.decode()
    except OSError as error:
        raise ManifestMistake(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ManifestMistake(f"{file}: is not UTF-8 text") from None


def _twice(documents: list[KnownDocument]) -> list[str]:
    """One id is one document."""
    first: dict[str, KnownDocument] = {}
    return [
        f"{each.origin}: its id {each.id[:80]!r} is that of another document, in {other.origin}"
        for each in documents
        if (other := first.setdefault(each.id, each)).text != each.text
    ]
