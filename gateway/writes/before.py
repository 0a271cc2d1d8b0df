"""What a write changes, as it was known before: for the audit log, and for telling whether an answer that was lost was
one of success."""

from gateway.cache.cache import Cache
from gateway.changes import Write
from gateway.kinds import LOADS
from gateway.writes.changed import DELETIONS, kind_of, target_of
from gateway.writes.proof import Ask
from schema.errors import GatewayError
from schema.node import Entity

__all__ = ["known_before"]


async def known_before(cache: Cache, account: str, write: Write, ask: Ask) -> Entity | None:
    """From memory; nobody is asked for it, but for what is deleted: that it was there is known by nothing else
    afterwards, and whose it was neither."""
    kind, native_id = kind_of(write), target_of(write)
    if kind is None or native_id is None:
        return None
    known = (await cache.things(account, kind, [native_id], None)).get(native_id)
    if known is not None or not isinstance(write, DELETIONS):
        return known
    try:
        found: Entity | None = await ask(LOADS[kind], native_id)
    except GatewayError:
        return None
    return found
