"""Tokens that were found good, so that the next request with one costs no cryptography."""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

from gateway.rights import Caller

__all__ = ["Good", "Remembered"]

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Good:
    """Whose token it is, when it expires (seconds since 1970), and the mark of the key that has signed it."""

    caller: Caller
    expires: float
    mark: bytes


class Remembered:
    """The latest `most` tokens by their digest: the tokens themselves are not kept."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._by_digest: OrderedDict[bytes, Good] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_digest)

    def find(self, token: str) -> Good | None:
        digest = _digest(token)
        good = self._by_digest.get(digest)
        if good is not None:
            self._by_digest.move_to_end(digest)
        return good

    def keep(self, token: str, good: Good) -> None:
        self._by_digest[_digest(token)] = good
        self._by_digest.move_to_end(_digest(token))
        if len(self._by_digest) > self._most:
            self._by_digest.popitem(last=False)

    def drop(self, token: str) -> None:
        self._by_digest.pop(_digest(token), None)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
