"""Jobs over simulators of four providers: every SIM has its outcome, and no write arrives twice."""

import asyncio
from pathlib import Path

import pytest

from gateway.changes import UpdateSim
from gateway.writes.order import Order
from schema.errors import ProblemCode
from schema.ids import decode_id
from schema.job import Job, JobPayload, JobStatus
from schema.write import WriteOutcome
from tests.jobs.yard import FOUR, ME, Gateway, Yard, a_gateway, a_yard, sending, suspending
from tests.redis_server import a_redis
from tests.waiting import until, until_true

SUPERSIM, WIRELESS, CISCO = "twilio-supersim", "twilio-wireless", "cisco-control-center"


def job_of(payload: JobPayload) -> Job:
    assert payload.job is not None, payload.problems
    return payload.job


async def ids_of_all(yard: Yard, gateway: Gateway) -> list[str]:
    ids = [each for name in FOUR for each in await yard.ids(gateway, name)]
    yard.host.clear()
    return ids


def never_twice(yard: Yard) -> bool:
    return all(count == 1 for name in yard.simulators for count in yard.per_sim(name).values())


def codes(payload: JobPayload) -> list[str]:
    return [problem.code.name for problem in payload.problems]


async def test_sixty_sims_in_trouble(tmp_path: Path):
    """Each of 60 SIMs of four accounts, of which one refuses some and one loses answers, has an outcome; none was sent
    twice."""
    async with a_yard(tmp_path) as yard, a_gateway(yard) as gateway:
        ids = await ids_of_all(yard, gateway)
        yard.host.fault(SUPERSIM, "status", 400, count=2)
        yard.host.fault(WIRELESS, "reset", count=2)

        job = await gateway.over(job_of(await gateway.begin(suspending(*ids))))

        items = await gateway.items(job)
        assert job.status is JobStatus.DONE
        assert [item.number for item in items] == list(range(60))
        assert all(item.outcome is not None and item.finished_at is not None for item in items)
        assert all(item.problems for item in items if item.outcome is WriteOutcome.REFUSED)
        assert len([each for each in items if each.key.account == SUPERSIM and each.problems]) >= 2
        assert sum(len(yard.writes(name)) for name in FOUR) == 60
        assert never_twice(yard)


async def test_counts_are_those_of_the_items(tmp_path: Path):
    """The counts add up to the total, and each outcome can be listed by itself, page by page."""
    async with a_yard(tmp_path) as yard, a_gateway(yard) as gateway:
        job = await gateway.over(job_of(await gateway.begin(suspending(*await ids_of_all(yard, gateway)))))

        counts = await gateway.counts(job)
        by_outcome = {each: len(await gateway.items(job, each)) for each in WriteOutcome}

    assert job.total == 60
    assert (counts.waiting, counts.applied, counts.pending, counts.refused, counts.unknown) == (
        0,
        by_outcome[WriteOutcome.APPLIED],
        by_outcome[WriteOutcome.PENDING],
        by_outcome[WriteOutcome.REFUSED],
        by_outcome[WriteOutcome.UNKNOWN],
    )
    assert sum(by_outcome.values()) == 60


async def test_what_was_throttled_is_sent_again(tmp_path: Path):
    """A 429 was not executed: the item is done later, and counts as done."""
    async with a_yard(tmp_path, [WIRELESS]) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        yard.host.clear()
        yard.host.fault(WIRELESS, "throttle", 1, count=3)

        job = await gateway.over(job_of(await gateway.begin(sending(*ids))))

        requests = yard.writes(WIRELESS)
        refused = await gateway.items(job, WriteOutcome.REFUSED)
        assert {item.problems[0].code for item in refused} <= {ProblemCode.REFUSED}  # of SIMs that take no commands
        assert (await gateway.counts(job)).applied == 15 - len(refused) > 5
        assert len([each for each in requests if each.status == 429]) == 3
        assert len([each for each in requests if each.status != 429]) == 15


