"""From a file to a Config, or to everything that is wrong with it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from gateway.config.accounts import read_accounts
from gateway.config.budget import read_budget
from gateway.config.cache import read_cache
from gateway.config.callers import read_callers
from gateway.config.documents import read_documents
from gateway.config.issuers import read_issuers
from gateway.config.limits import read_limits
from gateway.config.outside import Outside
from gateway.config.problem import ConfigError, Problem
from gateway.config.records import Config
from gateway.config.rules import shown
from gateway.config.server import read_server
from gateway.config.store import read_store
from gateway.config.table import hint
from gateway.platform import Platform, Settings

__all__ = ["load_config", "read_config"]

T = TypeVar("T")

MOST_BYTES = 1024 * 1024

TABLES = ("accounts", "budget", "cache", "callers", "documents", "issuers", "limits", "server", "store")
"""What a file may have at its top. A table added here gets its record in records.py and its reading below."""


def load_config(path: Path, environ: Mapping[str, str], platforms: Mapping[str, Platform]) -> Config:
    """Read gateway.toml. Raises ConfigError with every mistake in it."""
    return read_config(_document(path), Outside(path.parent, environ), platforms)


def read_config(document: Mapping[str, object], outside: Outside, platforms: Mapping[str, Platform]) -> Config:
    """A parsed file. Raises ConfigError with every mistake in it."""
    unknown = [name for name in document if name not in TABLES]
    problems = [Problem(shown(name)[1:-1], f"unknown table; {hint(name, TABLES)}") for name in unknown]

    def told(read: tuple[T, list[Problem]]) -> T:
        problems.extend(read[1])
        return read[0]

    accounts = told(read_accounts(document.get("accounts", []), outside, platforms))
    named = _named(accounts, document.get("accounts", []))
    limits = told(read_limits(document.get("limits", {}), outside))
    tables = {
        "server": told(read_server(document.get("server", {}), outside)),
        "cache": told(read_cache(document.get("cache", {}), outside)),
        "store": told(read_store(document.get("store", {}), outside)),
        "callers": told(read_callers(document.get("callers", []), outside, named)),
        "issuers": told(read_issuers(document.get("issuers", []), outside, named)),
        "budget": told(read_budget(document.get("budget", {}), outside)),
        "documents": told(read_documents(document.get("documents", {}), outside, limits)),
    }
    if problems:
        raise ConfigError(problems)
    return Config(accounts=tuple(accounts), limits=limits, **tables)  # type: ignore[arg-type]  # all are there


def _named(accounts: list[Settings], tables: object) -> list[Settings]:
    """The accounts, and in place of those with mistakes what they are called: who may see them is another matter."""
    names = [each.name for each in accounts]
    given = [each for each in tables if isinstance(each, dict)] if isinstance(tables, list) else []
    return [*accounts, *(_called(each) for each in given if each.get("name") not in names)]


def _called(table: dict[str, object]) -> Settings:
    tags = table.get("tags")
    words = tuple(str(each) for each in tags) if isinstance(tags, list) else ()
    return Settings(name=str(table.get("name")), provider=str(table.get("provider")), tags=words)


def _document(path: Path) -> dict[str, object]:
    """The file as TOML. A file that is none has one mistake, with its line."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError([Problem(str(path), f"cannot be read: {error.strerror}")]) from None
    if len(content) > MOST_BYTES:
        raise ConfigError([Problem(str(path), f"has more than {MOST_BYTES} bytes")])
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(str(path), f"is not UTF-8 text (at line {line})")]) from None
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "a value in it is too large or too deep"
        raise ConfigError([Problem(str(path), f"is not TOML: {reason}")]) from None
