"""Several processes over one file or one Redis, and processes that end badly."""

import asyncio
from collections import Counter

from gateway.store.opening import StoreOptions
from gateway.store.records import Stage
from gateway.store.store import Store
from tests.store.claiming import IDS
from tests.store.desk import START, Desk, a_job, a_write, an_item, process

PROCESSES = 3


async def test_claims_at_once_in_one_process(desk: Desk) -> None:
    """Of 200 claims of 20 ids over two connections each id has one winner, and the others are told who it is."""
    stores = [desk.store, await desk.another()]
    told = await asyncio.gather(
        *(stores[number % 2].claim(a_write(f"id-{number % 20}", owner=f"{number}")) for number in range(200))
    )

    winners = {f"id-{number % 20}": f"{number}" for number, held in enumerate(told) if held is None}
    assert len([held for held in told if held is None]) == len(winners) == 20
    assert all(held is None or held.owner == winners[held.id] for held in told)


async def test_claims_at_once_in_several_processes(options: StoreOptions) -> None:
    """However many processes claim an id at the same moment, one has it."""
    async with asyncio.TaskGroup() as group:
        claiming = [group.create_task(_won(options, f"p{number}")) for number in range(PROCESSES)]
    winners = Counter(won for task in claiming for won in task.result())

    assert winners == {f"id-{number}": 1 for number in range(IDS)}


async def _won(options: StoreOptions, owner: str) -> list[str]:
    async with process("claiming", options, owner) as claiming:
        assert claiming.stdout is not None
        await claiming.stdout.readline()
        told, _ = await claiming.communicate(b"go\n")
        return told.decode().split()


async def test_taking_over_at_once(desk: Desk) -> None:
    """Of many that would take over what a dead process left, one gets each."""
    other = await desk.another()
    for number in range(20):
        await desk.store.intend(a_write(f"w{number}", owner="dead"))
    for number in range(10):
        await desk.store.beat(f"p{number}")

    async def taken(store: Store, owner: str) -> list[str]:
        records = await asyncio.gather(*(store.take(f"w{number}", owner) for number in range(20)))
        return [record.id for record in records if record is not None]

    told = await asyncio.gather(*(taken((desk.store, other)[number % 2], f"p{number}") for number in range(10)))

    assert Counter(taken_id for each in told for taken_id in each) == {f"w{number}": 1 for number in range(20)}


async def test_a_process_that_is_killed(options: StoreOptions, desk: Desk) -> None:
    """What it had written down is all there, and can be taken over when it counts as dead."""
    async with process("intending", options) as intending:
        assert intending.stdout is not None
        assert await intending.stdout.readline() == b"written\n"
        intending.kill()
        await intending.wait()
    sent = a_write(stage=Stage.SENT, sent=START + 1)
    await desk.store.beat("b")
    await desk.dies("a")

    assert await desk.store.orphans() == [sent]
    assert (await desk.store.take("w", "b")) == a_write(stage=Stage.SENT, sent=START + 1, owner="b")
    assert await desk.store.take_job("j", "b") == a_job(owner="b")
    assert await desk.store.items("j", 0, 10) == [an_item(0, outcome="APPLIED")]


async def test_a_caller_that_is_cancelled(desk: Desk) -> None:
    """By the time that it ends what it had asked for has happened or never will: what it does then comes after."""
    for number in range(30):
        claiming = asyncio.create_task(desk.store.claim(a_write(f"w{number}")))
        for _ in range(number % 6):
            await asyncio.sleep(0)
        claiming.cancel()
        await asyncio.wait((claiming,))
        await desk.store.release(f"w{number}", "a")

        assert await desk.store.write(f"w{number}") is None


async def test_what_is_under_way_when_it_is_closed(options: StoreOptions, desk: Desk) -> None:
    """It ends first, and is kept."""
    store = await desk.another()
    claims = [asyncio.create_task(store.claim(a_write(f"w{number}"))) for number in range(50)]
    await asyncio.sleep(0)
    await store.aclose()

    assert await asyncio.gather(*claims) == [None] * 50
    assert len(await desk.store.alike("sent", 0)) == 50
