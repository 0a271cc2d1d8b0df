"""`sim-gateway audit`: what was changed through the gateway, by whom, and what became of it."""

import argparse
import datetime as dt
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import get_args

from msgspec import UNSET

from gateway.audit.log import AUDIT_FILE
from gateway.audit.reading import AuditReader, Wanted
from gateway.audit.record import AuditRecord, Changed, write_line
from gateway.changes import Write
from gateway.commands.arguments import read_config_file
from gateway.commands.failure import Failure
from schema.write import WriteOutcome

__all__ = ["add", "run"]

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
OUTCOMES = [each.value for each in WriteOutcome if each is not WriteOutcome.DRY_RUN]
OPERATIONS = [each.__struct_config__.tag for each in get_args(Write)]
WIDTHS = (24, 7, 12, 18, 34, 12)
"""Of the first columns; a longer value pushes the rest aside."""


def add(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--config", metavar="FILE", type=Path, help="the configuration whose gateway keeps the log")
    where.add_argument("--file", metavar="FILE", type=Path, help="the log itself, or an older one")
    parser.add_argument("--account", metavar="NAME", help="only of this account")
    parser.add_argument("--operation", metavar="NAME", choices=OPERATIONS, help="only this one, such as update_sim")
    parser.add_argument("--target", metavar="ID", help="only changes of the thing with this native id")
    parser.add_argument("--caller", metavar="NAME", help="only what this caller did")
    parser.add_argument("--job", metavar="ID", help="only what this job did")
    parser.add_argument(
        "--outcome", metavar="WORD", type=str.upper, choices=OUTCOMES, help=f"only those: {', '.join(OUTCOMES)}"
    )
    parser.add_argument("--since", metavar="TIME", type=_moment, help="2026-11-01T08:00:00Z, 2026-11-01, 3d or 2h ago")
    parser.add_argument("--until", metavar="TIME", type=_moment, help="only before this time")
    parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="how records look (default: text)")
    parser.add_argument("--follow", action="store_true", help="go on with what is added, until Ctrl-C")


def run(args: argparse.Namespace) -> int:
    """Print the records, the oldest first; what cannot be read is told at the end."""
    reader = AuditReader()
    path = args.file or _of_config(args.config)
    wanted = Wanted(outcome=WriteOutcome(args.outcome) if args.outcome else None, **{n: getattr(args, n) for n in SAME})
    try:
        _print(reader.follow(path) if args.follow else reader.read(path), wanted, FORMATS[args.format])
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from None
    if reader.damaged:
        print(f"sim-gateway: {path}: {reader.damaged} damaged line(s) left out", file=sys.stderr)
    return 0


SAME = ("account", "operation", "target", "caller", "job", "since", "until")
"""Arguments that are conditions as they are."""


def _of_config(path: Path) -> Path:
    """A configuration that was read from a file always has a folder."""
    return Path(read_config_file(path).store.folder or path.parent) / AUDIT_FILE


def _print(records: Iterator[AuditRecord | None], wanted: Wanted, form: Callable[[AuditRecord], str]) -> None:
    for record in records:
        if record is None:
            sys.stdout.flush()
        elif wanted.takes(record):
            print(form(record))


# --- how a record looks --------------------------------------------------------------------------------------


def _json(record: AuditRecord) -> str:
    return write_line(record).decode().rstrip("\n")


def _text(record: AuditRecord) -> str:
    """When, outcome, account, operation, target and caller in columns; then the changes, and what else is known."""
    at = record.at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    columns = (at, str(record.outcome.value), record.account, record.operation, record.target or "-", record.caller)
    parts = [_one_line(text).ljust(width) for text, width in zip(columns, WIDTHS, strict=True)]
    parts += ["; ".join(_change(name, each) for name, each in record.changes.items())]
    parts += [f"{name}={_one_line(value)}" for name, value in _others(record).items() if value]
    return "  ".join(part for part in parts if part)


FORMATS: Mapping[str, Callable[[AuditRecord], str]] = {"text": _text, "json": _json}


def _change(name: str, change: Changed) -> str:
    """Old and new; the new alone where the old is not known."""
    old = "" if change.old is UNSET else f"{json.dumps(change.old, ensure_ascii=False)} -> "
    return _one_line(f"{name}: {old}{json.dumps(change.new, ensure_ascii=False)}")


def _others(record: AuditRecord) -> dict[str, str | None]:
    return {
        "code": str(record.code.value) if record.code else None,
        "nativeCode": record.native_code,
        "requestId": record.request_id,
        "job": record.job,
        "write": record.write,
    }


def _one_line(text: str) -> str:
    """What breaks lines or moves a terminal's cursor is escaped."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


# --- times ---------------------------------------------------------------------------------------------------


def _moment(text: str) -> dt.datetime:
    """A time with an offset, a day in UTC, or how long ago."""
    try:
        if ago := re.fullmatch(r"([0-9]{1,9})([smhdw])", text):
            return dt.datetime.now(dt.UTC) - dt.timedelta(**{UNITS[ago[2]]: int(ago[1])})
        is_day = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
        found = dt.datetime.fromisoformat(f"{text}T00:00:00Z" if is_day else text)
        if found.tzinfo is not None:
            return found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a time like 2026-11-01T08:00:00Z, a day, or 3d, 2h, 30m ago")
