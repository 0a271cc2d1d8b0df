"""Writers without a front door, several over one folder where wanted, for what GraphQL adds nothing to."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from gateway.account import OpenAccount
from gateway.audit.log import AUDIT_FILE, AuditLog
from gateway.cache.cache import Cache
from gateway.cache.shelf import Shelf
from gateway.cache.stores import BoundedMemory
from gateway.cache.windows import Windows
from gateway.changes import SendSmsCommand, Write, operation_of
from gateway.opening import open_accounts
from gateway.page import PageRequest
from gateway.registry import platforms
from gateway.store.records import Stage, WriteRecord
from gateway.store.sqlite import SqliteStore
from gateway.where import CommandWhere
from gateway.writes.ledger import Ledger
from gateway.writes.likeness import likeness_of
from gateway.writes.order import Order
from gateway.writes.writer import Writer
from tests.contract.writes import SAMPLES, Bench
from tests.writes.site import SUPERSIM, Site, a_site

__all__ = ["CALLER", "TEXT", "Desk", "a_desk"]

CALLER = "ops"
TEXT = "open the third valve"


@dataclass
class Desk:
    """`store` is open; so is every writer, until the test ends. `sim_id` is of a SIM that takes text messages."""

    site: Site
    folder: Path
    store: SqliteStore
    account: OpenAccount
    sim_id: str
    stack: AsyncExitStack

    async def writer(self) -> Writer:
        """One that is alive, as of a process of its own; it beats once only."""
        opened = open_accounts(self.site.settings, platforms(), self.site.now)
        self.stack.push_async_callback(opened.aclose)
        memory = BoundedMemory(max_entries=1000, max_bytes=1_000_000)
        cache = Cache(Shelf(memory, {SUPERSIM: Windows()}, self.site.now))
        self.stack.push_async_callback(cache.aclose)
        audit = AuditLog(self.folder / AUDIT_FILE)
        self.stack.push_async_callback(audit.aclose)
        writer = Writer(opened.by_name, cache, Ledger(self.store, audit, self.site.now), uuid4().hex)
        self.stack.push_async_callback(writer.aclose)
        await self.store.beat(writer.owner)
        return writer

    def order(self, id: str | None = "key:once", text: str = TEXT) -> Order:
        write = SendSmsCommand(sim_id=self.sim_id, payload=text)
        return Order(SUPERSIM, write, CALLER, id, fingerprint=text)

    async def left_behind(
        self, stage: Stage, write: Write, id: str = "key:once", *, sent: float | None = None, account: str = SUPERSIM
    ) -> WriteRecord:
        """A write of a process that is dead."""
        began = self.now()
        record = WriteRecord(
            id=id,
            fingerprint=TEXT,
            likeness=likeness_of(account, write),
            account=account,
            operation=operation_of(write),
            write=msgspec.json.encode(write),
            caller=CALLER,
            owner="dead",
            stage=stage,
            began=began,
            sent=(began if sent is None else sent) if stage is Stage.SENT else None,
        )
        await (self.store.intend(record) if stage is Stage.SENT else self.store.claim(record))
        return record

    def now(self) -> float:
        return self.site.now().timestamp()

    def audited(self) -> list[dict[str, Any]]:
        """The lines of the audit log. Any: JSON."""
        path = self.folder / AUDIT_FILE
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    async def there(self) -> dict[str, str | None]:
        """What the provider has: the text of each command by its id."""
        rows = PageRequest(self.account.provider.most_rows("list_sms_commands"))
        page = await self.account.provider.list_sms_commands(CommandWhere(sim_id=self.sim_id), rows)
        return {each.native_id: each.payload for each in page.items}


@asynccontextmanager
async def a_desk(folder: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(a_site())
        store = SqliteStore(folder, lambda: site.now().timestamp())
        await store.open()
        stack.push_async_callback(store.aclose)
        opened = open_accounts(site.settings, platforms(), site.now)
        stack.push_async_callback(opened.aclose)
        account = opened.by_name[SUPERSIM]
        write: Any = await SAMPLES["send_sms_command"](Bench(account.provider, site.simulators[SUPERSIM]))  # Any: of it
        site.host.clear()
        yield Desk(site, folder, store, account, write.sim_id, stack)
