"""`sim-gateway audit` prints what was changed, for people and for programs."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.__main__ import main
from gateway.audit.log import AUDIT_FILE
from gateway.audit.record import AuditRecord, Changed, write_line
from schema.errors import ProblemCode
from schema.write import WriteOutcome
from tests.audit.records import NOON, a_record
from tests.command_line import ROOT, done, running

DAY = dt.timedelta(days=1)
RECORDS = [
    a_record("w1"),
    a_record(
        "w2",
        at=NOON + DAY,
        caller="nightly",
        job="j1",
        account="trackers",
        operation="send_sms_command",
        target="HS2",
        changes={"simId": Changed(new="HS2"), "payload": Changed(new="[redacted]")},
        outcome=WriteOutcome.REFUSED,
        code=ProblemCode.DENIED,
        native_code="20003",
        request_id="RQ1",
    ),
    a_record("w3", at=NOON + 2 * DAY, operation="delete_sim", changes={}, outcome=WriteOutcome.UNKNOWN),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of three records."""
    path = tmp_path / "state" / AUDIT_FILE
    path.parent.mkdir()
    path.write_bytes(b"".join(map(write_line, RECORDS)))
    return path


def test_as_text(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each record, the oldest first, its first columns one under another; times are UTC."""
    assert main(["audit", "--file", str(log)]) == 0

    output, errors = capsys.readouterr()
    assert errors == ""
    assert output.splitlines() == [
        "2026-11-21T12:00:00.250Z  APPLIED  eu            update_sim          HS1                                 "
        'dashboard     name: "truck 1" -> "truck 2"  write=w1',
        "2026-11-22T12:00:00.250Z  REFUSED  trackers      send_sms_command    HS2                                 "
        'nightly       simId: "HS2"; payload: "[redacted]"  code=DENIED  nativeCode=20003  requestId=RQ1  job=j1  '
        "write=w2",
        "2026-11-23T12:00:00.250Z  UNKNOWN  eu            delete_sim          HS1                                 "
        "dashboard     write=w3",
    ]


def test_as_json(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The lines of the log as they are."""
    assert main(["audit", "--file", str(log), "--format", "json"]) == 0
    assert capsys.readouterr() == (log.read_text(), "")


def test_text_that_moves_a_cursor(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever somebody gave as a name or an id, it stays on its line and in its place."""
    name = "a\n2026\x1b[31m\x9b1A\u2028"
    log.write_bytes(write_line(a_record(target=name, changes={"name": Changed(old=name, new=name)})))

    assert main(["audit", "--file", str(log)]) == 0

    output = capsys.readouterr().out
    assert len(output.splitlines()) == 1
    assert output.rstrip("\n").isprintable()


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        (["--account", "eu"], ["w1", "w3"]),
        (["--operation", "delete_sim"], ["w3"]),
        (["--target", "HS1"], ["w1", "w3"]),
        (["--caller", "nightly"], ["w2"]),
        (["--job", "j1"], ["w2"]),
        (["--outcome", "unknown"], ["w3"]),
        (["--since", "2026-11-22"], ["w2", "w3"]),
        (["--since", "2026-11-22T13:00:00.25+01:00", "--until", "2026-11-23T12:00:00Z"], ["w2"]),
        (["--account", "eu", "--until", "2026-11-22"], ["w1"]),
        (["--account", "nobody"], []),
    ],
)
def test_conditions(conditions: list[str], found: list[str], log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only records that meet all of them; none is no failure."""
    assert main(["audit", "--file", str(log), "--format", "json", *conditions]) == 0
    assert [json.loads(line)["write"] for line in capsys.readouterr().out.splitlines()] == found


@pytest.mark.parametrize(("ago", "is_found"), [("1w", True), ("3d", True), ("50h", True), ("1d", False), ("9s", False)])
def test_how_long_ago(ago: str, is_found: bool, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--since 3d` is three days before now."""
    log.write_bytes(write_line(a_record(at=dt.datetime.now(dt.UTC) - 2 * DAY)))

    assert main(["audit", "--file", str(log), "--since", ago]) == 0
    assert (capsys.readouterr().out != "") is is_found


def test_damage_is_told(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be read is counted beside what can."""
    with log.open("ab") as file:
        file.write(b"zzz\n" + write_line(RECORDS[0])[:50])

    assert main(["audit", "--file", str(log)]) == 0

    output, errors = capsys.readouterr()
    assert len(output.splitlines()) == 3
    assert errors == f"sim-gateway: {log}: 2 damaged line(s) left out\n"


def test_no_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be read is told in one line."""
    assert main(["audit", "--file", str(tmp_path / "no")]) == 1
    assert main(["audit", "--file", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"sim-gateway: cannot read {tmp_path / 'no'}: No such file or directory\n"
        f"sim-gateway: cannot read {tmp_path}: Is a directory\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "one of the arguments --config --file is required"),
        (["--file", "x", "--config", "y"], "argument --config: not allowed with argument --file"),
        (["--file", "x", "--outcome", "DRY_RUN"], "argument --outcome: invalid choice: 'DRY_RUN' (choose from"),
        (["--file", "x", "--operation", "update_sims"], "argument --operation: invalid choice: 'update_sims' (choose"),
        (["--file", "x", "--since", "yesterday"], "argument --since: 'yesterday' is not a time like 2026-11-01T08:00"),
        (["--file", "x", "--since", "2026-11-01T08:00:00"], "argument --since: '2026-11-01T08:00:00' is not a time"),
        (["--file", "x", "--until", "2026-13-01"], "argument --until: '2026-13-01' is not a time like"),
        (["--file", "x", "--until", "999999999w"], "argument --until: '999999999w' is not a time like"),
        (["--file", "x", "--until", "0001-01-01T00:00:00+14:00"], "argument --until: '0001-01-01T00:00:00+14:00' is"),
    ],
)
def test_a_wrong_command_line(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The argument is named with what it may be; the exit status is 2."""
    with pytest.raises(SystemExit) as ended:
        main(["audit", *arguments])

    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(("table", "folder"), [("", "state"), ('[store]\nfolder = "kept"', "kept")])
async def test_the_log_of_a_configuration(table: str, folder: str, log: Path, tmp_path: Path) -> None:
    """It is in the folder of the store, beside the configuration unless that says otherwise, wherever one is."""
    log.parent.rename(tmp_path / "moved")
    (tmp_path / "moved").rename(tmp_path / folder)
    config = tmp_path / "gateway.toml"
    config.write_text(f'[[accounts]]\nname = "eu"\nprovider = "twilio-supersim"\n{CREDENTIALS}{table}\n')

    status, output, errors = await done("audit", "--config", config, "--format", "json", H_TOKEN="hunter2")

    assert (status, errors) == (0, "")
    assert output == (tmp_path / folder / AUDIT_FILE).read_text()


CREDENTIALS = 'account_sid = "AC1"\nauth_token = "${H_TOKEN}"\n'


def test_a_reader_that_goes_away(log: Path) -> None:
    """Output that nobody reads to its end is no error: `sim-gateway audit … | head` is quiet."""
    log.write_bytes(write_line(RECORDS[0]) * 20_000)
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", "audit", "--file", log],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        first = command.stdout.readline()
        command.stdout.close()
        errors = command.stderr.read()
        status = command.wait(30)

    assert b"write=w1" in first
    assert (status, errors) == (0, b"")


async def test_a_log_that_is_followed(log: Path) -> None:
    """What is added is printed at once, until Ctrl-C."""
    async with running("audit", "--file", log, "--follow", "--target", "HS1") as command:
        await command.find("write=(w3)")
        _add(log, a_record("w4", target="HS2"), a_record("w5"))
        await command.find("write=(w5)")
        status = await command.stop()

    assert (status, command.errors) == (0, "")
    assert not any("w4" in line for line in command.output)


def _add(path: Path, *records: AuditRecord) -> None:
    with path.open("ab") as file:
        file.write(b"".join(map(write_line, records)))
