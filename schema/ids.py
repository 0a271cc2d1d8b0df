"""Global ids: which account, what kind of thing, and the provider's own id, in one opaque string."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import NamedTuple

from schema.errors import Invalid

__all__ = ["GlobalId", "Key", "decode_id", "encode_id", "shown"]


class Key(NamedTuple):
    """One thing at one account: all that is needed to ask its provider for it."""

    account: str
    native_id: str


class GlobalId(NamedTuple):
    """A decoded `ID`. `kind` is the GraphQL type's name; `native_id` is `parent/child` where the thing is nested."""

    account: str
    kind: str
    native_id: str

    @property
    def key(self) -> Key:
        return Key(self.account, self.native_id)


def encode_id(account: str, kind: str, native_id: str) -> str:
    """The `ID` a caller sees: base64url of `account:kind:native id`, without padding."""
    return urlsafe_b64encode(f"{account}:{kind}:{native_id}".encode()).rstrip(b"=").decode()


def decode_id(text: str, *, argument: str = "id") -> GlobalId:
    """Read an `ID` back. Raises Invalid, naming the argument and the id, when it is not one of ours."""
    try:
        parts = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode().split(":", 2)
    except (Base64Error, UnicodeError, ValueError):
        parts = []
    if len(parts) != 3 or not all(parts) or encode_id(*parts) != text:
        raise Invalid(f"{argument}: {shown(text)} is not an id of this gateway", path=argument.split("."))
    return GlobalId(*parts)


def shown(text: str) -> str:
    """The caller's own text for an error message, cut so that a message stays a line."""
    return repr(text if len(text) <= 80 else text[:77] + "...")
