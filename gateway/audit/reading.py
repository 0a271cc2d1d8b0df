"""Audit logs read back, line by line; what cannot be read is counted and left out."""

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from gateway.audit.record import AuditRecord, read_line
from schema.write import WriteOutcome

__all__ = ["AuditReader", "Wanted"]

LONGEST = 4 * 1024 * 1024
"""Bytes of a line; ours have fewer. A file that was damaged may have no line end for long."""

BEGIN = b'{"at":"'
"""How our lines begin. It cannot stand inside of a text, where quotes are escaped."""

PAUSE = 0.5
"""Seconds between two looks at a file that is followed."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which records are asked for: those that meet every condition that is given, in [since, until)."""

    account: str | None = None
    operation: str | None = None
    target: str | None = None
    caller: str | None = None
    job: str | None = None
    outcome: WriteOutcome | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def takes(self, record: AuditRecord) -> bool:
        """Whether it is one of them. A command's target may be named by the SIM it goes to, too."""
        for name in ("account", "operation", "caller", "job", "outcome"):
            wanted = getattr(self, name)
            if wanted is not None and wanted != getattr(record, name):
                return False
        if self.target is not None and self.target not in _targets(record):
            return False
        return (self.since is None or self.since <= record.at) and (self.until is None or record.at < self.until)


def _targets(record: AuditRecord) -> list[object]:
    sim = record.changes.get("simId")
    return [record.target, sim.new if sim else None]


class AuditReader:
    """Reads files one after another; `damaged` counts the lines that cannot be read."""

    def __init__(self) -> None:
        self.damaged = 0

    def read(self, path: Path) -> Iterator[AuditRecord]:
        """The records of a file in its order, the oldest first. Raises OSError."""
        with path.open("rb") as file:
            yield from self._records(file)

    def follow(self, path: Path, pause: Callable[[], None] = lambda: time.sleep(PAUSE)) -> Iterator[AuditRecord | None]:
        """The same, and then for ever what is added, also to the file that takes its name; None before each pause."""
        while True:
            with path.open("rb") as file:
                yield from self._to_its_end(path, file, pause)

    def _to_its_end(self, path: Path, file: BinaryIO, pause: Callable[[], None]) -> Iterator[AuditRecord | None]:
        """Until it was moved away and all is read that was added before."""
        while not _was_moved(path, file):
            if _was_emptied(file):
                file.seek(0)
            yield from self._records(file, is_growing=True)
            yield None
            pause()
        yield from self._records(file)

    def _records(self, file: BinaryIO, *, is_growing: bool = False) -> Iterator[AuditRecord]:
        """To the end of the file. The last line of one that grows may still come: it is left for the next time."""
        while line := file.readline(LONGEST):
            if is_growing and not line.endswith(b"\n") and len(line) < LONGEST:
                file.seek(-len(line), os.SEEK_CUR)
                return
            if record := self._record(file, line):
                yield record

    def _record(self, file: BinaryIO, line: bytes) -> AuditRecord | None:
        if line.isspace():
            return None
        if (record := _decoded(line)) is not None:
            return record
        self.damaged += 1
        if len(line) == LONGEST:
            _skip_line(file)
        # What another process added may stand behind what a crash cut short.
        return _decoded(line[line.rfind(BEGIN) :]) if line.rfind(BEGIN) > 0 else None


def _decoded(line: bytes) -> AuditRecord | None:
    try:
        return read_line(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(LONGEST)) and not rest.endswith(b"\n"):
        pass


def _was_moved(path: Path, file: BinaryIO) -> bool:
    """Whether the file of this name is another one by now."""
    try:
        return not os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _was_emptied(file: BinaryIO) -> bool:
    return os.fstat(file.fileno()).st_size < file.tell()
