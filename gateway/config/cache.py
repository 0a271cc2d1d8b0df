"""The `[cache]` table, and what of it an account may have of its own."""

import re
import ssl
from urllib.parse import urlsplit

import msgspec

from gateway.cache.windows import TYPES
from gateway.config.outside import Mistake, Outside
from gateway.config.problem import Problem
from gateway.config.records import MIB, CacheSettings
from gateway.config.rules import Entries, Rule, Written, between, text_like
from gateway.config.table import read_table

__all__ = ["WINDOWS", "read_cache"]

DAY = 86_400

WINDOWS = {"fresh": Entries(TYPES, between(0, DAY)), "stale": Entries(TYPES, between(0, 7 * DAY))}
"""Seconds by type, for all accounts or for one."""


def read_cache(given: object, outside: Outside) -> tuple[CacheSettings | None, list[Problem]]:
    """The cache's settings, or what is wrong with them."""
    if not isinstance(given, dict):
        return None, [Problem("cache", "it must be a table; begin it with [cache]")]
    cache, problems = read_table(CacheSettings, "cache", given, outside, _rules(outside))
    if cache is None or cache.redis_ca is None:
        return cache, problems
    return msgspec.structs.replace(cache, redis_ca=str(outside.folder / cache.redis_ca)), problems


def without_password(written: str, key: str) -> None:
    """A Redis address as it stands in the file, less the variables in it. `redis://user:${VARIABLE}@host` is fine."""
    user, colon, password = written.rpartition("://")[2].rpartition("@")[0].partition(":")
    if password or (user and not colon):
        raise Mistake(
            f"a password is not written here; give ${{VARIABLE}} in its place, or the whole as "
            f'{key} = "${{VARIABLE}}" or {key}_file = "path"'
        )


def redis_url(value: str, found: str) -> None:
    """A Redis or Valkey address. Nothing of it is shown: it may hold a password."""
    del found
    if problem := _wrong_with(value):
        raise Mistake(
            f"found an address {problem}; it must be like redis://host:6379/0 or rediss://user:password@host:6379/0, "
            "with %XX for what is no letter or digit in a password"
        )


def _wrong_with(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return "with a host or port that makes no sense"
    wrong = {
        "that is not redis or rediss": parts.scheme not in ("redis", "rediss"),
        "without a host": not parts.hostname,
        "with port 0": port == 0,
        "with a user and no password": "@" in parts.netloc and not parts.password,
        "with a query or fragment": "?" in value or "#" in value,
        "with a path that is no database's number": not re.fullmatch("(/[0-9]{0,5})?", parts.path),
        "with blanks or control characters": not value.isprintable() or " " in value,
    }
    return next((words for words, is_wrong in wrong.items() if is_wrong), None)


def _rules(outside: Outside) -> dict[str, Rule | Entries]:
    def certificates(value: str, found: str) -> None:
        """A file of certificates in PEM, by which a server is known to be the right one."""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=outside.folder / value)
        except ssl.SSLError:
            raise Mistake(f"the file {found} holds no certificate in PEM") from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a path"
            raise Mistake(f"the file {found} cannot be read: {reason}") from None

    return {
        "redis": Written(redis_url, bare=without_password),
        "redis_ca": certificates,
        "prefix": text_like("[a-z0-9:-]{1,64}", "1 to 64 of a-z, 0-9, : and -"),
        "max_entries": between(100, 10_000_000),
        "max_bytes": between(MIB, 64 * 1024 * MIB),
        **WINDOWS,
    }
