"""What is looked at before a job begins: which SIMs, whether it can be done at all, and whether it was asked before."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import strawberry

from schema.command_inputs import CommandBody, SendCommandsInput, SmsBody
from schema.filters import SimFilter
from schema.ids import decode_id, encode_id
from schema.inputs import SimSelection, UpdateSimsInput
from schema.job import JobKind, JobPayload, JobStatus
from schema.status import SimTarget
from schema.write import WriteOutcome
from tests.jobs.yard import FOUR, Gateway, Yard, a_gateway, a_yard, sending, suspending
from tests.waiting import until, until_true

SUPERSIM, WIRELESS, CISCO = "twilio-supersim", "twilio-wireless", "cisco-control-center"


def every(accounts: list[str], count: int | None, **more: Any) -> UpdateSimsInput:  # Any: fields of the input
    """A change of every SIM of these accounts."""
    select = SimSelection(filter=SimFilter(accounts=accounts))
    return UpdateSimsInput(**{"select": select, "expected_count": count, "status": SimTarget.SUSPENDED} | more)


def told(payload: JobPayload) -> list[tuple[str, list[str] | None]]:
    return [(problem.code.name, problem.path) for problem in payload.problems]


def written(yard: Yard) -> int:
    return sum(len(yard.writes(name)) for name in yard.simulators)


async def ended(gateway: Gateway, payload: JobPayload) -> JobPayload:
    """The payload, once its job is over."""
    assert payload.job is not None, payload.problems
    payload.job = await gateway.over(payload.job)
    return payload


# --- filters -------------------------------------------------------------------------------------------------------


async def test_every_sim_that_matches(tmp_path: Path):
    """A filter with the right count selects each SIM of the accounts once, over many pages."""
    async with a_yard(tmp_path, [WIRELESS, CISCO], sims=120) as yard, a_gateway(yard) as gateway:
        ids = [*await yard.ids(gateway, WIRELESS), *await yard.ids(gateway, CISCO)]

        payload = await ended(gateway, await gateway.begin(every([WIRELESS, CISCO], len(ids))))

        assert payload.job is not None
        assert (payload.job.status, payload.job.total) == (JobStatus.DONE, len(ids))
        items = await gateway.items(payload.job)
        assert {encode_id(item.key.account, "Sim", item.key.native_id) for item in items} == set(ids)
        assert written(yard) == len(ids) > 200


@pytest.mark.parametrize("expected", [29, 31])
async def test_another_count(tmp_path: Path, expected: int):
    """Where more or fewer SIMs match than expected nothing is done, and both numbers are told."""
    async with a_yard(tmp_path, [SUPERSIM, WIRELESS]) as yard, a_gateway(yard) as gateway:
        payload = await gateway.begin(every([SUPERSIM, WIRELESS], expected))

        assert payload.job is not None
        assert (payload.outcome, payload.job.status) == (WriteOutcome.REFUSED, JobStatus.REFUSED)
        assert told(payload) == [("CONFLICT", ["input", "expectedCount"])]
        assert f"{expected} SIMs were expected and 30 found" in payload.problems[0].message
        assert (written(yard), await gateway.items(payload.job)) == (0, [])


async def test_a_selection_that_is_not_whole_is_not_begun(tmp_path: Path):
    """Where one account cannot be read nothing is done at the others either."""
    async with a_yard(tmp_path, [SUPERSIM, WIRELESS]) as yard, a_gateway(yard) as gateway:
        yard.host.fault(SUPERSIM, "status", 403)

        payload = await gateway.begin(every([SUPERSIM, WIRELESS], 30))

        assert (payload.outcome, [each.account for each in payload.problems]) == (WriteOutcome.REFUSED, [SUPERSIM])
        assert written(yard) == 0


async def test_a_slow_selection_goes_on_in_the_background(tmp_path: Path):
    """The answer comes within the request's time, with a job that is still selecting; it is refused or done later."""
    async with a_yard(tmp_path, [SUPERSIM]) as yard, a_gateway(yard) as gateway:
        yard.host.latency[SUPERSIM] = 3.0

        payload = await gateway.begin(every([SUPERSIM], 14), seconds=1.1)

        assert payload.job is not None
        assert (payload.outcome, payload.job.status, payload.job.total) == (
            WriteOutcome.PENDING,
            JobStatus.SELECTING,
            None,
        )
        yard.host.latency[SUPERSIM] = 0.0
        job = await gateway.over(payload.job)
        assert (job.status, [each.code.name for each in job.problems]) == (JobStatus.REFUSED, ["CONFLICT"])


