"""The thread that has the embedded store's connection. What is asked while it commits shares the next commit."""

import asyncio
import sqlite3
from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from gateway.store.sqlite_file import open_file, reason_of
from gateway.store.store import StoreGone

__all__ = ["SqliteThread"]

MOST_AT_ONCE = 256
"""Operations that share one commit."""

T = TypeVar("T")


class _Asked(NamedTuple):
    work: Callable[[sqlite3.Connection], Any]  # Any: each has its own answer
    is_write: bool
    answer: Future[Any]


class _Failed(NamedTuple):
    """What one operation raised; the others of the same commit are not concerned."""

    error: Exception


class _Replaced(OSError):
    """What is committed would be in a file that nobody finds again."""


class SqliteThread:
    """One connection on one thread. Each operation is one transaction, or one with others: all of them or none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._waiting: deque[_Asked] = deque()
        self._busy: Future[None] | None = None
        self._is_open = False
        self._connection: sqlite3.Connection
        self._file: tuple[int, int]

    async def open(self) -> None:
        """Open the file. Raises StoreGone, which names it."""
        try:
            await get_running_loop().run_in_executor(self._executor, self._connect)
        except BaseException:
            self._executor.shutdown(wait=False)
            raise
        self._is_open = True

    async def aclose(self) -> None:
        """What was asked before this is still done."""
        if not self._is_open:
            return
        self._is_open = False
        while self._busy is not None:
            await asyncio.wait((self._busy,))
        await get_running_loop().run_in_executor(self._executor, self._connection.close)
        self._executor.shutdown()

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The answer of something that changes nothing. Raises StoreGone."""
        return await self._ask(work, is_write=False)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The answer of something that is on disk by then. Raises StoreGone, and then nothing has changed."""
        return await self._ask(work, is_write=True)

    async def _ask(self, work: Callable[[sqlite3.Connection], T], *, is_write: bool) -> T:
        if not self._is_open:
            raise StoreGone("the store is closed")
        asked = _Asked(work, is_write, get_running_loop().create_future())
        asked.answer.add_done_callback(Future.exception)  # nobody may be left to look at it
        self._waiting.append(asked)
        self._go_on()
        try:
            await asyncio.wait((asked.answer,))
        except asyncio.CancelledError:
            # It happens all the same: whoever tidies up after this comes behind it.
            await asyncio.wait((asked.answer,))
            raise
        return asked.answer.result()  # type: ignore[no-any-return]  # a T: it is what the work returned

    def _go_on(self) -> None:
        if self._busy is not None or not self._waiting:
            return
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
        self._busy = get_running_loop().create_future()
        running = get_running_loop().run_in_executor(self._executor, self._carry_out, batch)
        running.add_done_callback(lambda ended: self._tell(batch, ended))

    def _tell(self, batch: Sequence[_Asked], ended: Future[list[Any]]) -> None:  # Any: as above
        error = ended.exception()
        for number, asked in enumerate(batch):
            if error is not None:
                asked.answer.set_exception(_gone(error))
            elif isinstance(told := ended.result()[number], _Failed):
                asked.answer.set_exception(told.error)
            else:
                asked.answer.set_result(told)
        assert self._busy is not None  # noqa: S101 - for mypy: it was set when this began
        self._busy.set_result(None)
        self._busy = None
        self._go_on()

    # --- on the thread -----------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._connection = open_file(self._path)
        self._file = self._identity()

    def _carry_out(self, batch: Sequence[_Asked]) -> list[Any]:  # Any: as above
        """The answers, once all is on disk."""
        is_write = any(asked.is_write for asked in batch)
        if is_write and self._identity() != self._file:
            raise _Replaced
        try:
            self._connection.execute("BEGIN IMMEDIATE" if is_write else "BEGIN")
            answers = [self._answer(asked) for asked in batch]
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.rollback()
            raise
        return answers

    def _answer(self, asked: _Asked) -> Any:  # Any: as above
        """One operation. What it raises itself undoes it and no other; what the database raises undoes them all."""
        self._connection.execute("SAVEPOINT one")
        try:
            answer = asked.work(self._connection)
        except sqlite3.Error:
            raise
        except Exception as error:  # whoever asked is told
            self._connection.execute("ROLLBACK TO one")
            answer = _Failed(error)
        self._connection.execute("RELEASE one")
        return answer

    def _identity(self) -> tuple[int, int]:
        """Which file it is that has the name now."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return 0, 0
        return found.st_dev, found.st_ino


def _gone(error: BaseException) -> BaseException:
    """One for each who asked: an error is filled in on its way up."""
    if isinstance(error, _Replaced):
        reason = "its file was removed or replaced"
    elif isinstance(error, sqlite3.Error | OSError):
        reason = reason_of(error)
    else:
        return error
    gone = StoreGone(f"the store cannot be used: {reason}")
    gone.__cause__ = error
    return gone
