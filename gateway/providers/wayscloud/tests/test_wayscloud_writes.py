"""WAYSCloud Global SIM: nothing can be changed, and it says so without asking anybody."""

from typing import Any, get_args

import pytest

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
from gateway.operation import WRITES
from gateway.providers.wayscloud.provider import GlobalSim
from gateway.providers.wayscloud.tests.conftest import desk
from schema.errors import Unsupported
from schema.status import SimTarget

SIM = "8901234567890123456"
EVERY: tuple[Write, ...] = (
    RegisterSim(iccid=SIM, registration_code="H3LL0"),
    UpdateSim(sim_id=SIM, name="x", status=SimTarget.ACTIVE),
    DeleteSim(sim_id=SIM),
    SendSmsCommand(sim_id=SIM, payload="reboot"),
    SendIpCommand(sim_id=SIM, payload="reboot", port=1234),
    DeleteSmsCommand(command_id="1"),
    CreateFleet(network_access_profile_id="1"),
    UpdateFleet(fleet_id="1", name="x"),
    CreateNetworkAccessProfile(name="x"),
    UpdateNetworkAccessProfile(profile_id="1", name="x"),
    AddProfileNetwork(profile_id="1", network_id="2"),
    RemoveProfileNetwork(profile_id="1", network_id="2"),
    OrderEsimProfile(generate_matching_id=True),
    CreateRatePlan(name="x"),
    UpdateRatePlan(rate_plan_id="1", name="x"),
    DeleteRatePlan(rate_plan_id="1"),
)


async def test_no_write_is_sent() -> None:
    """Each is Unsupported with the reason that its capability tells, and no call is made for any."""
    async with desk() as asked:
        for write in EVERY:
            ask: Any = getattr(asked.provider, operation_of(write))  # Any: each takes its own record
            with pytest.raises(Unsupported) as raised:
                await ask(write)
            assert raised.value.message == GlobalSim.notes[operation_of(write)]

        assert asked.arrived() == []


def test_every_write_is_tried_here() -> None:
    """None is missing above, and none is among the capabilities."""
    assert sorted(operation_of(each) for each in EVERY) == sorted(WRITES)
    assert len(EVERY) == len(get_args(Write))
    assert not [each for each in WRITES if GlobalSim.supports(each)]
    assert all("WAYSCloud" in GlobalSim.notes[each] for each in WRITES)
