"""What the audit log may repeat of a value: never what a device is told, never what may hold a credential."""

import re
from collections.abc import Sequence
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

__all__ = ["HIDDEN", "MOST_ITEMS", "MOST_TEXT", "REDACTED", "SHOWN", "URLS", "Json", "shown", "shown_extra"]

Json = str | int | float | bool | list[Any] | None  # Any: the items are what this is
HIDDEN = "[redacted]"

REDACTED = frozenset({"payload", "registration_code"})
"""Fields of write records that the log names without their values."""

URLS = frozenset({"callback_url", "sms_commands_url", "ip_commands_url"})
"""Fields of which the log keeps scheme and host: a path or a query may hold a token."""

SHOWN = frozenset(
    {
        "callback_method",
        "command_id",
        "data_enabled",
        "data_limit",
        "data_limit_strategy",
        "data_metering",
        "delivery_receipt_requested",
        "eid",
        "encoding",
        "fleet_id",
        "friendly_name",
        "generate_matching_id",
        "iccid",
        "international_roaming",
        "international_roaming_data_limit",
        "ip_commands_method",
        "messaging_enabled",
        "name",
        "national_roaming_data_limit",
        "national_roaming_enabled",
        "native_status",
        "network_access_profile_id",
        "network_id",
        "network_ids",
        "port",
        "profile_id",
        "rate_plan_id",
        "sim_id",
        "sms_commands_enabled",
        "sms_commands_method",
        "status",
    }
)
"""Fields that the log shows as they are. What is in none of these tables is redacted."""

MOST_TEXT = 500
"""Characters of a text, and of a name that a caller chose."""
MOST_ITEMS = 100
"""Items of a list, and names in `extra`."""
MOST_NUMBER = 2**63

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}")
_SECRET_NAME = re.compile(r"code|key|passw|payload|secret|text|token", re.IGNORECASE)
"""No provider has such a name in `extra`; who misspells an input may still have put a secret under one."""


def shown(field: str, value: object) -> Json:
    """What the log repeats of this field of a write record, or of the thing it changes."""
    if value is None:
        return None
    if field in URLS:
        return _origin(value)
    return _plain(value) if field in SHOWN else HIDDEN


def shown_extra(name: str, value: object) -> Json:
    """The same for a value under a provider's own name: addresses by their names and looks; no nested value."""
    if value is None:
        return None
    if isinstance(value, dict | list | tuple) or _SECRET_NAME.search(name):
        return HIDDEN
    is_url = name.lower().endswith("url") or (isinstance(value, str) and "://" in value)
    return _origin(value) if is_url else _plain(value)


def _origin(url: object) -> str:
    """Scheme and host of an address; nothing at all of what is none."""
    if url == "":
        return ""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        host = parts.hostname if parts else None
    except ValueError:
        return HIDDEN
    if parts is None or host is None or not _SCHEME.fullmatch(parts.scheme) or not _HOST.fullmatch(host):
        return HIDDEN
    return f"{parts.scheme}://[{host}]" if ":" in host else f"{parts.scheme}://{host}"


def _plain(value: object) -> Json:
    """A value that a line of JSON can hold and that is read back as it was, cut where it is very long."""
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < MOST_NUMBER else "[too large]"
    return _list(value) if isinstance(value, list | tuple) else HIDDEN


def _text(value: str) -> str:
    told = value if len(value) <= MOST_TEXT else f"{value[:MOST_TEXT]}[{len(value) - MOST_TEXT} more]"
    return told.encode("utf-8", "replace").decode()


def _list(values: Sequence[object]) -> list[Any]:  # Any: as in Json
    told: list[Any] = [_plain(each) for each in values[:MOST_ITEMS]]
    return told if len(values) <= MOST_ITEMS else [*told, f"[{len(values) - MOST_ITEMS} more]"]
