"""Cisco IoT Control Center: a SIM is changed, and what arrives there."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.changes import UpdateSim
from gateway.providers.cisco_control_center.provider import ControlCenter
from gateway.providers.cisco_control_center.simulator.words import STATUSES
from gateway.providers.cisco_control_center.tests.conftest import START, an_errand, desk
from gateway.upstream.errand import NotSent
from schema.errors import Invalid, NotFound, Refused, Unsupported
from schema.sim import Sim
from schema.status import SimStatus, SimTarget

SIM = "8988216716970004975"
REFUSED_WHEN_ACTIVE = {
    "ACTIVATED": "10030000",
    "ACTIVATION_READY": "10000029",
    "TEST_READY": "10000029",
    "INVENTORY": "1000512",
}
LATEST = START.replace(microsecond=0) + timedelta(days=180)


def a_change(sim_id: str = SIM, **wish: Any) -> UpdateSim:  # Any: the fields of UpdateSim
    return UpdateSim(sim_id=sim_id, **wish)


def extra_of(sim: Sim | None) -> dict[str, Any]:  # Any: as in Sim.extra
    assert sim is not None
    return dict(sim.extra) if isinstance(sim.extra, dict) else {}


async def test_all_that_can_be_changed_is_one_call() -> None:
    """Every field has Cisco's name in one JSON body, and a read shows it; the answer itself shows nothing."""
    extra = {
        "communicationPlan": "CP_Roaming",
        "customer": "Harbour Logistics",
        "modemID": "2077",
        "overageLimitOverride": "TEMPORARY_OVERRIDE",
        "ipv4Address": "10.1.2.3",
        "ipv6Address": "2001:db8::1",
        **{f"accountCustom{number}": f"a{number}" for number in range(1, 11)},
        **{f"operatorCustom{number}": f"o{number}" for number in range(1, 6)},
        **{f"customerCustom{number}": f"c{number}" for number in range(1, 6)},
    }
    async with desk() as asked:
        iccid = asked.with_status("ACTIVATED")
        change = a_change(iccid, name="pump 7", status=SimTarget.SUSPENDED, rate_plan_id="Gateway 1GB", extra=extra)
        done = await asked.provider.update_sim(change)
        [request], [body] = asked.arrived(), asked.bodies()
        sim = await asked.provider.load_sim(iccid)

        assert (request.method, request.path) == ("PUT", f"/rws/api/v1/devices/{iccid}")
        assert body == {"deviceID": "pump 7", "status": "DEACTIVATED", "ratePlan": "Gateway 1GB", **extra}
        assert (done.thing, done.is_pending) == (None, False)
        assert sim is not None
        assert (sim.name, sim.status, sim.rate_plan_id) == ("pump 7", SimStatus.SUSPENDED, "Gateway 1GB")
        assert extra.items() - extra_of(sim).items() == {
            (name, extra[name]) for name in ("overageLimitOverride", "ipv4Address", "ipv6Address")
        }


async def test_what_is_cleared_is_sent_empty() -> None:
    """Cisco's fields are texts, so nothing is an empty one; a read then shows nothing."""
    async with desk() as asked:
        iccid = asked.with_status("ACTIVATED")
        await asked.edit(iccid, deviceID="pump 7", customer="Harbour Logistics", accountCustom3="x")
        asked.host.clear()
        await asked.provider.update_sim(a_change(iccid, name=None, extra={"customer": None, "accountCustom3": None}))
        [body] = asked.bodies()
        sim = await asked.provider.load_sim(iccid)

        assert body == {"deviceID": "", "customer": "", "accountCustom3": ""}
        assert sim is not None
        assert sim.name is None
        assert not {"customer", "accountCustom3"} & extra_of(sim).keys()


@pytest.mark.parametrize("word", STATUSES)
async def test_every_word_can_be_asked_for(word: str) -> None:
    """A word of Cisco's is sent as it is, whatever becomes of it there: what is allowed is theirs to say."""
    code = REFUSED_WHEN_ACTIVE.get(word)
    async with desk() as asked:
        change = a_change(asked.with_status("ACTIVATED"), native_status=word)
        with pytest.raises(Refused) if code else nullcontext() as raised:
            await asked.provider.update_sim(change)

        assert asked.bodies() == [{"status": word}]
        assert raised is None or raised.value.native_code == code


