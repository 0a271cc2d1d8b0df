"""Records to write into audit logs."""

import datetime as dt
from pathlib import Path
from typing import Any

from gateway.audit.reading import AuditReader
from gateway.audit.record import AuditRecord, Changed
from schema.write import WriteOutcome

NOON = dt.datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=dt.UTC)


def a_record(write: str = "w1", **fields: Any) -> AuditRecord:
    """A write that was applied, but for these fields; Any: each has a type of its own."""
    usual: dict[str, Any] = {  # Any: as above
        "at": NOON,
        "caller": "dashboard",
        "account": "eu",
        "operation": "update_sim",
        "target": "HS1",
        "changes": {"name": Changed(old="truck 1", new="truck 2")},
        "outcome": WriteOutcome.APPLIED,
    }
    return AuditRecord(write=write, **{**usual, **fields})


def writes_in(path: Path) -> list[str]:
    """The ids in a log, in its order; every line can be read."""
    reader = AuditReader()
    found = [record.write for record in reader.read(path)]
    assert reader.damaged == 0
    return found
