"""A bulk change of 500 SIMs of four accounts by `sim-gateway serve`, killed half-way and started again."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from gateway.commands.company import account_tables
from gateway.commands.written import write_config
from gateway.registry import platforms
from gateway.simulation.host import SimulationHost
from gateway.simulation.request_log import Request
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions
from tests.command_line import running
from tests.waiting import until, until_true
from tests.world import DEADLINE, PATIENT, simulator_of

NAMES = ("twilio-supersim", "kore-supersim", "twilio-wireless", "cisco-control-center")
SIMS_EACH = 130
SIMS = 500
CALLS, WINDOW = 50, 1.0
"""What each account is configured to allow."""
REFUSED = 10
"""Writes that the simulators refuse: 2%."""

START = """mutation($input: UpdateSimsInput!) {
  updateSims(input: $input) { outcome problems { code message path } job { id status total } } }"""
STATE = """query($id: ID!) { job(id: $id) {
  status total finishedAt counts { waiting applied pending refused unknown } problems { message } } }"""
ITEMS = """query($id: ID!, $after: String) { job(id: $id) { items(first: 200, after: $after) {
  nodes { number simId outcome problems { code } } pageInfo { hasNextPage endCursor } } } }"""
IDS = """query($account: String!, $after: String) { sims(filter: {accounts: [$account]}, first: 200, after: $after) {
  nodes { id } problems { message } pageInfo { hasNextPage endCursor } } }"""


class Caller:
    """Asks one gateway."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url

    async def ask(self, query: str, **variables: object) -> Any:  # Any: it depends on the query
        response = await self._http.post(self._url, json={"query": query, "variables": variables}, timeout=90)
        answer = response.json()
        assert "errors" not in answer, answer["errors"][:2]
        return answer["data"]

    async def ids(self, account: str) -> list[str]:
        """Of all SIMs of an account."""
        found: list[str] = []
        after = None
        while True:
            page = (await self.ask(IDS, account=account, after=after))["sims"]
            assert page["problems"] == []
            found += [node["id"] for node in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    async def items(self, job: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after = None
        while True:
            page = (await self.ask(ITEMS, id=job, after=after))["job"]["items"]
            found += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    async def is_over(self, job: str) -> bool:
        return (await self.ask(STATE, id=job))["job"]["finishedAt"] is not None


@asynccontextmanager
async def a_company(folder: Path) -> AsyncIterator[tuple[SimulationHost, Path]]:
    """Four providers, and the configuration of a gateway over them."""
    known, config = platforms(), folder / "gateway.toml"
    made = {}
    for name in NAMES:
        simulator = simulator_of(known[name], SimulationOptions(SIMS_EACH, 1, lambda: datetime.now(UTC)))
        switches = {"rate": "0"} if "rate" in simulator.switches else {}
        made[name] = simulator_of(known[name], SimulationOptions(SIMS_EACH, 1, lambda: datetime.now(UTC), switches))
    host = SimulationHost(made)
    async with serving(host) as url:
        limits = {"calls": CALLS, "window": WINDOW}
        write_config(config, [{**each, **PATIENT, **limits} for each in account_tables(host, url, known)], known)
        config.write_text(f"{config.read_text()}\n[server]\ndeadline = {DEADLINE}\n")
        yield host, config


@asynccontextmanager
async def a_gateway(config: Path) -> AsyncIterator[tuple[Caller, Any]]:  # Any: a command under way
    """`sim-gateway serve` in a process of its own."""
    async with running("serve", "--config", config, "--port", "0") as command, httpx.AsyncClient() as http:
        yield Caller(http, await command.find(r"GraphQL at (http://\S+)", errors=True)), command


def writes(host: SimulationHost, name: str) -> list[Request]:
    return [each for each in host.requests(name) if each.method != "GET" and not each.path.endswith("/token")]


def all_writes(host: SimulationHost) -> int:
    return sum(len(writes(host, name)) for name in NAMES)


def kept_pace(requests: Sequence[Request]) -> bool:
    """Whether so many did not come faster than allowed. A machine that stands still can only make them slower."""
    if len(requests) <= CALLS:
        return True
    took = (requests[-1].time - requests[0].time).total_seconds()
    return took >= (len(requests) / CALLS - 1) * WINDOW * 0.9


def never_twice(requests: Sequence[Request]) -> bool:
    """Whether each SIM was written once. Cisco answers 400 while it is at another call, and executes nothing then: such
    a write may be followed by another one."""
    by_sim: dict[str, list[Request]] = {}
    for each in requests:
        by_sim.setdefault(each.path, []).append(each)
    again = [each for sent in by_sim.values() for each in sent[:-1]]
    return all("/devices/" in each.path and each.status == 400 for each in again)


async def test_500_sims_half_of_them_before_a_kill(tmp_path: Path):
    """Every SIM has an outcome, none was written twice, each account's pace was kept, and 2% were refused."""
    async with a_company(tmp_path) as (host, config):
        async with a_gateway(config) as (caller, command):
            ids = [each for found in await asyncio.gather(*map(caller.ids, NAMES)) for each in found][:SIMS]
            assert len(ids) == SIMS
            await asyncio.sleep(WINDOW)  # what reading took of the pace is free again
            host.clear()
            for name in NAMES:
                host.fault(name, "status", 400, probability=0.5, count=REFUSED // len(NAMES) + 1)
            begun = (await caller.ask(START, input={"select": {"ids": ids}, "status": "SUSPENDED"}))["updateSims"]
            assert (begun["outcome"], begun["job"]["total"]) == ("PENDING", SIMS), begun
            job = begun["job"]["id"]
            await until(lambda: all_writes(host) >= SIMS / 2)
            command.process.send_signal(signal.SIGKILL)
            await command.process.wait()
        before = {name: len(host.requests(name)) for name in NAMES}
        assert SIMS / 2 <= all_writes(host) < SIMS

        async with a_gateway(config) as (caller, _):
            await until_true(lambda: caller.is_over(job))
            state = (await caller.ask(STATE, id=job))["job"]
            items = await caller.items(job)

        assert (state["status"], state["total"], state["counts"]["waiting"]) == ("DONE", SIMS, 0)
        assert sorted(item["number"] for item in items) == list(range(SIMS))
        assert {item["simId"] for item in items} == set(ids)
        assert None not in {item["outcome"] for item in items}
        told = Counter(item["outcome"].lower() for item in items)
        assert {name: count for name, count in state["counts"].items() if count} == told
        assert told["applied"] + told["pending"] > SIMS / 2
        assert told["refused"] >= REFUSED
        assert told["unknown"] <= 8 * len(NAMES)  # what was under way at the kill
        for name in NAMES:
            assert never_twice(writes(host, name))
            assert kept_pace(host.requests(name)[: before[name]])
            assert kept_pace(host.requests(name)[before[name] :])
