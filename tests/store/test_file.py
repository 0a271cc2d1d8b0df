"""The embedded store's file: who may read it, what it costs, and what is said where it cannot be used."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.store import sqlite_file
from gateway.store.opening import StoreOptions, opened_store
from gateway.store.sqlite_file import NAME, OURS, VERSION
from gateway.store.store import KEPT_WRITES, LEASE, StoreGone
from tests.store.desk import START, Desk, a_desk, a_job, a_write, an_item, process


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(StoreOptions(tmp_path / "not" / "there")) as made:
        yield made


def looked_into(folder: Path) -> sqlite3.Connection:
    """The file, as anybody opens it."""
    return sqlite3.connect(folder / NAME, isolation_level=None)


async def test_only_its_owner_may_read_it(desk: Desk) -> None:
    """That is so for the folder that was made and every file in it, whatever the umask."""
    await desk.store.claim(a_write())
    assert desk.options.folder is not None
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in desk.options.folder.iterdir()}

    assert stat.S_IMODE(desk.options.folder.stat().st_mode) == 0o700
    assert files == {NAME: 0o600, f"{NAME}-wal": 0o600, f"{NAME}-shm": 0o600}


async def test_what_it_is_set_to(desk: Desk) -> None:
    """The file says whose it is and of which version, and is written ahead."""
    assert desk.options.folder is not None
    connection = looked_into(desk.options.folder)
    told = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    journal = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()

    assert (told, journal) == ([OURS, VERSION], "wal")


async def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its jobs are all there, each known to be its caller's; what is done to them afterwards stays."""
    options = StoreOptions(tmp_path)
    async with a_desk(options) as desk:
        for name, caller in (("j1", "ann"), ("j2", "bob"), ("j3", "ann")):
            await desk.store.add_job(a_job(name, caller=caller))
    connection = looked_into(tmp_path)
    for step in ("DROP INDEX jobs_of_caller", "ALTER TABLE jobs DROP COLUMN caller", "PRAGMA user_version = 1"):
        connection.execute(step)
    connection.close()

    async with a_desk(options) as desk:
        first = await desk.another()
        assert [job.id for job in await first.jobs(None, 10, "ann")] == ["j3", "j1"]
        await first.add_job(a_job("j4", caller="bob"))
        assert await desk.store.cancel_job("j1")
        assert [job.id for job in await desk.store.jobs(None, 10)] == ["j4", "j3", "j2", "j1"]
        assert [job.id for job in await desk.store.jobs(None, 10, "bob")] == ["j4", "j2"]


async def test_a_lease_ends(desk: Desk) -> None:
    """A process is alive for as long as it said from its last beat, and not a moment more."""
    await desk.store.beat("a")
    await desk.store.claim(a_write())
    desk.clock.time += 1
    await desk.store.beat("a")
    desk.clock.time += LEASE - 0.001
    alive = await desk.store.orphans()
    desk.clock.time += 0.001

    assert (alive, await desk.store.orphans()) == ([], [a_write()])


async def test_what_is_old_goes_from_the_file(desk: Desk) -> None:
    """Purging leaves no row of what is older than it is kept, however many they are."""
    await asyncio.gather(*(desk.store.finish(a_write(f"w{number}", over=START)) for number in range(1300)))
    await desk.store.add_job(a_job(owner="", over=START))
    await desk.store.add_items("j", [an_item(number) for number in range(1300)])
    await desk.store.beat("a")
    desk.clock.time += 10 * KEPT_WRITES
    await desk.store.purge()
    assert desk.options.folder is not None
    connection = looked_into(desk.options.folder)
    tables = ("owners", "writes", "jobs", "items")
    left = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]  # noqa: S608 - ours
    connection.close()

    assert left == [0, 0, 0, 0]


def _damage(folder: Path) -> None:
    (folder / NAME).write_bytes(b"no database at all, but long enough to be looked at " * 100)


def _of_something_else(folder: Path) -> None:
    connection = looked_into(folder)
    connection.execute("CREATE TABLE somebody (name TEXT)")
    connection.close()


