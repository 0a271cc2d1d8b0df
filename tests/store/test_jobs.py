"""What both stores must do with jobs and their items."""

import pytest

from gateway.store.store import KEPT_JOBS, Overtaken
from tests.store.desk import START, Desk, a_job, an_item


async def test_a_job_from_its_beginning_to_its_end(desk: Desk) -> None:
    """Whoever looks sees what was put last."""
    over = a_job(state="DONE", owner="", started=START, over=START + 9, total=2, fault=b"why")
    await desk.store.add_job(a_job())
    first = await desk.store.job("j")
    await desk.store.save_job(over)

    assert (first, await desk.store.job("j"), await desk.store.job("x")) == (a_job(), over, None)


async def test_cancelling(desk: Desk) -> None:
    """Anybody can say it, and saving the job does not unsay it; what is over or unknown cannot be cancelled."""
    await desk.store.add_job(a_job())
    await desk.store.add_job(a_job("over", owner="", over=START))

    told = [await desk.store.cancel_job(each) for each in ("j", "over", "x")]
    await desk.store.save_job(a_job(state="STILL RUNNING"))

    assert told == [True, False, False]
    assert await desk.store.job("j") == a_job(state="STILL RUNNING", cancelled=True)
    assert await desk.store.job("over") == a_job("over", owner="", over=START)


async def test_taking_a_job_over(desk: Desk) -> None:
    """Only from a process that is dead, and only one gets it; whoever lost it can save it no more."""
    await desk.store.beat("a")
    await desk.store.beat("b")
    await desk.store.beat("c")
    await desk.store.add_job(a_job())
    await desk.store.add_job(a_job("over", owner="", over=START))
    await desk.store.cancel_job("j")

    assert (await desk.store.take_job("j", "b"), await desk.store.orphaned_jobs()) == (None, [])
    await desk.dies("a")
    assert await desk.store.orphaned_jobs() == ["j"]
    assert await desk.store.take_job("over", "b") is None
    assert await desk.store.take_job("x", "b") is None
    assert await desk.store.take_job("j", "b") == a_job(owner="b", cancelled=True)
    assert (await desk.store.take_job("j", "c"), await desk.store.orphaned_jobs()) == (None, [])
    with pytest.raises(Overtaken):
        await desk.store.save_job(a_job(state="MINE"))
    await desk.store.save_job(a_job(owner="b", state="MINE"))
    assert await desk.store.job("j") == a_job(owner="b", state="MINE", cancelled=True)


async def test_saving_what_is_not_there(desk: Desk) -> None:
    """Neither a job nor its items come to be by it."""
    await desk.store.save_job(a_job())
    await desk.store.add_items("j", [an_item(0)])
    await desk.store.finish_item("j", an_item(0, outcome="APPLIED"))

    assert (await desk.store.job("j"), await desk.store.jobs(None, 10)) == (None, [])
    assert (await desk.store.items("j", 0, 10), await desk.store.tally("j")) == ([], {})


