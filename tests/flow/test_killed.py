"""`sim-gateway serve` killed with -9 while it sends commands: none is sent twice, and every answer is true."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from gateway.commands.company import account_tables
from gateway.commands.written import write_config
from gateway.page import PageRequest
from gateway.registry import platforms
from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions
from gateway.where import CommandWhere
from tests.command_line import Running, running
from tests.redis_server import a_redis
from tests.waiting import until
from tests.world import DEADLINE, PATIENT, World, a_gateway, settings_of, simulator_of
from tests.writes.site import SEND, SUPERSIM, Payload, Site, asked_alike, sim_for_texts

KEYS = [f"key {number}" for number in range(20)]
TIMES = 10
LATENCY = 0.3
AT_ONCE = 4
"""Calls that are under way together: the keys take many, one after the other."""
KILLED_AFTER = 10
"""Commands that have arrived when the process is killed: some are answered, some under way, the others not begun."""

Asked = tuple[str, Payload | None]
"""A key, and the answer where there was one."""


@asynccontextmanager
async def a_provider(
    folder: Path, redis: str | None = None, at_once: int = AT_ONCE
) -> AsyncIterator[tuple[Site, Path]]:
    """One provider that takes its time, and the configuration of a gateway over it."""
    known, config = platforms(), folder / "gateway.toml"

    def now() -> datetime:
        return datetime.now(UTC)

    simulator = simulator_of(known[SUPERSIM], SimulationOptions(30, 1, now))
    host = SimulationHost({SUPERSIM: simulator})
    async with serving(host) as url:
        limits = {"calls": 1000, "window": 1.0, "concurrency": at_once}
        tables = [{**each, **PATIENT, **limits} for each in account_tables(host, url, known)]
        write_config(config, tables, known, redis=None if redis is None else "${REDIS_URL}")
        config.write_text(f"{config.read_text()}\n[server]\ndeadline = {DEADLINE}\n")
        settings = [settings_of(known[SUPERSIM], simulator, f"{url}/{SUPERSIM}", SUPERSIM, **PATIENT)]
        yield Site(host, {SUPERSIM: simulator}, settings, now), config


@asynccontextmanager
async def serve(config: Path, **environ: str) -> AsyncIterator[tuple[str, Running]]:
    """A gateway in a process of its own: where it is asked, and the process."""
    async with running("serve", "--config", config, "--port", "0", **environ) as command:
        yield await command.find(r"GraphQL at (http://\S+)", errors=True), command


async def send(http: httpx.AsyncClient, url: str, sim: str, key: str) -> Asked:
    """None where the process was gone."""
    asked = {"query": SEND, "variables": asked_alike(sim, key, f"reboot, says {key}")}
    try:
        response = await http.post(url, json=asked, timeout=90)
    except httpx.TransportError:
        return key, None
    answer = response.json()
    assert "errors" not in answer, answer
    return key, answer["data"]["sendCommand"]


async def all_sent(urls: Sequence[str], sim: str, keys: Sequence[str] = KEYS) -> list[Asked]:
    """Each of these keys as often as that, at all of these, at once."""
    limits = httpx.Limits(max_connections=TIMES * len(KEYS))
    async with httpx.AsyncClient(limits=limits) as http:
        orders = [(urls[(time + number) % len(urls)], key) for time in range(TIMES) for number, key in enumerate(keys)]
        return await asyncio.gather(*(send(http, url, sim, key) for url, key in orders))


async def killed_amid(site: Site, command: Running, urls: Sequence[str], sim: str, after: int) -> list[Asked]:
    """The answers there were, where this one is killed while all ask."""
    asking = asyncio.create_task(all_sent(urls, sim))
    await until(lambda: len(site.writes()) >= after)
    command.process.send_signal(signal.SIGKILL)
    told = await asking
    assert await command.process.wait() == -signal.SIGKILL
    assert None in [answer for _, answer in told]
    return told


async def check(site: Site, world: World, told: Sequence[Asked], lost: int) -> None:
    """Each command arrived at most once, each key has one answer, and those that say so name one that is there. What
    was `lost` at most was about to be sent and may not have arrived."""
    assert set(Counter(site.texts()).values()) == {1}
    answers: dict[str, list[Payload]] = {key: [] for key in KEYS}
    for key, answer in told:
        if answer is not None:
            answers[key].append(answer)
    there = await commands_of(world)
    for key, given in answers.items():
        assert all(each == given[0] for each in given), (key, given)
        assert given[0]["outcome"] in ("APPLIED", "UNKNOWN")
        if given[0]["outcome"] == "APPLIED":
            assert there[given[0]["command"]["nativeId"]] == f"reboot, says {key}"
        else:
            assert given[0]["problems"]
    applied = [each[0]["command"]["nativeId"] for each in answers.values() if each[0]["outcome"] == "APPLIED"]
    assert len(set(applied)) == len(applied)
    assert len(applied) >= len(KEYS) - lost


async def commands_of(world: World) -> dict[str, str | None]:
    """What the provider has: the text of each command by its id."""
    provider = world.accounts.by_name[SUPERSIM].provider
    page = await provider.list_sms_commands(CommandWhere(), PageRequest(provider.most_rows("list_sms_commands")))
    return {each.native_id: each.payload for each in page.items}


async def test_killed_and_started_again(tmp_path: Path):
    """200 orders with 20 keys, killed amid them and ordered again after a start: each command is there once at most."""
    async with a_provider(tmp_path) as (site, config), a_gateway(site.settings) as world:
        world.simulators = site.simulators
        sim = await sim_for_texts(world)
        site.host.latency[SUPERSIM] = LATENCY
        async with serve(config) as (url, command):
            before = await killed_amid(site, command, [url], sim, KILLED_AFTER)
        assert KILLED_AFTER <= len(site.writes()) < len(KEYS)

        async with serve(config) as (url, _):
            after = await all_sent([url], sim)

        assert None not in [answer for _, answer in after]
        await check(site, world, [*before, *after], AT_ONCE)


async def test_one_of_two_is_killed(tmp_path: Path):
    """Of two processes over one Redis one is killed: the other answers for all keys, and sends none again."""
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(a_redis())
        site, config = await stack.enter_async_context(a_provider(tmp_path, redis.url, len(KEYS)))
        world = await stack.enter_async_context(a_gateway(site.settings))
        world.simulators = site.simulators
        sim = await sim_for_texts(world)
        site.host.latency[SUPERSIM] = 3 * LATENCY
        served = [await stack.enter_async_context(serve(config, REDIS_URL=redis.url)) for _ in range(2)]
        urls = [url for url, _ in served]

        asking = asyncio.create_task(all_sent(urls[:1], sim, KEYS[:KILLED_AFTER]))
        await until(lambda: len(site.writes()) >= KILLED_AFTER / 2)  # these are of the one that is killed
        before = await killed_amid(site, served[0][1], urls, sim, KILLED_AFTER)
        before += await asking
        after = await all_sent(urls[1:], sim)

        assert None not in [answer for _, answer in after]
        await check(site, world, [*before, *after], len(KEYS) - KILLED_AFTER)
