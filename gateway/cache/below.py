"""Everything of an account, or everything of it that is of one type, by what its keys begin with."""

from gateway.cache.question import LOADED
from gateway.cache.windows import OF_OPERATION
from gateway.kinds import LISTS
from schema.command import Command, IpCommand, SmsCommand

__all__ = ["KINDS", "below", "lists_below"]

COMMANDS = {SmsCommand.__name__: "sms", IpCommand.__name__: "ip"}

KINDS: tuple[str, ...] = tuple(sorted({*OF_OPERATION.values(), *COMMANDS} - {Command.__name__}))
"""What can be forgotten by its type."""


def below(account: str, kind: str | None = None) -> tuple[str, ...]:
    """Of the account, or of this type at the account: the things, and every answer that they came in."""
    if kind is None:
        return (f"{account}/",)
    return (f"{account}/{kind}/", f"{account}/row of {kind}/", *lists_below(account, kind))


def lists_below(account: str, kind: str) -> tuple[str, ...]:
    """The answers alone that may hold, or lack, things of this type."""
    return tuple(f"{account}/{operation}/" for operation in OF_OPERATION if _tells(operation, kind))


def _tells(operation: str, kind: str) -> bool:
    if kind in COMMANDS:
        return operation in LISTS[Command] and COMMANDS[kind] in operation
    return OF_OPERATION[operation] == kind and operation not in LOADED
