"""What one call to a provider costs in CPU: bare aiohttp, our client with all its bookkeeping, httpx as it comes.

The stub that answers runs in a process of its own; what is measured is the time of this one, on one core.
"""

import argparse
import asyncio
import gc
import multiprocessing
import socket
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from importlib.util import find_spec
from itertools import count, cycle
from multiprocessing.connection import Connection
from random import random
from typing import cast

import aiohttp
import httpx
import msgspec

from gateway.secret import Secret
from gateway.upstream.attempts import Attempts
from gateway.upstream.auth import Header
from gateway.upstream.breaker import Breaker
from gateway.upstream.carrier import Carrier
from gateway.upstream.client import Client, Refusal
from gateway.upstream.errand import ERRAND, Errand
from gateway.upstream.exchange import Times, Writer, exchange
from gateway.upstream.pace import Limits, Pace
from gateway.upstream.retries import Budget

__all__ = ["main"]

IN_FLIGHT = 32
GOAL = 2.5
"""How many times the CPU of a bare aiohttp call one of ours may take."""

Call = Callable[[], Awaitable[object]]


class Row(msgspec.Struct):
    """A part of the stub's answer, as an adapter would read it."""

    sid: str
    status: str
    iccid: str


def main(args: list[str]) -> int:
    """Measure, print a table, and give 1 where the goal is missed."""
    parser = argparse.ArgumentParser("python -m tests.bench client", description=__doc__)
    parser.add_argument("--calls", type=int, default=2000, help="calls of each way in a round")
    parser.add_argument("--rounds", type=int, default=9)
    chosen = parser.parse_args(args)
    with _stub() as url:
        costs = asyncio.run(_measured(url, chosen.calls, chosen.rounds))
    ratios = {
        name: statistics.median(cost / bare for cost, bare in zip(each, costs[BARE], strict=True))
        for name, each in costs.items()
    }
    for name, each in costs.items():
        print(f"{name:42} {statistics.median(each):8.1f} us {ratios[name]:6.2f} x")
    is_met = ratios[OURS] <= GOAL
    print(f"goal, {OURS}: within {GOAL} x: {'met' if is_met else 'MISSED'}")
    return 0 if is_met else 1


async def _measured(url: str, calls: int, rounds: int) -> dict[str, list[float]]:
    """Microseconds of CPU per call, for each way a figure per round. The ways take turns within a round, so that a
    slow moment of the machine strikes all of them."""
    async with AsyncExitStack() as stack:
        ways = {name: await stack.enter_async_context(open_(url)) for name, open_ in WAYS.items()}
        costs: dict[str, list[float]] = {name: [] for name in ways}
        for call in ways.values():
            await _spent(call, calls // 4)
        for _ in range(rounds):
            for name, call in ways.items():
                costs[name].append(await _spent(call, calls))
        return costs


async def _spent(call: Call, calls: int) -> float:
    left = iter(range(calls))

    async def one_after_another() -> None:
        for _ in left:
            await call()

    gc.collect()
    began = time.process_time()
    await asyncio.gather(*(one_after_another() for _ in range(IN_FLIGHT)))
    return (time.process_time() - began) / calls * 1e6


@asynccontextmanager
async def _aiohttp_alone(url: str) -> AsyncIterator[Call]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as session:
        sids = count()

        async def call() -> object:
            async with session.get(f"{url}/v1/Sims/HS{next(sids)}?PageSize=50") as response:
                return await response.read()

        yield call


@asynccontextmanager
async def _exchange_alone(url: str) -> AsyncIterator[Call]:
    carrier, writer, sids = Carrier(url, IN_FLIGHT), Writer(Times()), count()

    async def call() -> object:
        return await exchange(carrier, writer.write("GET", f"{url}/v1/Sims/HS{next(sids)}?PageSize=50", {}))

    yield call
    await carrier.aclose()


@asynccontextmanager
async def _our_client(url: str, sids: Iterator[int]) -> AsyncIterator[Call]:
    clock = asyncio.get_running_loop().time
    pace = Pace(Limits(concurrency=IN_FLIGHT, calls=1_000_000), clock)
    policy = Attempts(pace, Breaker("bench", clock, random), Budget(), clock, random)
    auth = Header(Secret("key"), lambda key: ("X-API-Key", key))
    client = Client(url, auth, policy, lambda *_: Refusal(), Carrier(url, IN_FLIGHT))

    async def call() -> object:
        ERRAND.set(Errand(until=clock() + 60))
        return await client.get(f"v1/Sims/HS{next(sids)}", Row, [("PageSize", "50")])

    yield call
    await client.aclose()
    await pace.aclose()


@asynccontextmanager
async def _httpx_over_httpx_aiohttp(url: str) -> AsyncIterator[Call]:
    from httpx_aiohttp import AiohttpTransport

    limits, sids = httpx.Limits(max_connections=IN_FLIGHT), count()
    async with httpx.AsyncClient(transport=AiohttpTransport(limits=limits), headers={"X-API-Key": "key"}) as http:

        async def call() -> object:
            return (await http.get(f"{url}/v1/Sims/HS{next(sids)}", params={"PageSize": "50"})).content

        yield call


BARE, OURS = "aiohttp alone", "our client, every URL a new one"
WAYS: dict[str, Callable[[str], AbstractAsyncContextManager[Call]]] = {
    BARE: _aiohttp_alone,
    "our exchange, without policy and decoding": _exchange_alone,
    OURS: lambda url: _our_client(url, count()),
    "our client, polling 200 SIMs": lambda url: _our_client(url, cycle(range(200))),
}
if find_spec("httpx_aiohttp"):
    WAYS["httpx over httpx-aiohttp"] = _httpx_over_httpx_aiohttp


@contextmanager
def _stub() -> Iterator[str]:
    """The URL of a server in a process of its own that answers every request with the same 1 KiB of JSON."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(told: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0, family=socket.AF_INET)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


_BODY = msgspec.json.encode({"sid": "HS1", "status": "active", "iccid": "8988" * 5, "more": ["x" * 90] * 10})
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Tue, 17 Nov 2026 12:00:00 GMT\r\nServer: stub\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
)


class _Answering(asyncio.Protocol):
    """As little of an HTTP server as will do: one request at a time, without a body."""

    def __init__(self) -> None:
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._seen += data
        if self._seen.endswith(b"\r\n\r\n"):
            self._seen = b""
            self._transport.write(_ANSWER)
