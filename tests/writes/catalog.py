"""Every mutation at every kind of provider that can do it: what to ask, and how often it has happened over there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from gateway.page import PageRequest
from gateway.provider import Provider
from gateway.where import CommandWhere, EsimProfileWhere, FleetWhere, NetworkWhere, Where
from schema.ids import decode_id, encode_id
from tests.contract.writes import SAMPLES, Bench
from tests.world import World

__all__ = ["CATALOG", "Case", "change"]

NAME = "as-asked-for"
TEXT = "reboot now, please"


@dataclass(frozen=True)
class Case:
    """A mutation at a provider. `prepare` gives its input, `happened` counts what it has led to, given that input."""

    mutation: str
    provider: str
    prepare: Callable[[Bench, str], Awaitable[dict[str, Any]]]
    happened: Callable[[Provider, dict[str, Any]], Awaitable[int]]
    sort: str = ""

    def __str__(self) -> str:
        return "-".join(filter(None, (self.mutation, self.provider, self.sort)))


async def change(world: World, mutation: str, given: dict[str, Any], **others: Any) -> dict[str, Any]:
    """The payload of a mutation."""
    kind = INPUTS.get(mutation, mutation[0].upper() + mutation[1:] + "Input")
    query = (
        f"mutation($input: {kind}!) {{ {mutation}(input: $input) "
        "{ outcome plan { operation consequence } problems { code message path retryable retryAfter nativeCode } } }"
    )
    answer = await world.ask(query, {"input": given | others})
    assert "errors" not in answer, answer
    payload: dict[str, Any] = answer["data"][mutation]
    return payload


INPUTS = {
    "addNetworkToProfile": "ProfileNetworkInput",
    "removeNetworkFromProfile": "ProfileNetworkInput",
    **dict.fromkeys(("deleteSim", "deleteCommand", "deleteRatePlan"), "DeleteInput"),
}
"""Those that are not called like their mutation."""


# --- what is there to be changed -----------------------------------------------------------------------------


async def _sim_id(bench: Bench, account: str, operation: str) -> str:
    write = await SAMPLES[operation](bench)
    return encode_id(account, "Sim", write.sim_id)


async def _profile(provider: Provider) -> str:
    page = await provider.list_network_access_profiles(Where(), PageRequest(50))
    return page.items[0].native_id


async def _networks(provider: Provider) -> list[str]:
    return [each.native_id for each in (await provider.list_networks(NetworkWhere(), PageRequest(100))).items]


async def _allowed(provider: Provider, profile: str) -> set[str]:
    page = await provider.list_profile_networks(NetworkWhere(profile_id=profile), PageRequest(1000))
    return {each.native_id for each in page.items}


def _native(given: dict[str, Any], name: str) -> str:
    return decode_id(given[name]).native_id


# --- SIMs and commands ---------------------------------------------------------------------------------------


async def _rename(bench: Bench, account: str) -> dict[str, Any]:
    return {"id": await _sim_id(bench, account, "update_sim"), "name": NAME}


async def _renamed(provider: Provider, given: dict[str, Any]) -> int:
    sim = await provider.load_sim(_native(given, "id"))
    return int(sim is not None and sim.name == NAME)


async def _register(bench: Bench, account: str) -> dict[str, Any]:
    assert bench.simulator.spare_card is not None
    iccid, code = bench.simulator.spare_card()
    return {"account": account, "iccid": iccid, "registrationCode": code}


async def _registered(provider: Provider, given: dict[str, Any]) -> int:
    return int(await provider.find_sim_by_iccid(given["iccid"]) is not None)


async def _send(bench: Bench, account: str) -> dict[str, Any]:
    return {"simId": await _sim_id(bench, account, "send_sms_command"), "body": {"sms": {"text": TEXT}}}


async def _send_ip(bench: Bench, account: str) -> dict[str, Any]:
    sim = await _sim_id(bench, account, "send_ip_command")
    return {"simId": sim, "body": {"ip": {"payload": TEXT, "port": 5000}}}


async def _texts(provider: Provider, given: dict[str, Any]) -> int:
    rows = PageRequest(provider.most_rows("list_sms_commands"))
    page = await provider.list_sms_commands(CommandWhere(sim_id=_native(given, "simId")), rows)
    return sum(each.payload == TEXT for each in page.items)


async def _datagrams(provider: Provider, given: dict[str, Any]) -> int:
    page = await provider.list_ip_commands(CommandWhere(sim_id=_native(given, "simId")), PageRequest(1000))
    return sum(each.payload == TEXT for each in page.items)


async def _delete_command(bench: Bench, account: str) -> dict[str, Any]:
    page = await bench.provider.list_sms_commands(CommandWhere(), PageRequest(1000))
    return {"id": encode_id(account, "SmsCommand", page.items[0].native_id)}


async def _command_gone(provider: Provider, given: dict[str, Any]) -> int:
    return int(await provider.load_sms_command(_native(given, "id")) is None)


async def _delete_sim(bench: Bench, account: str) -> dict[str, Any]:
    return {"id": await _sim_id(bench, account, "delete_sim")}


async def _sim_gone(provider: Provider, given: dict[str, Any]) -> int:
    return int(await provider.load_sim(_native(given, "id")) is None)


# --- fleets, profiles, plans ---------------------------------------------------------------------------------


async def _create_fleet(bench: Bench, account: str) -> dict[str, Any]:
    profile = encode_id(account, "NetworkAccessProfile", await _profile(bench.provider))
    return {"name": NAME, "networkAccessProfileId": profile, "dataLimit": 5_000_000}


async def _fleets_made(provider: Provider, given: dict[str, Any]) -> int:
    page = await provider.list_fleets(FleetWhere(), PageRequest(1000))
    return sum(each.name == NAME for each in page.items)


async def _update_fleet(bench: Bench, account: str) -> dict[str, Any]:
    page = await bench.provider.list_fleets(FleetWhere(), PageRequest(50))
    return {"id": encode_id(account, "Fleet", page.items[0].native_id), "dataLimit": 7_000_000}


async def _fleet_updated(provider: Provider, given: dict[str, Any]) -> int:
    fleet = await provider.load_fleet(_native(given, "id"))
    return int(fleet is not None and fleet.data_limit == 7_000_000)


async def _create_profile(bench: Bench, account: str) -> dict[str, Any]:
    networks = [encode_id(account, "Network", each) for each in (await _networks(bench.provider))[:2]]
    return {"account": account, "name": NAME, "networkIds": networks}


async def _profiles_made(provider: Provider, given: dict[str, Any]) -> int:
    page = await provider.list_network_access_profiles(Where(), PageRequest(1000))
    return sum(each.name == NAME for each in page.items)


async def _update_profile(bench: Bench, account: str) -> dict[str, Any]:
    return {"id": encode_id(account, "NetworkAccessProfile", await _profile(bench.provider)), "name": NAME}


async def _add_network(bench: Bench, account: str) -> dict[str, Any]:
    return _network_of(account, await SAMPLES["add_profile_network"](bench))


async def _remove_network(bench: Bench, account: str) -> dict[str, Any]:
    return _network_of(account, await SAMPLES["remove_profile_network"](bench))


def _network_of(account: str, write: Any) -> dict[str, Any]:
    """Any: either of the two."""
    return {
        "profileId": encode_id(account, "NetworkAccessProfile", write.profile_id),
        "networkId": encode_id(account, "Network", write.network_id),
    }


async def _network_there(provider: Provider, given: dict[str, Any]) -> int:
    return int(_native(given, "networkId") in await _allowed(provider, _native(given, "profileId")))


async def _network_away(provider: Provider, given: dict[str, Any]) -> int:
    return 1 - await _network_there(provider, given)


EID = "89049032000000000000000000009971"


async def _order(bench: Bench, account: str) -> dict[str, Any]:
    return {"account": account, "eid": EID}


async def _ordered(provider: Provider, given: dict[str, Any]) -> int:
    page = await provider.list_esim_profiles(EsimProfileWhere(eid=EID), PageRequest(1000))
    return sum(each.eid == EID for each in page.items)


async def _create_plan(bench: Bench, account: str) -> dict[str, Any]:
    return {"account": account, "name": NAME, "dataEnabled": True, "dataLimit": 5_000_000}


async def _plans_made(provider: Provider, given: dict[str, Any]) -> int:
    page = await provider.list_rate_plans(Where(), PageRequest(1000))
    return sum(each.name == NAME for each in page.items)


async def _update_plan(bench: Bench, account: str) -> dict[str, Any]:
    page = await bench.provider.list_rate_plans(Where(), PageRequest(50))
    return {"id": encode_id(account, "RatePlan", page.items[0].native_id), "name": NAME}


async def _delete_plan(bench: Bench, account: str) -> dict[str, Any]:
    write = await SAMPLES["delete_rate_plan"](bench)
    return {"id": encode_id(account, "RatePlan", write.rate_plan_id)}


async def _plan_gone(provider: Provider, given: dict[str, Any]) -> int:
    return int(await provider.load_rate_plan(_native(given, "id")) is None)


SUPERSIM, WIRELESS, CISCO = "twilio-supersim", "twilio-wireless", "cisco-control-center"

CATALOG = [
    Case("registerSim", SUPERSIM, _register, _registered),
    *(Case("updateSim", name, _rename, _renamed) for name in (SUPERSIM, WIRELESS, CISCO)),
    *(Case("sendCommand", name, _send, _texts, "sms") for name in (SUPERSIM, WIRELESS, CISCO)),
    Case("sendCommand", SUPERSIM, _send_ip, _datagrams, "ip"),
    Case("deleteCommand", WIRELESS, _delete_command, _command_gone),
    Case("deleteSim", WIRELESS, _delete_sim, _sim_gone),
    Case("createFleet", SUPERSIM, _create_fleet, _fleets_made),
    Case("updateFleet", SUPERSIM, _update_fleet, _fleet_updated),
    Case("createNetworkAccessProfile", SUPERSIM, _create_profile, _profiles_made),
    Case("updateNetworkAccessProfile", SUPERSIM, _update_profile, _profiles_made),
    Case("addNetworkToProfile", SUPERSIM, _add_network, _network_there),
    Case("removeNetworkFromProfile", SUPERSIM, _remove_network, _network_away),
    Case("orderEsimProfile", SUPERSIM, _order, _ordered),
    Case("createRatePlan", WIRELESS, _create_plan, _plans_made),
    Case("updateRatePlan", WIRELESS, _update_plan, _plans_made),
    Case("deleteRatePlan", WIRELESS, _delete_plan, _plan_gone),
]