async def test_a_command_is_told_with_its_item(tmp_path: Path):
    """An item of a bulk command names the command that was made for it, which is of that SIM."""
    async with a_yard(tmp_path, [SUPERSIM, CISCO]) as yard, a_gateway(yard) as gateway:
        ids = [*await yard.ids(gateway, SUPERSIM, 3), *await yard.ids(gateway, CISCO, 3)]
        job = await gateway.over(job_of(await gateway.begin(sending(*ids))))

        items = [each for each in await gateway.items(job) if each.outcome is WriteOutcome.APPLIED]
        assert {item.key.account for item in items} == {SUPERSIM, CISCO}
        for item in items:
            assert item.command_kind == "SmsCommand"
            account = gateway.accounts.by_name[item.key.account]
            command = await account.ask("load_sms_command", (item.command_id,))
            assert command.sim_id == item.key.native_id


async def test_an_account_that_is_down_does_not_hold_up_the_others(tmp_path: Path):
    """While one account answers 429 to everything the others come to their end; and it does when it is well again."""
    async with a_yard(tmp_path) as yard, a_gateway(yard) as gateway:
        ids = await ids_of_all(yard, gateway)
        fault = yard.host.fault(SUPERSIM, "throttle", 1)
        job = job_of(await gateway.begin(suspending(*ids)))

        async def are_the_others_over() -> bool:
            return (await gateway.counts(job)).waiting <= 15

        await until_true(are_the_others_over)

        assert {item.key.account for item in await gateway.items(job) if item.outcome is None} == {SUPERSIM}
        fault.count = 0
        job = await gateway.over(job)
        assert (job.status, (await gateway.counts(job)).waiting) == (JobStatus.DONE, 0)


async def test_a_cancelled_job_begins_nothing_more(tmp_path: Path):
    """What was under way has its outcome, the rest has none, and nothing is sent after the end."""
    async with a_yard(tmp_path, [SUPERSIM], sims=60) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, SUPERSIM)
        yard.host.clear()
        yard.host.latency[SUPERSIM] = 0.3
        job = job_of(await gateway.begin(suspending(*ids)))
        await until(lambda: len(yard.writes(SUPERSIM)) >= 5)

        told = await gateway.request().cancel(job.native_id)
        job = await gateway.over(job)

        assert told.outcome is not WriteOutcome.REFUSED
        assert job.status is JobStatus.CANCELLED
        counts = await gateway.counts(job)
        sent = len(yard.writes(SUPERSIM))
        assert counts.waiting == 60 - sent > 0
        assert len([each for each in await gateway.items(job) if each.outcome is None]) == counts.waiting
        again = await gateway.request().cancel(job.native_id)
        assert (again.outcome, len(yard.writes(SUPERSIM))) == (WriteOutcome.PENDING, sent)


async def test_any_replica_can_cancel(tmp_path: Path):
    """A job is stopped by a gateway that does not run it."""
    async with a_yard(tmp_path, [SUPERSIM], sims=60) as yard, a_gateway(yard) as gateway, a_gateway(yard, "2") as other:
        ids = await yard.ids(gateway, SUPERSIM)
        yard.host.latency[SUPERSIM] = 0.5
        job = job_of(await gateway.begin(suspending(*ids)))

        await other.request().cancel(job.native_id)

        job = await gateway.over(job)
        assert (job.status, (await other.counts(job)).waiting > 0) == (JobStatus.CANCELLED, True)


async def test_nothing_to_cancel(tmp_path: Path):
    """A job that is done stays done, and one that never was cannot be stopped: both say so."""
    async with a_yard(tmp_path, [WIRELESS], sims=2) as yard, a_gateway(yard) as gateway:
        job = await gateway.over(job_of(await gateway.begin(suspending(*await yard.ids(gateway, WIRELESS)))))

        late = await gateway.request().cancel(job.native_id)
        never = await gateway.request().cancel("none-such")

    assert (late.outcome, codes(late), job_of(late).status) == (WriteOutcome.REFUSED, ["INVALID"], JobStatus.DONE)
    assert (never.outcome, codes(never), never.job) == (WriteOutcome.REFUSED, ["NOT_FOUND"], None)


