"""Jobs in trouble that is not the provider's: a store that loses things, mistakes of ours, accounts that are gone."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.jobs import jobs as running
from gateway.writes.order import Order, Told
from schema.job import Job, JobPayload, JobStatus
from schema.write import WriteOutcome
from tests.jobs.yard import Gateway, a_gateway, a_yard, sending, suspending
from tests.waiting import until, until_true

WIRELESS = "twilio-wireless"


def job_of(payload: JobPayload) -> Job:
    assert payload.job is not None, payload.problems
    return payload.job


async def jobs_of(gateway: Gateway) -> list[Job]:
    return [edge.node for edge in (await gateway.request().page(100, None)).edges]


async def test_a_job_in_doubt_is_not_run(tmp_path: Path):
    """Where the store was lost just when a job was put into it the caller is told so, and the job does nothing."""
    async with a_yard(tmp_path, [WIRELESS], sims=3) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        gateway.store.loses = "add_job"

        payload = await gateway.begin(suspending(*ids))

        async def is_refused() -> bool:
            return [job.status for job in await jobs_of(gateway)] == [JobStatus.REFUSED]

        assert (payload.outcome, payload.job) == (WriteOutcome.UNKNOWN, None)
        await until_true(is_refused)
        assert yard.writes(WIRELESS) == []


@pytest.mark.parametrize("method", ["add_items", "items", "finish_item", "save_job", "job"])
async def test_whatever_the_store_loses(tmp_path: Path, method: str):
    """A store that does something and then cannot say so loses no item, and has none sent twice."""
    async with a_yard(tmp_path, [WIRELESS], sims=20) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        yard.host.clear()
        gateway.store.loses = method

        payload = await gateway.begin(suspending(*ids))
        [job] = await jobs_of(gateway)
        job = await gateway.over(job)

        assert payload.outcome is not WriteOutcome.REFUSED
        assert (job.status, (await gateway.counts(job)).waiting) == (JobStatus.DONE, 0)
        assert (len(yard.writes(WIRELESS)), set(yard.per_sim(WIRELESS).values())) == (20, {1})


async def test_an_order_that_fails_in_a_way_nobody_foresaw(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """It is unknown what came of the item, the mistake is logged, and the other items go on."""
    async with a_yard(tmp_path, [WIRELESS], sims=3) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        rightly = gateway.writer.run

        async def wrongly(order: Order, *args: Any, **more: Any) -> Told:  # Any: as the writer has it
            if order.id is not None and order.id.endswith(":1"):
                raise KeyError("a mistake of ours")
            return await rightly(order, *args, **more)

        gateway.writer.run = wrongly  # type: ignore[method-assign]  # the mistake
        job = await gateway.over(job_of(await gateway.begin(suspending(*ids))))

        unknown = await gateway.items(job, WriteOutcome.UNKNOWN)
        assert [item.number for item in unknown] == [1]
        assert unknown[0].problems[0].code.name == "BAD_RESPONSE"
        assert len(yard.writes(WIRELESS)) == 2
        assert "nobody foresaw" in caplog.text


async def test_a_job_that_fails_in_a_way_nobody_foresaw_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """A mistake of ours stops a job for a while; then it goes on where it was."""
    monkeypatch.setattr(running, "AFTER_A_MISTAKE", 0.2)
    async with a_yard(tmp_path, [WIRELESS], sims=3) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        gateway.store.mistakes = "items"

        job = await gateway.over(job_of(await gateway.begin(suspending(*ids))))

        assert "nobody foresaw" in caplog.text
        assert (job.status, gateway.store.mistakes) == (JobStatus.DONE, "")
        assert set(yard.per_sim(WIRELESS).values()) == {1}


async def test_an_account_that_was_taken_away(tmp_path: Path):
    """A job of a gateway that is started without one of its accounts refuses that account's items and ends."""
    names = [WIRELESS, "twilio-supersim"]
    async with a_yard(tmp_path, names, sims=30) as yard:
        async with a_gateway(yard) as first:
            ids = [each for name in names for each in await yard.ids(first, name)]
            yard.host.clear()
            yard.host.latency.update(dict.fromkeys(names, 0.3))
            job = job_of(await first.begin(suspending(*ids)))
            await until(lambda: len(yard.writes(WIRELESS)) >= 3)
        yard.settings = [each for each in yard.settings if each.name != WIRELESS]
        yard.host.latency.update(dict.fromkeys(names, 0.0))

        async with a_gateway(yard, "second") as second:
            job = await second.over(job)
            gone = [item for item in await second.items(job) if item.problems and item.key.account == WIRELESS]

        assert job.status is JobStatus.DONE
        assert "NOT_FOUND" in {item.problems[0].code.name for item in gone}


async def test_a_job_that_was_taken_over_is_left_alone(tmp_path: Path):
    """A gateway that counted as dead and finds its job with another one stops, and writes nothing down of its end."""
    async with a_yard(tmp_path, [WIRELESS], sims=60) as yard, a_gateway(yard) as first:
        ids = await yard.ids(first, WIRELESS)
        yard.host.clear()
        yard.host.latency[WIRELESS] = 0.2
        job = job_of(await first.begin(sending(*ids)))
        await until(lambda: len(yard.writes(WIRELESS)) >= 5)
        await first.store.leave("first")  # as if its last beat were long ago

        async with a_gateway(yard, "second") as second:
            await until(lambda: job.native_id in second.jobs._runs)
            await until(lambda: job.native_id not in first.jobs._runs)
            job = await second.over(job)
            counts = await second.counts(job)

        assert (job.status, counts.waiting) == (JobStatus.DONE, 0)
        sims = [each.body.partition("Sim=")[2].partition("&")[0] for each in yard.writes(WIRELESS)]
        assert len(sims) == len(set(sims))


async def test_so_many_jobs_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Beyond the most that may be under way a new one is refused for now; one that was begun is found all the same."""
    monkeypatch.setattr(running, "MOST_JOBS", 2)
    async with a_yard(tmp_path, [WIRELESS], sims=30) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        yard.host.latency[WIRELESS] = 0.5
        first = await gateway.begin(suspending(*ids, idempotency_key="monday"))
        await gateway.begin(suspending(*ids))

        third = await gateway.begin(suspending(*ids, idempotency_key="tuesday"))
        again = await gateway.begin(suspending(*ids, idempotency_key="monday"))

        assert (third.outcome, third.problems[0].code.name) == (WriteOutcome.REFUSED, "RATE_LIMITED")
        assert job_of(again).native_id == job_of(first).native_id


async def test_a_key_whose_job_was_never_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where a process died between noting the key and making the job, whoever asks again has it made, once."""
    monkeypatch.setattr(running, "LEASE", 0.2)
    async with a_yard(tmp_path, [WIRELESS], sims=3) as yard, a_gateway(yard) as first:
        ids = await yard.ids(first, WIRELESS)
        first.store.slow = "add_job"
        asking = asyncio.create_task(first.begin(suspending(*ids, idempotency_key="monday")))
        await until(lambda: first.store.is_slow_asked)
        first.store.kill()

        async with a_gateway(yard, "second") as second:
            job = await second.over(job_of(await second.begin(suspending(*ids, idempotency_key="monday"))))

        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert job.status is JobStatus.DONE
        assert set(yard.per_sim(WIRELESS).values()) == {1}
