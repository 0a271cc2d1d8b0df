"""Dates, places and numbers as providers write them. What cannot be read is null, never a guess."""

import datetime as dt
import re
from functools import lru_cache
from ipaddress import ip_address

import pycountry

from schema.scalars import BigInt

__all__ = ["address", "country", "currency", "digits", "moment", "msisdn", "size", "text"]

_OFFSET_WITHOUT_COLON = re.compile(r"([+-]\d\d)(\d\d)$")
_MSISDN = re.compile(r"\+?([0-9]{6,15})")


def moment(value: str | None) -> dt.datetime | None:
    """A time in UTC from ISO 8601 and its relatives: a blank for the T, an offset without a colon, a date with Z.

    A time without an offset is taken as UTC: every provider here documents UTC or GMT.
    """
    if not value:
        return None
    try:
        parsed = dt.datetime.fromisoformat(_OFFSET_WITHOUT_COLON.sub(r"\1:\2", value.strip()).removesuffix("Z"))
        return parsed.replace(tzinfo=dt.UTC) if parsed.tzinfo is None else parsed.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def text(value: str | None) -> str | None:
    """A string, where the provider's ways of saying nothing (empty, blank, the word null) are null."""
    stripped = value.strip() if value else ""
    return None if stripped in ("", "null") else stripped


@lru_cache(maxsize=1024)
def country(value: str | None) -> str | None:
    """ISO 3166-1 alpha-2 from alpha-2, alpha-3 or an English name, in any letter case; null if it is none."""
    wanted = text(value)
    if wanted is None:
        return None
    try:
        return str(pycountry.countries.lookup(wanted).alpha_2)
    except LookupError:
        return None


def address(value: str | None) -> str | None:
    """An IP address in its usual form; null if it is none."""
    wanted = text(value)
    if wanted is None:
        return None
    try:
        return str(ip_address(wanted))
    except ValueError:
        return None


def digits(value: str | None) -> str | None:
    """A number that is a name (ICCID, IMSI, IMEI, EID): digits alone; null if it is anything else."""
    wanted = text(value)
    return wanted if wanted is not None and wanted.isascii() and wanted.isdigit() else None


def msisdn(value: str | None) -> str | None:
    """A telephone number in E.164 with its plus sign, which some providers leave out; null if it is none."""
    number = _MSISDN.fullmatch(text(value) or "")
    return f"+{number[1]}" if number else None


def currency(value: str | None) -> str | None:
    """ISO 4217 alphabetic code, in any letter case; null if it is none."""
    wanted = text(value)
    known = pycountry.currencies.get(alpha_3=wanted.upper()) if wanted else None
    return str(known.alpha_3) if known else None


def size(value: int | None) -> BigInt | None:
    """Bytes; null for a negative number or one beyond 64 bits, which are no sizes."""
    return BigInt(value) if value is not None and 0 <= value < 2**63 else None
