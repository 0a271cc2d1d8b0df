"""Cisco IoT Control Center: what it refuses, what we do not even ask, and one call at a time."""

import asyncio
import json
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.page import PageRequest
from gateway.providers.cisco_control_center.refusal import MEANINGS, read_refusal
from gateway.providers.cisco_control_center.tests.conftest import FIXTURES, NAME, desk
from gateway.where import CommandWhere, OfSim, SessionWhere, SimWhere
from schema.errors import Denied, Invalid, NotFound, RateLimited, Refused, Unavailable


@pytest.mark.parametrize("status", [400, 429, 500])
def test_trap_04_the_code_says_what_a_refusal_is(status: int) -> None:
    """A throttle is one in whatever HTTP status it comes; the code is a text, and a number is understood too."""
    for code in ("40000029", 40000029):
        refusal = read_refusal(status, json.dumps({"errorMessage": "secret", "errorCode": code}).encode())

        assert refusal.error is RateLimited
        assert refusal.code == "40000029"
        assert refusal.message == MEANINGS["40000029"]


def test_a_refusal_is_in_our_words() -> None:
    """The published error body gives code and kind; a code we do not know gives no words of theirs."""
    known = read_refusal(401, (FIXTURES / "invalid_credentials.json").read_bytes())
    unknown = read_refusal(400, b'{"errorMessage": "see https://inside", "errorCode": "10009999"}')

    assert (known.error, known.code, known.expired) == (Denied, "10000001", False)
    assert known.message is not None
    assert "Invalid credentials" not in known.message
    assert (unknown.code, unknown.message, unknown.error) == ("10009999", None, None)
    for body in (b"<html>", b"", b"[]", b"{}", b"\xff", b"[" * 100_000):
        assert read_refusal(502, body).code is None


async def test_an_id_that_is_no_iccid_is_not_asked() -> None:
    """Whatever would change the path never leaves; by id it is nothing, as a parent it is not found."""
    async with desk() as asked:
        for odd in ("", "../echo/x", "8988216716970004975/ctdUsages", "8988216716970004975?x=1", "٨" * 19):
            assert await asked.provider.load_sim(odd) is None
            assert await asked.provider.find_sim_by_iccid(odd) is None
            assert await asked.provider.load_cycle_usage(odd) is None
            assert await asked.provider.load_sms_command(odd) is None
            for ask in (asked.provider.list_zone_usage, asked.provider.list_ip_addresses):
                with pytest.raises(NotFound):
                    await ask(OfSim(odd), PageRequest(1))
            with pytest.raises(NotFound):
                await asked.provider.list_sms_commands(CommandWhere(sim_id=odd), PageRequest(1))

        assert asked.arrived() == []


async def test_an_unknown_iccid_is_nothing() -> None:
    """20000001 is None by id, NotFound for what hangs on it."""
    nobody = "8900000000000000000"
    async with desk() as asked:
        assert await asked.provider.load_sim(nobody) is None
        assert await asked.provider.load_cycle_usage(nobody) is None
        with pytest.raises(NotFound):
            await asked.provider.list_sessions(SessionWhere(nobody), PageRequest(1))

        assert [request.status for request in asked.arrived()] == [404, 404, 404]


async def test_a_sim_by_iccid_has_exactly_these_digits() -> None:
    """An answer about other digits is not the SIM that was asked for."""

    async def other(_: Request) -> JSONResponse:
        return JSONResponse({"iccid": "8988216716970004975"})

    async with desk(app=Starlette(routes=[Route("/rws/api/v1/devices/{iccid}", other)])) as asked:
        assert await asked.provider.find_sim_by_iccid("8988216716970004975") is not None
        assert await asked.provider.find_sim_by_iccid("89882167169700049751") is None


async def test_one_call_at_a_time() -> None:
    """Whoever asks, the account is asked serially: the provider would refuse a second call at the same time."""
    async with desk() as asked:
        iccids = [asked.fleet.world.sim(index).iccid for index in range(10)]
        found = await asyncio.gather(*(asked.provider.load_sim(iccid) for iccid in iccids))

        assert [sim.iccid for sim in found if sim is not None] == iccids
        assert [request.status for request in asked.arrived()] == [200] * 10


@pytest.mark.parametrize("status", ["400", "429"])
async def test_trap_04_a_throttle_inside_a_400(status: str) -> None:
    """40000029 is RateLimited in whatever status it comes, with our words."""
    async with desk(rate="1", throttle_status=status) as asked:
        await asked.provider.list_sims(SimWhere(), PageRequest(1))
        with pytest.raises(RateLimited) as raised:
            await asked.provider.list_sims(SimWhere(), PageRequest(1))

        first, *others = [str(request.status) for request in asked.arrived()]
        assert (first, set(others)) == ("200", {status})
        assert len(others) <= 3  # a read is repeated twice at most
        assert raised.value.native_code == "40000029"
        assert raised.value.retryable
        assert raised.value.message == MEANINGS["40000029"]


async def test_an_address_that_is_not_allowed_looks_like_a_bad_key() -> None:
    """10000001 is Denied, asked once, and the words name both reasons."""
    async with desk(ip_allowed="off") as asked:
        with pytest.raises(Denied, match="address") as raised:
            await asked.provider.load_sim(asked.fleet.world.sim(0).iccid)

        assert raised.value.native_code == "10000001"
        assert len(asked.arrived()) == 1


async def test_an_error_of_theirs_can_be_tried_again() -> None:
    """30000001 is Unavailable."""
    async with desk() as asked:
        asked.host.fault(NAME, "status", 500)
        with pytest.raises(Unavailable) as raised:
            await asked.provider.load_sim(asked.fleet.world.sim(0).iccid)

        assert (raised.value.native_code, raised.value.retryable) == ("30000001", True)


async def test_a_foreign_token_is_not_asked() -> None:
    """A page token that is not one of this list is the caller's mistake."""
    async with desk() as asked:
        for token in ("https://elsewhere/devices", "a b c", "2026-01-01T00:00:00+00:00 1"):
            with pytest.raises(Invalid):
                await asked.provider.list_sims(SimWhere(), PageRequest(50, token))

        assert asked.arrived() == []


async def test_a_walk_taken_up_after_more_than_a_year_says_so() -> None:
    """A cursor older than the provider's reach is refused in words that say what to do."""
    async with desk() as asked:
        first = await asked.provider.list_sims(SimWhere(), PageRequest(20))
        asked.now += timedelta(days=3)
        with pytest.raises(Refused, match="begun anew") as raised:
            await asked.provider.list_sims(SimWhere(), PageRequest(20, first.next))

        assert raised.value.native_code == "10000045"
