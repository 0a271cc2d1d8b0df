"""Fleets, profiles and rate plans to be made or changed become orders, or everything that is wrong with them."""

from typing import Any

import pytest

from gateway.changes import (
    AddProfileNetwork,
    CreateFleet,
    CreateNetworkAccessProfile,
    CreateRatePlan,
    DeleteRatePlan,
    OrderEsimProfile,
    RemoveProfileNetwork,
    UpdateFleet,
    UpdateNetworkAccessProfile,
    UpdateRatePlan,
    Write,
)
from schema.fleet_inputs import (
    CreateFleetInput,
    CreateNetworkAccessProfileInput,
    NetworkAddition,
    NetworkRemoval,
    OrderEsimProfileInput,
    UpdateFleetInput,
    UpdateNetworkAccessProfileInput,
)
from schema.inputs import HttpMethod
from schema.plan_inputs import CreateRatePlanInput, RatePlanDeletion, UpdateRatePlanInput
from tests.writes.inputs_desk import id_of, order, told

FLEET, PROFILE, NETWORK, PLAN = (
    id_of("Fleet", "HF1"),
    id_of("NetworkAccessProfile", "HA1"),
    id_of("Network", "HW1"),
    id_of("RatePlan", "WP1"),
)
MB = 1_000_000
URL = "https://hooks.example.com/"
EID = "89049032000001000000000010000000"


@pytest.mark.parametrize(
    ("wanted", "write"),
    [
        (CreateFleetInput(network_access_profile_id=PROFILE), CreateFleet(network_access_profile_id="HA1")),
        (
            CreateFleetInput(
                network_access_profile_id=PROFILE,
                name="pumps",
                data_enabled=False,
                data_limit=2_000_000 * MB,
                sms_commands_enabled=True,
                sms_commands_url=URL,
                sms_commands_method=HttpMethod.GET,
                ip_commands_url=URL,
                ip_commands_method=HttpMethod.POST,
            ),
            CreateFleet(
                network_access_profile_id="HA1",
                name="pumps",
                data_enabled=False,
                data_limit=2_000_000 * MB,
                sms_commands_enabled=True,
                sms_commands_url=URL,
                sms_commands_method="GET",
                ip_commands_url=URL,
                ip_commands_method="POST",
            ),
        ),
        (
            CreateFleetInput(network_access_profile_id=PROFILE, name=None, data_limit=None, sms_commands_url=None),
            CreateFleet(network_access_profile_id="HA1"),
        ),
        (
            UpdateFleetInput(
                id=FLEET,
                name=None,
                network_access_profile_id=PROFILE,
                data_limit=MB,
                sms_commands_url=None,
                sms_commands_method=HttpMethod.GET,
                ip_commands_url=URL,
                ip_commands_method=HttpMethod.POST,
            ),
            UpdateFleet(
                fleet_id="HF1",
                name=None,
                network_access_profile_id="HA1",
                data_limit=MB,
                sms_commands_url=None,
                sms_commands_method="GET",
                ip_commands_url=URL,
                ip_commands_method="POST",
            ),
        ),
        (UpdateFleetInput(id=FLEET, name="x"), UpdateFleet(fleet_id="HF1", name="x")),
        (CreateNetworkAccessProfileInput(account="north"), CreateNetworkAccessProfile()),
        (
            CreateNetworkAccessProfileInput(account="north", name="eu", network_ids=[NETWORK, NETWORK]),
            CreateNetworkAccessProfile(name="eu", network_ids=("HW1",)),
        ),
        (
            UpdateNetworkAccessProfileInput(id=PROFILE, name=None),
            UpdateNetworkAccessProfile(profile_id="HA1", name=None),
        ),
        (
            NetworkAddition(profile_id=PROFILE, network_id=NETWORK),
            AddProfileNetwork(profile_id="HA1", network_id="HW1"),
        ),
        (
            NetworkRemoval(profile_id=PROFILE, network_id=NETWORK),
            RemoveProfileNetwork(profile_id="HA1", network_id="HW1"),
        ),
        (OrderEsimProfileInput(account="north", eid=EID), OrderEsimProfile(eid=EID)),
        (
            OrderEsimProfileInput(
                account="north", generate_matching_id=True, callback_url=URL, callback_method=HttpMethod.POST
            ),
            OrderEsimProfile(generate_matching_id=True, callback_url=URL, callback_method="POST"),
        ),
        (CreateRatePlanInput(account="north"), CreateRatePlan()),
        (
            CreateRatePlanInput(
                account="north",
                name="p",
                friendly_name="Plan",
                data_enabled=True,
                data_limit=MB,
                data_metering="payg",
                data_limit_strategy="block",
                messaging_enabled=True,
                national_roaming_enabled=False,
                national_roaming_data_limit=2 * MB,
                international_roaming=["data"],
                international_roaming_data_limit=3 * MB,
            ),
            CreateRatePlan(
                name="p",
                friendly_name="Plan",
                data_enabled=True,
                data_limit=MB,
                data_metering="payg",
                data_limit_strategy="block",
                messaging_enabled=True,
                national_roaming_enabled=False,
                national_roaming_data_limit=2 * MB,
                international_roaming=("data",),
                international_roaming_data_limit=3 * MB,
            ),
        ),
        (
            UpdateRatePlanInput(id=PLAN, name="p", friendly_name=None),
            UpdateRatePlan(rate_plan_id="WP1", name="p", friendly_name=None),
        ),
        (RatePlanDeletion(id=PLAN), DeleteRatePlan(rate_plan_id="WP1")),
    ],
)
def test_each_input_is_its_write(wanted: Any, write: Write):
    """What is given, and nothing else, is in the write, at the account that the ids or the name say."""
    made = order(wanted)

    assert made.write == write
    assert made.account == "north"


