"""Cisco IoT Control Center: what its answers mean."""

from datetime import UTC, datetime
from typing import cast

import pytest

from gateway.providers.cisco_control_center import read
from gateway.providers.cisco_control_center.tests.conftest import published
from gateway.providers.cisco_control_center.wire import WireCycleUsage, WireDevice, WireRow, WireSession, WireZones
from schema.network import IpAddress
from schema.status import SimStatus, SimTarget
from tests.answers import wire


def test_the_published_device() -> None:
    """Cisco's sample device is read whole; what the schema has no field for stands in extra, only where it is set."""
    sim = read.sim(published("device_details.json", WireDevice))

    assert (sim.native_id, sim.iccid) == ("8988216716970004975", "8988216716970004975")
    assert (sim.imsi, sim.msisdn, sim.imei, sim.eid, sim.name) == ("901161697004975", "+882351697004975", *[None] * 3)
    assert (sim.status, sim.native_status, sim.rate_plan_id) == (SimStatus.ACTIVE, "ACTIVATED", "hphlr rp1")
    assert sim.created_at == datetime(2014, 7, 22, 23, 31, 46, 571000, tzinfo=UTC)
    assert sim.activated_at == datetime(2016, 6, 29, 0, 21, 33, 339000, tzinfo=UTC)
    assert sim.updated_at == datetime(2016, 7, 6, 22, 4, 4, 380000, tzinfo=UTC)
    assert sim.is_complete
    assert cast("object", sim.extra) == {
        "communicationPlan": "CP_Basic_ON",
        "dateShipped": "2016-06-27 07:00:00.000+0000",
        "accountId": "100020620",
        "modemID": "2221",
        "accountCustom1": "78",
    }
    assert read.ip_addresses(published("device_details.json", WireDevice)) == []


def test_a_device_of_another_operator() -> None:
    """The EID's other name, a number for a text, addresses of both kinds: all are understood."""
    given = wire(
        WireDevice,
        iccid="89011704252318147060",
        deviceID="pump 7",
        euiccid="89033023426200000000005444099171",
        accountId=100020620,
        operatorCustom5="Y",
        accountCustom10="x",
        mec={"zone": 1},
        fixedIPAddress="10.0.0.7",
        fixedIpv6Address="2605:9780:309E:0::/64",
    )

    sim = read.sim(given)
    assert (sim.name, sim.eid) == ("pump 7", "89033023426200000000005444099171")
    assert cast("object", sim.extra) == {
        "accountId": 100020620,
        "operatorCustom5": "Y",
        "accountCustom10": "x",
        "mec": {"zone": 1},
    }
    assert read.ip_addresses(given) == [
        IpAddress(address="10.0.0.7", version=4),
        IpAddress(address="2605:9780:309e::/64", version=6),
    ]


def test_the_eid_under_its_usual_name() -> None:
    """Cisco's own word for it."""
    assert read.sim(wire(WireDevice, iccid="1", eid="8903", euiccid="")).eid == "8903"


def test_a_device_that_says_nothing_has_no_extra() -> None:
    """Nothing set is null, not an empty object."""
    assert read.sim(wire(WireDevice, iccid="8988216716970004975")).extra is None


def test_trap_04_null_as_text_prefixes_and_blanks_in_dates() -> None:
    """The published session: "null" is no address, the prefix keeps its length, the dates are understood."""
    session = read.session(published("session_info.json", WireSession))

    assert session is not None
    assert session.ip_address is None
    assert session.ipv6_prefix == "2605:9780:309e::/64"
    assert session.started_at == session.ended_at == datetime(2016, 7, 6, 1, 31, 46, 893000, tzinfo=UTC)
    assert (session.active, session.duration) == (False, 0.0)
    assert session.sim_id == "8988216716970004975"
    assert session.native_id == "8988216716970004975/eb9ecfaaba1c8427"


@pytest.mark.parametrize("null", [None, "", "null"])
def test_trap_04_a_device_never_connected_has_no_session(null: str | None) -> None:
    """No start in any spelling is no session, not one that is open."""
    given = wire(WireSession, iccid="1", ipAddress=null, dateSessionStarted=null, dateSessionEnded=null)
    assert read.session(given) is None


def test_trap_04_a_missing_ipv6_and_no_end_is_an_open_session() -> None:
    """`ipv6Address` may be missing altogether; open is a start without an end, and has no duration."""
    session = read.session(
        wire(WireSession, iccid="1", ipAddress="10.1.2.3", dateSessionStarted="2016-07-06 01:31:46+0000", apn="iot")
    )

    assert session is not None
    assert (session.active, session.ended_at, session.duration) == (True, None, None)
    assert (session.ip_address, session.ipv6_prefix, session.apn) == ("10.1.2.3", None, "iot")


