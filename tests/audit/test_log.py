"""A record is on disk when `append` returns, whoever else writes to the file and whatever happens to it."""

import asyncio
import errno
import os
import stat
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.audit.log import AUDIT_FILE, AuditGone, AuditLog
from gateway.audit.reading import AuditReader
from gateway.audit.record import write_line
from tests.audit.records import a_record, writes_in
from tests.command_line import PATIENCE, ROOT
from tests.waiting import until


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a log will be, in a folder that is not there yet."""
    return tmp_path / "state" / AUDIT_FILE


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@asynccontextmanager
async def a_log(path: Path) -> AsyncIterator[AuditLog]:
    log = AuditLog(path)
    try:
        yield log
    finally:
        await log.aclose()


@asynccontextmanager
async def appending(*arguments: object) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that appends: see tests/audit/appender.py."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.audit.appender", *map(str, arguments)), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def said(process: asyncio.subprocess.Process) -> list[str]:
    """What it said until its end."""
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    return output.decode().split()


async def test_records_are_lines_of_a_file_of_ones_own(path: Path) -> None:
    """Nobody else may read the file or look into its folder; records stand in the order of their appends."""
    async with a_log(path) as log:
        for name in "abc":
            await log.append(a_record(name))

    assert writes_in(path) == ["a", "b", "c"]
    assert (mode_of(path), mode_of(path.parent)) == (0o600, 0o700)


async def test_a_log_goes_on(path: Path) -> None:
    """What was there stays."""
    for name in "ab":
        async with a_log(path) as log:
            await log.append(a_record(name))

    assert writes_in(path) == ["a", "b"]


async def test_many_share_one_fsync(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that come while the disk is busy go there together, and none returns before its fsync."""
    sync, busy, calls = os.fsync, threading.Event(), []

    def slow_sync(opened: int) -> None:
        calls.append(opened)
        assert busy.wait(PATIENCE)
        sync(opened)

    async with a_log(path) as log:
        await log.open()
        monkeypatch.setattr("gateway.audit.file.os.fsync", slow_sync)
        first = asyncio.ensure_future(log.append(a_record("first")))
        await until(lambda: len(calls) == 1)
        others = [asyncio.ensure_future(log.append(a_record(f"{number}"))) for number in range(200)]
        await asyncio.wait([first, *others], timeout=0.05)
        returned_early = sum(each.done() for each in (first, *others))
        busy.set()
        await asyncio.gather(first, *others)

    assert returned_early == 0
    assert len(calls) == 2
    assert writes_in(path) == ["first", *map(str, range(200))]


