"""A process of its own that claims each of some ids several times at once, and prints those that it won."""

import asyncio
import sys
import time
from pathlib import Path

from gateway.store.opening import StoreOptions, opened_store
from tests.store.desk import a_write

IDS, TIMES = 20, 10


async def main(place: str, prefix: str, owner: str) -> None:
    is_redis = place.startswith("redis://")
    options = StoreOptions(None if is_redis else Path(place), place if is_redis else None, prefix=prefix)
    async with opened_store(options, time.time) as store:
        await store.beat(owner)
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        records = [a_write(f"id-{number % IDS}", owner=owner) for number in range(IDS * TIMES)]
        there = await asyncio.gather(*map(store.claim, records))
    print(" ".join(record.id for record, held in zip(records, there, strict=True) if held is None))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
