"""From a file to a Config, or to everything that is wrong with it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from gateway.config.accounts import read_accounts
from gateway.config.cache import read_cache
from gateway.config.outside import Outside
from gateway.config.problem import ConfigError, Problem
from gateway.config.records import Config, ServerSettings
from gateway.config.rules import Rule, between, shown, text_like
from gateway.config.store import read_store
from gateway.config.table import hint, read_table
from gateway.platform import Platform

__all__ = ["load_config", "read_config"]

MOST_BYTES = 1024 * 1024

TABLES = ("accounts", "cache", "server", "store")
"""What a file may have at its top. A table added here gets its record in records.py and its reading below."""

SERVER_RULES: dict[str, Rule] = {
    "host": text_like(r"[A-Za-z0-9.:_-]{1,253}", "a host name or an IP address"),
    "port": between(0, 65535),
    "deadline": between(0, 120, above=True),
    "cursor_key": text_like(r".{16,}", "at least 16 characters"),
    "max_body": between(1024, 16 * 1024 * 1024),
}


def load_config(path: Path, environ: Mapping[str, str], platforms: Mapping[str, Platform]) -> Config:
    """Read gateway.toml. Raises ConfigError with every mistake in it."""
    return read_config(_document(path), Outside(path.parent, environ), platforms)


def read_config(document: Mapping[str, object], outside: Outside, platforms: Mapping[str, Platform]) -> Config:
    """A parsed file. Raises ConfigError with every mistake in it."""
    unknown = [name for name in document if name not in TABLES]
    problems = [Problem(shown(name)[1:-1], f"unknown table; {hint(name, TABLES)}") for name in unknown]
    accounts, wrong = read_accounts(document.get("accounts", []), outside, platforms)
    problems += wrong
    server, wrong = _server(document.get("server", {}), outside)
    problems += wrong
    cache, wrong = read_cache(document.get("cache", {}), outside)
    problems += wrong
    store, wrong = read_store(document.get("store", {}), outside)
    problems += wrong
    if problems or server is None or cache is None or store is None:
        raise ConfigError(problems)
    return Config(accounts=tuple(accounts), server=server, cache=cache, store=store)


def _server(given: object, outside: Outside) -> tuple[ServerSettings | None, list[Problem]]:
    if not isinstance(given, dict):
        return None, [Problem("server", "it must be a table; begin it with [server]")]
    return read_table(ServerSettings, "server", given, outside, SERVER_RULES)


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
