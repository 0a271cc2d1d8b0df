"""The audit log as the writer of writes sees it: a record is on disk when `append` returns."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.audit.file import AppendedFile, AuditGone
from gateway.audit.record import AuditRecord, write_line

__all__ = ["AUDIT_FILE", "AuditGone", "AuditLog"]

AUDIT_FILE = "audit.jsonl"
"""Its name in the folder of the store."""

_log = logging.getLogger(__name__)

LOST = "a record may be missing in the audit log: %s"

Waiting = tuple[bytes, asyncio.Future[None]]


class AuditLog:
    """For one event loop; a file may have several, also of several processes.

    One thread of its own writes. Records that come while it waits for the disk go there together: one fsync for all.
    """

    def __init__(self, path: Path) -> None:
        self._file = AppendedFile(path)
        self._thread = ThreadPoolExecutor(1, "audit")
        self._waiting: deque[Waiting] = deque()
        self._is_closed = False

    async def open(self) -> None:
        """Open the file, and make it and its folder where they are not there. AuditGone where that fails: told so, a
        process can refuse writes before they are sent. `append` opens it too."""
        if self._is_closed:
            raise AuditGone("the audit log is closed")
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, self._file.open))

    async def append(self, record: AuditRecord) -> None:
        """Add a record; it is on disk on return. AuditGone where that is not certain.

        Whoever is cancelled meanwhile is not told, but the record is written all the same.
        """
        if self._is_closed:
            raise AuditGone("the audit log is closed")
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((write_line(record), written))
        self._thread.submit(self._write_waiting)
        await written

    async def aclose(self) -> None:
        """Close the file, when all is written that was appended."""
        if not self._is_closed:
            self._is_closed = True
            closed = asyncio.get_running_loop().run_in_executor(self._thread, self._file.close)
            self._thread.shutdown(wait=False)
            await asyncio.shield(closed)

    def _write_waiting(self) -> None:
        """In the thread. Each append asks for this; the first one writes for all that wait by then."""
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not batch:
            return
        failure: Exception | None = None
        try:
            self._file.append(line for line, _ in batch)
        except Exception as error:  # whatever it is, those who wait must be told
            failure = error
        try:
            batch[0][1].get_loop().call_soon_threadsafe(_tell, batch, failure)
        except RuntimeError:  # the loop is closed: nobody waits any more
            if failure is not None:
                _log.error(LOST, failure)


def _tell(batch: Sequence[Waiting], failure: Exception | None) -> None:
    """Each gets an error of its own: one that several raise would mix their tracebacks."""
    for _, written in batch:
        if written.done():
            if failure is not None:
                _log.error(LOST, failure)
        elif failure is None:
            written.set_result(None)
        else:
            told = AuditGone(str(failure))
            told.__cause__ = failure
            written.set_exception(told)
