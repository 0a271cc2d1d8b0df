"""The two interfaces: what has an id, and what came from a provider."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Private

from schema.context import Context
from schema.ids import Key, encode_id
from schema.relation import computed, fact

if TYPE_CHECKING:
    from schema.account import Account

__all__ = ["Entity", "Node", "Provenance"]

UNTOLD = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _id(root: Any, _ctx: Context) -> str:
    return encode_id(root.account_name, type(root).__name__, root.native_id)


@strawberry.interface(description="Anything with an id; `node(id:)` fetches it again.")
class Node:
    id: strawberry.ID = computed(_id, "An opaque id, unique over all accounts and types.")


@strawberry.interface(description="What every value read from a provider says about itself.")
class Provenance:
    account: Annotated["Account", strawberry.lazy("schema.account")] = computed(
        lambda root, ctx: ctx.account(root.account_name), "The account the value was read from."
    )
    native_id: str = strawberry.field(description="The provider's own id for it.")
    as_of: dt.datetime = fact("When the provider gave this value.", UNTOLD)
    stale: bool = fact("True when the value is older than it should be; `staleReason` says why it was served.", False)
    stale_reason: str | None = fact("Why an old value was served, e.g. that the provider does not answer.")


class Entity(Node, Provenance):
    """The Python side of both: which account, and the key.

    An adapter leaves `account_name`, `as_of` and staleness alone; they are filled in where its answer is received.
    """

    account_name: Private[str] = ""

    @property
    def key(self) -> Key:
        return Key(self.account_name, self.native_id)
