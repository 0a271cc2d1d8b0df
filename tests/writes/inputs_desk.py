"""What tests of inputs need: accounts by name, ids of their things, and the mistakes of an input as they are told."""

from types import SimpleNamespace
from typing import Any

from gateway.writes.inputs import Mistakes, Rules, order_of
from gateway.writes.order import Order
from gateway.writing import Writing
from schema.errors import GatewayError
from schema.ids import encode_id

__all__ = ["ACCOUNTS", "id_of", "mistakes", "order", "told"]


class _OwnLimits(Writing):
    text_limit = None
    binary_limit = None


ACCOUNTS: Any = {
    "north": SimpleNamespace(provider=Writing()),
    "south": SimpleNamespace(provider=_OwnLimits()),
}
"""Inputs are read with an account's name and its provider's limits, and nothing else of it."""


def id_of(kind: str, native_id: str = "n1", account: str = "north") -> str:
    return encode_id(account, kind, native_id)


def order(wanted: Any, *, caller: str = "ann", allow_private: bool = False) -> Order:
    return order_of(wanted, ACCOUNTS, caller, Rules(allow_private_callbacks=allow_private))


def mistakes(wanted: Any) -> list[GatewayError]:
    """All that is wrong with it; none where it is an order."""
    try:
        order(wanted)
    except Mistakes as found:
        return found.errors
    return []


def told(wanted: Any) -> list[tuple[str, str, str]]:
    """The same as code, path and message."""
    return [(each.code.value, ".".join(each.path or ()), each.message) for each in mistakes(wanted)]
