"""The command line with a Redis: workers that share one, a check that tries it, and health that tells of it."""

import asyncio
import socket
import tomllib
from pathlib import Path
from typing import Any

import httpx

from tests.command_line import PATIENCE, Running, done, running, with_patience
from tests.redis_server import RedisServer, a_redis
from tests.waiting import in_some_round

QUERY = "{ sims(first: 100) { nodes { iccid } problems { code message } } }"
HIDDEN = "hunter2-and-more-of-it"
STORE_GONE = "[store]  redis  UNAVAILABLE: the store cannot be used: "
REDIS_KEPT_APART = "workers keep caches and budgets of their own; give [cache] redis so that they share"


async def simulated(simulators: Running) -> None:
    await simulators.find("(Ctrl-C)")


async def ready(url: str) -> dict[str, Any]:
    """What /health/ready says, which is 200 whatever ails; Any: it is JSON."""
    async with httpx.AsyncClient() as http:
        response = await http.get(url.replace("/graphql", "/health/ready"), timeout=60)
    assert response.status_code == 200
    return dict(response.json())


async def until_redis(url: str, state: str) -> dict[str, Any]:
    """What it says as soon as Redis is as expected."""
    async with asyncio.timeout(PATIENCE):
        while True:
            told = await ready(url)
            if told["cache"]["redis"] == state:
                return told


async def sims(url: str) -> tuple[int, set[str]]:
    """How many SIMs an answer has, and the codes of its problems."""
    async with httpx.AsyncClient() as http:
        response = await http.post(url, json={"query": QUERY}, timeout=90)
    answer = response.json()
    assert "errors" not in answer
    found = answer["data"]["sims"]
    return len(found["nodes"]), {problem["code"] for problem in found["problems"]}


async def until_complete(url: str) -> None:
    """Until an answer has every SIM and no problem."""
    async with asyncio.timeout(PATIENCE):
        while await sims(url) != (60, set()):
            pass


async def test_workers_that_share_a_redis(tmp_path: Path) -> None:
    """An account that is asked one call at a time may have several workers then. While Redis is gone they answer on,
    but only one of them may ask that account."""
    config = tmp_path / "gateway.toml"
    with a_redis() as redis:
        written = ("--sims", "60", "--write-config", config, "--redis", "${REDIS_URL}")
        async with running("simulate", "--port", "0", *written) as simulators:
            await simulated(simulators)
            with_patience(config)
            workers = ("--port", "0", "--workers", "2")
            async with running("serve", "--config", config, *workers, REDIS_URL=redis.url) as gateway:
                url = await gateway.find(r"GraphQL at (http://\S+)", errors=True)
                before = await until_redis(url, "UP")
                await until_complete(url)
                redis.stop()
                without = await until_redis(url, "DOWN")
                count, problems = await sims(url)
                redis.start()
                after = await until_redis(url, "UP")
                await until_complete(url)
                status = await gateway.stop()
            await simulators.stop()

    assert before["cache"] == after["cache"] == {"store": "redis", "redis": "UP"}
    assert without["status"] == "DEGRADED"
    assert count > 40
    assert problems <= {"RATE_LIMITED"}
    assert status == 0
    said = "".join(gateway.output) + gateway.errors
    assert "Traceback" not in said
    assert REDIS_KEPT_APART not in said


async def test_workers_without_a_redis(tmp_path: Path) -> None:
    """It is said once that they forget apart from each other, and not at all where there is one process."""
    config = tmp_path / "gateway.toml"
    config.write_text('[[accounts]]\nname="a"\nprovider="twilio-supersim"\naccount_sid="s"\nauth_token="${T}"\n')
    said = []
    for workers in ("1", "2"):
        async with running("serve", "--config", config, "--port", "0", "--workers", workers, T="t") as gateway:
            await gateway.find(r"(GraphQL at http)", errors=True)
            await gateway.stop()
        said.append(("".join(gateway.output) + gateway.errors).count(REDIS_KEPT_APART))

    assert said == [0, 1]


async def checked(config: Path, redis: str) -> tuple[int, str, str]:
    """Exit status, the line about Redis, and everything that was said."""
    status, output, errors = await done("check", "--config", config, REDIS_URL=redis)
    [line] = [line for line in output.splitlines() if line.startswith("[cache]  redis  ")]
    return status, line.removeprefix("[cache]  redis  "), output + errors


async def test_check_tries_redis(tmp_path: Path) -> None:
    """One that is there is ok; one that is not, or refuses the password, is told without its URL, and fails."""
    config = tmp_path / "gateway.toml"
    with a_redis() as redis:
        written = ("--sims", "60", "--write-config", config, "--redis", "${REDIS_URL}")
        async with running("simulate", "--port", "0", *written) as simulators:
            await simulated(simulators)
            with_patience(config)

            async def well() -> tuple[int, str, str]:
                found = await checked(config, redis.url)
                assert found[0] == 0, found[2]  # unless the machine stood still: Redis has a second
                return found

            good = await in_some_round(well)
            refused = await checked(config, refusing(redis))
            redis.stop()
            gone = await checked(config, refusing(redis))
            await simulators.stop()

    assert good[1].startswith("ok (")
    assert (refused[0], gone[0]) == (1, 1)
    assert refused[1].startswith("UNAVAILABLE: ")
    assert gone[1].startswith("UNAVAILABLE: ")
    assert "[store]  redis  ok (" in good[2]
    assert f"{STORE_GONE}Redis does not let the gateway in\n" in refused[2]
    assert f"{STORE_GONE}Redis cannot be reached\n" in gone[2]
    assert all(each[2].count("  ok (list_") == 6 for each in (good, refused, gone))
    assert not any(HIDDEN in each[2] or "redis://" in each[2] for each in (good, refused, gone))


def refusing(redis: RedisServer) -> str:
    """The URL with a password that the server has not."""
    return redis.url.replace("redis://", f"redis://:{HIDDEN}@")


async def test_the_redis_of_a_written_configuration(tmp_path: Path) -> None:
    """`simulate --redis` writes it as it is for cache and store, and a file without it has no such tables."""
    config = tmp_path / "gateway.toml"
    tables = []
    for redis in ((), ("--redis", "${REDIS_URL}")):
        async with running("simulate", "--port", "0", "--write-config", config, *redis) as simulators:
            await simulated(simulators)
            await simulators.stop()
        written = tomllib.loads(config.read_text())
        tables.append([written.get("cache"), written.get("store")])

    assert tables == [[None, None], [{"redis": "${REDIS_URL}"}] * 2]


async def test_a_redis_that_is_not_there_at_the_start(tmp_path: Path) -> None:
    """The gateway serves all the same, and says that it is degraded."""
    config = tmp_path / "gateway.toml"
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    config.write_text(
        '[[accounts]]\nname = "a"\nprovider = "twilio-supersim"\naccount_sid = "s"\nauth_token = "${T}"\n'
        f'[cache]\nredis = "redis://127.0.0.1:{port}"\n'
    )
    async with running("serve", "--config", config, "--port", "0", T="t") as gateway:
        told = await ready(await gateway.find(r"GraphQL at (http://\S+)", errors=True))
        status = await gateway.stop()

    assert (told["status"], told["cache"]["redis"]) == ("DEGRADED", "DOWN")
    assert status == 0
    assert "Traceback" not in gateway.errors
