"""What every table says of a Redis that replicas share: where it is, who vouches for it, and the prefix of its keys."""

import re
import ssl
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from gateway.config.outside import Mistake, Outside
from gateway.config.records import CacheSettings, StoreSettings
from gateway.config.rules import Rule, Written, text_like

__all__ = ["redis_rules", "with_authority"]

S = TypeVar("S", CacheSettings, StoreSettings)


def redis_rules(outside: Outside) -> dict[str, Rule]:
    """The rules of the keys `redis`, `redis_ca` and `prefix`."""

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
    }


def with_authority(settings: S, outside: Outside) -> S:
    """The same with the authority's file as it is found from anywhere."""
    if settings.redis_ca is None:
        return settings
    return msgspec.structs.replace(settings, redis_ca=str(outside.folder / settings.redis_ca))


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
