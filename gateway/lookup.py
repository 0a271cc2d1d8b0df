"""One SIM by what is printed on it or by its device, asked of every account that could hold it."""

import asyncio
from collections.abc import Sequence

from gateway.calls import Calls
from schema.errors import GatewayError, Invalid, NotFound, Unavailable, Unsupported
from schema.iccid import is_iccid, other_form
from schema.ids import shown
from schema.sim import Sim

__all__ = ["find_by_iccid", "sims_by_device", "sims_by_iccid"]


async def find_by_iccid(calls: Calls, account: str, iccid: str) -> Sim | None:
    """One account's SIM with this ICCID, with or without its check digit."""
    found: Sim | None = await calls.ask(account, "find_sim_by_iccid", iccid)
    other = other_form(iccid)
    if found is None and other is not None:
        found = await calls.ask(account, "find_sim_by_iccid", other)
    return found


async def sims_by_iccid(calls: Calls, iccid: str) -> list[Sim]:
    """Every account's SIM with this ICCID; the form without or with the check digit is tried when nobody knows the
    one given, which saves a call per account when somebody does."""
    if not is_iccid(iccid):
        raise Invalid(f"by.iccid: {shown(iccid)} is not an ICCID of 18 to 22 digits", path=["by", "iccid"])
    found = await _asked_of_all(calls, "find_sim_by_iccid", iccid)
    other = other_form(iccid)
    if not _sims(found) and other is not None:
        found = [*found, *await _asked_of_all(calls, "find_sim_by_iccid", other)]
    return _sims(found) or _nobody([*found, *_unable(calls)])


async def sims_by_device(calls: Calls, device_id: str) -> list[Sim]:
    """Every account's SIM linked to this device."""
    if not device_id:
        raise Invalid("by.deviceId: must not be empty", path=["by", "deviceId"])
    found = await _asked_of_all(calls, "find_sim_by_device", device_id)
    return _sims(found) or _nobody(found)


Found = Sequence[Sim | GatewayError | None]


async def _asked_of_all(calls: Calls, operation: str, *args: object) -> Found:
    able = [name for name, account in calls.accounts.items() if account.provider.supports(operation)]
    found: Found = await asyncio.gather(*(calls.try_ask(name, operation, *args) for name in able))
    return found


def _unable(calls: Calls) -> list[GatewayError]:
    """The accounts that may hold the SIM and have no way to be asked for an ICCID. A device is another matter: who
    knows no devices holds none."""
    operation = "find_sim_by_iccid"
    lacking = [name for name, account in calls.accounts.items() if not account.provider.supports(operation)]
    return [Unsupported("the provider cannot look up an ICCID").at(name, operation) for name in lacking]


def _sims(found: Found) -> list[Sim]:
    return [each for each in found if isinstance(each, Sim)]


def _nobody(found: Found) -> list[Sim]:
    """Nobody has it, unless somebody could not be asked: then we cannot say so."""
    failed = [each for each in found if isinstance(each, GatewayError) and not isinstance(each, NotFound)]
    if not failed:
        return []
    waits = [each.retry_after for each in failed if each.retry_after is not None]
    names = ", ".join(dict.fromkeys(f"{each.account} ({each.code.value})" for each in failed))
    raise Unavailable(
        f"no account that answered has it, but not all could be asked: {names}",
        retry_after=max(waits, default=None),
    )
