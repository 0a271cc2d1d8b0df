"""What became of a write: the thing it was to, as the provider shows it, and whether that is what was said."""

from dataclasses import fields
from typing import Any

from msgspec import UNSET

from gateway.changes import AddProfileNetwork, RemoveProfileNetwork, Write, operation_of
from tests.contract.writes import Bench

__all__ = ["is_as_written", "is_told_alike", "read_back"]

SEEN_BY = {
    "register_sim": ("load_sim", ""),
    "update_sim": ("load_sim", "sim_id"),
    "delete_sim": ("load_sim", "sim_id"),
    "send_sms_command": ("load_sms_command", ""),
    "send_ip_command": ("load_ip_command", ""),
    "delete_sms_command": ("load_sms_command", "command_id"),
    "create_fleet": ("load_fleet", ""),
    "update_fleet": ("load_fleet", "fleet_id"),
    "create_network_access_profile": ("load_network_access_profile", ""),
    "update_network_access_profile": ("load_network_access_profile", "profile_id"),
    "order_esim_profile": ("load_esim_profile", ""),
    "create_rate_plan": ("load_rate_plan", ""),
    "update_rate_plan": ("load_rate_plan", "rate_plan_id"),
    "delete_rate_plan": ("load_rate_plan", "rate_plan_id"),
}
"""The operation that shows what was written to, and the write's field with the id; none where the answer has it."""

ELSEWHERE = {"port": "device_port", "encoding": "payload_encoding"}
"""Fields of a write that what it makes has under another name."""

MOVING = {"status", "native_status", "allowed_transitions", "updated_at", "device_ip", "received_at"}
"""What may go on by itself between an answer and the next."""


async def read_back(bench: Bench, write: Write, made: str | None = None) -> Any:  # Any: as above
    """What was written to, as the provider shows it now; None where there is no such thing. `made` is the id of a thing
    that the write made."""
    if isinstance(write, AddProfileNetwork | RemoveProfileNetwork):
        return await bench.provider.load_profile_network(write.profile_id, write.network_id)
    operation, field = SEEN_BY[operation_of(write)]
    native_id = getattr(write, field) if field else made
    return None if native_id is None else await getattr(bench.provider, operation)(native_id)


def is_as_written(write: Write, thing: object) -> bool:
    """Whether what is read back is what the write says: gone where it deletes, there with its values where not."""
    operation = operation_of(write)
    if thing is None or operation.startswith(("delete_", "remove_")):
        return thing is None and operation.startswith(("delete_", "remove_"))
    given = {name: value for name in write.__struct_fields__ if (value := getattr(write, name)) is not UNSET}
    pairs = [(value, ELSEWHERE.get(name, name)) for name, value in given.items()]
    return all(value == getattr(thing, name) for value, name in pairs if hasattr(thing, name))


def is_told_alike(answer: object, shown: object) -> bool:
    """Whether the answer to a write says nothing else than a later look, as far as it says anything."""
    assert type(answer) is type(shown)
    told = (each.name for each in fields(answer) if each.init)  # type: ignore[arg-type]  # the schema's are dataclasses
    names = set(told) - MOVING
    said = {name: value for name in names if (value := getattr(answer, name)) not in (None, [])}
    return all(getattr(shown, name) == value for name, value in said.items())
