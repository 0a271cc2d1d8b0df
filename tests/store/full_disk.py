"""A process of its own that may make no file larger than a megabyte: it fills its store, and then is given more."""

import asyncio
import resource
import sys
from pathlib import Path

from gateway.store.opening import StoreOptions, opened_store
from gateway.store.store import StoreGone
from tests.store.desk import Clock, a_write

MIB = 1024 * 1024


async def main(place: str, _prefix: str) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, most))
    async with opened_store(StoreOptions(Path(place)), Clock()) as store:
        put = 0
        try:
            while put < 1000:
                await store.claim(a_write(f"w{put}", write=bytes(10_000)))
                put += 1
        except StoreGone as error:
            print(error.message)
        there = [await store.write(f"w{number}") is not None for number in range(put + 1)]
        print(all(there[:put]), there[put])
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        print(await store.claim(a_write("more", write=bytes(10_000))), await store.write("more") is not None)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
