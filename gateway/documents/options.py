"""What gateway.toml says of documents: how large one may be, and which are known beforehand."""

import msgspec

__all__ = ["DocumentLimits", "DocumentOptions"]

MIB = 1024 * 1024


class DocumentLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The `[limits]` table: what one document and its variables may have, before anything is asked for.

    Of the whole document: `length` in characters, `tokens` with comments, `operations`, `fragments`, `directives`. Of
    each operation, with its fragments opened wherever they are spread: `depth` of fields within fields, `fields`,
    `aliases`, `directives`, and `root_fields`. Of values, both in the document and in the variables: `value_depth` of
    lists and objects within one another, `list_length` of each list, and `values`: all that are given to an operation,
    each as often as it is used, a text as one for each 100 characters. `batch`: how many requests one body may carry;
    0: no batches at all.
    """

    length: int = 65_536
    tokens: int = 2_000
    operations: int = 20
    fragments: int = 200
    depth: int = 20
    fields: int = 2_000
    aliases: int = 200
    root_fields: int = 30
    directives: int = 200
    value_depth: int = 10
    list_length: int = 2_000
    values: int = 10_000
    batch: int = 0


class DocumentOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The `[documents]` table.

    `files` are documents known beforehand: Apollo's manifests, Relay's maps, `.graphql` files and folders of them.
    `mode` says what becomes of any other: "off": it is run; "log": it is run, and logged once by its digest; "only": it
    is refused. `apq`: a document may be sent once and named by its digest from then on (automatic persisted queries);
    such documents have at most `apq_bytes` together, and there are none in mode "only".
    """

    mode: str = "off"
    files: tuple[str, ...] = ()
    apq: bool = False
    apq_bytes: int = 8 * MIB

    def __post_init__(self) -> None:
        if self.mode == "only" and not self.files:
            raise ValueError('mode "only" needs files, else nothing could be asked')
        if self.mode == "only" and self.apq:
            raise ValueError('apq has no place in mode "only": anybody could make his document a known one')
