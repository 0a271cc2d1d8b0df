"""Account tables written down as gateway.toml, their credentials as files beside it."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from gateway.commands.failure import Failure
from gateway.config.secrets import FILE, is_secret
from gateway.platform import Platform

__all__ = ["MARK", "secret_keys", "write_config"]

MARK = "# Written by `sim-gateway simulate`: the accounts of simulated providers."
"""The first line; a file that does not begin with it is somebody's own and is not overwritten."""

OWN = 0o600


def write_config(
    path: Path,
    tables: Iterable[Mapping[str, object]],
    platforms: Mapping[str, Platform],
    redis: str | None = None,
    state: str | None = None,
) -> None:
    """Write the file and the secrets it refers to, readable by their owner only. Failure when it cannot be.

    `redis` is written as it is, for the cache and, where no folder `state` is named, for the store: whoever reads the
    file refuses a password there.
    """
    try:
        if path.exists() and not path.read_text(encoding="utf-8", errors="replace").startswith(MARK):
            raise Failure(f"{path} is there already and not from here: it is not overwritten")
        parts = [MARK, *(_account(path, table, platforms) for table in tables)]
        stored = ("redis", redis) if state is None else ("folder", state)
        parts += filter(None, [_table("cache", "redis", redis), _table("store", *stored)])
        path.write_text("\n".join(parts), encoding="utf-8")
    except OSError as error:
        raise Failure(f"cannot write {error.filename or path}: {error.strerror}") from None


def secret_keys(platform: Platform) -> set[str]:
    """The keys of an account that are secrets."""
    return {field.name for field in msgspec.structs.fields(platform.settings) if is_secret(field.type)}


def _account(path: Path, table: Mapping[str, object], platforms: Mapping[str, Platform]) -> str:
    """One `[[accounts]]` table as text; its secrets are written at once."""
    secrets = secret_keys(platforms[str(table["provider"])])
    lines = ["", "[[accounts]]"]
    for key, value in table.items():
        if key in secrets:
            beside = path.with_name(f"{path.name}.{table['name']}.{key}")
            _write_secret(beside, str(value))
            lines.append(f"{key}{FILE} = {_toml(beside.name)}")
        else:
            lines.append(f"{key} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _table(name: str, key: str, value: str | None) -> str:
    """A table of one key as text; none where there is no value."""
    return "" if value is None else f"\n[{name}]\n{key} = {_toml(value)}\n"


def _write_secret(path: Path, value: str) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWN)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        path.chmod(OWN)
        file.write(value + "\n")


def _toml(value: object) -> str:
    """Text, numbers and truth look in TOML as in JSON."""
    return json.dumps(value, ensure_ascii=False)