async def test_pages_of_jobs(desk: Desk) -> None:
    """The newest first, those of one moment by their ids, each exactly once whatever the size of the page."""
    made = [(START + number // 3, f"j{number:03}") for number in range(230)]
    for created, name in made:
        await desk.store.add_job(a_job(name, created=created))

    for size in (7, 100, 230):
        found: list[tuple[float, str]] = []
        while page := await desk.store.jobs(found[-1] if found else None, size):
            found += [(job.created, job.id) for job in page]
        assert found == sorted(made, reverse=True)
    assert await desk.store.jobs((START, "j001"), 10) == [a_job("j000")]


async def test_jobs_of_a_caller(desk: Desk) -> None:
    """Page by page as all of them, and none of anybody else, also after they were saved and taken over."""
    made = [(START + number // 3, f"j{number:03}", f"caller {number % 3}") for number in range(240)]
    for created, name, caller in made:
        await desk.store.add_job(a_job(name, created=created, caller=caller))
    await desk.store.save_job(a_job("j001", created=START, caller="caller 1", state="DONE", over=START))
    own = [(created, name) for created, name, caller in made if caller == "caller 1"]

    for size in (7, 100):
        found: list[tuple[float, str]] = []
        while page := await desk.store.jobs(found[-1] if found else None, size, "caller 1"):
            found += [(job.created, job.id) for job in page]
        assert found == sorted(own, reverse=True)
    assert await desk.store.jobs(None, 10, "nobody") == []
    desk.clock.time += 2 * KEPT_JOBS
    await desk.store.purge()
    assert len(await desk.store.jobs(None, 100, "caller 1")) == len(own) - 1


async def test_old_jobs(desk: Desk) -> None:
    """A job that is over is kept for a week, with its items; one that is not is kept for good."""
    for name, over in (("old", START), ("newer", START + 1), ("open", None)):
        await desk.store.add_job(a_job(name, owner="" if over else "a"))
        await desk.store.add_items(name, [an_item(number) for number in range(1200)])
        await desk.store.save_job(a_job(name, owner="" if over else "a", over=over))
    desk.clock.time = START + KEPT_JOBS
    before = [job.id for job in await desk.store.jobs(None, 10)]
    await desk.store.purge()

    assert (before, await desk.store.job("old")) == (["open", "newer"], None)
    assert [job.id for job in await desk.store.jobs(None, 10)] == ["open", "newer"]
    assert [len(await desk.store.items(each, 0, 2000)) for each in ("old", "newer", "open")] == [0, 1200, 1200]


async def test_items(desk: Desk) -> None:
    """They come in their order, from a number on, and by what became of them."""
    await desk.store.add_job(a_job())
    await desk.store.add_items("j", [an_item(number) for number in range(1999, 999, -1)])
    await desk.store.add_items("j", [an_item(number) for number in range(1000)])
    finished = {3: "APPLIED", 5: "REFUSED", 1500: "APPLIED", 1999: "UNKNOWN"}
    for number, outcome in finished.items():
        await desk.store.finish_item("j", an_item(number, outcome=outcome, result=b"so", over=START))

    everything = await desk.store.items("j", 0, 5000)
    assert [item.number for item in everything] == list(range(2000))
    assert everything[3] == an_item(3, outcome="APPLIED", result=b"so", over=START)
    assert [item.number for item in await desk.store.items("j", 4, 3)] == [4, 5, 6]
    applied = await desk.store.items("j", 0, 10, ("APPLIED",))
    assert [item.number for item in applied] == [3, 1500]
    several = await desk.store.items("j", 4, 2, ["UNKNOWN", "APPLIED", "REFUSED", "APPLIED"])
    assert [item.number for item in several] == [5, 1500]
    assert [item.number for item in await desk.store.items("j", 0, 5, open_only=True)] == [0, 1, 2, 4, 6]
    assert len(await desk.store.items("j", 0, 5000, open_only=True)) == 1996
    assert await desk.store.items("j", 0, 10, ("PENDING",)) == []
    assert await desk.store.tally("j") == {"APPLIED": 2, "REFUSED": 1, "UNKNOWN": 1}


async def test_an_item_is_put_again(desk: Desk) -> None:
    """It replaces the one of its number, and counts once."""
    await desk.store.add_job(a_job())
    await desk.store.add_items("j", [an_item(0), an_item(1)])
    for outcome in ("PENDING", "APPLIED", "APPLIED"):
        await desk.store.finish_item("j", an_item(0, outcome=outcome))

    assert await desk.store.tally("j") == {"APPLIED": 1}
    assert await desk.store.items("j", 0, 10, ("PENDING",)) == []
    await desk.store.add_items("j", [an_item(0, native_id="other")])
    assert await desk.store.tally("j") == {}
    assert await desk.store.items("j", 0, 10, open_only=True) == [an_item(0, native_id="other"), an_item(1)]
