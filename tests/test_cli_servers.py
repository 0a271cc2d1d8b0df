"""The commands that serve: they say where, they answer, and they end without a word when told to."""

import asyncio
import json
import os
import re
import shlex
import signal
import socket
import stat
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.graphiql.tabs import SAMPLE_ICCID
from gateway.registry import platforms
from tests.command_line import PATIENCE, Running, done, running, with_patience
from tests.waiting import in_some_round

QUERY = "{ sims(first: 10) { nodes { iccid } pageInfo { endCursor } } accounts { name health } }"
LISTENING = r"GraphQL at (http://\S+)"


async def ask(url: str, query: str = QUERY, **variables: object) -> dict[str, Any]:
    """The answer's data; Any: it depends on the query."""
    async with httpx.AsyncClient() as http:
        response = await http.post(url, json={"query": query, "variables": variables}, timeout=90)
    answer: dict[str, Any] = response.json()
    assert "errors" not in answer
    assert "server" not in response.headers
    return dict(answer["data"])


def beside(config: Path) -> list[Path]:
    """Every file in a configuration's folder."""
    return sorted(config.parent.iterdir())


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM], ids=str)
async def test_the_demo_answers_and_ends(told: signal.Signals) -> None:
    """The demo prints GraphiQL's URL and a sample query that works, and ends in order on Ctrl-C and on SIGTERM."""
    async with running("demo", "--port", "0", "--sims", "40") as demo:
        url = await demo.find(r"GraphiQL\s+(\S+)")
        sample = shlex.split(await demo.find(r"Try\s+(.+)"))
        await demo.find("(Ctrl-C)")
        query = json.loads(sample[sample.index("-d") + 1])["query"]

        async def answered() -> None:
            answer = await ask(url, query)
            assert answer["sims"]["problems"] == []  # unless the machine stood still for an account's time
            assert len(answer["sims"]["nodes"]) == 5

        await in_some_round(answered)
        status = await demo.stop(told)

    assert sample[:2] == ["curl", url]
    assert (status, demo.errors) == (0, "")


async def test_the_demo_has_every_provider_with_a_simulator() -> None:
    """Each of them has an account, under the provider's own name, and answers."""
    async with running("demo", "--port", "0", "--sims", "60") as demo:
        url = await demo.find(r"GraphiQL\s+(\S+)")

        async def healthy() -> list[str]:
            await ask(url)
            accounts = (await ask(url, "{ accounts { name health } }"))["accounts"]
            assert {account["health"] for account in accounts} == {"UP"}
            return [account["name"] for account in accounts]

        names = await in_some_round(healthy)
        status = await demo.stop()

    assert names == [name for name, platform in platforms().items() if platform.simulator]
    assert status == 0


async def test_the_demo_has_the_sims_of_its_examples() -> None:
    """GraphiQL's page names an ICCID that the simulated company really has, and a SIM that can be changed."""
    async with running("demo", "--port", "0", "--sims", "40") as demo:
        url = await demo.find(r"GraphiQL\s+(\S+)")
        async with httpx.AsyncClient() as http:
            page = (await http.get(url, headers={"accept": "text/html"})).text
        if "graphiql-config" in page:  # the page that says how to build GraphiQL has no examples
            assert SAMPLE_ICCID not in page
            [sim] = set(re.findall(r'\\"sim\\": \\"(\S+?)\\"', page))
            found = await ask(url, "query ($sim: ID!) { sim(by: {id: $sim}) { status } }", sim=sim)
            assert found["sim"]["status"] == "ACTIVE"
        await demo.stop()


@pytest.mark.parametrize("command", ["demo", "simulate", "serve"])
async def test_a_taken_port(command: str, tmp_path: Path) -> None:
    """Someone else's port is named in one line, and the exit status is 1."""
    config = tmp_path / "gateway.toml"
    config.write_text('[[accounts]]\nname="a"\nprovider="twilio-supersim"\naccount_sid="s"\nauth_token="${T}"\n')
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = ["--config", str(config)] if command == "serve" else []
        status, output, errors = await done(command, "--port", str(port), *arguments, T="t")

    assert (status, output) == (1, "")
    assert errors == (
        f"sim-gateway: cannot listen on 127.0.0.1, port {port}: Address already in use; try another --host or --port\n"
    )


