"""A body is read whole whatever it is cut into, and no more of it than fits."""

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.upstream.body import MAX_BODY, read_whole
from schema.errors import BadResponse


def raw_deflate(body: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(body) + deflater.flush()


def as_it_is(body: bytes) -> bytes:
    return body


WAYS = {"": as_it_is, "identity": as_it_is, "gzip": gzip.compress, "x-gzip": gzip.compress, " GZip ": gzip.compress}
DEFLATES = (zlib.compress, raw_deflate)


async def cut(body: bytes, size: int) -> AsyncIterator[bytes]:
    for begin in range(0, len(body), size):
        yield body[begin : begin + size]


def bomb(mebibytes: int) -> bytes:
    """A gzip file of so many MiB of zeros, a thousandth as long, made without making the zeros."""
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    a_mebibyte = deflater.compress(bytes(1024 * 1024)) + deflater.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + a_mebibyte * mebibytes


@given(body=st.binary(max_size=300), size=st.integers(1, 40), way=st.sampled_from(sorted(WAYS)))
async def test_it_comes_out_as_it_went_in(body: bytes, size: int, way: str):
    """However it is cut and however its encoding is written, the whole body comes out."""
    assert await read_whole(cut(WAYS[way](body), size), way) == body


@given(body=st.binary(max_size=300), size=st.integers(1, 40), deflate=st.sampled_from(DEFLATES))
async def test_both_things_called_deflate(body: bytes, size: int, deflate: Callable[[bytes], bytes]):
    """What is called deflate is read with zlib's header, as it should be, and without, as some send it."""
    assert await read_whole(cut(deflate(body), size), "deflate") == body


async def test_nothing_is_nothing():
    """No body at all is an empty one, whatever it would have been compressed with."""
    assert [await read_whole(cut(b"", 1), way) for way in ("", "gzip", "deflate")] == [b""] * 3


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "none"])
async def test_compressed_in_a_way_nobody_asked_for(encoding: str):
    """Anything but gzip and deflate is refused before it is read."""
    with pytest.raises(BadResponse, match="nobody asked for"):
        await read_whole(cut(b"{}", 1), encoding)


@settings(max_examples=30)
@given(st.data())
async def test_compressed_content_that_ends_too_early(data: st.DataObject):
    """A compressed body of which any part of the end is missing is a BadResponse, even where its text is complete."""
    whole = gzip.compress(b'{"a": 1}' * 20)
    length = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(BadResponse):
        await read_whole(cut(whole[:length], 7), "gzip")


@pytest.mark.parametrize(
    "body",
    [b"{}", b"\x1f\x8b\x08" + b"x" * 40, gzip.compress(b"{}")[:-8] + b"x" * 8],
    ids=["no gzip", "no content", "no checksum"],
)
async def test_compressed_content_that_is_damaged(body: bytes):
    """What is no gzip, and gzip whose checksum is wrong, is a BadResponse."""
    with pytest.raises(BadResponse, match="compression"):
        await read_whole(cut(body, 100), "gzip")


async def test_a_bomb_does_not_go_off():
    """1 MiB that would become 1 GiB is given up at the limit, and never more than a few times that is in memory."""
    body, read = bomb(1024), 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        async for chunk in cut(body, 65536):
            read += len(chunk)
            yield chunk

    tracemalloc.start()
    try:
        with pytest.raises(BadResponse, match="larger than"):
            await read_whole(chunks(), "gzip")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 4 * MAX_BODY
    assert read == 65536


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_the_limit_is_a_limit(encoding: str):
    """A body as large as the limit is read; with one more byte it is refused."""
    for size in (MAX_BODY, MAX_BODY + 1):
        body = WAYS[encoding](bytes(size))
        if size == MAX_BODY:
            assert len(await read_whole(cut(body, 65536), encoding)) == MAX_BODY
        else:
            with pytest.raises(BadResponse, match="larger than"):
                await read_whole(cut(body, 65536), encoding)


async def test_compressed_content_that_never_ends():
    """Compressed content larger than the limit is refused whatever comes out of it, which may be nothing."""
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    nothing = deflater.compress(b"") + deflater.flush(zlib.Z_SYNC_FLUSH)
    endless = nothing * (2 * MAX_BODY // len(nothing))

    with pytest.raises(BadResponse, match="larger than"):
        await read_whole(cut(endless, 1024 * 1024), "deflate")


async def test_what_follows_compressed_content_is_not_gathered():
    """Megabytes in small pieces behind the end of the content are passed over: neither held nor copied again and
    again."""
    piece = bytes(1024)

    async def chunks() -> AsyncIterator[bytes]:
        yield gzip.compress(b"{}")
        for _ in range(8 * 1024):
            yield piece

    tracemalloc.start()
    try:
        assert await read_whole(chunks(), "gzip") == b"{}"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 1024 * 1024
