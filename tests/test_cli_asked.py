"""How commands are asked, and what they say to those who ask wrongly."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.__main__ import main
from schema import sdl
from tests.command_line import ROOT

RIGHT = """
[[accounts]]
name = "eu"
provider = "twilio-supersim"
account_sid = "AC1"
auth_token = "${H_TOKEN}"
"""


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`schema` prints the SDL and nothing else."""
    assert main(["schema"]) == 0
    assert capsys.readouterr() == (sdl(), "")


def test_a_reader_that_goes_away() -> None:
    """Output that nobody reads to its end is no error: `sim-gateway schema | head` is quiet."""
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", "schema"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        errors = command.stderr.read()
        status = command.wait(120)

    assert (status, errors) == (0, b"")


def test_the_installed_command_is_the_same_program() -> None:
    """`sim-gateway` is gateway.__main__:main, and says its version."""
    text = (ROOT / "pyproject.toml").read_text()

    assert 'sim-gateway = "gateway.__main__:main"' in text
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A right configuration of one account."""
    monkeypatch.setenv("H_TOKEN", "hunter2")
    path = tmp_path / "gateway.toml"
    path.write_text(RIGHT)
    return path


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_wrong_configuration(command: str, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every mistake is told, the exit status is 2, and no secret is in what is said."""
    config.write_text(RIGHT + 'calls = 0\n[server]\nprot = 1\ncursor_key = "hunter2"\n')

    assert main([command, "--config", str(config)]) == 2

    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.splitlines() == [
        f"sim-gateway: {config}: 3 to put right",
        '  accounts[1] "eu": calls: found 0; it must be at least 1',
        "  server: prot: unknown key; did you mean 'port'?",
        '  server: cursor_key: a secret is not written here; give cursor_key = "${VARIABLE}" or '
        'cursor_key_file = "path"',
    ]
    assert "hunter2" not in errors


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "the following arguments are required: command"),
        (["serve"], "the following arguments are required: --config"),
        (["demo", "--port", "65536"], "argument --port: '65536' is not a whole number from 0 to 65535"),
        (["demo", "--sims", "0"], "argument --sims: '0' is not a whole number from 1 to 1000000"),
        (["demo", "--sims", "-5"], "argument --sims: '-5' is not a whole number from 1 to 1000000"),
        (["simulate", "--latency", "1.5"], "argument --latency: '1.5' is not a whole number from 0 to 60000"),
        (["serve", "--config", "x", "--workers", "0"], "argument --workers: '0' is not a whole number from 1 to 64"),
        (["demo", "--log-format", "xml"], "argument --log-format: invalid choice: 'xml' (choose from"),
    ],
)
def test_a_wrong_command_line(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The argument is named with what it may be; the exit status is 2."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_wrong_switches_and_faults_together(capsys: pytest.CaptureFixture[str]) -> None:
    """Every mistake in `--switch` and `--faults` is told at once, with what is known."""
    status = main(
        [
            *("simulate", "--port", "0", "--switch", "nobody.x=1", "--switch", "plain"),
            *("--switch", "twilio-supersim.sttle=1", "--switch", "kore-supersim.fleet_change=300"),
            *("--faults", "nobody:hang,*:explode"),
        ]
    )

    errors = capsys.readouterr().err
    assert status == 2
    assert "--switch 'nobody.x=1': unknown provider 'nobody'; known: " in errors
    assert "--switch 'plain' is not provider.name=value" in errors
    assert "--switch twilio-supersim: unknown switch 'sttle'; known: " in errors
    assert "--switch kore-supersim: switch 'fleet_change' is one of 200, 202, not '300'" in errors
    assert "--faults 'nobody:hang': unknown provider 'nobody'" in errors
    assert "--faults '*:explode': unknown kind 'explode'" in errors


@pytest.mark.parametrize(
    ("limits", "workers", "told"),
    [
        (
            "concurrency = 1",
            2,
            "account 'eu' may be asked one call at a time, and each worker would keep its own count",
        ),
        ("concurrency = 3", 4, "account 'eu' may be asked 3 calls at once, and each worker would keep its own count"),
        ("calls = 2\nwindow = 60", 3, "account 'eu' has 2 calls in 60 s, fewer than one for each worker"),
    ],
)
def test_limits_that_workers_cannot_share(
    limits: str, workers: int, told: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """More workers than an account has calls are refused: together they would break its limits."""
    config.write_text(f"{RIGHT}{limits}\n")

    assert main(["serve", "--config", str(config), "--workers", str(workers)]) == 2
    assert capsys.readouterr().err == f"sim-gateway: --workers {workers} is too many:\n  {told}\n"


def test_an_address_that_cannot_be_had(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A host that is not this machine's is told in one line."""
    assert main(["serve", "--config", str(config), "--host", "192.0.2.1", "--port", "0"]) == 1
    assert capsys.readouterr().err == (
        "sim-gateway: cannot listen on 192.0.2.1, port 0: Cannot assign requested address; "
        "try another --host or --port\n"
    )


def test_stopped_before_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that comes while a command is still starting ends it in order, and SIGTERM's own handler returns."""
    before = signal.getsignal(signal.SIGTERM)
    for told in (signal.SIGINT, signal.SIGTERM):
        monkeypatch.setattr("gateway.commands.demo.listen", lambda *_, told=told: signal.raise_signal(told))

        assert main(["demo", "--port", "0"]) == 0
    assert signal.getsignal(signal.SIGTERM) is before
