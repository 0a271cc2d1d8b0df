"""Every command and query of the README does what it says. Its two set-up lines are run by `.ci/run`."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.config import load_config
from gateway.registry import platforms
from gateway.secret import Secret
from gateway.simulation.shares import share_out
from tests.ports import free_port, wait_for_port
from tests.world import a_world

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SIM_GATEWAY = [sys.executable, "-m", "gateway"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.strip().splitlines()]


def curls() -> list[str]:
    return [line for line in commands() if line.startswith("curl")]


@pytest.mark.parametrize("query", blocks("graphql"))
async def test_a_query_answers(query: str):
    """Without an error, with nodes to see; only an account that cannot say it at all is a problem."""
    async with a_world(sims=share_out(250), time_limit=20.0, connect_timeout=20.0, deadline=30.0) as world:
        data = await world.data(query)

    [found] = data.values()
    assert len(found["nodes"]) > 5
    assert {problem["code"] for problem in found["problems"]} <= {"UNSUPPORTED"}


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    with subprocess.Popen(command, cwd=folder, env=here(), stdout=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port, seconds=30)
            yield
        finally:
            process.terminate()


def here() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


def test_the_curl_lines_answer(tmp_path: Path):
    """The lines that ask the demo from a shell give three SIMs each: the second of now, the third with its plan."""
    port = free_port()
    with running([*SIM_GATEWAY, "demo", "--port", str(port), "--sims", "60"], port, tmp_path):
        answers = [json.loads(asked(line.replace(":8000", f":{port}"))) for line in curls()]

    first, second, third = answers
    assert [len(answer["data"]["sims"]["nodes"]) for answer in answers] == [3, 3, 3]
    assert not any("errors" in answer for answer in answers)
    assert not any(sim["stale"] for sim in second["data"]["sims"]["nodes"])
    assert "extensions" not in first
    assert {"account", "operation", "calls", "cacheHits", "queuedMs"} <= third["extensions"]["plan"][0].keys()


def asked(line: str) -> str:
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=True).stdout


def test_simulate_check_and_serve(tmp_path: Path):
    """Simulators and a configuration, a check that passes, a gateway that is ready."""
    lines = [each.split()[1:] for each in commands() if each.startswith(".venv/bin/sim-gateway")]
    check, serve, simulate = lines
    ports = {"9100": str(free_port()), "8000": str(free_port())}
    simulate = [ports.get(word, word) for word in simulate]
    with running([*SIM_GATEWAY, *simulate], int(ports["9100"]), tmp_path):
        checked = subprocess.run(
            [*SIM_GATEWAY, *check], cwd=tmp_path, env=here(), capture_output=True, text=True, timeout=60, check=False
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert checked.stdout.count(" ok") == 6
        with (
            running([*SIM_GATEWAY, *serve, "--port", ports["8000"]], int(ports["8000"]), tmp_path),
            urllib.request.urlopen(f"http://127.0.0.1:{ports['8000']}/health/ready", timeout=10) as answer,
        ):
            assert answer.status == 200


def test_the_sample_configuration_is_read(tmp_path: Path):
    """The TOML of the README is a configuration without mistakes, given its variables and its file."""
    text = "\n".join(blocks("toml"))
    secret = tmp_path / "jasper"
    secret.write_text("key\n")
    config = tmp_path / "gateway.toml"
    config.write_text(text.replace("/run/secrets/jasper", str(secret)))
    environ = {"TWILIO_AUTH_TOKEN": "not to be shown", "REDIS_URL": "redis://:not%20to%20be%20shown@cache:6379/0"}
    loaded = load_config(config, environ, platforms())

    assert [account.name for account in loaded.accounts] == ["trackers-eu", "meters"]
    assert loaded.cache.redis == Secret(environ["REDIS_URL"])
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
