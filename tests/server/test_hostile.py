"""Whoever means harm is refused for little, and nobody beside him notices."""

import asyncio
import gc
import json
import statistics
import time
import tracemalloc
from collections.abc import AsyncIterator
from itertools import cycle

import pytest
import pytest_asyncio

from gateway.opening import open_accounts
from gateway.registry import platforms
from gateway.server.app import ServerOptions, build_app
from gateway.server.process import ProcessOptions
from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions
from tests.server.attacks import ATTACKS, Attack, document
from tests.server.served import Answer, served, talk
from tests.world import FORGETFUL, PATIENT, settings_of, simulator_of, ticking

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "twilio-supersim"
CPU = 0.050
"""Seconds of CPU that refusing anything may take, the sending of it included."""
NOISE = 3
"""So much more is allowed where others use the machine too."""
MEMORY = 12 * 1024 * 1024
"""Bytes that a refusal may take while it is under way. 85,000 empty objects, the worst there are, take 7."""
LARGE = {"deep JSON lists", "empty objects", "10 MB in chunks", "zip bomb", "fragment bomb", "variables list"}
PART = 64 * 1024
"""Bytes sent at a time."""
CANARY = Attack("canary", lambda: document("{ sims(first: 1) { nodes { iccid } } }"), 200).request()
LATENCY = 0.2
"""Seconds that a provider takes to answer, as real ones do."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port() -> AsyncIterator[int]:
    """The whole gateway as `serve` serves it, over one account."""
    known, now = platforms(), ticking()
    simulator = simulator_of(known[NAME], SimulationOptions(12, 1, now, {}))
    async with serving(SimulationHost({NAME: simulator}, latency=LATENCY)) as url:
        settings = settings_of(known[NAME], simulator, f"{url}/{NAME}", NAME, **PATIENT)

        def app():
            options = ServerOptions(deadline=60, process=ProcessOptions(cache=FORGETFUL))
            return build_app(options, lambda _: open_accounts([settings], known, now))

        async with served(app) as number:
            yield number


async def sent(port: int, request: bytes) -> Answer:
    """The answer to a request on a connection of its own. A refusal may come while it is still being sent."""
    async with talk(port) as talking:
        hearing = asyncio.create_task(talking.hear())
        for begin in range(0, len(request), PART):
            if hearing.done():
                break
            await talking.say(request[begin : begin + PART])
        return await hearing


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_an_attack(port: int, attack: Attack) -> None:
    """It is refused with its status and code, for no more CPU and memory than a refusal may take."""
    request = attack.request()
    took = []
    for _ in range(NOISE):
        began = time.process_time()
        answer = await sent(port, request)
        took.append(time.process_time() - began)
        if took[-1] <= CPU:
            break

    [error] = json.loads(answer.body)["errors"][:1]
    print(f"{attack.name}: {min(took) * 1000:.1f} ms of CPU, {error['message']}")
    assert (answer.status, error["extensions"]["code"]) == (attack.status, attack.code)
    assert min(took) <= NOISE * CPU
    assert len(answer.body) < 4096


async def test_memory(port: int) -> None:
    """Whatever is refused leaves nothing behind, and takes little while it lasts."""
    requests = [attack.request() for attack in ATTACKS if attack.name in LARGE]
    await sent(port, requests[0])
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for request in requests:
            await sent(port, request)
        gc.collect()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    print(f"peak {(peak - before) / 1024:.0f} KiB, left {(after - before) / 1024:.0f} KiB")
    assert peak - before < MEMORY
    assert after - before < 1024 * 1024


async def test_a_canary(port: int) -> None:
    """Who asks something while one attack follows the other gets it within twice the time it takes otherwise."""
    requests = [attack.request() for attack in ATTACKS]
    rounds = []
    for _ in range(NOISE):
        usual = statistics.median([await canary(port) for _ in range(3)])
        attacking = asyncio.create_task(attacked(port, requests))
        beside = statistics.median([await canary(port) for _ in range(5)])
        attacking.cancel()
        await asyncio.gather(attacking, return_exceptions=True)
        rounds.append(beside / usual)
        print(f"canary: {usual * 1000:.0f} ms, {beside * 1000:.0f} ms beside attacks")
        if rounds[-1] < 2:
            break

    assert min(rounds) < 2


async def canary(port: int) -> float:
    began = time.monotonic()
    answer = await sent(port, CANARY)
    assert json.loads(answer.body)["data"]["sims"]["nodes"]
    return time.monotonic() - began


async def attacked(port: int, requests: list[bytes]) -> None:
    """One attack after the other, without end."""
    for request in cycle(requests):
        await sent(port, request)
