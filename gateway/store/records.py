"""What is kept durably: one record for each write, one for each job and for each of its items."""

from enum import Enum

import msgspec

__all__ = ["ItemRecord", "JobRecord", "Stage", "WriteRecord"]


class Stage(Enum):
    """How far a write has come."""

    CLAIMED = "claimed"
    """Nobody else may do it; nothing has been sent."""
    SENT = "sent"
    """It is about to be sent, or was: it is never sent again."""
    OVER = "over"
    """Its outcome is known, or known to be unknowable."""


class WriteRecord(msgspec.Struct, kw_only=True):
    """One write. Times are seconds since 1970, UTC.

    `id` is unique: that of an idempotency key, of a job's item, or random. `fingerprint` is of what the caller asked,
    `likeness` of what is sent where: two writes that are alike cannot be told apart at the provider. `write` is the
    record of `gateway.changes` as JSON, and empty once it is over. `owner` is the process that does it. `native_id` is
    of the thing it made; `result` is what the caller was told, in the writer's own encoding.
    """

    id: str
    fingerprint: str
    likeness: str
    account: str
    operation: str
    write: bytes
    caller: str
    owner: str
    stage: Stage
    began: float
    sent: float | None = None
    over: float | None = None
    outcome: str | None = None
    native_id: str | None = None
    result: bytes | None = None


class JobRecord(msgspec.Struct, kw_only=True):
    """One job. `body` is what it does, in the job runner's own encoding; `state` is one of its own words. `total` is
    how many items it has, None while they are being selected. `owner` is the process that runs it. `cancelled` is set
    by anybody and read by the owner."""

    id: str
    caller: str
    body: bytes
    state: str
    owner: str
    created: float
    started: float | None = None
    over: float | None = None
    total: int | None = None
    cancelled: bool = False
    fault: bytes = b""
    """Why it ended early, in the job runner's own encoding."""


class ItemRecord(msgspec.Struct, kw_only=True):
    """One item of a job: `number` from 0, the account and native id of its SIM. `outcome` is None until it is over;
    `result` is what became of it, in the job runner's own encoding."""

    number: int
    account: str
    native_id: str
    outcome: str | None = None
    result: bytes = b""
    over: float | None = None
