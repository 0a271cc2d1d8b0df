"""Logs are read back as far as they can be read, and only what was asked for."""

import datetime as dt
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.reading import LONGEST, AuditReader, Wanted
from gateway.audit.record import AuditRecord, Changed, write_line
from schema.write import WriteOutcome
from tests.audit.records import NOON, a_record


def lines(*names: str) -> bytes:
    return b"".join(write_line(a_record(name)) for name in names)


@pytest.mark.parametrize(
    ("content", "found", "damaged"),
    [
        (b"", "", 0),
        (b"\n\n" + lines("a") + b"\n" + lines("b") + b"\n", "ab", 0),
        (lines("a")[:-1], "a", 0),  # a line without its end is whole all the same
        (lines("a") + lines("b")[:60], "a", 1),
        (lines("a") + b"{}\n" + lines("b"), "ab", 1),  # JSON, but no record
        (lines("a") + b'{"at":"2026-11-21T12:00:00"}\n' + lines("b"), "ab", 1),
        (lines("a") + b"\xff\xfe\n" + lines("b"), "ab", 1),
        (lines("a").replace(b"dashboard", b"\xff\xfe") + lines("b"), "b", 1),
        (lines("a") + lines("b")[:60] + lines("c") + lines("d"), "acd", 1),  # added behind what a crash cut short
        (lines("a") + bytes(5000) + b"\n" + lines("b"), "ab", 1),  # zeros, as a file system may leave them
        (lines("a") + bytes(LONGEST + 5000) + b"\n" + lines("b"), "ab", 1),
        (bytes(2 * LONGEST) + lines("a") + lines("b"), "b", 1),
        (b"[" * 100_000 + b"\n" + lines("a"), "a", 1),
    ],
)
def test_damaged_lines(content: bytes, found: str, damaged: int, tmp_path: Path) -> None:
    """A line that cannot be read is counted; the others are read."""
    path = tmp_path / "audit.jsonl"
    path.write_bytes(content)
    reader = AuditReader()

    assert "".join(record.write for record in reader.read(path)) == found
    assert reader.damaged == damaged


def test_a_large_file_is_not_kept_in_memory(tmp_path: Path) -> None:
    """Reading takes the memory of a line, not of the file."""
    path = tmp_path / "audit.jsonl"
    path.write_bytes(lines("a") * 40_000)
    size = path.stat().st_size

    tracemalloc.start()
    count = sum(1 for _ in AuditReader().read(path))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 40_000
    assert most < size / 4


HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("conditions", "is_taken"),
    [
        ({}, True),
        ({"account": "eu", "operation": "update_sim", "target": "HS1", "caller": "dashboard", "job": "j1"}, True),
        ({"account": "us"}, False),
        ({"operation": "delete_sim"}, False),
        ({"target": "HS2"}, False),
        ({"caller": "nobody"}, False),
        ({"job": "j2"}, False),
        ({"outcome": WriteOutcome.APPLIED}, True),
        ({"outcome": WriteOutcome.UNKNOWN}, False),
        ({"account": "eu", "outcome": WriteOutcome.UNKNOWN}, False),
        ({"since": NOON, "until": NOON + HOUR}, True),
        ({"since": NOON + HOUR}, False),
        ({"until": NOON}, False),
    ],
)
def test_what_is_wanted(conditions: dict[str, Any], is_taken: bool) -> None:  # Any: each condition has its own type
    """A record is wanted that meets every condition; the first moment belongs to the time, the last does not."""
    assert Wanted(**conditions).takes(a_record(job="j1")) is is_taken


def test_a_command_is_found_by_its_sim() -> None:
    """A command's target is the command once it is made; asking for the SIM finds it, too."""
    record = a_record(target="HC1", operation="send_sms_command", changes={"simId": Changed(new="HS1")})

    assert Wanted(target="HS1").takes(record)
    assert Wanted(target="HC1").takes(record)
    assert not Wanted(target="HS2").takes(record)


def test_a_file_is_followed(tmp_path: Path) -> None:
    """What is added comes, a line only when it is whole; also from an emptied file, and from the one that takes its
    name, after the rest of the old one."""
    path, moved = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1"
    path.write_bytes(lines("a"))

    def add(to: Path, content: bytes) -> None:
        with to.open("ab") as file:
            file.write(content)

    def rotate() -> None:
        path.rename(moved)
        add(moved, lines("d"))
        add(path, lines("e"))

    steps = [
        lambda: add(path, lines("b") + lines("c")[:50]),
        lambda: add(path, lines("c")[50:]),
        lambda: None,
        rotate,
        path.unlink,
        lambda: add(path, lines("f", "g")),
        lambda: path.write_bytes(lines("h")),
    ]

    def next_step() -> None:
        if not steps:
            raise KeyboardInterrupt
        steps.pop(0)()

    reader = AuditReader()

    assert _until_interrupted(reader.follow(path, next_step)) == ["a", "b", "c", "d", "e", "f", "g", "h"]
    assert reader.damaged == 0


def _until_interrupted(records: Iterator[AuditRecord | None]) -> list[str]:
    found = []
    try:
        for record in records:
            found += [record.write] if record is not None else []
    except KeyboardInterrupt:
        return found
    raise AssertionError("following a file has no end of its own")