def test_no_change_is_nothing_to_do():
    """A change that changes nothing is refused."""
    wanted = (UpdateFleetInput(id=FLEET), UpdateNetworkAccessProfileInput(id=PROFILE), UpdateRatePlanInput(id=PLAN))

    for each in wanted:
        [(code, path, message)] = told(each)
        assert (code, path) == ("INVALID", "input")
        assert "nothing to change" in message


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        (UpdateFleetInput(id=FLEET, network_access_profile_id=None), "input.networkAccessProfileId"),
        (UpdateFleetInput(id=FLEET, data_limit=None), "input.dataLimit"),
        (UpdateFleetInput(id=FLEET, sms_commands_method=None), "input.smsCommandsMethod"),
        (UpdateFleetInput(id=FLEET, ip_commands_method=None), "input.ipCommandsMethod"),
        (UpdateFleetInput(id=FLEET, ip_commands_url="http://x"), "input.ipCommandsUrl"),
        (CreateFleetInput(network_access_profile_id=PROFILE, sms_commands_url="x"), "input.smsCommandsUrl"),
        (CreateFleetInput(network_access_profile_id=FLEET), "input.networkAccessProfileId"),
        (CreateFleetInput(network_access_profile_id=PROFILE, name="\t"), "input.name"),
        (CreateNetworkAccessProfileInput(account="north", network_ids=[NETWORK, PLAN]), "input.networkIds.1"),
        (
            CreateNetworkAccessProfileInput(account="south", network_ids=[NETWORK]),
            "input.networkIds.0",
        ),
        (NetworkAddition(profile_id=PROFILE, network_id=id_of("Network", account="south")), "input.networkId"),
        (NetworkRemoval(profile_id=NETWORK, network_id=NETWORK), "input.profileId"),
        (OrderEsimProfileInput(account="north"), "input.eid"),
        (OrderEsimProfileInput(account="north", generate_matching_id=False), "input.eid"),
        (OrderEsimProfileInput(account="north", eid="1" * 31), "input.eid"),
        (OrderEsimProfileInput(account="north", eid=EID, callback_url="x"), "input.callbackUrl"),
        (CreateRatePlanInput(account="north", friendly_name="a\x00"), "input.friendlyName"),
        (UpdateRatePlanInput(id=FLEET, name="x"), "input.id"),
        (RatePlanDeletion(id=id_of("Sim")), "input.id"),
    ],
)
def test_each_mistake_names_its_field(wanted: Any, path: str):
    """What cannot be is told once, as INVALID, with its place."""
    assert [(code, where) for code, where, _ in told(wanted)] == [("INVALID", path)]


@pytest.mark.parametrize(
    "wanted", [kind(account="west", **given) for kind, given in (
        (CreateNetworkAccessProfileInput, {}),
        (OrderEsimProfileInput, {"eid": EID}),
        (CreateRatePlanInput, {}),
    )]
)  # fmt: skip
def test_an_account_must_be_the_callers(wanted: Any):
    """A name that is none of the caller's accounts is NOT_FOUND, by its path."""
    assert told(wanted) == [("NOT_FOUND", "input.account", "account: there is no account 'west'")]


@pytest.mark.parametrize("size", [0, -MB, 1, MB - 1, MB + 1, 1_048_576, 2_000_001 * MB])
def test_limits_are_whole_megabytes(size: int):
    """A limit a provider cannot be told is refused in bytes, with the smallest and the largest; every field of it."""
    fields = {"data_limit": "dataLimit", "national_roaming_data_limit": "nationalRoamingDataLimit"}
    fields |= {"international_roaming_data_limit": "internationalRoamingDataLimit"}
    wrong = [
        (UpdateFleetInput(id=FLEET, data_limit=size), "dataLimit"),
        (CreateFleetInput(network_access_profile_id=PROFILE, data_limit=size), "dataLimit"),
        *((CreateRatePlanInput(account="north", **{name: size}), shown) for name, shown in fields.items()),
    ]

    for wanted, field in wrong:
        [(_, path, message)] = told(wanted)
        assert path == f"input.{field}"
        assert "from 1,000,000 to 2,000,000,000,000" in message


def test_equal_looking_changes_of_different_things_differ():
    """To add a network and to remove it are two things under one key, though their inputs look the same."""
    added = order(NetworkAddition(profile_id=PROFILE, network_id=NETWORK, idempotency_key="k"))
    removed = order(NetworkRemoval(profile_id=PROFILE, network_id=NETWORK, idempotency_key="k"))

    assert added.id == removed.id
    assert added.fingerprint != removed.fingerprint
