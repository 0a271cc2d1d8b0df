"""A plausible sample of every write, made from what the provider's own lists contain."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from gateway.changes import (
    AddProfileNetwork,
    CreateFleet,
    CreateNetworkAccessProfile,
    CreateRatePlan,
    DeleteRatePlan,
    DeleteSim,
    DeleteSmsCommand,
    OrderEsimProfile,
    RegisterSim,
    RemoveProfileNetwork,
    SendIpCommand,
    SendSmsCommand,
    UpdateFleet,
    UpdateNetworkAccessProfile,
    UpdateRatePlan,
    UpdateSim,
    Write,
    operation_of,
)
from gateway.page import PageRequest
from gateway.provider import Provider
from gateway.simulation.simulator import Simulator
from gateway.where import CommandWhere, FleetWhere, NetworkWhere, SimWhere, Where
from gateway.writing import Done
from schema.sim import Sim
from schema.status import SimStatus

__all__ = ["NAMELESS", "NOBODY", "SAMPLES", "UNREAD", "Bench", "sample", "send", "unknown"]

NOBODY = "HS" + "0" * 32
"""The form of an id, and nobody's."""

MB = 1_000_000
EID = "89049032123451234512345678901235"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Bench:
    """A provider, and its simulator where a sample needs what no list tells."""

    provider: Provider
    simulator: Simulator

    async def first(self, operation: str, where: Where) -> Any:  # Any: each list has its own kind
        page = await getattr(self.provider, operation)(where, PageRequest(1))
        return page.items[0]

    async def sim(self, fits: Callable[[Sim], Awaitable[bool]]) -> Sim:
        """The first SIM that fits."""
        page = await self.provider.list_sims(SimWhere(), PageRequest(min(30, self.provider.page_size)))
        for sim in page.items:
            if await fits(sim):
                return sim
        raise LookupError("no SIM fits")

    async def sim_that_may(self, flag: str) -> Sim:
        """An active SIM whose fleet or rate plan does not forbid it."""

        async def fits(sim: Sim) -> bool:
            return sim.status is SimStatus.ACTIVE and getattr(await self._group(sim), flag, True) is not False

        return await self.sim(fits)

    async def _group(self, sim: Sim) -> Any:  # Any: a fleet or a rate plan
        if sim.fleet_id is not None:
            return await self.provider.load_fleet(sim.fleet_id)
        if sim.rate_plan_id is not None and self.provider.supports("load_rate_plan"):
            return await self.provider.load_rate_plan(sim.rate_plan_id)
        return None


def a_name() -> str:
    """One that nothing has."""
    return f"contract-{next(_NUMBERS)}"


async def register_sim(bench: Bench) -> Write:
    assert bench.simulator.spare_card is not None
    iccid, code = bench.simulator.spare_card()
    return RegisterSim(iccid=iccid, registration_code=code)


async def update_sim(bench: Bench) -> Write:
    sim = await bench.first("list_sims", SimWhere())
    return UpdateSim(sim_id=sim.native_id, name=a_name())


async def delete_sim(bench: Bench) -> Write:
    """Of one that was never used, or is at its end: which others may be deleted no provider says."""

    async def is_idle(sim: Sim) -> bool:
        return sim.status in (SimStatus.INVENTORY, SimStatus.TERMINATED)

    return DeleteSim(sim_id=(await bench.sim(is_idle)).native_id)


async def send_sms_command(bench: Bench) -> Write:
    flag = "sms_commands_enabled" if bench.provider.supports("load_fleet") else "messaging_enabled"
    sim = await bench.sim_that_may(flag)
    return SendSmsCommand(sim_id=sim.native_id, payload=a_name())


async def send_ip_command(bench: Bench) -> Write:
    sim = await bench.sim_that_may("data_enabled")
    return SendIpCommand(sim_id=sim.native_id, payload=a_name(), port=7_001)


async def delete_sms_command(bench: Bench) -> Write:
    command = await bench.first("list_sms_commands", CommandWhere())
    return DeleteSmsCommand(command_id=command.native_id)


