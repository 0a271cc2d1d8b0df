"""`sim-gateway key` makes keys and lists them, and `serve` listens for others only where somebody is asked for one."""

import asyncio
import logging
import re
import socket
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.__main__ import main
from gateway.auth.identity import Identity
from gateway.commands.exposed import is_loopback
from gateway.commands.web import listen
from gateway.config import ConfigError
from gateway.config.load import load_config
from gateway.registry import platforms
from gateway.rights import Caller, Reach
from schema.scopes import Scope

ACCOUNT = '[[accounts]]\nname = "eu"\nprovider = "twilio-supersim"\naccount_sid = "AC1"\nauth_token = "${H_TOKEN}"\n'
KEY = r"sgw_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A right configuration of one account, without callers."""
    monkeypatch.setenv("H_TOKEN", "hunter2")
    path = tmp_path / "gateway.toml"
    path.write_text(ACCOUNT)
    return path


def new(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    """The key that is printed, and what is to be pasted."""
    assert main(["key", "new", *arguments]) == 0
    output, errors = capsys.readouterr()
    lines = output.splitlines()
    assert errors == ""
    assert re.fullmatch(KEY, lines[0])
    assert output.count(lines[0]) == 1
    begin = next(number for number, line in enumerate(lines) if line.startswith("[["))
    return lines[0], "\n".join(lines[begin:]) + "\n"


def caller_of(config: Path, key: str) -> Caller:
    """Whose key it is, by a configuration."""
    read = load_config(config, {"H_TOKEN": "hunter2"}, platforms())
    return asyncio.run(Identity(read.callers).caller({"authorization": f"Bearer {key}"}))


def test_a_new_caller(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed and pasted is a caller who is known by the key; the key itself is not in what is pasted."""
    given = ("--scopes", "sims:read", "admin", "--accounts", "*", "--expires", "90d")
    key, tables = new(capsys, "--name", "ci", *given)
    config.write_text(ACCOUNT + tables)
    [kept] = tomllib.loads(tables)["callers"][0]["keys"]

    assert key.rpartition("_")[2] not in tables
    assert caller_of(config, key) == Caller("ci", frozenset({Scope.SIMS_READ, Scope.ADMIN}), Reach(is_all=True))
    assert abs(kept["expires"] - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=5)


def test_a_key_more(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pasted beneath a caller who is there, both keys are his; rights are not given with it."""
    first, tables = new(capsys, "--name", "ci", "--accounts", "eu", "--tags", "x")
    second, more = new(capsys, "--for", "ci")
    config.write_text(ACCOUNT.replace("[[accounts]]", '[[accounts]]\ntags = ["x"]') + tables + more)
    told = caller_of(config, first)

    assert caller_of(config, second) == told
    assert told.reach == Reach(accounts=frozenset({"eu"}), tags=frozenset({"x"}))
    assert told.scopes == {scope for scope in Scope if scope.value.endswith(":read")} - {Scope.PII_READ}
    assert "[[callers]]" not in more
    assert main(["key", "new", "--for", "ci", "--accounts", "*"]) == 2
    assert capsys.readouterr() == (
        "",
        "sim-gateway: --for is a key more for a caller who is there; his rights are in his table\n",
    )


def test_accounts_are_not_given_by_omission(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without accounts the table says where to name them, and is refused until somebody does."""
    _, tables = new(capsys, "--name", "ci")
    config.write_text(ACCOUNT + tables)

    assert '\naccounts = []  # name those that exist for this caller; ["*"] is every one\n' in tables
    with pytest.raises(ConfigError, match="it must have one of accounts, providers, tags, fleets"):
        load_config(config, {"H_TOKEN": "hunter2"}, platforms())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "one of the arguments --name --for is required"),
        (["--name", "ci", "--for", "ci"], "argument --for: not allowed with argument --name"),
        (["--name", "Ci"], "argument --name: 'Ci' is not 1 to 64 of a-z, 0-9, ., _ and -, or is 'anonymous'"),
        (["--name", "anonymous"], "argument --name: 'anonymous' is not"),
        (["--name", "ci", "--scopes", "sims"], "argument --scopes: invalid choice: 'sims' (choose from"),
        *(
            (["--name", "ci", "--expires", text], f"argument --expires: {text!r} is not a time to come, like 90d")
            for text in ("90", "0d", "2020-01-01", "2099-01-01T00:00:00", "999999w", "tomorrow")
        ),
    ],
)
def test_a_wrong_command_line(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The argument is named with what it may be, and no key is made."""
    with pytest.raises(SystemExit) as ended:
        main(["key", "new", *arguments])

    output, errors = capsys.readouterr()
    assert (ended.value.code, output) == (2, "")
    assert told in errors


def test_keys_are_listed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names, prefixes and whether each key is good; of the keys themselves neither text nor digest."""
    digest = "0123456789abcdef" * 4
    times = {
        "aaaaaaaa": "",
        "bbbbbbbb": "expires = 2020-01-31T00:00:00Z",
        "cccccccc": "not_before = 2999-01-31T01:00:00+01:00",
    }
    keys = [f'[[callers.keys]]\nprefix = "{prefix}"\nsha256 = "{digest}"\n{time}\n' for prefix, time in times.items()]
    later = f'[[callers.keys]]\nprefix = "dddddddd"\nsha256 = "{digest}"\nexpires = 2999-12-31T23:59:59Z\n'
    caller = '[[callers]]\nname = "{}"\nscopes = []\naccounts = ["eu"]\n'
    config.write_text(ACCOUNT + caller.format("ci") + "".join(keys) + caller.format("dashboard") + later)

    assert main(["key", "list", "--config", str(config)]) == 0
    assert capsys.readouterr() == (
        "ci         aaaaaaaa  good     for ever\n"
        "ci         bbbbbbbb  expired  2020-01-31T00:00:00Z\n"
        "ci         cccccccc  not yet  from 2999-01-31T00:00:00Z\n"
        "dashboard  dddddddd  good     until 2999-12-31T23:59:59Z\n",
        "",
    )


def test_no_keys_to_list(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A configuration without callers says so; one with a mistake is told as by the other commands."""
    assert main(["key", "list", "--config", str(config)]) == 0
    assert capsys.readouterr() == ("no callers are configured\n", "")

    config.write_text(ACCOUNT + '[[callers]]\nname = "ci"\n')
    assert main(["key", "list", "--config", str(config)]) == 2
    assert f"sim-gateway: {config}: 3 to put right\n" in capsys.readouterr().err


# --- where it may listen -------------------------------------------------------------------------------------


class Served(Exception):
    """It would serve now."""


@pytest.fixture
def not_served(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`serve` comes as far as serving, and the log is afterwards what it was."""

    def serve_here(*_: Any) -> None:
        raise Served

    monkeypatch.setattr("gateway.commands.serve.serve_here", serve_here)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@contextmanager
def listening(host: str) -> Iterator[socket.socket]:
    try:
        listener = listen(host, 0)
    except Exception as error:  # a machine without IPv6, or without that name
        pytest.skip(str(error))
    with listener:
        yield listener


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),  # noqa: S104 - what must be refused
        ("::", False),
        ("0", False),
        ("127.1", True),
    ],
)
def test_what_only_this_machine_reaches(host: str, is_own: bool) -> None:
    """It is told by the address that the socket has, however the host was written."""
    with listening(host) as listener:
        assert is_loopback(listener) is is_own


@pytest.mark.usefixtures("not_served")
@pytest.mark.parametrize("where", ["argument", "file"])
def test_nobody_is_let_in_unknown_from_elsewhere(where: str, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without callers and issuers it does not start where others can reach it, and says what can be done."""
    if where == "file":
        config.write_text(ACCOUNT + '[server]\nhost = "0.0.0.0"\n')
    host = ["--host", "0.0.0.0"] if where == "argument" else []  # noqa: S104 - as above

    assert main(["serve", "--config", str(config), "--port", "0", *host]) == 2
    assert capsys.readouterr().err == (
        "sim-gateway: no callers are configured, and others can reach 0.0.0.0, who could do everything; give "
        "[[callers]] (`sim-gateway key new` makes a key) or [[issuers]] in the configuration, or --host 127.0.0.1, "
        "or --insecure\n"
    )


@pytest.mark.usefixtures("not_served")
@pytest.mark.parametrize(
    ("arguments", "has_callers", "warnings"),
    [
        ([], False, []),
        (["--host", "127.0.0.2"], False, []),
        (["--host", "0.0.0.0"], True, []),  # noqa: S104 - as above
        (
            ["--host", "0.0.0.0", "--insecure"],  # noqa: S104 - as above
            False,
            ["whoever can reach 0.0.0.0 may do everything: no callers are configured"],
        ),
    ],
)
def test_where_it_serves(
    arguments: list[str],
    has_callers: bool,
    warnings: list[str],
    config: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On loopback, with callers, or where somebody wants it so: then the log has a warning."""
    if has_callers:
        config.write_text(ACCOUNT + new(capsys, "--name", "ci", "--accounts", "eu")[1])

    with pytest.raises(Served):
        main(["serve", "--config", str(config), "--port", "0", *arguments])
    told = [line.partition(": ")[2] for line in capsys.readouterr().err.splitlines() if " WARNING " in line]
    assert told == warnings
