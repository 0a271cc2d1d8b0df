"""Cisco IoT Control Center: changes and messages that it refuses, and whether they may have happened all the same."""

import asyncio
from functools import partial
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.changes import SendSmsCommand, UpdateSim
from gateway.providers.cisco_control_center.refusal import MEANINGS
from gateway.providers.cisco_control_center.tests.conftest import NAME, an_errand, desk
from schema.errors import BadResponse, Denied, GatewayError, RateLimited, Refused, Unavailable

SIM = "8988216716970004975"


def answering(status: int, body: Any) -> Starlette:  # Any: JSON
    """What answers every change and every message like this."""

    async def answer(_: Request) -> JSONResponse:
        return JSONResponse(body, status)

    base = "/rws/api/v1/devices/{iccid}"
    return Starlette(
        routes=[Route(base, answer, methods=["PUT"]), Route(f"{base}/smsMessages", answer, methods=["POST"])]
    )


async def test_a_refusal_in_a_202_is_one() -> None:
    """1000512 wears the status of what was accepted: it is Refused, nothing happened, and it is not sent again."""
    async with desk() as asked:
        iccid = asked.with_status("ACTIVATED")
        with an_errand() as errand, pytest.raises(Refused, match="purged") as raised:
            await asked.provider.update_sim(UpdateSim(sim_id=iccid, native_status="INVENTORY"))

        assert [request.status for request in asked.arrived()] == [202]
        assert raised.value.native_code == "1000512"
        assert not errand.may_have_happened


@pytest.mark.parametrize(
    ("code", "kind", "may_have_happened"),
    [
        ("1000512", Refused, False),
        (1000512, Refused, False),
        ("40000029", RateLimited, False),
        ("10000080", Denied, False),
        ("30000001", Unavailable, True),
        ("30000002", Unavailable, True),
        ("19999999", Refused, True),
        ("https://inside", Refused, True),
    ],
)
@pytest.mark.parametrize("status", [200, 202])
async def test_an_error_body_counts_whatever_its_status(
    status: int, code: str | int, kind: type[GatewayError], may_have_happened: bool
) -> None:
    """Only a code that we know says that nothing happened; of others the state is read back."""
    async with desk(app=answering(status, {"errorMessage": "secret", "errorCode": code})) as asked:
        with an_errand() as errand, pytest.raises(kind) as raised:
            await asked.provider.update_sim(UpdateSim(sim_id=SIM, name="x"))
        assert errand.may_have_happened is may_have_happened
        with an_errand() as errand, pytest.raises(kind):
            await asked.provider.send_sms_command(SendSmsCommand(sim_id=SIM, payload="x"))

        assert errand.may_have_happened is may_have_happened
        assert "secret" not in raised.value.message
        assert raised.value.native_code in {str(code), None}
        assert len(asked.arrived()) == 2


@pytest.mark.parametrize(
    ("current", "wish", "code"),
    [
        ("ACTIVATED", {"native_status": "TEST_READY"}, "10000029"),
        ("ACTIVATED", {"native_status": "ACTIVATED"}, "10030000"),
        ("ACTIVATED", {"rate_plan_id": "none such"}, "10000013"),
        ("ACTIVATED", {"extra": {"communicationPlan": "none such"}}, "10000014"),
    ],
)
async def test_a_refused_change_has_not_happened(current: str, wish: dict[str, Any], code: str) -> None:
    """Their code, our words, one call."""
    async with desk() as asked:
        with an_errand() as errand, pytest.raises(Refused) as raised:
            await asked.provider.update_sim(UpdateSim(sim_id=asked.with_status(current), **wish))

        assert (raised.value.native_code, raised.value.message) == (code, MEANINGS[code])
        assert not errand.may_have_happened
        assert [request.status for request in asked.arrived()] == [400]


@pytest.mark.parametrize("status", ["400", "429"])
async def test_a_throttled_write_was_not_executed_and_is_not_repeated(status: str) -> None:
    """40000029 in whatever status is RateLimited, after one call."""
    async with desk(rate="1", throttle_status=status) as asked:
        iccid = asked.with_status("ACTIVATED")
        await asked.provider.load_sim(iccid)
        writes: list[Any] = [  # Any: neither is awaited yet
            partial(asked.provider.update_sim, UpdateSim(sim_id=iccid, name="pump 7")),
            partial(asked.provider.send_sms_command, SendSmsCommand(sim_id=iccid, payload="x")),
        ]
        for write in writes:
            asked.host.clear()
            with an_errand() as errand, pytest.raises(RateLimited) as raised:
                await write()

            assert [str(request.status) for request in asked.arrived()] == [status]
            assert (raised.value.native_code, raised.value.retryable) == ("40000029", True)
            assert not errand.may_have_happened


async def test_a_write_that_broke_over_there_may_have_happened() -> None:
    """A 500 leaves it open, and nothing is sent twice."""
    async with desk() as asked:
        asked.host.fault(NAME, "status", 500)
        with an_errand() as errand, pytest.raises(Unavailable) as raised:
            await asked.provider.update_sim(UpdateSim(sim_id=SIM, name="x"))

        assert (raised.value.native_code, errand.may_have_happened) == ("30000001", True)
        assert len(asked.arrived()) == 1


@pytest.mark.parametrize("body", [[], "done", {"errorCode": {}}])
async def test_an_answer_that_cannot_be_read_leaves_a_change_open(body: object) -> None:
    """It was taken with a status of success, so it may have happened."""
    async with desk(app=answering(200, body)) as asked:
        with an_errand() as errand, pytest.raises(BadResponse):
            await asked.provider.update_sim(UpdateSim(sim_id=SIM, name="x"))

        assert errand.may_have_happened
        assert len(asked.arrived()) == 1


async def test_a_message_without_an_id_may_have_been_sent() -> None:
    """It cannot be named, so the answer is none."""
    async with desk(app=answering(200, {"iccid": SIM})) as asked:
        with an_errand() as errand, pytest.raises(BadResponse):
            await asked.provider.send_sms_command(SendSmsCommand(sim_id=SIM, payload="x"))

        assert errand.may_have_happened


async def test_writes_are_sent_one_at_a_time() -> None:
    """Whoever writes, the provider never has two calls of the account at once: it would refuse the second."""
    async with desk(busy_ms="20") as asked:
        iccids = [asked.fleet.world.sim(index).iccid for index in range(8)]
        await asyncio.gather(*(asked.provider.update_sim(UpdateSim(sim_id=each, name=each)) for each in iccids))

        assert sorted(body["deviceID"] for body in asked.bodies()) == sorted(iccids)
        assert {request.status for request in asked.arrived()} == {200}
