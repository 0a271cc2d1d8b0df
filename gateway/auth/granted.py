"""What a table of gateway.toml gives: what may be done, and which accounts exist."""

import msgspec

from gateway.rights import Reach
from schema.ids import Key
from schema.scopes import Scope

__all__ = ["ALL", "Granted"]

ALL = "*"
"""As the only one of `accounts`: every account."""


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """The keys that everybody has who is given something: `[[callers]]`, `[[issuers]]` and `[[issuers.grants]]`.

    `accounts`, `providers` and `tags` are names, and an account exists if one of them fits; `accounts = ["*"]` is all.
    `fleets` are "account/native fleet id": of such an account there is nothing else.
    """

    scopes: tuple[str, ...]
    accounts: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fleets: tuple[str, ...] = ()

    def scopes_given(self) -> frozenset[Scope]:
        """What may be done."""
        return frozenset(map(Scope, self.scopes))

    def reach(self) -> Reach:
        """What exists."""
        return Reach(
            is_all=ALL in self.accounts,
            accounts=frozenset(self.accounts) - {ALL},
            providers=frozenset(self.providers),
            tags=frozenset(self.tags),
            fleets=frozenset(_fleet(each) for each in self.fleets),
        )


def _fleet(written: str) -> Key:
    """No account's name has a slash in it, a fleet's id may."""
    account, _, native_id = written.partition("/")
    return Key(account, native_id)