def _of_a_later_version(folder: Path) -> None:
    connection = looked_into(folder)
    connection.execute(f"PRAGMA application_id = {OURS}")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()


def _a_folder(folder: Path) -> None:
    (folder / NAME).mkdir()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_damage, "its file is damaged, or not a store"),
        (_of_something_else, "it is a file of something else"),
        (_of_a_later_version, f"it is of version {VERSION + 1}, and this gateway knows {VERSION}"),
        (_a_folder, "its file cannot be opened"),
    ],
)
async def test_a_file_that_cannot_be_used(tmp_path: Path, spoil: object, reason: str) -> None:
    """It is said at once, with the file and the reason, and the file stays as it is."""
    assert callable(spoil)
    spoil(tmp_path)
    before = (tmp_path / NAME).read_bytes() if (tmp_path / NAME).is_file() else None

    with pytest.raises(StoreGone) as told:
        async with opened_store(StoreOptions(tmp_path), lambda: START):
            pass

    assert told.value.message == f"the store {tmp_path / NAME} cannot be used: {reason}"
    assert before is None or (tmp_path / NAME).read_bytes() == before


async def test_many_that_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Each finds it as it must be, whoever made it."""
    for number in range(10):
        async with AsyncExitStack() as stack:
            options = StoreOptions(tmp_path / str(number))
            opening = [stack.enter_async_context(opened_store(options, lambda: START)) for _ in range(8)]
            stores = await asyncio.gather(*opening)
            told = await asyncio.gather(*(store.claim(a_write()) for store in stores))

            assert told.count(None) == 1


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """The same, where there is no folder to put it in."""
    (tmp_path / "file").touch()

    with pytest.raises(StoreGone, match="cannot be used: Not a directory"):
        async with opened_store(StoreOptions(tmp_path / "file" / "state"), lambda: START):
            pass


async def test_damage_while_it_is_open(desk: Desk) -> None:
    """Whoever asks is told that the store is gone, in our words and without the file's place."""
    await desk.store.claim(a_write())
    assert desk.options.folder is not None
    connection = looked_into(desk.options.folder)
    connection.execute("DROP TABLE writes")
    connection.close()

    with pytest.raises(StoreGone) as told:
        await desk.store.claim(a_write("other"))

    assert told.value.message == "the store cannot be used: its file does not do what it should"
    await desk.store.beat("a")


async def test_a_file_that_is_removed(desk: Desk) -> None:
    """Nothing is written down where nobody would find it."""
    assert desk.options.folder is not None
    (desk.options.folder / NAME).unlink()

    with pytest.raises(StoreGone, match="its file was removed or replaced"):
        await desk.store.claim(a_write())


async def test_a_file_that_another_process_keeps_locked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while it is told so, and afterwards all is well; what was asked has not happened."""
    monkeypatch.setattr(sqlite_file, "PATIENCE", 50)
    store = await desk.another()
    assert desk.options.folder is not None
    connection = looked_into(desk.options.folder)
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreGone, match="another process keeps it locked"):
        await store.claim(a_write())
    read = await store.write("w")
    connection.execute("ROLLBACK")
    connection.close()

    assert (read, await store.claim(a_write())) == (None, None)


async def test_a_full_disk(tmp_path: Path) -> None:
    """What was put before is there, what was refused is not, and it works again when there is room."""
    async with process("full_disk", StoreOptions(tmp_path / "state")) as filling:
        told, _ = await filling.communicate()

    assert told.decode().splitlines()[1:] == ["True False", "None True"]
    assert told.startswith(b"the store cannot be used: the disk ")


async def test_one_that_is_gone_at_the_end() -> None:
    """Without a place the store works, and leaves nothing behind."""
    async with opened_store(StoreOptions(), lambda: START) as store:
        assert await store.claim(a_write()) is None
        assert await store.claim(a_write()) is not None

    with pytest.raises(StoreGone, match="the store is closed"):
        await store.beat("a")
