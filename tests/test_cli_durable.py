"""Where changes cannot be written down nothing is served: one line says why."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.__main__ import main
from gateway.audit.log import AUDIT_FILE
from gateway.commands.failure import Failure
from gateway.store.sqlite_file import NAME
from tests.command_line import PATIENCE, ROOT, done, running

Spoil = Callable[[Path], object]

ACCOUNT = '[[accounts]]\nname = "eu"\nprovider = "twilio-supersim"\naccount_sid = "AC1"\nauth_token = "${H_TOKEN}"\n'


def of_a_store(folder: Path | str) -> str:
    return f"the store {folder}/{NAME} cannot be used: "


def damaged(folder: Path) -> None:
    folder.mkdir()
    (folder / NAME).write_bytes(b"this was a store once, " * 500)


def folder_for_a_log(folder: Path) -> None:
    (folder / AUDIT_FILE).mkdir(parents=True)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A right configuration of one account."""
    path = tmp_path / "gateway.toml"
    path.write_text(ACCOUNT)
    return path


def stored(config: Path, where: str) -> None:
    """Give the configuration a `[store]` of its own."""
    config.write_text(f"{ACCOUNT}[store]\n{where}\n")


async def told(config: Path, *arguments: str) -> str:
    """What `serve` says when it ends by itself, as it must, with a failure."""
    status, output, errors = await done("serve", "--config", config, "--port", "0", *arguments, H_TOKEN="hunter2")
    assert (status, output) == (1, "")
    return errors


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (damaged, "the store {folder}/store.sqlite cannot be used: its file is damaged, or not a store"),
        (folder_for_a_log, "the audit log {folder}/audit.jsonl cannot be written: Is a directory"),
    ],
)
async def test_a_folder_that_is_spoilt(spoil: Spoil, why: str, config: Path) -> None:
    """A damaged store, and something else where the log is to be: the line names the file."""
    folder = config.parent / "state"
    spoil(folder)

    assert await told(config) == f"sim-gateway: {why.format(folder=folder)}\n"


@pytest.mark.parametrize(
    ("folder", "why"), [("gateway.toml/state", "Not a directory"), ("/proc/state", "No such file or directory")]
)
async def test_a_folder_that_cannot_be_made(folder: str, why: str, config: Path) -> None:
    """One below a file, and one where no folders can be made."""
    stored(config, f'folder = "{folder}"')

    errors = await told(config)

    assert errors == f"sim-gateway: {of_a_store(config.parent / folder)}{why}\n"


async def test_a_file_in_place_of_the_folder(config: Path) -> None:
    """That is a mistake in the configuration, told with the others."""
    stored(config, 'folder = "gateway.toml"')

    status, output, errors = await done("serve", "--config", config, "--port", "0", H_TOKEN="hunter2")

    assert (status, output) == (2, "")
    assert errors.splitlines()[0] == f"sim-gateway: {config}: 1 to put right"
    assert errors.splitlines()[1].startswith("  store: folder: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
async def test_a_folder_that_is_not_ours(config: Path) -> None:
    """One in which this user may make no file."""
    (config.parent / "state").mkdir(mode=0o500)

    assert await told(config) == f"sim-gateway: {of_a_store(config.parent / 'state')}Permission denied\n"


async def test_workers_are_not_even_started(config: Path) -> None:
    """Told once, behind the warning that is told in any case, and not by each worker."""
    damaged(config.parent / "state")

    *warnings, line = (await told(config, "--workers", "2")).splitlines()

    assert line.startswith(f"sim-gateway: {of_a_store(config.parent / 'state')}its file is damaged")
    assert len(warnings) == 1


async def test_a_redis_is_the_store(config: Path) -> None:
    """The file is not looked at then, and a Redis that is not there may come later: the gateway serves."""
    damaged(config.parent / "state")
    stored(config, 'redis = "redis://127.0.0.1:1/0"')
    async with running("serve", "--config", config, "--port", "0", H_TOKEN="hunter2") as gateway:
        await gateway.find(r"GraphQL at (http://\S+)", errors=True)

        assert await gateway.stop() == 0


def test_the_demo_without_a_folder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The demo leaves nothing behind, and needs a place for a while all the same."""
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")

    assert main(["demo", "--port", "0"]) == 1
    assert capsys.readouterr() == (
        "",
        "sim-gateway: there is no folder to be had for a while: No such file or directory\n",
    )


# --- a worker that cannot start for another reason ---------------------------------------------------------------


async def refuses(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "not today"})


def refusing() -> ASGIApp:
    return refuses


SERVED = """
from gateway.commands.web import listen, serve_with_workers, uvicorn_config
from gateway.logs import log_config
from tests.test_cli_durable import refusing

serve_with_workers(uvicorn_config(refusing, log_config("text"), 1, 2), listen("127.0.0.1", 0))
"""


def test_a_worker_that_cannot_start() -> None:
    """It ends the others, and the whole is a failure; without this it would look like a good end."""
    ended = subprocess.run(
        [sys.executable, "-c", SERVED], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    assert ended.returncode == 1
    assert "not today" in ended.stderr
    assert ended.stderr.splitlines()[-1] == f"{Failure.__module__}.Failure: a worker could not start; the log says why"