async def test_simulate_serve_and_check_together(tmp_path: Path) -> None:
    """The configuration that the simulators write is one that `serve` and `check` understand."""
    config = tmp_path / "gateway.toml"
    async with running("simulate", "--port", "0", "--sims", "60", "--write-config", config) as simulators:
        await simulators.find("(Ctrl-C)")
        with_patience(config)
        async with running("serve", "--config", config, "--port", "0", "--log-format", "json") as gateway:
            url = await gateway.find(LISTENING, errors=True)
            answer = await ask(url.rstrip('"}'))
            assert await gateway.stop(signal.SIGTERM) == 0
        checked, said, errors = await done("check", "--config", config)
        assert await simulators.stop() == 0

    names = [account["name"] for account in tomllib.loads(config.read_text())["accounts"]]
    assert len(answer["sims"]["nodes"]) == 10
    *lines, store = said.splitlines()
    assert (checked, errors) == (0, "")
    assert [line.split("  ")[:2] for line in lines] == [[name, name] for name in names]
    assert all("  ok (list_" in line for line in lines)
    assert store.startswith("[store]  sqlite  ok (")
    logged = [json.loads(line) for line in (*gateway.output[:-1], *gateway.errors.splitlines())]
    assert all(line.keys() >= {"time", "level", "logger", "message"} for line in logged)
    assert simulators.errors == ""
    assert "Traceback" not in gateway.errors


async def test_written_secrets_are_their_owners(tmp_path: Path) -> None:
    """Credentials are in files that only their owner can read, not in the configuration; a second run may rewrite."""
    config = tmp_path / "gateway.toml"
    for _ in range(2):
        async with running(
            "simulate", "--port", "0", "--write-config", config, "--url", "http://there:1"
        ) as simulators:
            await simulators.find("(Ctrl-C)")
            assert await simulators.stop() == 0

    accounts = tomllib.loads(config.read_text())["accounts"]
    secrets = [path for path in beside(config) if path != config]
    assert sorted(value for table in accounts for key, value in table.items() if key.endswith("_file")) == [
        path.name for path in secrets
    ]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in secrets)
    assert not any(path.read_text().strip() in config.read_text() for path in secrets)
    urls = [value for table in accounts for key, value in table.items() if key.endswith("_url")]
    assert all(str(url).startswith("http://there:1/") for url in urls)


async def test_somebody_elses_configuration_is_left_alone(tmp_path: Path) -> None:
    """A file that `simulate` did not write is not overwritten."""
    config = tmp_path / "gateway.toml"
    config.write_text("# mine\n")

    status, _, errors = await done("simulate", "--port", "0", "--write-config", config)

    assert (status, config.read_text()) == (1, "# mine\n")
    assert errors == f"sim-gateway: {config} is there already and not from here: it is not overwritten\n"


async def test_check_says_which_account_fails(tmp_path: Path) -> None:
    """A refused credential and a provider that is not there are told by code; the exit status is 1."""
    config = tmp_path / "gateway.toml"
    async with running("simulate", "--port", "0", "--write-config", config) as simulators:
        await simulators.find("(Ctrl-C)")
        (tmp_path / "gateway.toml.twilio-supersim.auth_token").write_text("not-the-token")
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        text = config.read_text() + (
            f'[[accounts]]\nname = "gone"\nprovider = "twilio-supersim"\nbase_url = "http://127.0.0.1:{port}"\n'
            'account_sid = "AC"\nauth_token = "${GONE}"\n'
        )
        config.write_text(text)
        with_patience(config)
        status, said, _ = await done("check", "--config", config, GONE="hidden-token")
        await simulators.stop()

    lines = {line.split("  ")[0]: line for line in said.splitlines()}
    assert status == 1
    assert "  DENIED: the provider does not accept the account's credentials (list_sims, " in lines["twilio-supersim"]
    assert "  UNAVAILABLE: no connection to the provider (list_sims, " in lines["gone"]
    assert "  ok (list_sims, " in lines["kore-supersim"]
    assert "hidden-token" not in said
    assert "not-the-token" not in said


