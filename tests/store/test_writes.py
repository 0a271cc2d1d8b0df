"""What both stores must do with writes: one process does each, and what is known of it stays known."""

import asyncio

import msgspec
import pytest

from gateway.store.records import Stage
from gateway.store.store import KEPT_WRITES, Overtaken
from tests.store.desk import START, Desk, a_write


async def test_a_write_from_its_claim_to_its_end(desk: Desk) -> None:
    """Whoever looks sees each stage, whole."""
    sent = a_write(stage=Stage.SENT, sent=START + 1)
    over = a_write(
        stage=Stage.OVER, sent=START + 1, over=START + 2, write=b"", outcome="APPLIED", native_id="HC1", result=b"{}"
    )
    seen = []

    assert await desk.store.write("w") is None
    assert await desk.store.claim(a_write()) is None
    seen.append(await desk.store.write("w"))
    await desk.store.intend(a_write(sent=START + 1))
    seen.append(await desk.store.write("w"))
    await desk.store.finish(over)
    seen.append(await desk.store.write("w"))

    assert seen == [a_write(), sent, over]


async def test_a_claim_of_what_is_there(desk: Desk) -> None:
    """It gives the record that is there and leaves it as it is, in each stage."""
    other = a_write(owner="b", fingerprint="other", began=START + 5)
    stages = [a_write(), a_write(stage=Stage.SENT), a_write(stage=Stage.OVER, over=START)]
    told = []

    await desk.store.claim(stages[0])
    told.append(await desk.store.claim(other))
    await desk.store.intend(stages[1])
    told.append(await desk.store.claim(other))
    await desk.store.finish(stages[2])
    told.append(await desk.store.claim(other))

    assert told == stages
    assert await desk.store.write("w") == stages[2]


async def test_an_old_outcome(desk: Desk) -> None:
    """It is kept for a day from its end, and then the id may be claimed anew."""
    await desk.store.finish(a_write(over=START))
    desk.clock.time = START + KEPT_WRITES - 1
    held = await desk.store.claim(a_write(owner="b"))
    desk.clock.time = START + KEPT_WRITES
    gone = await desk.store.write("w"), await desk.store.alike("sent", 0)

    assert held is not None
    assert gone == (None, [])
    assert await desk.store.claim(a_write(owner="b")) is None
    assert await desk.store.write("w") == a_write(owner="b")
    desk.clock.time += 10 * KEPT_WRITES
    assert await desk.store.write("w") == a_write(owner="b")


async def test_a_write_that_is_not_over_never_grows_old(desk: Desk) -> None:
    """However long it takes, nobody else may begin it."""
    await desk.store.intend(a_write())
    desk.clock.time += 100 * KEPT_WRITES
    await desk.store.purge()

    assert await desk.store.claim(a_write(owner="b")) == a_write(stage=Stage.SENT)


async def test_taking_over(desk: Desk) -> None:
    """Only from a process that is dead, only what is not over, and only one gets it."""
    await desk.store.beat("a")
    await desk.store.beat("b")
    await desk.store.beat("c")
    await desk.store.intend(a_write())
    await desk.store.finish(a_write("done", over=START))

    assert await desk.store.take("w", "b") is None
    await desk.dies("a")
    assert await desk.store.take("done", "b") is None
    assert await desk.store.take("nothing", "b") is None
    assert await desk.store.take("w", "b") == a_write(owner="b", stage=Stage.SENT)
    assert await desk.store.take("w", "c") is None
    assert await desk.store.write("w") == a_write(owner="b", stage=Stage.SENT)


async def test_orphans(desk: Desk) -> None:
    """They are the writes that are not over and whose process is dead, or was never heard of."""
    await desk.store.beat("a")
    await desk.store.beat("b")
    await desk.store.claim(a_write("claimed"))
    await desk.store.intend(a_write("sent"))
    await desk.store.finish(a_write("over", over=START))
    await desk.store.claim(a_write("lives", owner="b"))
    await desk.store.claim(a_write("unheard", owner="c"))

    assert [each.id for each in await desk.store.orphans()] == ["unheard"]
    await desk.dies("a")
    assert {each.id for each in await desk.store.orphans()} == {"claimed", "sent", "unheard"}
    await desk.store.take("sent", "b")
    assert {each.id for each in await desk.store.orphans()} == {"claimed", "unheard"}


