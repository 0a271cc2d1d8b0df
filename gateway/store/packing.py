"""Records as bytes: what both stores keep beside what they look things up by."""

import msgspec

from gateway.store.records import ItemRecord, JobRecord, WriteRecord

__all__ = ["pack", "unpack_item", "unpack_job", "unpack_write"]

_ENCODER = msgspec.msgpack.Encoder()
_WRITE = msgspec.msgpack.Decoder(WriteRecord)
_JOB = msgspec.msgpack.Decoder(JobRecord)
_ITEM = msgspec.msgpack.Decoder(ItemRecord)


def pack(record: WriteRecord | JobRecord | ItemRecord) -> bytes:
    """The whole record."""
    return _ENCODER.encode(record)


def unpack_write(body: bytes, owner: str) -> WriteRecord:
    """A write; its owner is kept beside it, as another process may have become that since."""
    record = _WRITE.decode(body)
    record.owner = owner
    return record


def unpack_job(body: bytes, owner: str, *, cancelled: bool) -> JobRecord:
    """A job; what others than its owner change is kept beside it."""
    record = _JOB.decode(body)
    record.owner, record.cancelled = owner, cancelled
    return record


def unpack_item(body: bytes) -> ItemRecord:
    """An item of a job."""
    return _ITEM.decode(body)
