"""A process that appends to an audit log and says what is on disk: `appender FILE NAME COUNT [MOST_BYTES]`.

With MOST_BYTES the file may not grow beyond: what a full disk does to a write.
"""

import asyncio
import resource
import sys
from pathlib import Path

from gateway.audit.log import AuditGone, AuditLog
from tests.audit.records import a_record

AT_ONCE = 5


async def append(path: Path, name: str, count: int) -> None:
    """Prints each id once its record is on disk, and `gone` at the first failure."""
    log = AuditLog(path)

    async def one(number: int) -> None:
        await log.append(a_record(f"{name}-{number}"))
        print(f"{name}-{number}", flush=True)

    try:
        for start in range(0, count, AT_ONCE):
            await asyncio.gather(*(one(number) for number in range(start, start + AT_ONCE)))
    except AuditGone:
        print("gone", flush=True)
    await log.aclose()


if __name__ == "__main__":
    if len(sys.argv) > 4:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
    asyncio.run(append(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