@pytest.mark.parametrize(
    ("wish", "path", "told"),
    [
        ({"status": SimTarget.READY}, "status", "ACTIVATION_READY and TEST_READY .* nativeStatus"),
        ({"status": SimTarget.TERMINATED}, "status", "RETIRED, PURGED and REPLACED .* nativeStatus"),
        ({"status": SimTarget.DEACTIVATED}, "status", "SUSPENDED"),
        ({"fleet_id": "any"}, "fleetId", "communication plan"),
        ({"fleet_id": None}, "fleetId", "communication plan"),
        ({"rate_plan_id": None}, "ratePlanId", "rate plan"),
        ({"callback_url": "https://hooks.example.com/x"}, "callbackUrl", "calls nobody back"),
        ({"callback_method": "GET"}, "callbackMethod", "calls nobody back"),
    ],
)
async def test_what_cannot_be_said_is_not_sent(wish: dict[str, Any], path: str, told: str) -> None:
    """Unsupported names the field, and what there is instead or why not, before any call."""
    async with desk() as asked:
        with pytest.raises(Unsupported, match=told) as raised:
            await asked.provider.update_sim(a_change(**wish))

        assert raised.value.path == ["input", path]
        assert asked.arrived() == []


@pytest.mark.parametrize(
    ("wish", "path", "told"),
    [
        ({"native_status": "SUSPENDED"}, ["nativeStatus"], "DEACTIVATED"),
        ({"extra": {"colour": "red"}}, ["extra", "colour"], "accountCustom10"),
        ({"extra": {"deviceID": "x"}}, ["extra", "deviceID"], "modemID"),
        ({"extra": {"accountCustom1": 7}}, ["extra", "accountCustom1"], "str"),
        ({"extra": {"communicationPlan": None}}, ["extra", "communicationPlan"], "str"),
        ({"extra": {"overageLimitOverride": "NEVER"}}, ["extra", "overageLimitOverride"], "PERMANENT_OVERRIDE"),
        ({}, [], "nothing"),
        ({"extra": {"effectiveDate": "2026-12-01"}}, [], "nothing"),
    ],
)
async def test_a_wrong_wish_is_not_sent(wish: dict[str, Any], path: list[str], told: str) -> None:
    """Invalid names the place of the input and what is allowed there, before any call."""
    async with desk() as asked:
        with pytest.raises(Invalid, match=told) as raised:
            await asked.provider.update_sim(a_change(**wish))

        assert raised.value.path == ["input", *path]
        assert asked.arrived() == []


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-12-01", "2026-12-01Z"),
        (f"{START:%Y-%m-%d}", f"{START:%Y-%m-%d}Z"),
        ("2026-12-01T10:30:00Z", "2026-12-01T10:30:00+00:00"),
        ("2026-12-01T10:30:00.75+02:00", "2026-12-01T08:30:00+00:00"),
        (f"{LATEST:%Y-%m-%dT%H:%M:%SZ}", f"{LATEST:%Y-%m-%dT%H:%M:%S}+00:00"),
        (f"{LATEST:%Y-%m-%d}", f"{LATEST:%Y-%m-%d}Z"),
    ],
)
async def test_a_change_may_be_for_later(given: str, sent: str) -> None:
    """A date-time or a date, up to 180 days ahead, goes out in Cisco's form, in UTC, and is taken there."""
    async with desk() as asked:
        change = a_change(asked.with_status("ACTIVATED"), name="x", extra={"effectiveDate": given})
        done = await asked.provider.update_sim(change)

        assert asked.bodies() == [{"deviceID": "x", "effectiveDate": sent}]
        assert done.is_pending is (sent != f"{START:%Y-%m-%d}Z")