async def test_a_selection_can_be_cancelled(tmp_path: Path):
    """A job that is stopped while it selects has done nothing, and has no items."""
    async with a_yard(tmp_path, [SUPERSIM]) as yard, a_gateway(yard) as gateway:
        yard.host.latency[SUPERSIM] = 2.0
        payload = await gateway.begin(every([SUPERSIM], 15), seconds=1.1)
        assert payload.job is not None

        cancelled = await gateway.request().cancel(payload.job.native_id)

        job = await gateway.over(payload.job)
        assert cancelled.outcome is not WriteOutcome.REFUSED
        assert (job.status, job.total, written(yard)) == (JobStatus.CANCELLED, None, 0)


async def test_a_selection_that_was_killed_is_begun_anew(tmp_path: Path):
    """What a killed gateway had selected is selected again by the next one, each SIM once."""
    async with a_yard(tmp_path, [CISCO], sims=120) as yard, a_gateway(yard) as first:
        ids = await yard.ids(first, CISCO)
        yard.host.latency[CISCO] = 1.0
        payload = await first.begin(every([CISCO], len(ids)), seconds=2.5)
        assert payload.job is not None
        assert payload.job.status is JobStatus.SELECTING
        first.store.kill()
        yard.host.latency[CISCO] = 0.0

        async with a_gateway(yard, "second") as second:
            job = await second.over(payload.job)
            items = await second.items(job)

        assert (job.status, job.total, len({item.key for item in items})) == (JobStatus.DONE, len(ids), len(ids))
        assert set(yard.per_sim(CISCO).values()) == {1}


async def test_a_filter_needs_its_count(tmp_path: Path):
    """A filter without a count, and an account that does not exist, are refused together with a key that is none."""
    async with a_yard(tmp_path, [WIRELESS], sims=1) as yard, a_gateway(yard) as gateway:
        without = await gateway.begin(every([WIRELESS], None, idempotency_key=""))
        nowhere = await gateway.begin(every(["trackers"], 5))
        nothing = await gateway.begin(every([], 5))
        too_many = await gateway.begin(every([WIRELESS], 200_001))

    assert told(without) == [("INVALID", ["input", "idempotencyKey"]), ("INVALID", ["input", "expectedCount"])]
    assert told(nowhere) == [("NOT_FOUND", ["input", "select", "filter", "accounts"])]
    assert told(nothing) == [("CONFLICT", ["input", "expectedCount"])]
    assert told(too_many) == [("INVALID", ["input", "expectedCount"])]
    assert {each.outcome for each in (without, nowhere, nothing, too_many)} == {WriteOutcome.REFUSED}


# --- ids -----------------------------------------------------------------------------------------------------------


async def test_ids_that_are_none(tmp_path: Path):
    """Each damaged, foreign or unknown id is named by its place, all together, and nothing is done for the others."""
    async with a_yard(tmp_path, [WIRELESS], sims=2) as yard, a_gateway(yard) as gateway:
        [good, _] = await yard.ids(gateway, WIRELESS)
        bad = ["?", encode_id(WIRELESS, "Fleet", "HF1"), encode_id("trackers", "Sim", "HS1")]

        payload = await gateway.begin(suspending(good, *bad))

        path = ["input", "select", "ids"]
        assert told(payload) == [("INVALID", [*path, "1"]), ("INVALID", [*path, "2"]), ("NOT_FOUND", [*path, "3"])]
        assert (payload.outcome, payload.job, written(yard)) == (WriteOutcome.REFUSED, None, 0)


async def test_how_many_ids(tmp_path: Path):
    """No id at all and more than 2,000 are refused; of many bad ones a few are named and the others counted."""
    async with a_yard(tmp_path, [WIRELESS], sims=1) as yard, a_gateway(yard) as gateway:
        none = await gateway.begin(suspending())
        many = await gateway.begin(suspending(*["?"] * 2_001))
        bad = await gateway.begin(suspending(*["?"] * 30))

    assert told(none) == told(many) == [("INVALID", ["input", "select", "ids"])]
    assert len(bad.problems) == 21
    assert "10 more" in bad.problems[-1].message


async def test_an_id_given_twice_counts_once(tmp_path: Path):
    """Duplicates are folded, also for the expected count."""
    async with a_yard(tmp_path, [WIRELESS], sims=2) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)

        wrong = await gateway.begin(suspending(*ids, *ids, expected_count=4))
        payload = await ended(gateway, await gateway.begin(suspending(*ids, *ids, expected_count=2)))

        assert told(wrong) == [("CONFLICT", ["input", "expectedCount"])]
        assert payload.job is not None
        assert (payload.job.total, written(yard)) == (2, 2)