async def test_a_killed_gateway_is_followed_by_another(tmp_path: Path):
    """A job whose process is gone is taken up by the next one: every SIM has an outcome, and none was written twice."""
    async with a_yard(tmp_path, sims=25) as yard, a_gateway(yard) as first:
        ids = await ids_of_all(yard, first)
        yard.host.latency.update(dict.fromkeys(FOUR, 0.2))
        job = job_of(await first.begin(suspending(*ids)))
        await until(lambda: sum(len(yard.writes(name)) for name in FOUR) >= 30)
        first.store.kill()

        async with a_gateway(yard, "second") as second:
            job = await second.over(job)
            items = await second.items(job)

        assert job.status is JobStatus.DONE
        assert len([item for item in items if item.outcome is not None]) == 100
        assert sum(len(yard.writes(name)) for name in FOUR) > 30
        assert never_twice(yard)


async def test_replicas_take_over_from_each_other(tmp_path: Path):
    """Over one Redis a job is taken up by another replica that was there all the time; none was written twice."""
    with a_redis() as redis:
        async with a_yard(tmp_path, [SUPERSIM, WIRELESS], sims=30) as yard:
            yard.redis = redis.url
            async with a_gateway(yard) as first, a_gateway(yard, "second") as second:
                ids = [*await yard.ids(first, SUPERSIM), *await yard.ids(first, WIRELESS)]
                yard.host.clear()
                yard.host.latency.update(dict.fromkeys(yard.simulators, 0.2))
                job = job_of(await first.begin(suspending(*ids)))
                await until(lambda: len(yard.writes(SUPERSIM)) >= 10)
                first.store.kill()

                job = await second.over(job)

                assert (job.status, (await second.counts(job)).waiting) == (JobStatus.DONE, 0)
                unknown = (await second.counts(job)).unknown  # those it was about to send
                assert 60 - unknown <= len(yard.writes(SUPERSIM)) + len(yard.writes(WIRELESS)) <= 60
                assert never_twice(yard)


async def test_commands_are_not_sent_twice_after_a_kill(tmp_path: Path):
    """What was on its way when the process was killed is found at the provider, and not sent again."""
    async with a_yard(tmp_path, [SUPERSIM], sims=40) as yard, a_gateway(yard) as first:
        ids = await yard.ids(first, SUPERSIM)
        yard.host.clear()
        yard.host.latency[SUPERSIM] = 0.3
        job = job_of(await first.begin(sending(*ids)))
        await until(lambda: len(yard.writes(SUPERSIM)) >= 12)
        first.store.kill()

        async with a_gateway(yard, "second") as second:
            job = await second.over(job)
            outcomes = [item.outcome for item in await second.items(job)]

        sims = [each.body.partition("Sim=")[2].partition("&")[0] for each in yard.writes(SUPERSIM)]
        assert len(sims) == len(set(sims))
        assert None not in outcomes
        applied = [each.body for each in yard.writes(SUPERSIM) if each.status == 201]
        assert outcomes.count(WriteOutcome.APPLIED) == len(applied)


async def test_a_job_goes_on_where_an_ordered_end_left_it(tmp_path: Path):
    """A gateway that is stopped leaves its job at once; the next one ends it without a second write to any SIM."""
    async with a_yard(tmp_path, [WIRELESS], sims=60) as yard:
        yard.host.latency[WIRELESS] = 0.3
        async with a_gateway(yard) as first:
            ids = await yard.ids(first, WIRELESS)
            yard.host.clear()
            yard.host.latency[WIRELESS] = 0.3
            job = job_of(await first.begin(suspending(*ids)))
            await until(lambda: len(yard.writes(WIRELESS)) >= 5)
        assert len(yard.writes(WIRELESS)) < 60

        async with a_gateway(yard, "second") as second:
            job = await second.over(job)
            assert (job.status, (await second.counts(job)).waiting) == (JobStatus.DONE, 0)

        assert never_twice(yard)