@pytest.mark.parametrize(
    "given",
    [
        "soon",
        "",
        "2026-13-01",
        "2026-12-01T10:30:00",
        "2026-12-01Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2026-11-19",
        "2026-11-20T10:59:59Z",
        f"{LATEST + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}",
        f"{LATEST + timedelta(days=1):%Y-%m-%d}",
    ],
)
async def test_a_change_is_neither_for_the_past_nor_for_too_late(given: str) -> None:
    """Invalid names the limit, in days and as a moment."""
    async with desk() as asked:
        with pytest.raises(Invalid, match=r"180 days ahead \(2027-05-19T11:00:00Z\)") as raised:
            await asked.provider.update_sim(a_change(name="x", extra={"effectiveDate": given}))

        assert raised.value.path == ["input", "extra", "effectiveDate"]
        assert asked.arrived() == []


async def test_a_later_change_is_pending_until_then() -> None:
    """202, and the SIM is as it was until the day has come."""
    async with desk() as asked:
        iccid = asked.with_status("ACTIVATED")
        change = a_change(iccid, status=SimTarget.SUSPENDED, extra={"effectiveDate": "2026-11-25"})
        done = await asked.provider.update_sim(change)
        before = await asked.provider.load_sim(iccid)
        asked.now = datetime(2026, 11, 25, 1, tzinfo=UTC)
        after = await asked.provider.load_sim(iccid)

        assert (done.thing, done.is_pending) == (None, True)
        assert before is not None
        assert after is not None
        assert (before.status, after.status) == (SimStatus.ACTIVE, SimStatus.SUSPENDED)


async def test_a_slow_change_is_pending() -> None:
    """202 without a date means that it has begun."""
    async with desk(edit_seconds="30") as asked:
        done = await asked.provider.update_sim(a_change(asked.with_status("DEACTIVATED"), status=SimTarget.ACTIVE))

        assert done.is_pending
        assert asked.bodies() == [{"status": "ACTIVATED"}]


@pytest.mark.parametrize("odd", ["", "../echo/x", f"{SIM}/smsMessages", f"{SIM}?x=1", "٨" * 19])
async def test_what_is_no_iccid_is_not_changed(odd: str) -> None:
    """It would change the path, so it is not found without a call."""
    async with desk() as asked:
        with pytest.raises(NotFound):
            await asked.provider.update_sim(a_change(odd, name="x"))

        assert asked.arrived() == []


async def test_an_unknown_sim_is_not_changed() -> None:
    """20000001 is NotFound, and nothing happened."""
    async with desk() as asked:
        with an_errand() as errand, pytest.raises(NotFound) as raised:
            await asked.provider.update_sim(a_change("8900000000000000000", name="x"))

        assert (raised.value.native_code, errand.may_have_happened) == ("20000001", False)
        assert len(asked.arrived()) == 1


async def test_a_change_that_is_only_planned_is_not_sent() -> None:
    """A dry errand ends where the call would begin, and what is wrong is told all the same."""
    async with desk() as asked:
        with an_errand(is_dry=True):
            with pytest.raises(NotSent):
                await asked.provider.update_sim(a_change(name="x"))
            with pytest.raises(Invalid):
                await asked.provider.update_sim(a_change(extra={"colour": "red"}))

        assert asked.arrived() == []


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"status": SimTarget.ACTIVE}, "charged"),
        ({"native_status": "ACTIVATED"}, "charged"),
        ({"native_status": "RETIRED"}, "no way back"),
        ({"native_status": "PURGED"}, "no way back"),
        ({"native_status": "REPLACED"}, "no way back"),
        ({"status": SimTarget.SUSPENDED}, None),
        ({"name": "x"}, None),
    ],
)
async def test_what_follows_from_a_change_is_told(wish: dict[str, Any], told: str | None) -> None:
    """Of the statuses that cost or end something, it is said."""
    async with desk() as asked:
        consequence = asked.provider.consequence("update_sim", a_change(**wish))

        assert (consequence is None) if told is None else (consequence is not None and told in consequence)


def test_each_target_is_a_word_or_has_a_reason() -> None:
    """Each status that can be asked for has one word of Cisco's, or is said why not."""
    assert ControlCenter.targets.keys() | ControlCenter.target_notes.keys() == set(SimTarget)
    assert not ControlCenter.targets.keys() & ControlCenter.target_notes.keys()
    assert ControlCenter.settable == set(STATUSES)
