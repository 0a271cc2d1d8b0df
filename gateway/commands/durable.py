"""Whether changes can be written down: found out before anything is served."""

import asyncio
import time
from contextlib import aclosing

from gateway.audit.log import AUDIT_FILE, AuditGone, AuditLog
from gateway.commands.failure import Failure
from gateway.store.opening import StoreOptions, opened_store
from gateway.store.store import StoreGone

__all__ = ["try_writing_down"]


def try_writing_down(options: StoreOptions) -> None:
    """Open the store and the audit log, and close them again. Failure that says which cannot be used, and why.

    Said here once, and not by every worker with a traceback. A Redis is not asked: it may come later.
    """
    try:
        asyncio.run(_opened_once(options))
    except StoreGone as error:
        raise Failure(error.message) from None
    except AuditGone as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"there is no folder to be had for a while: {error.strerror}") from None


async def _opened_once(options: StoreOptions) -> None:
    if options.redis is None:
        async with opened_store(options, time.time):
            pass
    if options.folder is not None:
        async with aclosing(AuditLog(options.folder / AUDIT_FILE)) as audit:
            await audit.open()