# --- what is asked for ---------------------------------------------------------------------------------------------


async def test_what_is_wrong_everywhere_is_told_once(tmp_path: Path):
    """A message that is too long is refused as a whole, once and not for each account, and no job is made."""
    async with a_yard(tmp_path, [SUPERSIM, WIRELESS], sims=1) as yard, a_gateway(yard) as gateway:
        ids = [*await yard.ids(gateway, SUPERSIM), *await yard.ids(gateway, WIRELESS)]

        payload = await gateway.begin(sending(*ids, text="x" * 161))

        assert told(payload) == [("INVALID", ["input", "body", "sms", "text"])]
        assert (payload.outcome, payload.job, written(yard)) == (WriteOutcome.REFUSED, None, 0)
        assert (await gateway.request().page(10, None)).edges == []


async def test_a_fleet_is_of_one_account(tmp_path: Path):
    """SIMs of another account than the fleet's are refused, and the others moved."""
    async with a_yard(tmp_path, [SUPERSIM, "kore-supersim"], sims=3) as yard, a_gateway(yard) as gateway:
        ids = [*await yard.ids(gateway, SUPERSIM), *await yard.ids(gateway, "kore-supersim")]
        sim = await gateway.accounts.by_name[SUPERSIM].ask("load_sim", (decode_id(ids[0]).native_id,))
        fleet = encode_id(SUPERSIM, "Fleet", sim.fleet_id)
        yard.host.clear()
        select = SimSelection(ids=[strawberry.ID(each) for each in ids])

        begun = await gateway.begin(UpdateSimsInput(select=select, fleet_id=strawberry.ID(fleet)))
        payload = await ended(gateway, begun)

        assert payload.job is not None
        refused = [item.key.account for item in await gateway.items(payload.job, WriteOutcome.REFUSED)]
        assert refused.count("kore-supersim") == 3
        assert (told(begun), len(yard.writes(SUPERSIM))) == ([("INVALID", ["input", "fleetId"])], 3)


async def test_a_dry_run_sends_nothing(tmp_path: Path):
    """The plan names for each account how many calls it takes and what follows; accounts that cannot do it are told."""
    names = [SUPERSIM, WIRELESS, "wayscloud"]
    async with a_yard(tmp_path, names, sims=4) as yard, a_gateway(yard) as gateway:
        ids = [each for name in names for each in await yard.ids(gateway, name)]
        yard.host.clear()

        payload = await gateway.begin(suspending(*ids, dry_run=True))

        assert payload.outcome is WriteOutcome.DRY_RUN
        assert payload.plan is not None
        assert [(call.account, call.operation, call.count) for call in payload.plan] == [
            (SUPERSIM, "update_sim", 4),
            (WIRELESS, "update_sim", 4),
        ]
        assert "free for 3 months" in (payload.plan[1].consequence or "")
        assert [(each.account, each.code.name) for each in payload.problems] == [("wayscloud", "UNSUPPORTED")]
        assert [yard.host.requests(name) for name in names] == [[], [], []]
        assert (await gateway.request().page(10, None)).edges == []


async def test_a_dry_run_of_a_filter_counts(tmp_path: Path):
    """SIMs are looked for and counted, and another number than expected is refused, without a job."""
    async with a_yard(tmp_path, [SUPERSIM, WIRELESS], sims=60) as yard, a_gateway(yard) as gateway:
        right = await gateway.begin(every([SUPERSIM, WIRELESS], 120, dry_run=True))
        wrong = await gateway.begin(every([SUPERSIM, WIRELESS], 119, dry_run=True))

        assert right.plan is not None
        assert {call.account: call.count for call in right.plan} == {SUPERSIM: 60, WIRELESS: 60}
        assert (wrong.outcome, told(wrong)) == (WriteOutcome.REFUSED, [("CONFLICT", ["input", "expectedCount"])])
        assert (written(yard), (await gateway.request().page(10, None)).edges) == (0, [])


# --- idempotency keys ----------------------------------------------------------------------------------------------


