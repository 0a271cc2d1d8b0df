"""An answer's body, read whole: no more of it than fits, whatever it is compressed to."""

import zlib
from collections.abc import AsyncIterable
from typing import Protocol

from schema.errors import BadResponse

__all__ = ["ENCODINGS", "MAX_BODY", "read_whole"]

MAX_BODY = 16 * 1024 * 1024
"""Bytes of a decompressed answer; a page of 1,000 records is well below 2 MiB."""

ENCODINGS = "gzip, deflate"
"""What `Accept-Encoding` says: what is read here, and no more."""


async def read_whole(chunks: AsyncIterable[bytes], encoding: str) -> bytes:
    """All of it, decompressed as its `Content-Encoding` says.

    Raises BadResponse when it is larger than MAX_BODY, damaged, cut short, or compressed in a way nobody asked for.
    What it throws away it has not held: decompression stops at the limit.
    """
    if encoding == "":
        return await _read(chunks)
    return await _inflated(chunks, encoding.strip().lower())


async def _read(chunks: AsyncIterable[bytes]) -> bytes:
    parts, size = [], 0
    async for chunk in chunks:
        size += len(chunk)
        if size > MAX_BODY:
            raise _too_large()
        parts.append(chunk)
    return b"".join(parts)


async def _inflated(chunks: AsyncIterable[bytes], encoding: str) -> bytes:
    if encoding == "identity":
        return await _read(chunks)
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise BadResponse("the answer is compressed in a way nobody asked for")
    try:
        return await _inflate(chunks, encoding == "deflate")
    except zlib.error as error:
        raise BadResponse("the answer's compression is damaged") from error


async def _inflate(chunks: AsyncIterable[bytes], is_deflate: bool) -> bytes:
    inflater: _Inflater | None = None
    parts, size, compressed = [], 0, 0
    async for chunk in chunks:
        compressed += len(chunk)
        inflater = inflater or _inflater(is_deflate, chunk)
        # zlib would gather what comes after the end, and copy it all for each piece.
        part = b"" if inflater.eof else inflater.decompress(chunk, MAX_BODY - size + 1)
        size += len(part)
        if max(size, compressed) > MAX_BODY:
            raise _too_large()
        parts.append(part)
    if inflater is not None and not inflater.eof:
        raise BadResponse("the answer's compression ends too early")
    return b"".join(parts)


class _Inflater(Protocol):
    """What `zlib.decompressobj` gives, whose class has no public name."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _inflater(is_deflate: bool, begin: bytes) -> _Inflater:
    """ "deflate" is the zlib format (RFC 9110, 8.4.1.2), and some servers send it without zlib's header, whose low four
    bits are always 8: without it they would be a stored block that is not padded with zeros."""
    if not is_deflate:
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    return zlib.decompressobj(zlib.MAX_WBITS if begin[0] & 0x0F == 8 else -zlib.MAX_WBITS)


def _too_large() -> BadResponse:
    return BadResponse(f"the answer is larger than {MAX_BODY} bytes")