async def test_leaving(desk: Desk) -> None:
    """What a process leaves behind can be taken over at once, until it is back."""
    await desk.store.beat("a")
    await desk.store.claim(a_write())
    await desk.store.leave("a")
    left = await desk.store.orphans()
    await desk.store.beat("a")

    assert (left, await desk.store.orphans()) == ([a_write()], [])


async def test_at_most_a_hundred(desk: Desk) -> None:
    """However many there are."""
    await asyncio.gather(*(desk.store.claim(a_write(f"w{number}")) for number in range(150)))

    assert (len(await desk.store.orphans()), len(await desk.store.alike("sent", 0))) == (100, 100)


async def test_a_process_that_was_taken_for_dead(desk: Desk) -> None:
    """It cannot begin to send what another has taken over, nor let go of it, whether that is over or not."""
    await desk.store.claim(a_write())
    taken = await desk.store.take("w", "b")
    assert taken is not None

    with pytest.raises(Overtaken):
        await desk.store.intend(a_write())
    await desk.store.release("w", "a")
    assert await desk.store.write("w") == taken
    await desk.store.finish(msgspec.structs.replace(taken, over=START))
    with pytest.raises(Overtaken):
        await desk.store.intend(a_write())
    assert (await desk.store.claim(a_write())) == msgspec.structs.replace(taken, stage=Stage.OVER, over=START)


async def test_no_intent_after_the_end(desk: Desk) -> None:
    """What is over is not sent again, not by its own process either."""
    await desk.store.finish(a_write(over=START))

    with pytest.raises(Overtaken):
        await desk.store.intend(a_write())


async def test_releasing(desk: Desk) -> None:
    """A write that was not sent can be done by whoever asks again; one that is over stays."""
    await desk.store.claim(a_write("claimed"))
    await desk.store.intend(a_write("sent"))
    await desk.store.finish(a_write("over", over=START))
    for name in ("claimed", "sent", "over", "nothing"):
        await desk.store.release(name, "a")

    assert [each.id for each in await desk.store.alike("sent", 0)] == ["over"]
    assert await desk.store.orphans() == []
    assert await desk.store.claim(a_write("claimed", owner="b")) is None
    assert await desk.store.claim(a_write("over", owner="b")) is not None


async def test_alike(desk: Desk) -> None:
    """Those of this likeness that began at that moment or later, in whatever stage."""
    await desk.store.claim(a_write("before", began=START - 0.001))
    await desk.store.claim(a_write("at", began=START))
    await desk.store.intend(a_write("after", began=START + 10))
    await desk.store.finish(a_write("over", began=START + 20, over=START + 30))
    await desk.store.claim(a_write("other", likeness="other"))

    assert {each.id for each in await desk.store.alike("sent", START)} == {"at", "after", "over"}
    assert await desk.store.alike("unknown", 0) == []


async def test_a_record_is_put_as_it_was_when_it_was_handed_over(desk: Desk) -> None:
    """What its owner does to it meanwhile is not written down."""
    record = a_write()
    claiming = asyncio.create_task(desk.store.claim(record))
    await asyncio.sleep(0)
    record.fingerprint = "changed"
    await claiming

    assert await desk.store.write("w") == a_write()


async def test_bytes_and_odd_names(desk: Desk) -> None:
    """Any bytes and any text come back."""
    odd = 'it\'s "odd": ü\u2028\U0001f4e1 *?[a]\\ {x}'
    record = a_write(odd, owner=odd, likeness=odd, write=bytes(range(256)), caller=odd)
    await desk.store.beat(odd)
    await desk.store.claim(record)

    assert await desk.store.write(odd) == record
    assert await desk.store.alike(odd, 0) == [record]
    assert await desk.store.orphans() == []
    with pytest.raises(UnicodeEncodeError):
        await desk.store.claim(a_write("\ud800"))
    assert await desk.store.write(odd) == record
