"""Jobs over simulators on a real socket: gateways without a front door, several of them over one store where wanted."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import strawberry

from gateway.audit.log import AuditLog
from gateway.batch.entities import Entities
from gateway.batch.plan import Learned, Planner
from gateway.cache.cache import Cache
from gateway.cache.shelf import Shelf
from gateway.cache.stores import BoundedMemory
from gateway.cache.windows import Windows
from gateway.calls import Calls
from gateway.deadline import Deadline
from gateway.jobs.jobs import Jobs
from gateway.jobs.lane import Timing
from gateway.jobs.parts import Parts
from gateway.jobs.requested import RequestedJobs
from gateway.jobs.terms import Terms
from gateway.lists.cursor import Sealer
from gateway.opening import Accounts, open_accounts
from gateway.page import PageRequest
from gateway.platform import Settings
from gateway.registry import platforms
from gateway.rights import ANYBODY
from gateway.simulation.host import SimulationHost
from gateway.simulation.request_log import Request
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions
from gateway.store.beating import beating
from gateway.store.redis import RedisStore
from gateway.store.sqlite import SqliteStore
from gateway.store.store import Store, StoreGone
from gateway.where import SimWhere
from gateway.writes.inputs import Rules
from gateway.writes.ledger import Ledger
from gateway.writes.writer import Writer
from schema.command_inputs import CommandBody, SendCommandsInput, SmsBody
from schema.ids import encode_id
from schema.inputs import SimSelection, UpdateSimsInput
from schema.job import Job, JobCounts, JobItem, JobItemArgs, JobPayload
from schema.status import SimTarget
from schema.write import WriteOutcome
from tests.waiting import until_true
from tests.world import PATIENT, settings_of, simulator_of, ticking

__all__ = ["FOUR", "ME", "QUICK", "Gateway", "Yard", "a_gateway", "a_yard", "sending", "suspending"]

FOUR = ("twilio-supersim", "kore-supersim", "twilio-wireless", "cisco-control-center")
ME = "somebody"
CALLER = replace(ANYBODY, name=ME)
QUICK = Timing(first=0.05, longest=0.5, patience=600.0)
"""Pauses that suit a test; nothing is given up."""
SECONDS = 60.0
"""What a request has; only a failing test uses it up."""


class Mortal:
    """A store as one process sees it. When it is `gone` everything fails; after `kill` nothing returns any more, as for
    a process that was killed: it sends no more, and what it knows is lost."""

    def __init__(self, store: SqliteStore | RedisStore) -> None:
        self.is_gone = False
        self.is_dead = False
        self.slow = ""
        """The method that takes half a second longer."""
        self.is_slow_asked = False
        self.mistakes = ""
        """The method that fails in a way nobody foresaw, once."""
        self.loses = ""
        """The method that does what it is asked and then fails, once."""
        self._store = store
        self._buried = asyncio.Event()

    def kill(self) -> None:
        self.is_dead = True

    def bury(self) -> None:
        """Let everybody who waits go."""
        self.is_dead = True
        self._buried.set()

    def __getattr__(self, name: str) -> Any:  # Any: a method of the store
        async def method(*args: Any, **kwargs: Any) -> Any:
            if name == self.slow:
                self.is_slow_asked = True
                await asyncio.sleep(0.5)
            if self.is_dead:
                await self._buried.wait()
            if name == self.mistakes:
                self.mistakes = ""
                raise KeyError(name)
            if self.is_dead or self.is_gone:
                raise StoreGone("the store cannot be reached")
            answer = await getattr(self._store, name)(*args, **kwargs)
            if self.is_dead:
                await self._buried.wait()
            if name == self.loses:
                self.loses = ""
                raise StoreGone("the store was lost")
            return answer

        return method


@dataclass
class Gateway:
    """One process's jobs. Its requests are asked as the fields of the schema ask them."""

    jobs: Jobs
    accounts: Accounts
    writer: Writer
    store: Mortal
    cache: Cache

    def request(self, seconds: float = SECONDS) -> RequestedJobs:
        deadline = Deadline(seconds, asyncio.get_running_loop().time)
        entities = Entities(Planner(Calls(self.accounts.by_name, self.cache, deadline), Learned()))
        return RequestedJobs(self.jobs, Sealer(b"k" * 32), deadline, CALLER, Rules(), entities=entities)

    async def begin(self, wanted: Any, seconds: float = SECONDS) -> JobPayload:
        return await self.request(seconds).start(wanted)

    async def job(self, native_id: str) -> Job:
        [found] = await self.request().by_id([native_id])
        assert isinstance(found, Job)
        return found

    async def counts(self, job: Job) -> JobCounts:
        [counts] = await self.request().counts([await self.job(job.native_id)])
        assert isinstance(counts, JobCounts)
        return counts

    async def items(self, job: Job, *outcomes: WriteOutcome) -> list[JobItem]:
        """All of them, page by page."""
        found: list[JobItem] = []
        after = None
        while True:
            args = JobItemArgs(outcome=list(outcomes) or None, first=100, after=after)
            page = await self.request().items(await self.job(job.native_id), args)
            found += [edge.node for edge in page.edges]
            if not page.page_info.has_next_page:
                return found
            after = page.page_info.end_cursor

    async def over(self, job: Job) -> Job:
        """The job, once it is over."""

        async def is_over() -> bool:
            return (await self.job(job.native_id)).finished_at is not None

        await until_true(is_over)
        return await self.job(job.native_id)


