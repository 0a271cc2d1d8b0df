"""A file that several processes add lines to; each line is whole, and on disk when adding it returns."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["AppendedFile", "AuditGone"]

OWN = 0o600
OWN_FOLDER = 0o700


class AuditGone(Exception):
    """The audit log cannot be written: nobody may rely on the record being there."""


class AppendedFile:
    """Not for use by several threads at a time; other processes may do what they like."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: int | None = None

    def open(self) -> None:
        """Make sure that it is open and still the file of this name: whoever rotates logs moves it away."""
        with self._failing():
            self._open()

    def append(self, lines: Iterable[bytes]) -> None:
        """Add the lines, each in one write, and wait until they are on disk. AuditGone where that is not certain: some
        of them may be there."""
        with self._failing():
            opened = self._open()
            for line in lines:
                self._write(opened, line)
            os.fsync(opened)

    def close(self) -> None:
        """Close it; it is opened again when it is needed."""
        opened, self._opened = self._opened, None
        if opened is not None:
            with suppress(OSError):  # what was appended is on disk already
                os.close(opened)

    def _open(self) -> int:
        if self._opened is not None and _is_same(self._path, self._opened):
            return self._opened
        self.close()
        self._path.parent.mkdir(OWN_FOLDER, parents=True, exist_ok=True)
        # Non-blocking, so that a named pipe in its place is an error and no wait; files do not mind.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        self._opened = os.open(self._path, flags, OWN)
        if not stat.S_ISREG(os.fstat(self._opened).st_mode):
            raise OSError("it is not a plain file")
        _sync_folder(self._path.parent)
        return self._opened

    def _write(self, opened: int, line: bytes) -> None:
        """One write, so that lines of several processes do not mix. A crash may have cut the last line short."""
        whole = line if _ends_a_line(opened) else b"\n" + line
        if os.write(opened, whole) < len(whole):
            raise OSError("only a part of a line could be written")

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """After a failed fsync the next one may succeed without having kept anything: it begins anew."""
        try:
            yield
        except OSError as error:
            self.close()
            raise AuditGone(f"the audit log {self._path} cannot be written: {error.strerror or error}") from error


def _is_same(path: Path, opened: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(opened))
    except FileNotFoundError:
        return False


def _ends_a_line(opened: int) -> bool:
    size = os.fstat(opened).st_size
    return size == 0 or os.pread(opened, 1, size - 1) in (b"\n", b"")  # nothing: it was emptied just now


def _sync_folder(folder: Path) -> None:
    """A new file is there after a crash only if its folder says so."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