async def create_fleet(bench: Bench) -> Write:
    profile = await bench.first("list_network_access_profiles", Where())
    return CreateFleet(network_access_profile_id=profile.native_id, name=a_name(), data_limit=70 * MB)


async def update_fleet(bench: Bench) -> Write:
    fleet = await bench.first("list_fleets", FleetWhere())
    limit = (fleet.data_limit or 0) % (100 * MB) + MB
    return UpdateFleet(fleet_id=fleet.native_id, name=a_name(), data_limit=limit)


async def create_network_access_profile(bench: Bench) -> Write:
    network = await bench.first("list_networks", NetworkWhere())
    return CreateNetworkAccessProfile(name=a_name(), network_ids=(network.native_id,))


async def update_network_access_profile(bench: Bench) -> Write:
    profile = await bench.first("list_network_access_profiles", Where())
    return UpdateNetworkAccessProfile(profile_id=profile.native_id, name=a_name())


async def add_profile_network(bench: Bench) -> Write:
    """Of a network that a profile has not."""
    networks = (await bench.provider.list_networks(NetworkWhere(), PageRequest(50))).items
    for profile in (await bench.provider.list_network_access_profiles(Where(), PageRequest(50))).items:
        where = NetworkWhere(profile_id=profile.native_id)
        allowed = {
            each.native_id for each in (await bench.provider.list_profile_networks(where, PageRequest(50))).items
        }
        for network in networks:
            if network.native_id not in allowed:
                return AddProfileNetwork(profile_id=profile.native_id, network_id=network.native_id)
    raise LookupError("every profile has every network")


async def remove_profile_network(bench: Bench) -> Write:
    profile = await bench.first("list_network_access_profiles", Where())
    network = await bench.first("list_profile_networks", NetworkWhere(profile_id=profile.native_id))
    return RemoveProfileNetwork(profile_id=profile.native_id, network_id=network.native_id)


async def order_esim_profile(_: Bench) -> Write:
    return OrderEsimProfile(eid=EID)


async def create_rate_plan(_: Bench) -> Write:
    return CreateRatePlan(name=a_name(), friendly_name="Contract", data_limit=70 * MB, messaging_enabled=False)


async def update_rate_plan(bench: Bench) -> Write:
    plan = await bench.first("list_rate_plans", Where())
    return UpdateRatePlan(rate_plan_id=plan.native_id, name=a_name())


async def delete_rate_plan(bench: Bench) -> Write:
    """Of one just made: those of the lists have SIMs."""
    made: Done[Any] = await send(bench, await create_rate_plan(bench))
    assert made.thing is not None
    return DeleteRatePlan(rate_plan_id=made.thing.native_id)


SAMPLES: dict[str, Callable[[Bench], Awaitable[Write]]] = {
    each.__name__: each
    for each in (
        *(register_sim, update_sim, delete_sim, send_sms_command, send_ip_command, delete_sms_command),
        *(create_fleet, update_fleet, create_network_access_profile, update_network_access_profile),
        *(add_profile_network, remove_profile_network, order_esim_profile),
        *(create_rate_plan, update_rate_plan, delete_rate_plan),
    )
}
"""Every write, by the operation that does it; each call makes another one."""

NAMELESS = {"register_sim", "create_network_access_profile", "order_esim_profile", "create_rate_plan"}
"""Writes that name nothing which could be missing."""

UNREAD = {"delete_sim", "delete_sms_command", "delete_rate_plan", "remove_profile_network"}
"""Writes whose answer is empty, so that there is nothing in it to be spoiled."""


async def sample(bench: Bench, operation: str) -> Write:
    """Another write. Something was asked before it, so that credentials are at hand: the next call is the write's."""
    await bench.first("list_sims", SimWhere())
    return await SAMPLES[operation](bench)


async def send(bench: Bench, write: Write) -> Done[Any]:  # Any: each write has its own
    """Order it from the provider, once."""
    done: Done[Any] = await getattr(bench.provider, operation_of(write))(write)
    return done


def unknown(write: Write, nobody: str) -> Write:
    """The same write to something that is not there."""
    given = {each: getattr(write, each) for each in write.__struct_fields__}
    name = next(each for each in given if each.endswith("_id"))
    return type(write)(**given | {name: nobody})
