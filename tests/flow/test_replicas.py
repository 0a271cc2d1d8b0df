"""Two processes of the gateway over one Redis: what one asks, both know."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from gateway.cache.options import CacheOptions
from gateway.cache.windows import TYPES
from gateway.commands.company import account_tables
from gateway.commands.written import write_config
from gateway.registry import platforms
from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions
from tests.command_line import Running, running
from tests.redis_server import a_redis
from tests.waiting import in_some_round, until, until_true
from tests.world import DEADLINE, PATIENT, a_world, simulator_of

ONE, OTHER = "twilio-supersim", "twilio-wireless"
QUERY = """{ sims(first: 8) {
  nodes { iccid fleet { name } currentSession { startedAt } usage { bytesTotal } }
  problems { account code message }
} }"""


@dataclass
class Replicas:
    """Two gateways, each with its URL, and the simulators they both ask."""

    host: SimulationHost
    gateways: list[Running]
    urls: list[str]

    def repeated(self) -> list[Any]:
        """What arrived at a provider more than once: Any: method, path and query."""
        arrived = ((name, each) for name in self.host.simulators for each in self.host.requests(name))
        asked = Counter((name, each.method, each.path, each.query) for name, each in arrived)
        assert asked
        return [question for question, times in asked.items() if times > 1]


@asynccontextmanager
async def replicas(folder: Path, names: Iterable[str] = (ONE, OTHER), sims: int = 30) -> AsyncIterator[Replicas]:
    known = platforms()
    made = {name: simulator_of(known[name], SimulationOptions(sims, 1, lambda: datetime.now(UTC))) for name in names}
    host = SimulationHost(made)
    config = folder / "gateway.toml"
    with a_redis() as redis:
        async with AsyncExitStack() as stack:
            url = await stack.enter_async_context(serving(host))
            tables = [{**table, **PATIENT} for table in account_tables(host, url, known)]
            write_config(config, tables, known, redis="${REDIS_URL}")
            config.write_text(f"{config.read_text()}\n[server]\ndeadline = {DEADLINE}\n")
            serve = ("serve", "--config", config, "--port", "0")
            gateways = [await stack.enter_async_context(running(*serve, REDIS_URL=redis.url)) for _ in range(2)]
            urls = [await each.find(r"GraphQL at (http://\S+)", errors=True) for each in gateways]
            async with httpx.AsyncClient(timeout=60) as http:
                await until_true(lambda: all_have_met(http, urls))
            yield Replicas(host, gateways, urls)


async def all_have_met(http: httpx.AsyncClient, urls: list[str]) -> bool:
    """Whether each of them has found Redis."""
    told = [(await http.get(url.replace("/graphql", "/health/ready"))).json() for url in urls]
    return all(each["cache"]["redis"] == "UP" for each in told)


async def ask(http: httpx.AsyncClient, url: str) -> dict[str, Any]:
    """The page, whose answer must be whole; Any: it is JSON."""
    response = await http.post(url, json={"query": QUERY}, timeout=90)
    answer = response.json()
    assert "errors" not in answer, answer["errors"][:2]
    page: dict[str, Any] = answer["data"]["sims"]
    assert (len(page["nodes"]), page["problems"]) == (8, [])
    return page


async def test_500_equal_queries_in_one_process_ask_once():
    """However many ask at once on a cold cache, each question arrives once."""
    lasting = CacheOptions(fresh=dict.fromkeys(TYPES, 600.0))  # longer than a slow machine needs for the answers
    query = QUERY.replace("first: 8", "first: 4")
    async with a_world([ONE, OTHER], sims=30, deadline=110.0, cache=lasting, time_limit=100.0) as world:
        answers = await asyncio.gather(*(world.data(query) for _ in range(500)))

        asked = Counter((name, each.path, each.query) for name in (ONE, OTHER) for each in world.arrived(name))
        assert len(asked) > 5
        assert set(asked.values()) == {1}
        assert all(answer == answers[0] for answer in answers)


async def test_equal_queries_in_two_processes_ask_once(tmp_path: Path):
    """Over two processes with one Redis each question still arrives once, and both give the same answer."""

    async def asked() -> None:
        async with replicas(tmp_path) as two, httpx.AsyncClient(limits=httpx.Limits(max_connections=60)) as http:
            pages = await asyncio.gather(*(ask(http, two.urls[number % 2]) for number in range(60)))

            assert all(page == pages[0] for page in pages)
            assert two.repeated() == []  # unless the machine stood still: Redis has 50 ms

    await in_some_round(asked)


async def test_a_page_of_one_process_brings_its_sims_to_the_other(tmp_path: Path):
    """What one process has listed, the other knows by id."""
    sizes = count(3)  # each time another question
    async with replicas(tmp_path, [ONE]) as two, httpx.AsyncClient(timeout=90) as http:

        async def asked() -> None:
            listing = f"{{ sims(first: {next(sizes)}) {{ nodes {{ id iccid }} }} }}"
            listed = await http.post(two.urls[0], json={"query": listing})
            sim = listed.json()["data"]["sims"]["nodes"][-1]
            two.host.clear()
            by_id = {"query": "query($id: ID!) { sim(by: {id: $id}) { iccid } }", "variables": {"id": sim["id"]}}
            told = await http.post(two.urls[1], json=by_id)

            assert told.json()["data"]["sim"]["iccid"] == sim["iccid"]
            assert two.host.requests(ONE) == []  # unless the machine stood still: Redis has 50 ms

        await in_some_round(asked)


async def test_the_asker_is_killed(tmp_path: Path):
    """A process that dies while it asks does not keep the others waiting for longer than its lease: another asks."""

    async def killed() -> None:
        async with replicas(tmp_path, [ONE]) as two, httpx.AsyncClient() as http, asyncio.TaskGroup() as group:
            two.host.latency[ONE] = 20.0  # longer than this machine may stand still
            first = asyncio.create_task(ask(http, two.urls[0]))
            await until(lambda: bool(two.host.requests(ONE)))
            second = group.create_task(ask(http, two.urls[1]))
            await asyncio.sleep(0.2)
            waits = len(two.host.requests(ONE)) == 1
            two.gateways[0].process.send_signal(signal.SIGKILL)
            two.host.latency[ONE] = 0.0
            await asyncio.gather(first, return_exceptions=True)

            await second
        assert waits, "the machine stood still for longer than the lease"

    await in_some_round(killed)