async def test_a_caller_who_is_cancelled(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its record is written all the same, and nobody else is disturbed."""
    sync, busy, calls = os.fsync, threading.Event(), []

    def slow_sync(opened: int) -> None:
        calls.append(opened)
        assert busy.wait(PATIENCE)
        sync(opened)

    async with a_log(path) as log:
        await log.open()
        monkeypatch.setattr("gateway.audit.file.os.fsync", slow_sync)
        tasks = [asyncio.ensure_future(log.append(a_record(name))) for name in "abc"]
        await until(lambda: len(calls) == 1)
        tasks[1].cancel()
        done, _ = await asyncio.wait(tasks[1:2])
        busy.set()
        await asyncio.gather(tasks[0], tasks[2])

    assert all(each.cancelled() for each in done)
    assert writes_in(path) == ["a", "b", "c"]


async def test_closing_waits_for_what_was_appended(path: Path) -> None:
    """All of it is on disk then, and nothing can be added any more; closing twice is nothing."""
    log = AuditLog(path)
    tasks = [asyncio.ensure_future(log.append(a_record(f"{number}"))) for number in range(50)]
    await asyncio.sleep(0)  # each has begun
    await log.aclose()
    await log.aclose()

    assert len(writes_in(path)) == 50
    await asyncio.gather(*tasks)
    with pytest.raises(AuditGone, match="closed"):
        await log.append(a_record())
    with pytest.raises(AuditGone, match="closed"):
        await log.open()


ROTATIONS: dict[str, Callable[[Path], object]] = {
    "moved": lambda path: path.rename(path.with_suffix(".old")),
    "removed": lambda path: path.unlink(),
    "emptied": lambda path: os.truncate(path, 0),
}


@pytest.mark.parametrize("how", ROTATIONS)
async def test_a_file_that_is_rotated(how: str, path: Path) -> None:
    """What comes later is in a file of the old name; what was moved away is whole."""
    async with a_log(path) as log:
        await log.append(a_record("a"))
        ROTATIONS[how](path)
        await log.append(a_record("b"))
        await log.append(a_record("c"))

    assert writes_in(path) == ["b", "c"]
    assert how != "moved" or writes_in(path.with_suffix(".old")) == ["a"]


@pytest.mark.parametrize("is_open", [False, True])
async def test_a_line_that_a_crash_cut_short(is_open: bool, path: Path) -> None:
    """The next record begins a line of its own, whether the log was open at the crash or not."""
    async with a_log(path) as log:
        if is_open:
            await log.append(a_record("a"))
        path.parent.mkdir(exist_ok=True)
        with path.open("ab") as other:
            other.write(write_line(a_record("torn"))[:40])
        await log.append(a_record("b"))
        await log.append(a_record("c"))

    reader = AuditReader()
    assert [record.write for record in reader.read(path)] == (["a", "b", "c"] if is_open else ["b", "c"])
    assert reader.damaged == 1


async def test_several_processes_and_one_that_is_killed(path: Path) -> None:
    """Every record that was said to be on disk is there once, however its process ended, and those of one process
    stand in their order."""
    async with a_log(path) as log, appending(path, "killed", 10**6) as killed, appending(path, "whole", 300) as whole:
        assert killed.stdout is not None
        async with asyncio.timeout(PATIENCE):
            known = [(await killed.stdout.readline()).decode().strip() for _ in range(100)]
        for number in range(100):
            await log.append(a_record(f"own-{number}"))
        killed.kill()
        known += (await said(killed))[:-1]  # the last may be cut short
        known += await said(whole)
        known += [f"own-{number}" for number in range(100)]

    found = [record.write for record in AuditReader().read(path)]
    assert len(known) >= 500
    assert len(found) == len(set(found))
    assert set(known) <= set(found)
    for name in ("killed", "whole", "own"):
        numbers = [int(each.split("-")[1]) for each in found if each.startswith(name)]
        assert numbers == sorted(numbers)


async def test_a_disk_that_is_full(path: Path) -> None:
    """What is not wholly on disk is told as gone; what comes when there is room again is not spoilt by it."""
    line = len(write_line(a_record("full-0")))
    async with appending(path, "full", 100, line * 7 + line // 2) as process:
        told = await said(process)
    async with a_log(path) as log:
        await log.append(a_record("later"))

    reader = AuditReader()
    found = [record.write for record in reader.read(path)]
    assert told[-1] == "gone"
    assert 5 <= len(told) - 1 <= 7  # the rest waited for the same fsync as the one that did not fit
    assert told[:-1] == found[: len(told) - 1]
    assert found == [f"full-{number}" for number in range(7)] + ["later"]
    assert reader.damaged == 1


async def test_a_disk_that_fails(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An fsync that fails is told to all who waited for it, each with an error of its own, and the file is opened
    anew: a second fsync may succeed without having kept what the first one lost."""
    sync = os.fsync

    def broken_sync(opened: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    async with a_log(path) as log:
        await log.append(a_record("a"))
        monkeypatch.setattr("gateway.audit.file.os.fsync", broken_sync)
        failures = await asyncio.gather(*(log.append(a_record(name)) for name in "bcd"), return_exceptions=True)
        monkeypatch.setattr("gateway.audit.file.os.fsync", sync)
        await log.append(a_record("e"))

    assert [str(each) for each in failures] == [f"the audit log {path} cannot be written: Input/output error"] * 3
    assert all(isinstance(each, AuditGone) for each in failures)
    assert len({id(each) for each in failures}) == 3
    assert writes_in(path)[-1] == "e"


async def test_a_loss_that_nobody_waits_for(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the caller was cancelled, the log tells the operator."""
    busy, calls = threading.Event(), []

    def broken_sync(opened: int) -> None:
        calls.append(opened)
        assert busy.wait(PATIENCE)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    async with a_log(path) as log:
        await log.open()
        monkeypatch.setattr("gateway.audit.file.os.fsync", broken_sync)
        task = asyncio.ensure_future(log.append(a_record("a")))
        await until(lambda: len(calls) == 1)
        task.cancel()
        await asyncio.wait([task])
        busy.set()
        await until(lambda: bool(caplog.messages))

    assert caplog.messages == [
        f"a record may be missing in the audit log: the audit log {path} cannot be written: Input/output error"
    ]


def test_a_loop_that_ended_first(path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Where nobody can be told any more, the log tells the operator."""
    busy, calls = threading.Event(), []

    def broken_sync(opened: int) -> None:
        calls.append(opened)
        assert busy.wait(PATIENCE)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    log = AuditLog(path)

    async def abandon() -> None:
        await log.open()
        monkeypatch.setattr("gateway.audit.file.os.fsync", broken_sync)
        task = asyncio.ensure_future(log.append(a_record("a")))
        await until(lambda: len(calls) == 1)
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(abandon())
    busy.set()
    asyncio.run(log.aclose())

    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("a record may be missing in the audit log: ")


OBSTACLES: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder": (lambda path: path.mkdir(parents=True), "Is a directory"),
    "pipe": (lambda path: (path.parent.mkdir(), os.mkfifo(path)), "it is not a plain file"),
    "file as folder": (lambda path: path.parent.touch(), "Not a directory|File exists"),
}


@pytest.mark.parametrize("kind", OBSTACLES)
async def test_what_is_no_file(kind: str, path: Path) -> None:
    """Something else of that name is told at once, at the opening and at each append; nobody waits."""
    make, told = OBSTACLES[kind]
    make(path)
    async with a_log(path) as log:
        for _ in range(2):
            with pytest.raises(AuditGone, match=told):
                await log.open()
            with pytest.raises(AuditGone, match=told):
                await log.append(a_record())