def test_a_session_whose_end_cannot_be_read_is_not_open() -> None:
    """An end was told, so the session ended; when is not known."""
    given = wire(WireSession, iccid="1", dateSessionStarted="2016-07-06 01:31:46+0000", dateSessionEnded="yesterday")
    session = read.session(given)

    assert session is not None
    assert (session.active, session.ended_at, session.duration) == (False, None, None)


def test_a_session_that_ends_before_it_begins_has_no_duration() -> None:
    """An absurd duration is unknown, never negative; the end was told, so the session is not open."""
    session = read.session(
        wire(
            WireSession,
            iccid="1",
            dateSessionStarted="2016-07-06 01:31:46.893+0000",
            dateSessionEnded="2016-07-05 01:31:46.893+0000",
        )
    )

    assert session is not None
    assert (session.duration, session.active) == (None, False)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("INVENTORY", SimStatus.INVENTORY),
        ("TEST_READY", SimStatus.READY),
        ("DEACTIVATED", SimStatus.SUSPENDED),
        ("PURGED", SimStatus.TERMINATED),
        ("OPERATOR_HOLD", SimStatus.UNKNOWN),
        ("activated", SimStatus.UNKNOWN),
        (None, SimStatus.UNKNOWN),
    ],
)
def test_trap_11_deactivated_is_the_stop_that_can_be_taken_back(word: str | None, status: SimStatus) -> None:
    """Cisco's DEACTIVATED is SUSPENDED here; words of an operator's own are UNKNOWN, with the word beside it."""
    row = read.row(wire(WireRow, iccid="1", status=word))

    assert (row.status, row.native_status) == (status, word)
    assert not row.is_complete


def test_no_way_leads_back_before_activation() -> None:
    """As Cisco refuses it (10000029), and nothing leads out of a final status."""
    for word, targets in read.TRANSITIONS.items():
        assert SimTarget.READY not in targets or word == "INVENTORY"
        assert read.SIM_STATUS[word] is not SimStatus.TERMINATED


def test_the_published_usage_by_zone() -> None:
    """Lower-case SMS keys, ISO dates, nulls that stay unknown."""
    [zone] = read.zone_usage(published("usage_in_zone.json", WireZones))

    assert (zone.zone, zone.rate_plan) == ("620WLW005721_xz01gz_zone1", "620WLW005721_MON-FLEX_300M_SP")
    assert zone.rate_plan_version == "1"
    assert zone.cycle_start == datetime(2018, 8, 26, 16, tzinfo=UTC)
    assert zone.cycle_end == datetime(2018, 9, 26, 15, 59, 59, tzinfo=UTC)
    assert (zone.bytes_total, zone.voice_seconds, zone.sms_total) == (61489152, None, None)


@pytest.mark.parametrize("day", ["2016-11-10Z", "2016-11-10+00:00", "2016-11-10 00:00:00.000+0000"])
def test_usage_by_zone_in_other_spellings(day: str) -> None:
    """Any letter case of the keys and any of Cisco's date forms give the same; an unknown unit is null."""
    rows = [
        {"zone": "1", "SMSMTUsage": 3, "SMSMOUsage": 4, "voiceMTUsage": 2, "voiceMTUsageUnit": "minutes",
         "voiceMOUsage": 5, "voiceMOUsageUnit": "Seconds", "dataUsage": 7, "dataUsageUnit": "MB"},
        {"ZONE": 2, "smsMtUsage": 3, "smsmousage": None, "DataUsage": 0, "ratePlan": ""},
    ]  # fmt: skip
    first, second = read.zone_usage(wire(WireZones, cycleStartDate=day, deviceCycleUsageInZones={"plan, 1": rows}))

    assert first.cycle_start == second.cycle_start == datetime(2016, 11, 10, tzinfo=UTC)
    assert (first.sms_total, first.voice_seconds, first.bytes_total) == (7, 125, None)
    assert (second.rate_plan, first.rate_plan) == (None, None)
    assert (second.zone, second.sms_total, second.voice_seconds, second.bytes_total) == ("2", None, None, 0)


def test_usage_without_any_zone_is_an_empty_list() -> None:
    """A SIM that used nothing has no rows, and that is no error."""
    assert read.zone_usage(wire(WireZones, deviceCycleUsageInZones=None)) == []


def test_absurd_counters_are_unknown() -> None:
    """A negative size is null, never 0; so is a count beyond what the schema can carry."""
    usage = read.cycle_usage(
        wire(WireCycleUsage, iccid="1", ctdDataUsage=-5, ctdSMSUsage=2**40, ctdVoiceUsage=0, ctdSessionCount=None)
    )

    assert (usage.bytes_total, usage.sms_total, usage.voice_seconds, usage.session_count) == (None, None, 0, None)
    assert usage.period_start is None