@dataclass
class Yard:
    """Simulators, and what is needed to open a gateway over them."""

    host: SimulationHost
    settings: list[Settings]
    folder: Path
    now: Callable[[], datetime]
    simulators: Mapping[str, Any] = field(default_factory=dict)  # Any: simulators of every kind
    redis: str | None = None
    """Where the store is; a file in the folder where there is none."""

    def store(self) -> SqliteStore | RedisStore:
        """As one more process sees it."""
        if self.redis is not None:
            return RedisStore(self.redis, lambda: self.now().timestamp(), prefix="jobs")
        return SqliteStore(self.folder, lambda: self.now().timestamp())

    def writes(self, name: str) -> list[Request]:
        return [
            each for each in self.host.requests(name) if each.method in ("POST", "PUT") and "token" not in each.path
        ]

    def per_sim(self, name: str) -> Counter[str]:
        """How many writes arrived for each SIM: it is the last part of the path."""
        return Counter(each.path.rsplit("/", 1)[1] for each in self.writes(name))

    async def ids(self, gateway: Gateway, name: str, most: int = 1000) -> list[str]:
        """The global ids of an account's SIMs, and forget that it was asked."""
        account = gateway.accounts.by_name[name]
        found: list[str] = []
        token = None
        while True:
            page = await account.ask(
                "list_sims", (SimWhere(), PageRequest(account.provider.most_rows("list_sims"), token))
            )
            found += [encode_id(name, "Sim", sim.native_id) for sim in page.items]
            token = page.next
            if token is None or len(found) >= most:
                return found[:most]


@asynccontextmanager
async def a_yard(
    folder: Path, names: Iterable[str] = FOUR, *, sims: int = 15, rate: str | None = "0", **extra: object
) -> AsyncIterator[Yard]:
    """Simulators of these providers, one account each. `rate` is the switch of those that limit calls: 0 is none."""
    known, now = platforms(), ticking()
    simulators = {}
    for name in names:
        options = SimulationOptions(sims=sims, seed=1, now=now, switches={})
        simulator = simulator_of(known[name], options)
        if rate is not None and "rate" in simulator.switches:
            simulator = simulator_of(known[name], SimulationOptions(sims, 1, now, {"rate": rate}))
        simulators[name] = simulator
    host = SimulationHost(simulators)
    async with serving(host) as url:
        usual: dict[str, object] = {**PATIENT, "calls": 1000, "window": 1.0, **extra}
        settings = [settings_of(known[name], each, f"{url}/{name}", name, **usual) for name, each in simulators.items()]
        yield Yard(host, settings, folder, now, simulators)


@asynccontextmanager
async def a_gateway(
    yard: Yard, owner: str = "first", *, timing: Timing = QUICK, terms: Terms | None = None
) -> AsyncIterator[Gateway]:
    """A gateway that takes up jobs, over the yard's store."""
    now = yard.now
    async with AsyncExitStack() as stack:
        real = yard.store()
        await real.open()
        stack.push_async_callback(real.aclose)
        mortal = Mortal(real)
        store = cast("Store", mortal)
        accounts = open_accounts(yard.settings, platforms(), now)
        stack.push_async_callback(accounts.aclose)
        memory = BoundedMemory(max_entries=1000, max_bytes=10_000_000)
        cache = Cache(Shelf(memory, {name: Windows() for name in accounts.by_name}, now), None)
        stack.push_async_callback(cache.aclose)
        audit = AuditLog(yard.folder / "audit.jsonl")
        stack.push_async_callback(audit.aclose)
        await audit.open()
        writer = Writer(accounts.by_name, cache, Ledger(store, audit, now), owner)
        stack.push_async_callback(writer.aclose)
        await stack.enter_async_context(beating(store, owner))
        jobs = Jobs(Parts(store, writer, accounts.by_name, now, lambda: 0.5, timing))
        jobs.start(terms)
        stack.push_async_callback(jobs.aclose)
        try:
            yield Gateway(jobs, accounts, writer, mortal, cache)
        finally:
            if mortal.is_dead:
                mortal.bury()


def suspending(*ids: str, **more: Any) -> UpdateSimsInput:  # Any: fields of the input
    """A change that every provider of these has."""
    return UpdateSimsInput(
        select=SimSelection(ids=[strawberry.ID(each) for each in ids]), status=SimTarget.SUSPENDED, **more
    )


def sending(*ids: str, text: str = "wake up", **more: Any) -> SendCommandsInput:  # Any: as above
    body = CommandBody(sms=SmsBody(text=text))
    return SendCommandsInput(select=SimSelection(ids=[strawberry.ID(each) for each in ids]), body=body, **more)
