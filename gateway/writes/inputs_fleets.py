"""Fleets, network access profiles and eSIM profiles to be made or changed, as a caller gives them, as records of
`gateway.changes`."""

from msgspec import UNSET

from gateway.changes import (
    AddProfileNetwork,
    CreateFleet,
    CreateNetworkAccessProfile,
    OrderEsimProfile,
    RemoveProfileNetwork,
    UpdateFleet,
    UpdateNetworkAccessProfile,
)
from gateway.writes.checks import eid_flaw
from gateway.writes.inputs_sheet import Sheet, method, said
from schema.fleet_inputs import (
    CreateFleetInput,
    CreateNetworkAccessProfileInput,
    NetworkAddition,
    NetworkRemoval,
    OrderEsimProfileInput,
    ProfileNetworkInput,
    UpdateFleetInput,
    UpdateNetworkAccessProfileInput,
)

__all__ = [
    "add_network",
    "create_fleet",
    "create_profile",
    "order_esim_profile",
    "remove_network",
    "update_fleet",
    "update_profile",
]

PROFILE = "NetworkAccessProfile"
PROFILE_ID = "networkAccessProfileId"


def create_fleet(wanted: CreateFleetInput, sheet: Sheet) -> CreateFleet:
    return CreateFleet(
        network_access_profile_id=sheet.native(wanted.network_access_profile_id, PROFILE, place=[PROFILE_ID]),
        name=sheet.new_name(wanted.name),
        data_enabled=said(wanted.data_enabled),
        data_limit=sheet.limit(wanted.data_limit, "dataLimit"),
        sms_commands_enabled=said(wanted.sms_commands_enabled),
        sms_commands_url=sheet.url(wanted.sms_commands_url, "smsCommandsUrl"),
        sms_commands_method=method(wanted.sms_commands_method),
        ip_commands_url=sheet.url(wanted.ip_commands_url, "ipCommandsUrl"),
        ip_commands_method=method(wanted.ip_commands_method),
    )


def update_fleet(wanted: UpdateFleetInput, sheet: Sheet) -> UpdateFleet:
    write = UpdateFleet(
        fleet_id=sheet.native(wanted.id, "Fleet", place=["id"]),
        name=sheet.name(wanted.name),
        network_access_profile_id=sheet.native_if_said(wanted.network_access_profile_id, PROFILE, PROFILE_ID),
        data_limit=sheet.limit(sheet.kept(wanted.data_limit, "dataLimit"), "dataLimit"),
        sms_commands_url=sheet.url_or_null(wanted.sms_commands_url, "smsCommandsUrl"),
        sms_commands_method=method(sheet.kept(wanted.sms_commands_method, "smsCommandsMethod")),
        ip_commands_url=sheet.url_or_null(wanted.ip_commands_url, "ipCommandsUrl"),
        ip_commands_method=method(sheet.kept(wanted.ip_commands_method, "ipCommandsMethod")),
    )
    sheet.check_changes(write)
    return write


def create_profile(wanted: CreateNetworkAccessProfileInput, sheet: Sheet) -> CreateNetworkAccessProfile:
    sheet.at(wanted.account, "account")
    networks = enumerate(wanted.network_ids or ())
    ids = [sheet.native(each, "Network", place=["networkIds", str(place)]) for place, each in networks]
    return CreateNetworkAccessProfile(name=sheet.new_name(wanted.name), network_ids=tuple(dict.fromkeys(ids)))


def update_profile(wanted: UpdateNetworkAccessProfileInput, sheet: Sheet) -> UpdateNetworkAccessProfile:
    profile_id = sheet.native(wanted.id, PROFILE, place=["id"])
    write = UpdateNetworkAccessProfile(profile_id=profile_id, name=sheet.name(wanted.name))
    sheet.check_changes(write)
    return write


def add_network(wanted: NetworkAddition, sheet: Sheet) -> AddProfileNetwork:
    profile_id, network_id = _pair(wanted, sheet)
    return AddProfileNetwork(profile_id=profile_id, network_id=network_id)


def remove_network(wanted: NetworkRemoval, sheet: Sheet) -> RemoveProfileNetwork:
    profile_id, network_id = _pair(wanted, sheet)
    return RemoveProfileNetwork(profile_id=profile_id, network_id=network_id)


def _pair(wanted: ProfileNetworkInput, sheet: Sheet) -> tuple[str, str]:
    profile_id = sheet.native(wanted.profile_id, PROFILE, place=["profileId"])
    return profile_id, sheet.native(wanted.network_id, "Network", place=["networkId"])


def order_esim_profile(wanted: OrderEsimProfileInput, sheet: Sheet) -> OrderEsimProfile:
    sheet.at(wanted.account, "account")
    eid = said(wanted.eid)
    if eid is not UNSET:
        sheet.note(eid_flaw(eid), "eid")
    elif wanted.generate_matching_id is not True:
        sheet.note("needed unless generateMatchingId is true", "eid")
    return OrderEsimProfile(
        eid=eid,
        generate_matching_id=said(wanted.generate_matching_id),
        callback_url=sheet.url(wanted.callback_url, "callbackUrl"),
        callback_method=method(wanted.callback_method),
    )
