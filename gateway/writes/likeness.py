"""Digests by which writes are compared: what a caller asked, and what is sent."""

from hashlib import blake2b

import msgspec
from msgspec import UNSET

from gateway.changes import (
    CreateFleet,
    CreateNetworkAccessProfile,
    CreateRatePlan,
    OrderEsimProfile,
    RegisterSim,
    SendIpCommand,
    SendSmsCommand,
    UpdateSim,
    Write,
    operation_of,
)

__all__ = ["likeness_of"]


def likeness_of(account: str, write: Write) -> str:
    """Equal for writes of which `gateway.writes.proof` would see the same at the provider."""
    seen = msgspec.json.encode([operation_of(write), *_seen(write)], order="sorted")
    return blake2b(account.encode() + b"\0" + seen, digest_size=16).hexdigest()


def _seen(write: Write) -> list[object]:  # noqa: PLR0911  a case for each kind of write
    """What `proof` compares, and no more: what else they differ in does not tell them apart."""
    match write:
        case SendSmsCommand():
            return [write.sim_id, write.payload]
        case SendIpCommand():
            return [write.sim_id, write.payload, write.port]
        case UpdateSim():
            return [write.sim_id]
        case RegisterSim():
            return [write.iccid]
        case OrderEsimProfile():
            return [None if write.eid is UNSET else write.eid]
        case CreateFleet() | CreateRatePlan() | CreateNetworkAccessProfile():
            return [None if write.name is UNSET else write.name]
    return [write]
