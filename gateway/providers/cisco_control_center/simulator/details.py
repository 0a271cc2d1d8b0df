"""One device as the API shows it: all its details, or the short row of a search."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from gateway.providers.cisco_control_center.simulator import words
from gateway.providers.cisco_control_center.simulator.dates import printed, printed_or_null
from gateway.providers.cisco_control_center.simulator.fleet import Fleet

__all__ = ["details", "identity", "partly", "row"]

_COMMON = ("status", "ratePlan", "communicationPlan")


def row(fleet: Fleet, index: int) -> dict[str, object]:
    """The four fields of a search result (DevNet, Search Devices)."""
    return {
        "iccid": fleet.world.sim(index).iccid,
        **{name: fleet.value(index, name) for name in _COMMON},
    }


def identity(fleet: Fleet, index: int) -> dict[str, object]:
    """The seven fields that details and usage begin with. The MSISDN comes without a plus sign."""
    sim = fleet.world.sim(index)
    return {
        "iccid": sim.iccid,
        "imsi": sim.imsi,
        "msisdn": sim.msisdn.removeprefix("+"),
        # Known only once the device was on a network; then an empty string, as in the community's sample.
        "imei": sim.imei if sim.activated_at is not None else "",
        **{name: fleet.value(index, name) for name in _COMMON},
    }


def details(fleet: Fleet, index: int, *, eid_key: str) -> dict[str, object]:
    """Every field of a device (DevNet, Get Device Details; community OpenAPI reconstruction)."""
    sim = fleet.world.sim(index)
    return {
        **identity(fleet, index),
        "customer": fleet.value(index, "customer"),
        "endConsumerId": None if index % 8 else f"consumer-{index}",
        "dateActivated": printed_or_null(fleet.activated(index)),
        "dateAdded": printed(sim.created_at),
        "dateUpdated": printed(fleet.modified(index)),
        "dateShipped": printed_or_null(sim.created_at + timedelta(minutes=30) if index % 3 else None),
        "accountId": fleet.value(index, "accountId"),
        "fixedIPAddress": fleet.value(index, "ipv4Address"),
        "fixedIpv6Address": fleet.value(index, "ipv6Address"),
        **{name: fleet.value(index, name) for name in words.CUSTOM_FIELDS},
        "simNotes": None if index % 6 else "Spare antenna fitted",
        "deviceID": fleet.value(index, "deviceID"),
        "modemID": fleet.value(index, "modemID"),
        "globalSimType": "",
        eid_key: sim.eid if index % 4 == 0 else None,
        "simProfileId": None if index % 4 else "eUICC-M2M-1",
        "mec": None,
    }


def partly(whole: dict[str, object], names: Iterable[str]) -> dict[str, object]:
    """Only the named fields, with the ICCID (seen in one community integration, unverified)."""
    wanted = {"iccid", *names}
    return {name: value for name, value in whole.items() if name in wanted}