async def test_a_store_that_is_gone_for_a_while_loses_nothing(tmp_path: Path):
    """While the store cannot be reached the job waits; then it goes on, and nothing was written twice."""
    async with a_yard(tmp_path, [SUPERSIM], sims=60) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, SUPERSIM)
        yard.host.clear()
        yard.host.latency[SUPERSIM] = 0.1
        job = job_of(await gateway.begin(suspending(*ids)))
        await until(lambda: len(yard.writes(SUPERSIM)) >= 10)
        gateway.store.is_gone = True
        await asyncio.sleep(1.0)
        gateway.store.is_gone = False

        job = await gateway.over(job)

        assert (job.status, (await gateway.counts(job)).waiting) == (JobStatus.DONE, 0)
        assert len(yard.writes(SUPERSIM)) == 60
        assert never_twice(yard)


async def test_people_go_first(tmp_path: Path):
    """A change that somebody waits for is sent before what a job has waiting for the same account."""
    async with a_yard(tmp_path, [SUPERSIM], sims=20, calls=2, window=1.0) as yard, a_gateway(yard) as gateway:
        *ids, mine = await yard.ids(gateway, SUPERSIM)
        yard.host.clear()
        job_of(await gateway.begin(suspending(*ids)))
        await until(lambda: len(yard.writes(SUPERSIM)) >= 2)

        order = Order(SUPERSIM, UpdateSim(sim_id=decode_id(mine).native_id, name="mine"), ME)
        before = len(yard.writes(SUPERSIM))
        told = await gateway.writer.run(order)

        paths = [each.path.rsplit("/", 1)[1] for each in yard.writes(SUPERSIM)]
        assert told.outcome in (WriteOutcome.APPLIED, WriteOutcome.PENDING)
        assert paths.index(decode_id(mine).native_id) - before <= 2


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_the_account_says_how_many_at_once(tmp_path: Path, concurrency: int):
    """No more writes are under way at an account than it allows calls at once."""
    async with a_yard(tmp_path, [WIRELESS], sims=12, concurrency=concurrency) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        yard.host.clear()
        yard.host.latency[WIRELESS] = 0.05
        most = 0

        async def watch() -> None:
            nonlocal most
            while True:
                under_way = [each for each in yard.writes(WIRELESS) if each.ms is None]
                most = max(most, len(under_way))
                await asyncio.sleep(0.01)

        watching = asyncio.create_task(watch())
        await gateway.over(job_of(await gateway.begin(suspending(*ids))))
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

        assert 0 < most <= concurrency


async def test_an_account_that_cannot_do_it_refuses_only_its_own(tmp_path: Path):
    """SIMs at a provider without such an operation are refused with the reason, unasked; the others go on."""
    names = [WIRELESS, "wayscloud"]
    async with a_yard(tmp_path, names, sims=5) as yard, a_gateway(yard) as gateway:
        ids = [*await yard.ids(gateway, WIRELESS), *await yard.ids(gateway, "wayscloud")]
        yard.host.clear()

        payload = await gateway.begin(suspending(*ids))
        job = await gateway.over(job_of(payload))

        refused = await gateway.items(job, WriteOutcome.REFUSED)
        theirs = [item for item in refused if item.key.account == "wayscloud"]
        assert codes(payload) == ["UNSUPPORTED"]
        assert len(theirs) == len(ids) - 5 > 0
        assert {item.problems[0].code for item in theirs} == {ProblemCode.UNSUPPORTED}
        assert yard.host.requests("wayscloud") == []
        assert len(yard.writes(WIRELESS)) == 5
