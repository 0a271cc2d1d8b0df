"""Documents known beforehand, by the ids that clients have for them and by their digests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.documents.reader import digest_of

__all__ = ["NOTHING", "SHA256", "Known", "KnownDocument", "known"]

SHA256 = "sha256:"
"""Before an id that is a digest: GraphQL over HTTP (draft), Appendix A, "SHA256 Hex Document Identifier"."""


@dataclass(frozen=True)
class KnownDocument:
    """`origin` says where it is from: a file, and in it the operation. `name` and `kind` are those that a manifest says
    its one operation has."""

    id: str
    text: str
    origin: str
    name: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Known:
    """Texts by id and by digest."""

    by_id: Mapping[str, str] = field(default_factory=dict)
    by_digest: Mapping[str, str] = field(default_factory=dict)

    def text(self, id: str) -> str | None:
        """Of an id, of a digest, or of a digest written as an id."""
        if id in self.by_id:
            return self.by_id[id]
        return self.by_digest.get(id.removeprefix(SHA256))

    def has(self, text: str) -> bool:
        """Whether it is one of them, to the letter."""
        return bool(self.by_digest) and digest_of(text) in self.by_digest


NOTHING = Known()


def known(documents: Iterable[KnownDocument]) -> Known:
    """That no two have one id is looked at where they are read."""
    each = list(documents)
    return Known({one.id: one.text for one in each}, {digest_of(one.text): one.text for one in each})
