"""Every command, query and change of the README does what it says. Its two set-up lines are run by `.ci/run`."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.config import load_config
from gateway.registry import platforms
from gateway.secret import Secret
from gateway.simulation.shares import share_out
from tests.ports import free_port, wait_for_port
from tests.readme import README, ROOT, asked, blocks, commands, here, write_sample
from tests.waiting import until_true
from tests.world import World, a_world

SIM_GATEWAY = [sys.executable, "-m", "gateway"]
TRIES = 5


def curls() -> list[str]:
    """The blocks that only ask, as anybody."""
    return [block.strip() for block in blocks("sh") if block.startswith("curl") and "$KEY" not in block]


def documents(*, changing: bool) -> list[str]:
    """Those that change something, or ask about what they changed, take variables."""
    return [block for block in blocks("graphql") if ("$" in block) is changing]


@pytest.mark.parametrize("query", documents(changing=False))
async def test_a_query_answers(query: str):
    """Without an error, with nodes to see; only an account that cannot say it at all is a problem."""
    async with a_world(sims=share_out(250)) as world:
        data = await world.data(query)

    [found] = data.values()
    assert len(found["nodes"]) > 5
    assert {problem["code"] for problem in found["problems"]} <= {"UNSUPPORTED"}


READY = '{ sims(filter: {status: [READY], providers: ["twilio-supersim", "kore-supersim"]}) { nodes { id } } }'


async def test_the_changes_happen():
    """In their order: tried, nothing is sent; done, it is so; the job is refused with a wrong number of SIMs, and with
    the right one changes each of them."""
    tried, done, many, how_far = documents(changing=True)
    async with a_world(sims=share_out(250)) as world:
        sim = (await world.data(READY))["sims"]["nodes"][0]["id"]
        world.forget()
        dry = (await world.data(tried, {"sim": sim}))["updateSim"]
        sent = [each for name in world.simulators for each in world.arrived(name) if each.method != "GET"]
        real = (await world.data(done, {"sim": sim}))["updateSim"]
        await until_true(lambda: is_status(world, sim, "ACTIVE"))
        others = (await world.data(READY))["sims"]["nodes"]
        refused = (await world.data(many, {"expected": len(others) + 1}))["updateSims"]
        taken = (await world.data(many, {"expected": len(others)}))["updateSims"]
        job = {"job": taken["job"]["id"]}
        await until_true(lambda: is_over(world, how_far, job))
        end = (await world.data(how_far, job))["job"]
        for each in others:
            await until_true(partial(is_status, world, each["id"], "ACTIVE"))

    assert (dry["outcome"], sent, dry["problems"]) == ("DRY_RUN", [], [])
    assert f'"{dry["plan"][0]["consequence"]}"' in README
    assert (real["outcome"] in {"APPLIED", "PENDING"}, real["problems"]) == (True, [])
    assert (refused["outcome"], [each["code"] for each in refused["problems"]]) == ("REFUSED", ["CONFLICT"])
    assert (taken["outcome"] in {"APPLIED", "PENDING"}, taken["problems"]) == (True, [])
    assert (end["status"], end["items"]["nodes"]) == ("DONE", [])
    assert end["counts"]["applied"] + end["counts"]["pending"] == end["total"] == len(others) > 2


async def is_status(world: World, sim: str, status: str) -> bool:
    found = await world.data("query ($id: ID!) { sim(by: {id: $id}) { status } }", {"id": sim})
    return bool(found["sim"]["status"] == status)


async def is_over(world: World, how_far: str, job: dict[str, str]) -> bool:
    return bool((await world.data(how_far, job))["job"]["status"] == "DONE")


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    with subprocess.Popen(command, cwd=folder, env=here(), stdout=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port)
            yield
        finally:
            process.terminate()


def test_the_curl_lines_answer(tmp_path: Path):
    """The lines that ask the demo from a shell give three SIMs each: the second of now, the third with its plan."""
    port = free_port()
    with running([*SIM_GATEWAY, "demo", "--port", str(port), "--sims", "60"], port, tmp_path):
        lines = [line.replace(":8000", f":{port}") for line in curls()]
        for _ in range(TRIES):  # an account has four seconds, for which the machine may stand still
            first, second, third = answers = [json.loads(asked(line)) for line in lines]
            if not any(sim["stale"] for sim in second["data"]["sims"]["nodes"]) and "TIMEOUT" not in str(answers):
                break

    assert [len(answer["data"]["sims"]["nodes"]) for answer in answers] == [3, 3, 3]
    assert not any("errors" in answer for answer in answers)
    assert not any(sim["stale"] for sim in second["data"]["sims"]["nodes"])
    assert first["extensions"].keys() == {"cost"}
    assert {"account", "operation", "calls", "cacheHits", "queuedMs"} <= third["extensions"]["plan"][0].keys()


def test_a_message_is_sent_once(tmp_path: Path):
    """The lines that send one, run twice, give the same command."""
    [lines] = [block for block in blocks("sh") if block.startswith("SIM=")]
    port = free_port()
    with running([*SIM_GATEWAY, "demo", "--port", str(port), "--sims", "60"], port, tmp_path):
        for number in range(TRIES):  # as above; another try is another message
            numbered = lines.replace(":8000", f":{port}").replace("reboot-17", f"reboot-{number}")
            answers = [json.loads(asked(numbered)) for _ in range(2)]
            if "TIMEOUT" not in str(answers) and "UNKNOWN" not in str(answers):
                break

    sent = [answer["data"]["sendCommand"] for answer in answers]
    assert [each["outcome"] for each in sent] == ["APPLIED", "APPLIED"]
    assert sent[0]["command"]["id"] == sent[1]["command"]["id"]
    assert not any(each["problems"] for each in sent)


def test_simulate_check_and_serve(tmp_path: Path):
    """Simulators and a configuration, a check that passes, a gateway that is ready, and a change that is in its log."""
    lines = [each.split()[1:] for each in commands() if each.startswith(".venv/bin/sim-gateway")]
    check, serve, simulate, audit = (each for each in lines if each[0] != "key")
    ports = {"9100": str(free_port()), "8000": str(free_port())}
    simulate = [ports.get(word, word) for word in simulate]
    with running([*SIM_GATEWAY, *simulate], int(ports["9100"]), tmp_path):
        for _ in range(TRIES):  # as above
            checked = told(check, tmp_path)
            if checked.returncode == 0:
                break
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert checked.stdout.count(" ok (list_") == 6
        assert "[store]  sqlite  ok (" in checked.stdout
        url = f"http://127.0.0.1:{ports['8000']}"
        with running([*SIM_GATEWAY, *serve, "--port", ports["8000"]], int(ports["8000"]), tmp_path):
            assert httpx.get(f"{url}/health/ready", timeout=60).status_code == 200
            change_one(f"{url}/graphql")
        log = told(audit, tmp_path)

    [sample] = blocks("text")
    assert (log.returncode, log.stderr) == (0, "")
    assert shape(log.stdout.splitlines()[-1]) == shape(sample.strip())


def told(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SIM_GATEWAY, *arguments],
        cwd=folder,
        env=here(),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def change_one(url: str) -> None:
    """Make the change of the README to a SIM of the account in its sample of the log, until it is said to have been
    made: before that the machine may have stood still."""
    body = {"query": READY.replace('"twilio-supersim", ', "")}
    for _ in range(TRIES):
        sim = posted(url, body)["sims"]["nodes"][0]["id"]
        done = posted(url, {"query": documents(changing=True)[1], "variables": {"sim": sim}})["updateSim"]
        if done["outcome"] == "APPLIED":
            break


def posted(url: str, body: dict[str, Any]) -> dict[str, Any]:
    """The data of an answer; Any: it depends on the question."""
    return dict(httpx.post(url, json=body, timeout=90).json()["data"])


def shape(line: str) -> str:
    """A line of the log without what is different each time, all of it as wide as before."""
    return re.sub(r"\d\d\d\d-\d\d-\d\dT[\d:.]{12}Z|\b[0-9a-f]{32}\b|(?<=HS)[0-9a-f]{32}\b", "…", line)


def test_the_sample_configuration_is_read(tmp_path: Path):
    """The TOML of the README is a configuration without mistakes, given its variables and its file."""
    environ = {
        "TWILIO_AUTH_TOKEN": "not to be shown",
        "REDIS_URL": "redis://:not%20to%20be%20shown@cache:6379/0",
        "STORE_URL": "redis://:not%20to%20be%20shown@store:6379/0",
    }
    loaded = load_config(write_sample(tmp_path), environ, platforms())

    assert [account.name for account in loaded.accounts] == ["trackers-eu", "meters"]
    assert loaded.cache.redis == Secret(environ["REDIS_URL"])
    assert (loaded.store.redis, loaded.store.folder) == (Secret(environ["STORE_URL"]), "/var/lib/sim-gateway")
    assert (loaded.cache.fresh, loaded.cache.stale) == ({"Sim": 30.0, "Fleet": 600.0}, {"Sim": 3600.0})
    assert not re.search("not.{1,3}to.{1,3}be.{1,3}shown", repr(loaded))


def test_every_file_the_readme_points_to_is_there():
    """No link leads nowhere."""
    links = re.findall(r"\]\((?!http)([^)]+)\)", README)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_both_set_up_lines_are_run_by_the_checks():
    """`.ci/run` takes both lines from here, so that they cannot rot."""
    script = (ROOT / ".ci" / "run").read_text()

    for mark in ("demo command", "test command"):
        assert f"<!-- {mark} -->" in README
        assert mark in script
