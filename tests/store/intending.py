"""A process of its own that writes down an intent, says so, and then hangs until it is killed."""

import asyncio
import sys
from pathlib import Path

from gateway.store.opening import StoreOptions, opened_store
from tests.store.desk import START, Clock, a_job, a_write, an_item


async def main(place: str, prefix: str) -> None:
    is_redis = place.startswith("redis://")
    options = StoreOptions(None if is_redis else Path(place), place if is_redis else None, prefix=prefix)
    async with opened_store(options, Clock()) as store:
        await store.beat("a")
        await store.claim(a_write())
        await store.intend(a_write(sent=START + 1))
        await store.add_job(a_job())
        await store.add_items("j", [an_item(0)])
        await store.finish_item("j", an_item(0, outcome="APPLIED"))
        print("written", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
