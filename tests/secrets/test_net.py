"""The net under the whole suite catches what it is there for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.commands.written import secret_keys
from gateway.registry import platforms
from gateway.simulation.simulator import SimulationOptions
from gateway.simulation.world import World
from tests.command_line import PATIENCE, ROOT
from tests.secrets.net import SECRETS, Net
from tests.world import simulator_of, ticking

PLANTED = """
import logging
import os

from gateway.secret import Secret

log = logging.getLogger("gateway.planted")

def test_a_credential_in_a_log():
    log.warning("it is %s", "hunter2")

def test_one_that_was_made_up_and_is_gone():
    value = Secret("a-made-up-credential").reveal()
    log.warning("it is %s", value)

def test_one_that_a_process_writes():
    os.system("echo sgw_12345678_12345678901234567890 >&2")

def test_what_the_formatter_masks():
    log.warning("sent Bearer abcdefghijk")
    secret = Secret("another-credential")
    log.warning("it is %s", secret.reveal())
"""


def test_planted_secrets_fail_a_run(tmp_path: Path) -> None:
    """Each is told with its test, though every test passes, also where tests run in processes of their own."""
    (tmp_path / "test_planted.py").write_text(PLANTED)
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "tests.secrets.net", "-n", "1", "-q"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=2 * PATIENCE, check=False
    )

    leaks = [line for line in run.stdout.splitlines() if line.startswith("LEAKED")]
    assert run.returncode == 1, run.stdout + run.stderr
    assert "4 passed" in run.stdout
    assert sorted(each.split("'")[1] for each in leaks) == [
        "a-made-up-credential",
        "hunter2",
        "sgw_12345678_12345678901234567890",
    ]
    assert all(name in "".join(leaks) for name in ("in_a_log", "and_is_gone", "process_writes"))


def caught(text: str) -> bool:
    net = Net()
    net.look(text, "a test")
    return bool(net.found)


def test_every_simulated_credential_is_known() -> None:
    """Whatever opens a simulator is looked for."""
    known = platforms()
    for name, platform in known.items():
        account = simulator_of(platform, SimulationOptions(1, 1, ticking(), {})).account
        for key in secret_keys(platform):
            assert account[key] in SECRETS, name


@pytest.mark.parametrize("provider", platforms())
def test_what_is_personal_of_a_simulated_sim(provider: str) -> None:
    """Its IMSI, MSISDN and IMEI, and the addresses of its sessions."""
    world = World(20, 1, ticking(), provider)
    sims = [world.sim(index) for index in range(20)]

    assert all(caught(f"x {each} y") for sim in sims for each in (sim.imsi, sim.msisdn, sim.imei))


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic aHVudGVyMjo=",
        "Bearer abcdefgh",
        "redis://user:pass@host",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0",
        "100.64.1.2",
    ],
)
def test_what_looks_like_a_secret(text: str) -> None:
    """In whatever form it comes."""
    assert caught(text)
    assert not caught("Bearer *** to redis://***@host:6379, a session at 127.0.0.1")
