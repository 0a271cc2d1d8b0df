"""From the input of a mutation to an order: checked, in one account's own terms; or all that is wrong with it."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from math import inf
from typing import Any

import msgspec

from gateway.account import OpenAccount
from gateway.changes import Write, operation_of
from gateway.rights import EVERYTHING, Reach
from gateway.writes import inputs_commands, inputs_fleets, inputs_plans, inputs_sims
from gateway.writes.checks import key_flaw
from gateway.writes.inputs_sheet import Mistakes, Rules, Sheet, said
from gateway.writes.order import Order
from gateway.writes.within import check_reach
from schema.command_inputs import CommandDeletion, SendCommandInput
from schema.fleet_inputs import (
    CreateFleetInput,
    CreateNetworkAccessProfileInput,
    NetworkAddition,
    NetworkRemoval,
    OrderEsimProfileInput,
    UpdateFleetInput,
    UpdateNetworkAccessProfileInput,
)
from schema.inputs import RegisterSimInput, SimDeletion, UpdateSimInput, WriteInput
from schema.plan_inputs import CreateRatePlanInput, RatePlanDeletion, UpdateRatePlanInput

__all__ = ["Mistakes", "Rules", "digest", "key_id", "noted_key", "order_of"]

_READERS: dict[type, Callable[[Any, Sheet], Write]] = {  # Any: each reads its own input
    RegisterSimInput: inputs_sims.register_sim,
    UpdateSimInput: inputs_sims.update_sim,
    SimDeletion: inputs_sims.delete_sim,
    SendCommandInput: inputs_commands.send_command,
    CommandDeletion: inputs_commands.delete_command,
    CreateFleetInput: inputs_fleets.create_fleet,
    UpdateFleetInput: inputs_fleets.update_fleet,
    CreateNetworkAccessProfileInput: inputs_fleets.create_profile,
    UpdateNetworkAccessProfileInput: inputs_fleets.update_profile,
    NetworkAddition: inputs_fleets.add_network,
    NetworkRemoval: inputs_fleets.remove_network,
    OrderEsimProfileInput: inputs_fleets.order_esim_profile,
    CreateRatePlanInput: inputs_plans.create_rate_plan,
    UpdateRatePlanInput: inputs_plans.update_rate_plan,
    RatePlanDeletion: inputs_plans.delete_rate_plan,
}


def order_of(
    wanted: WriteInput,
    accounts: Mapping[str, OpenAccount],
    caller: str,
    rules: Rules | None = None,
    reach: Reach = EVERYTHING,
) -> Order:
    """The order for one input; for a dry run, what would be ordered. `accounts` are those the caller may use, `reach`
    says which fleets of them.

    Raises Mistakes.
    """
    sheet = Sheet(accounts, rules or Rules())
    write = _READERS[type(wanted)](wanted, sheet)
    check_reach(write, sheet, reach)
    key = noted_key(wanted, sheet)
    settle = _settle(wanted, sheet)
    sheet.finish(operation_of(write))
    return Order(
        account=sheet.account,
        write=write,
        caller=caller,
        id=key_id(caller, key) if key else None,
        fingerprint=digest(sheet.account.encode(), msgspec.json.encode(write, order="deterministic")),
        settle=settle,
        warnings=tuple(sheet.warnings),
    )


def key_id(caller: str, key: str) -> str:
    """The id under which a caller's idempotency key is kept: another caller's same key is another one."""
    return f"key:{digest(caller.encode(), key.encode())}"


def noted_key(wanted: WriteInput, sheet: Sheet) -> str | None:
    """The idempotency key, None where there is none."""
    key = said(wanted.idempotency_key)
    if isinstance(key, str):
        sheet.note(key_flaw(key), "idempotencyKey")
        return key
    return None


def _settle(wanted: WriteInput, sheet: Sheet) -> float:
    seconds = said(wanted.await_settled) if isinstance(wanted, UpdateSimInput) else 0.0
    if not isinstance(seconds, float | int):
        return 0.0
    if not 0 <= seconds < inf:
        sheet.note("must be a number of seconds, 0 or more", "awaitSettled")
    return float(seconds)


def digest(*parts: bytes) -> str:
    """Of the parts in their order; where one ends and the next begins counts."""
    return sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
