"""Who pays for a job, who may go on with it, and how many of one caller there may be."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.jobs import jobs as running
from gateway.jobs.asked import asked_of
from gateway.jobs.terms import Turn
from gateway.rights import ANYBODY
from gateway.writes.inputs import Rules
from schema.errors import RateLimited
from schema.filters import SimFilter
from schema.inputs import SimSelection, UpdateSimsInput
from schema.job import JobPayload, JobStatus
from schema.scopes import Scope
from schema.status import SimTarget
from schema.write import WriteOutcome
from tests.jobs.yard import ME, Gateway, a_gateway, a_yard, sending, suspending
from tests.waiting import until

WIRELESS = "twilio-wireless"


@dataclass
class Purse:
    """Terms of a test: so many calls are `left`, and those who are `barred` may not go on."""

    left: int = 1000
    barred: set[Scope] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    settled: list[int] = field(default_factory=list)
    charged: int = 0

    def may(self, caller: str, account: str, scope: Scope) -> bool:
        self.asked[f"{caller} {account} {scope.value}"] += 1
        return scope not in self.barred

    async def turn(self, caller: str, calls: int) -> Turn:
        assert caller == ME
        if calls > self.left:
            return Turn(0.05, self.settle)
        self.left -= calls
        return Turn(0.0, self.settle)

    async def settle(self, calls: int) -> None:
        self.settled.append(calls)

    async def charge(self, caller: str, calls: int) -> None:
        assert caller == ME
        self.charged += calls


def every(expected: int) -> UpdateSimsInput:
    select = SimSelection(filter=SimFilter(accounts=[WIRELESS]))
    return UpdateSimsInput(select=select, expected_count=expected, status=SimTarget.SUSPENDED)


async def ended(gateway: Gateway, payload: JobPayload) -> JobStatus:
    assert payload.job is not None
    return (await gateway.over(payload.job)).status


async def test_a_job_is_paid_item_by_item(tmp_path: Path):
    """Every write is set aside before it is sent and settled with what it took; the caller may do it each time."""
    purse = Purse()
    async with a_yard(tmp_path, [WIRELESS], sims=5) as yard, a_gateway(yard, terms=purse) as gateway:
        ids = await yard.ids(gateway, WIRELESS)

        status = await ended(gateway, await gateway.begin(suspending(*ids)))

        assert (status, purse.left) == (JobStatus.DONE, 995)
        assert (purse.settled, len(yard.writes(WIRELESS))) == ([1] * 5, 5)
        assert purse.asked == {f"{ME} {WIRELESS} sims:write": 5}


async def test_a_job_waits_when_its_caller_has_nothing_left(tmp_path: Path):
    """What he has no call left for is not sent and not failed; it goes on when he has."""
    purse = Purse(left=3)
    async with a_yard(tmp_path, [WIRELESS], sims=6) as yard, a_gateway(yard, terms=purse) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        payload = await gateway.begin(suspending(*ids))
        await until(lambda: len(purse.settled) == 3)
        before = len(yard.writes(WIRELESS))
        purse.left = 3

        assert await ended(gateway, payload) is JobStatus.DONE
        assert (before, len(yard.writes(WIRELESS))) == (3, 6)


async def test_a_job_of_who_may_not_any_more_is_held(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Nothing of it is sent, which the log says once; it can be cancelled."""
    purse = Purse(barred={Scope.COMMANDS_SEND})
    async with a_yard(tmp_path, [WIRELESS], sims=4) as yard, a_gateway(yard, terms=purse) as gateway:
        ids = await yard.ids(gateway, WIRELESS)
        payload = await gateway.begin(sending(*ids))
        assert payload.job is not None
        await until(lambda: purse.asked.total() >= 4)
        await gateway.request().cancel(payload.job.native_id)

        assert await ended(gateway, payload) is JobStatus.CANCELLED
        assert (yard.writes(WIRELESS), purse.left) == ([], 1000)
        assert caplog.text.count("its caller may not do it any more") == 1


async def test_a_selection_is_paid_whatever_comes_of_it(tmp_path: Path):
    """Reading which SIMs there are is charged as it was, also where they are not as many as expected."""
    purse = Purse()
    async with a_yard(tmp_path, [WIRELESS], sims=60) as yard, a_gateway(yard, terms=purse) as gateway:
        payload = await gateway.begin(every(59))

        assert payload.outcome is WriteOutcome.REFUSED
        assert purse.charged == len(yard.host.requests(WIRELESS)) >= 1


async def test_a_dry_run_is_paid_by_its_request(tmp_path: Path):
    """Looking how many SIMs there are is in the request's plan."""
    purse = Purse()
    async with a_yard(tmp_path, [WIRELESS], sims=60) as yard, a_gateway(yard, terms=purse) as gateway:
        request = gateway.request()
        wanted = every(60)
        wanted.dry_run = True
        payload = await request.start(wanted)

        assert payload.outcome is WriteOutcome.DRY_RUN
        plan = request._entities.calls.plan
        assert plan.calls_by_account() == {WIRELESS: len(yard.host.requests(WIRELESS))}
        assert purse.charged == 0


async def test_so_many_jobs_of_one_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """However many are begun at once, one caller has no more than his part under way, and others still have room; who
    is refused is told the same whether the jobs are his own or not. Where nobody is told apart all have all."""
    monkeypatch.setattr(running, "MOST_OF_ONE", 2)
    monkeypatch.setattr(running, "MOST_JOBS", 5)
    purse = Purse(left=0)
    async with a_yard(tmp_path, [WIRELESS], sims=1) as yard, a_gateway(yard, terms=purse) as gateway:
        [sim] = await yard.ids(gateway, WIRELESS)

        async def begun(caller: str, tries: int) -> tuple[int, set[str]]:
            entities, writer = gateway.request()._entities, gateway.writer
            asked = [await asked_of(suspending(sim), entities, caller, Rules(), writer) for _ in range(tries)]
            told = await asyncio.gather(*(gateway.jobs.begin(each, caller) for each in asked), return_exceptions=True)
            refused = {str(each) for each in told if isinstance(each, RateLimited)}
            return sum(isinstance(each, str) for each in told), refused

        purse.may = lambda *_: False  # type: ignore[method-assign]  # none of them comes to its end
        mine = await begun(ME, 6)
        other = await begun("other", 1)
        everybody = await begun(ANYBODY.name, 6)
        late = await begun("late", 1)

        assert (mine[0], other[0], everybody[0], late[0]) == (2, 1, 2, 0)
        assert len(mine[1] | everybody[1] | late[1]) == 1
        assert not gateway.jobs._beginning
