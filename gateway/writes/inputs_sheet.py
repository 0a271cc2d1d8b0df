"""One input while it is read: the ids in it become native ones of one account, and whatever is wrong is noted, so that
all of it can be told together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import strawberry
from msgspec import UNSET, UnsetType

from gateway.account import OpenAccount
from gateway.changes import Extra, HttpMethod, Write
from gateway.provider import Provider
from gateway.writes.callback import callback_flaw
from gateway.writes.checks import data_limit_flaw, extra_urls, name_flaw
from schema.connection import Problem
from schema.errors import GatewayError, Invalid, NotFound
from schema.ids import decode_id, shown
from schema.inputs import HttpMethod as Method

__all__ = ["Mistakes", "Rules", "Sheet", "method", "said"]

T = TypeVar("T")

SHOWN = 40
"""Characters of a kind that a message repeats: whoever makes an id up may write anything into it."""


class Mistakes(Exception):
    """Everything that is wrong with an input, told together: at least one error, each with its path."""

    def __init__(self, errors: Sequence[GatewayError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = list(errors)


@dataclass(frozen=True)
class Rules:
    """What the configuration allows of what callers ask. `allow_private_callbacks`: an address for callbacks may be
    http, and of this machine or a private network."""

    allow_private_callbacks: bool = False


def said(value: T | UnsetType | None) -> T | UnsetType:
    """For what can only be left out: null says as little as nothing."""
    return UNSET if value is None or value is strawberry.UNSET else value


class Sheet:
    """The first id, or the account's name, says which account it is all about. What is given back for a value that is
    wrong is good for nothing but reading on."""

    def __init__(self, accounts: Mapping[str, OpenAccount], rules: Rules) -> None:
        self.account = ""
        self.mistakes: list[GatewayError] = []
        self.warnings: list[Problem] = []
        self._accounts = accounts
        self._rules = rules

    @property
    def provider(self) -> Provider | None:
        """Of the account; None where there is no such account."""
        return self._accounts[self.account].provider if self.account in self._accounts else None

    def finish(self, operation: str) -> None:
        """Raises Mistakes where there were any, each saying what it would have been at which account."""
        if self.account in self._accounts:
            self.mistakes = [each.at(self.account, operation) for each in self.mistakes]
        if self.mistakes:
            raise Mistakes(self.mistakes)

    # --- noting ------------------------------------------------------------------------------------------------

    def note(self, flaw: str | None, *place: str, kind: type[GatewayError] = Invalid) -> None:
        """Keep what is wrong with the field at this place of the input; None: nothing is."""
        if flaw is not None:
            self.mistakes.append(kind(f"{'.'.join(place) or 'input'}: {flaw}", path=["input", *place]))

    def warn(self, flaw: str | None, operation: str, *place: str) -> None:
        """Keep what looks wrong, and may be right."""
        if flaw is not None:
            error = Invalid(f"{'.'.join(place)}: {flaw}", path=["input", *place])
            self.warnings.append(Problem.of(error.at(self.account, operation)))

    def check_changes(self, write: Write) -> None:
        """A change must change something; being called back about it does not."""
        changes = [
            field.name
            for field in msgspec.structs.fields(type(write))
            if not field.required and field.name not in ("callback_url", "callback_method")
        ]
        if not self.mistakes and all(getattr(write, name) is UNSET for name in changes):
            self.note("nothing to change is given")

    # --- accounts and ids --------------------------------------------------------------------------------------

    def at(self, account: str, *place: str) -> None:
        """The account it is about."""
        if account not in self._accounts:
            self.note(f"there is no account {shown(account)}", *place, kind=NotFound)
        self.account = account

    def native(self, given: str, *kinds: str, place: Sequence[str]) -> str:
        """An id as the native id of a thing of one of these kinds."""
        try:
            wanted = decode_id(given, argument=".".join(place))
        except Invalid as error:
            error.path = ["input", *place]
            self.mistakes.append(error)
            return ""
        kind = wanted.kind[:SHOWN]
        if kind not in kinds:
            self.note(f"this is the id of a {kind}, not of a {' or '.join(kinds)}", *place)
        elif not self.account:
            self.at(wanted.account, *place)
        elif wanted.account != self.account:
            self.note(f"this {kind} is of account {shown(wanted.account)}, not of {self.account!r}", *place)
        return wanted.native_id

    def native_if_said(self, given: str | None, kind: str, field: str) -> str | UnsetType:
        """The same for an id that can be left out, but not cleared."""
        value = self.kept(given, field)
        return value if value is UNSET else self.native(value, kind, place=[field])

    def native_or_null(self, given: str | None, kind: str, field: str) -> str | UnsetType | None:
        """The same for an id that null clears."""
        return None if given is None else self.native_if_said(given, kind, field)

    # --- values ------------------------------------------------------------------------------------------------

    def kept(self, value: T | None, field: str) -> T | UnsetType:
        """A value that can be left out, but not cleared."""
        if value is None:
            self.note("cannot be cleared: leave it out to keep it as it is", field)
        return said(value)

    def name(self, value: str | None, field: str = "name") -> str | UnsetType | None:
        """A name, null clears it."""
        if isinstance(value, str):
            self.note(name_flaw(value), field)
        return None if value is None else said(value)

    def new_name(self, value: str | None, field: str = "name") -> str | UnsetType:
        """The name of a thing to be made."""
        return said(self.name(value, field))

    def limit(self, value: int | UnsetType | None, field: str) -> int | UnsetType:
        """A limit in bytes."""
        size = said(value)
        if size is not UNSET:
            self.note(data_limit_flaw(size), field)
        return size

    def url(self, value: str | None, field: str) -> str | UnsetType:
        """An address for callbacks."""
        url = said(value)
        if url is not UNSET:
            self._check_url(url, field)
        return url

    def url_or_null(self, value: str | None, field: str) -> str | UnsetType | None:
        """The same where null clears it."""
        return None if value is None else self.url(value, field)

    def own_names(self, value: Any, *place: str) -> Extra | UnsetType:  # Any: whatever JSON the caller gave
        """What only the provider has; of that, addresses are checked here, the rest by its adapter."""
        given = said(value)
        if given is UNSET or given == {}:
            return UNSET
        if not isinstance(given, dict):
            self.note("must be an object", *place)
            return UNSET
        for name, url in extra_urls(given):
            self._check_url(url, *place, name)
        return given

    def _check_url(self, url: str, *place: str) -> None:
        self.note(callback_flaw(url, allow_private=self._rules.allow_private_callbacks), *place)


def method(value: Method | UnsetType | None) -> HttpMethod | UnsetType:
    """How an address is called."""
    given = said(value)
    if given is UNSET:
        return UNSET
    return "GET" if given is Method.GET else "POST"