async def test_simulators_misbehave_as_asked(tmp_path: Path) -> None:
    """Switches, latency and faults of the command line reach the simulators, and `check` tells what comes of them."""
    config = tmp_path / "gateway.toml"
    trouble = (
        "--faults",
        "kore-supersim:status=503",
        "--latency",
        "20",
        "--switch",
        "twilio-supersim.milliseconds=yes",
    )
    async with running("simulate", "--port", "0", "--write-config", config, *trouble) as simulators:
        await simulators.find("(Ctrl-C)")
        with_patience(config)
        status, said, _ = await done("check", "--config", config)
        await simulators.stop()

    lines = {line.split("  ")[0]: line for line in said.splitlines()}
    assert status == 1
    assert "  UNAVAILABLE: " in lines["kore-supersim"]
    assert int(re.findall(r"(\d+) ms\)", lines["twilio-supersim"])[0]) >= 20


async def test_workers_share_their_cursors(tmp_path: Path) -> None:
    """Two processes answer on one port, read each other's cursors, and end together without a traceback."""
    config = tmp_path / "gateway.toml"
    async with running("simulate", "--port", "0", "--write-config", config) as simulators:
        await simulators.find("(Ctrl-C)")
        tables = config.read_text().split("[[accounts]]")
        config.write_text("[[accounts]]".join(table for table in tables if "cisco" not in table))
        with_patience(config)
        async with running("serve", "--config", config, "--port", "0", "--workers", "2") as gateway:
            url = await gateway.find(LISTENING, errors=True)
            answer = await ask(url)
            cursor = answer["sims"]["pageInfo"]["endCursor"]
            following = (
                "query ($after: String) { sims(first: 10, after: $after) { nodes { iccid } problems { message } } }"
            )
            pages = await asyncio.gather(*(ask(url, following, after=cursor) for _ in range(10)))
            os.killpg(gateway.process.pid, signal.SIGINT)  # as a terminal does: to every process
            status = await gateway.ended()
        await simulators.stop()

    assert len({json.dumps(page) for page in pages}) == 1
    assert status == 0
    assert "Traceback" not in gateway.errors


async def test_an_answer_under_way_when_it_is_stopped() -> None:
    """Who waits for a slow answer is refused in words and may ask again; nothing is written but one line."""
    slow = '{ sims(filter: {providers: ["cisco-control-center"]}) { nodes { name currentSession { active } } } }'

    async def stopped() -> tuple[list[httpx.Response], int, Running]:
        async with running("demo", "--port", "0") as demo:
            url = await demo.find(r"GraphiQL\s+(\S+)")
            await demo.find("(Ctrl-C)")
            async with httpx.AsyncClient(timeout=90) as http, asyncio.TaskGroup() as group:
                asked = [group.create_task(http.post(url, json={"query": slow})) for _ in range(3)]
                await until_under_way(url)
                assert not any(task.done() for task in asked)  # unless the machine stood still for an account's time
                status = await demo.stop()
        answers = [task.result() for task in asked]
        assert {answer.status_code for answer in answers} == {503}  # as above
        return answers, status, demo

    answers, status, demo = await in_some_round(stopped)

    assert answers[0].json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE", "retryable": True}
    assert status == 0
    assert [line.split(" ", 1)[1] for line in demo.errors.splitlines()] == [
        "ERROR uvicorn.error: Cancel 3 running task(s), timeout graceful shutdown exceeded"
    ]


async def until_under_way(url: str) -> None:
    """Wait until the account of the slow question has begun to answer."""
    quota = "{ accounts { name quota { remaining } } }"
    async with asyncio.timeout(PATIENCE):
        while True:
            accounts = (await ask(url, quota))["accounts"]
            (cisco,) = [account for account in accounts if account["name"] == "cisco-control-center"]
            if cisco["quota"]["remaining"] < 5:
                return