async def test_one_key_is_one_job(tmp_path: Path):
    """The same key and input give the same job, also at once and at another gateway; each SIM is written once."""
    async with a_yard(tmp_path, [WIRELESS], sims=5) as yard, a_gateway(yard) as first, a_gateway(yard, "2") as second:
        ids = await yard.ids(first, WIRELESS)
        wanted = suspending(*ids, idempotency_key="monday")

        payloads = await asyncio.gather(*(each.begin(wanted) for each in (first, second) * 10))
        await ended(first, payloads[0])
        late = await second.begin(wanted)

        jobs = {payload.job.native_id for payload in [*payloads, late] if payload.job is not None}
        assert len(jobs) == 1
        assert all(payload.job is not None for payload in payloads)
        assert late.outcome is WriteOutcome.PENDING
        assert set(yard.per_sim(WIRELESS).values()) == {1}


async def test_one_key_is_for_one_input(tmp_path: Path):
    """The same key with other SIMs, or for a message, is a conflict and begins nothing."""
    async with a_yard(tmp_path, [WIRELESS], sims=5) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        await ended(gateway, await gateway.begin(suspending(*ids, idempotency_key="monday")))

        others = await gateway.begin(suspending(*ids[1:], idempotency_key="monday"))
        message = await gateway.begin(sending(*ids, idempotency_key="monday"))

        assert told(others) == told(message) == [("CONFLICT", ["input", "idempotencyKey"])]
        assert written(yard) == 5


async def test_jobs_are_listed_newest_first(tmp_path: Path):
    """Every job is listed once over the pages, the newest first, each with its kind."""
    async with a_yard(tmp_path, [WIRELESS], sims=1) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        begun = []
        for _ in range(4):
            begun += [await ended(gateway, await gateway.begin(suspending(*ids)))]
        begun += [await ended(gateway, await gateway.begin(sending(*ids)))]

        first = await gateway.request().page(3, None)
        second = await gateway.request().page(3, first.page_info.end_cursor)

        listed = [edge.node for page in (first, second) for edge in page.edges]
        assert [job.native_id for job in listed] == [
            payload.job.native_id for payload in reversed(begun) if payload.job is not None
        ]
        assert [job.kind for job in listed] == [JobKind.SEND_COMMANDS, *[JobKind.UPDATE_SIMS] * 4]
        assert (first.page_info.has_next_page, second.page_info.has_next_page) == (True, False)


async def test_a_message_is_not_kept_when_the_job_is_over(tmp_path: Path):
    """The store has nothing of the text once everybody has it."""
    async with a_yard(tmp_path, FOUR[:1], sims=2) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, FOUR[0])
        body = CommandBody(sms=SmsBody(text="the secret word"))
        select = SimSelection(ids=[strawberry.ID(each) for each in ids])
        payload = await ended(gateway, await gateway.begin(SendCommandsInput(select=select, body=body)))

        assert payload.job is not None
        record = await gateway.store.job(payload.job.native_id)
        assert b"secret" not in record.body


async def test_nothing_is_begun_without_a_store(tmp_path: Path):
    """Where the store cannot be reached a job is not begun, and the payload says so, with a key and without."""
    async with a_yard(tmp_path, [WIRELESS], sims=3) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        gateway.store.is_gone = True

        with_key = await gateway.begin(suspending(*ids, idempotency_key="monday"))
        without = await gateway.begin(suspending(*ids))
        cancelled = await gateway.request().cancel("a-job")
        gateway.store.is_gone = False

        assert (with_key.outcome, told(with_key)) == (WriteOutcome.REFUSED, [("UNAVAILABLE", None)])
        assert (without.outcome, told(without)) == (WriteOutcome.UNKNOWN, [("UNAVAILABLE", None)])
        assert cancelled.outcome is WriteOutcome.UNKNOWN
        await ended(gateway, await gateway.begin(suspending(*ids, idempotency_key="monday")))
        assert set(yard.per_sim(WIRELESS).values()) == {1}


async def test_who_leaves_leaves_a_job_that_goes_on(tmp_path: Path):
    """A request that is cut off while its job is put into the store leaves none that nobody runs."""
    async with a_yard(tmp_path, [WIRELESS], sims=3) as yard, a_gateway(yard) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        gateway.store.slow = "add_job"
        asking = asyncio.create_task(gateway.begin(suspending(*ids)))
        await until(lambda: gateway.store.is_slow_asked)

        asking.cancel()

        await asyncio.gather(asking, return_exceptions=True)
        await until_true(lambda: _all_over(gateway, 1))
        assert set(yard.per_sim(WIRELESS).values()) == {1}


async def _all_over(gateway: Gateway, jobs: int) -> bool:
    page = await gateway.request().page(10, None)
    return len(page.edges) == jobs and all(edge.node.finished_at is not None for edge in page.edges)
