"""One line of the audit log: who changed what, when, and what became of it."""

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from gateway.audit.shown import MOST_ITEMS, MOST_TEXT, shown, shown_extra
from gateway.changes import (
    AddProfileNetwork,
    DeleteRatePlan,
    DeleteSim,
    DeleteSmsCommand,
    RemoveProfileNetwork,
    UpdateFleet,
    UpdateNetworkAccessProfile,
    UpdateRatePlan,
    UpdateSim,
    Write,
)
from schema.errors import ProblemCode
from schema.fleet import Fleet
from schema.network import NetworkAccessProfile
from schema.rate_plan import RatePlan
from schema.sim import Sim
from schema.write import WriteOutcome

__all__ = ["TARGET_FIELDS", "AuditRecord", "Changed", "changes_of", "named_target", "read_line", "write_line"]

TARGET_FIELDS: Mapping[type, str] = {
    UpdateSim: "sim_id",
    DeleteSim: "sim_id",
    DeleteSmsCommand: "command_id",
    UpdateFleet: "fleet_id",
    UpdateNetworkAccessProfile: "profile_id",
    AddProfileNetwork: "profile_id",
    RemoveProfileNetwork: "profile_id",
    UpdateRatePlan: "rate_plan_id",
    DeleteRatePlan: "rate_plan_id",
}
"""The field that says which thing is changed: it is `AuditRecord.target`, and no change itself."""

CHANGED: Mapping[type, type] = {
    UpdateSim: Sim,
    UpdateFleet: Fleet,
    UpdateNetworkAccessProfile: NetworkAccessProfile,
    UpdateRatePlan: RatePlan,
}
"""What a write changes whose former state can be told, in fields of the same names."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A field that a write sets, as far as the log may repeat it. `old` is absent where it is not known, which is not
    the same as null. Any: each field has values of its own, all of them JSON."""

    old: Any | UnsetType = UNSET
    new: Any


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One write. `at` is when its outcome was known, aware. `write` is its id, `job` that of the job it is part of.

    `target` is the native id of what is changed; of what is made, once it is known. `code` and `native_code` are those
    of the first problem, `request_id` is the provider's own name for the call. Every field is in every line.
    """

    at: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    write: str
    caller: str
    job: str | None = None
    account: str
    operation: str
    target: str | None = None
    changes: dict[str, Changed] = {}
    outcome: WriteOutcome
    code: ProblemCode | None = None
    native_code: str | None = None
    request_id: str | None = None


def changes_of(write: Write, before: object | None = None) -> dict[str, Changed]:
    """Every field that the write sets, by its name in the API; `extra.<name>` is what a provider calls so.

    `before` is the thing as it was known before the write; None where it was not known. What the log must not repeat
    is redacted, in the old value as in the new.
    """
    known = before if isinstance(before, CHANGED.get(type(write), ())) else None
    return dict(_changes(write, known))


def named_target(write: Write) -> str | None:
    """The native id of what is changed; None where the write makes something new, as a command does: its SIM is among
    the changes."""
    field = TARGET_FIELDS.get(type(write))
    return None if field is None else str(getattr(write, field))


def _changes(write: Write, known: object | None) -> Iterator[tuple[str, Changed]]:
    for field in write.__struct_fields__:
        new = getattr(write, field)
        if new is UNSET or field == TARGET_FIELDS.get(type(write)):
            continue
        if field == "extra":
            yield from _extra(new, getattr(known, "extra", None))
            continue
        old = UNSET if _is_untold(known, field) else shown(field, getattr(known, field))
        yield _camel(field), Changed(old=old, new=shown(field, new))


def _extra(new: Mapping[str, object], old: object) -> Iterator[tuple[str, Changed]]:
    """What the thing does not tell of is not known: many names can be set and never be read. No provider has as many
    names as are told at most."""
    told = old if isinstance(old, dict) else {}
    for name, value in islice(new.items(), MOST_ITEMS):
        before = shown_extra(name, told[name]) if name in told else UNSET
        yield f"extra.{_clean(name)}", Changed(old=before, new=shown_extra(name, value))


def _is_untold(known: object | None, field: str) -> bool:
    """Whether the former value is not known. A SIM of a list that tells only some fields has null for the others."""
    if not hasattr(known, field):
        return True
    return isinstance(known, Sim) and not known.is_complete and getattr(known, field) is None


def _camel(field: str) -> str:
    first, *others = field.split("_")
    return first + "".join(each.capitalize() for each in others)


# --- as a line -----------------------------------------------------------------------------------------------


def write_line(record: AuditRecord) -> bytes:
    """The record as JSON with a newline, times in UTC, whatever its texts are."""
    texts = {name: _clean(text) for name in TEXTS if isinstance(text := getattr(record, name), str)}
    clean = msgspec.structs.replace(record, at=record.at.astimezone(dt.UTC), **texts)
    return msgspec.json.encode(clean) + b"\n"


TEXTS = ("write", "caller", "job", "account", "operation", "target", "native_code", "request_id")

read_line = msgspec.json.Decoder(AuditRecord).decode
"""The record of a line, with or without its newline. Raises msgspec.DecodeError for what is none."""


def _clean(text: str) -> str:
    """A text that UTF-8 can write, of a bearable length."""
    return text[:MOST_TEXT].encode("utf-8", "replace").decode()
