"""Programmable Wireless: what published and awkward answers mean here. No socket is needed to know."""

from datetime import UTC, datetime
from decimal import Decimal
from types import GenericAlias
from typing import Any

import msgspec
import pytest

from gateway.providers.wireless import read
from gateway.providers.wireless.tests.conftest import published
from gateway.providers.wireless.wire import WireCommand, WireDataSession, WireRatePlan, WireSim, WireUsageRecord
from schema.command import CommandDirection, CommandStatus, PayloadEncoding
from schema.network import GeoPoint, NetworkRef
from schema.session import DataSession, RadioAccess
from schema.status import SimStatus, SimTarget
from schema.usage import Money, Roaming, UsageRecord
from tests.answers import wire

THEN = datetime(2015, 7, 30, 20, tzinfo=UTC)
SIM = "DE" + "a" * 32


def rows(name: str, key: str, kind: Any) -> list[Any]:
    listed: Any = GenericAlias(list, (kind,))  # Any: a type that is only known at run time
    return list(msgspec.json.decode(published(name, dict[str, msgspec.Raw])[key], type=listed))


def session(**given: object) -> DataSession:
    return read.data_session(SIM, wire(WireDataSession, sid="WN1", **given))


def usage(**given: object) -> UsageRecord:
    return read.usage_record(wire(WireUsageRecord, **given))


def test_published_sim() -> None:
    """Twilio's own sample of a SIM, field for field."""
    [found] = [read.sim(each) for each in rows("sims.json", "sims", WireSim)]

    assert (found.native_id, found.name) == (SIM, "unique_name")
    assert (found.iccid, found.eid) == (None, None)  # the words "iccid" and "e_id" stand there, which are no numbers
    assert (found.status, found.native_status) == (SimStatus.INVENTORY, "new")
    assert found.allowed_transitions == [SimTarget.READY, SimTarget.ACTIVE, SimTarget.DEACTIVATED]
    assert found.rate_plan_id == "WP" + "a" * 32
    assert found.fleet_id is None
    assert (found.created_at, found.updated_at) == (THEN, THEN)
    assert found.is_complete
    extra: object = found.extra
    assert extra == {
        "friendly_name": "friendly_name",
        "reset_status": "resetting",
        "ip_address": "192.168.1.30",
        "commands_callback_url": "http://www.example.com",
        "commands_callback_method": "POST",
        "sms_url": "http://www.example.com",
        "sms_method": "POST",
        "sms_fallback_url": "http://www.example.com",
        "sms_fallback_method": "POST",
        "voice_url": "http://www.example.com",
        "voice_method": "POST",
        "voice_fallback_url": "http://www.example.com",
        "voice_fallback_method": "POST",
    }


def test_a_sim_of_kore_differs_in_one_name() -> None:
    """KORE says `eid` where Twilio says `e_id`; dates carry a fraction."""
    found = read.sim(
        wire(
            WireSim,
            sid=SIM,
            iccid="8988307000000000000",
            eid="8904",
            status="active",
            date_created="2024-11-23T14:44:37.461Z",
        )
    )

    twilio = read.sim(wire(WireSim, sid=SIM, e_id="8904"))

    assert (found.iccid, found.eid, twilio.eid) == ("8988307000000000000", "8904", "8904")
    assert found.created_at == datetime(2024, 11, 23, 14, 44, 37, 461000, tzinfo=UTC)


def test_trap_09_an_empty_sim_has_nulls() -> None:
    """A SIM of which nothing is told but its SID has no empty names, no empty extra and the status UNKNOWN."""
    bare = read.sim(wire(WireSim, sid=SIM, unique_name="", friendly_name="", reset_status=None, sms_url=""))

    assert (bare.name, bare.extra, bare.iccid, bare.rate_plan_id) == (None, None, None, None)
    assert (bare.status, bare.native_status, bare.allowed_transitions) == (SimStatus.UNKNOWN, None, [])


def test_a_sim_without_a_unique_name_has_its_friendly_one() -> None:
    """The unique name comes first; the friendly one stands in."""
    assert read.sim(wire(WireSim, sid=SIM, unique_name=None, friendly_name="Pump 7")).name == "Pump 7"


@pytest.mark.parametrize(
    ("native", "status", "targets"),
    [
        ("new", SimStatus.INVENTORY, "ready active deactivated"),
        ("ready", SimStatus.READY, "active suspended deactivated"),
        ("active", SimStatus.ACTIVE, "suspended deactivated"),
        ("suspended", SimStatus.SUSPENDED, "active deactivated"),
        ("deactivated", SimStatus.DEACTIVATED, ""),
        ("canceled", SimStatus.TERMINATED, ""),
        ("deleted", SimStatus.TERMINATED, ""),
        ("scheduled", SimStatus.PENDING, ""),
        ("updating", SimStatus.PENDING, ""),
        ("hibernating", SimStatus.UNKNOWN, ""),
    ],
)
def test_trap_11_every_status_word(native: str, status: SimStatus, targets: str) -> None:
    """`deactivated` is on the way out and not SUSPENDED; a word nobody knows is UNKNOWN; the native word is kept."""
    found = read.sim(wire(WireSim, sid=SIM, status=native))

    assert (found.status, found.native_status) == (status, native)
    assert [target.name.lower() for target in found.allowed_transitions] == targets.split()


def test_published_sessions() -> None:
    """Seed sample of Twilio: one open session, one that ended, nothing told about network and place."""
    first, second = (
        read.data_session(SIM, each) for each in rows("data_sessions.json", "data_sessions", WireDataSession)
    )

    assert first.native_id == f"{SIM}/WN" + "a" * 32
    assert (first.sim_id, first.started_at, first.ended_at, first.updated_at) == (SIM, THEN, None, THEN)
    assert (first.active, first.duration, first.imei) == (True, None, None)
    assert (first.radio_access, first.native_radio_access) == (RadioAccess.LTE_4G, "LTE")
    assert (first.network, first.cell_id, first.cell_location) == (None, None, None)
    assert (second.active, second.duration, second.imei) == (False, 0.0, "014931000129700")
    assert second.radio_access is RadioAccess.UMTS_3G


def test_published_session_of_kore() -> None:
    """KORE's sample: milliseconds, 0/0 for no place, no packet counters; words nobody knows stay native words."""
    [found] = [
        read.data_session(SIM, each) for each in rows("kore_data_sessions.json", "data_sessions", WireDataSession)
    ]

    assert found.started_at == datetime(2024, 11, 23, 14, 44, 37, 461000, tzinfo=UTC)
    assert (found.active, found.duration, found.cell_location) == (False, 0.0, None)
    assert (found.packets_up, found.packets_down) == (None, None)
    assert (found.radio_access, found.native_radio_access) == (RadioAccess.UNKNOWN, "text")
    assert found.network == NetworkRef(name="text")
    assert found.imei is None


def test_trap_02_packets_are_not_bytes() -> None:
    """Packets stay packets; bytes of a session are not known, and null is not zero."""
    found = session(packets_uploaded=12, packets_downloaded=0)

    assert (found.packets_up, found.packets_down) == (12, 0)
    assert (found.bytes_up, found.bytes_down, found.bytes_total) == (None, None, None)
    assert session(packets_uploaded=None).packets_up is None
    assert session(packets_uploaded=-1).packets_up is None


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ({}, None),
        (None, None),
        ({"lat": 0, "lon": 0}, None),
        ({"lat": 0.0, "lon": 0.0}, None),
        ({"lat": 52.52}, None),
        ({"lat": 91, "lon": 13.4}, None),
        ({"lat": 52.52, "lon": -181}, None),
        ({"lat": 0, "lon": 13}, GeoPoint(latitude=0, longitude=13)),
        ({"lat": 52.52, "lon": 13.405}, GeoPoint(latitude=52.52, longitude=13.405)),
    ],
)
def test_trap_09_a_place_that_is_none(location: object, place: GeoPoint | None) -> None:
    """`{}`, 0/0, half a place and a place off the globe are no place; a place on the equator is one."""
    assert session(cell_location_estimate=location).cell_location == place


def test_trap_10_countries_and_codes() -> None:
    """A three-letter country becomes two letters; an MNC keeps its leading zero."""
    found = session(operator_mcc="262", operator_mnc="01", operator_country="DEU", operator_name="Telekom")

    assert found.network == NetworkRef(mcc="262", mnc="01", name="Telekom", country="DE")


def test_a_session_that_makes_no_sense() -> None:
    """An end before the start has no duration; a session without a start may be open or not."""
    backwards = session(start="2026-11-02T00:00:00Z", end="2026-11-01T00:00:00Z")

    assert (backwards.active, backwards.duration) == (False, None)
    assert (session().active, session().native_id) == (None, f"{SIM}/WN1")


@pytest.mark.parametrize(
    ("word", "radio"),
    [
        ("LTE", RadioAccess.LTE_4G),
        ("LTE-M", RadioAccess.LTE_M),
        ("NB-IoT", RadioAccess.NB_IOT),
        ("2G", RadioAccess.GSM_2G),
        ("5G", RadioAccess.NR_5G),
        ("6G", RadioAccess.UNKNOWN),
        ("", RadioAccess.UNKNOWN),
    ],
)
def test_radio_words(word: str, radio: RadioAccess) -> None:
    """Known words are the closed enum's; any other is UNKNOWN beside the native word."""
    found = session(radio_link=word)

    assert (found.radio_access, found.native_radio_access) == (radio, word or None)


@pytest.mark.parametrize(("file", "sim"), [("sim_usage.json", SIM), ("account_usage.json", None)])
def test_trap_09_published_usage(file: str, sim: str | None) -> None:
    """Twilio's sample: a full record, and one of empty objects of which nothing is known."""
    full, empty = (read.usage_record(each) for each in rows(file, "usage_records", WireUsageRecord))

    assert (full.sim_id, empty.sim_id) == (sim, sim)
    assert (full.bytes_up, full.bytes_down, full.bytes_total) == (731_560, 2_763_049, 3_494_609)
    assert (full.sms_to_sim, full.sms_from_sim, full.sms_total) == (2, 1, 3)
    assert full.costs == [Money(amount=Decimal("0.35"), currency="USD")]
    assert [(part.roaming, part.bytes_total, part.sms_total) for part in full.by_roaming or ()] == [
        (Roaming.HOME, 3_494_609, 3),
        (Roaming.NATIONAL, 0, 0),
    ]
    assert (full.period_start, full.period_end) == (THEN, THEN)
    told = {name: value for name, value in vars(empty).items() if value not in (None, (), sim)}
    assert told == {"stale": False}


@pytest.mark.parametrize(
    ("data", "commands", "costs"),
    [
        ((0, 0, "USD"), (0, 0, "USD"), [("0", "USD")]),
        ((0, 500, "USD"), (0, 0, "USD"), None),
        ((0, 0, "USD"), (0, 3, "USD"), None),
        ((0.35, 500, "USD"), (0.05, 1, "USD"), [("0.40", "USD")]),
        (("0.35", 500, "USD"), ("0", 0, "USD"), [("0.35", "USD")]),
        ((0.35, 500, "USD"), (0.05, 1, "EUR"), [("0.35", "USD"), ("0.05", "EUR")]),
        ((0.35, 500, ""), (0.05, 1, "points"), [("0.40", None)]),
        ((0.35, 500, "usd"), (0.05, 1, "USD"), [("0.40", "USD")]),
        ((0.35, 500, "USD"), (None, 1, "USD"), None),
        ((-1, 500, "USD"), (0, 0, "USD"), None),
        (("much", 500, "USD"), (0, 0, "USD"), None),
    ],
)
def test_trap_08_money(data: tuple[Any, ...], commands: tuple[Any, ...], costs: list[tuple[str, Any]] | None) -> None:
    """Data and commands added by currency, from numbers or strings; zero for some usage is unknown, not free."""
    names = ("billed", "total", "billing_units")
    found = usage(data=dict(zip(names, data, strict=True)), commands=dict(zip(names, commands, strict=True))).costs

    expected = None if costs is None else [Money(amount=Decimal(amount), currency=name) for amount, name in costs]
    assert found == expected


def test_usage_abroad() -> None:
    """Data and commands of one country stand together; what one of them does not tell is null; `{}` says nothing."""
    found = usage(
        data={
            "home": {},
            "national_roaming": None,
            "international_roaming": [
                {"country_code": "fr", "upload": 1, "download": 2, "total": 3},
                {"country_code": "CAN", "total": 4},
                None,
            ],
        },
        commands={"international_roaming": [{"country_code": "fr", "from_sim": 5, "to_sim": 6, "total": 11}]},
    )

    assert [vars(part) for part in found.by_roaming or ()] == [
        {
            "roaming": Roaming.INTERNATIONAL, "country": "FR", "bytes_up": 1, "bytes_down": 2, "bytes_total": 3,
            "sms_to_sim": 6, "sms_from_sim": 5, "sms_total": 11,
        },
        {
            "roaming": Roaming.INTERNATIONAL, "country": "CA", "bytes_up": None, "bytes_down": None, "bytes_total": 4,
            "sms_to_sim": None, "sms_from_sim": None, "sms_total": None,
        },
    ]  # fmt: skip


def test_absurd_counters_are_null() -> None:
    """Negative numbers and numbers that fit nowhere are no counts."""
    found = usage(data={"total": -1, "upload": 2**63}, commands={"total": 2**31, "to_sim": -3})

    assert (found.bytes_total, found.bytes_up, found.sms_total, found.sms_to_sim) == (None, None, None, None)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("2026-11-30T23:59:59Z", datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-11-30T23:59:59.999Z", datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01T00:00:00Z", datetime(2026, 12, 1, tzinfo=UTC)),
        (None, None),
    ],
)
def test_trap_07_the_end_of_a_period(end: str | None, told: datetime | None) -> None:
    """A period's end is the moment behind it, whether the provider writes its last second or that moment."""
    assert usage(period={"start": "2026-11-01T00:00:00Z", "end": end}).period_end == told


@pytest.mark.parametrize(
    ("file", "direction", "receipt", "transport"),
    [
        ("command_sms.json", CommandDirection.FROM_SIM, True, "sms"),
        ("command_ip.json", CommandDirection.TO_SIM, False, "ip"),
    ],
)
def test_published_commands(file: str, direction: CommandDirection, receipt: bool, transport: str) -> None:
    """Twilio's samples of both transports; both are one kind of command here."""
    found = read.command(published(file, WireCommand))

    assert (found.native_id, found.sim_id) == ("DC" + "a" * 32, SIM)
    assert (found.payload, found.payload_encoding) == ("command", PayloadEncoding.TEXT)
    assert (found.direction, found.status, found.native_status) == (direction, CommandStatus.QUEUED, "queued")
    assert (found.transport, found.delivery_receipt_requested) == (transport, receipt)
    assert (found.created_at, found.updated_at) == (THEN, THEN)


def test_a_command_in_words_nobody_knows() -> None:
    """New words are UNKNOWN, an unknown mode is null, binary is base64; an empty message is a message."""
    odd = read.command(wire(WireCommand, sid="DC1", status="lost", direction="sideways", command_mode="morse"))
    binary = read.command(wire(WireCommand, sid="DC2", command="AQI=", command_mode="binary"))
    empty = read.command(wire(WireCommand, sid="DC3", command=""))

    assert (odd.status, odd.native_status, odd.direction) == (CommandStatus.UNKNOWN, "lost", CommandDirection.UNKNOWN)
    assert (odd.payload, odd.payload_encoding) == (None, None)
    assert (binary.payload, binary.payload_encoding) == ("AQI=", PayloadEncoding.BINARY)
    assert empty.payload == ""


def test_published_rate_plan() -> None:
    """Twilio's sample: limits are bytes here, and what only KORE describes is read where it is."""
    found = read.rate_plan(published("rate_plan.json", WireRatePlan))

    assert (found.native_id, found.name, found.friendly_name) == ("WP" + "a" * 32, "unique_name", "friendly_name")
    assert (found.data_enabled, found.messaging_enabled, found.voice_enabled) == (True, True, True)
    assert (found.data_limit, found.data_metering, found.data_limit_strategy) == (1_000_000_000, "payg", "block")
    assert (found.national_roaming_enabled, found.national_roaming_data_limit) == (True, 1_000_000_000)
    assert found.international_roaming == ["data", "messaging", "voice"]
    assert found.international_roaming_data_limit == 1_000_000_000
    assert (found.usage_notification_url, found.usage_notification_method) == ("https://callback.com", "POST")
    assert found.created_at == datetime(2019, 7, 30, 20, tzinfo=UTC)


def test_a_rate_plan_without_limits() -> None:
    """No limit told is null, not zero; a negative one is null; zero is zero."""
    found = read.rate_plan(wire(WireRatePlan, sid="WP1", data_limit=-1, national_roaming_data_limit=0))

    assert (found.data_limit, found.national_roaming_data_limit) == (None, 0)
    assert (found.international_roaming_data_limit, found.international_roaming) == (None, None)


@pytest.mark.parametrize(("limit", "told"), [(0, 0), (5, 5_000_000), (-1, None), (2**63, None), (10**4299, None)])
def test_a_limit_is_a_size(limit: int, told: int | None) -> None:
    """A negative limit, or one beyond 64 bits in bytes, is none."""
    found = read.rate_plan(WireRatePlan(sid="WP1", data_limit=limit, national_roaming_data_limit=limit))

    assert (found.data_limit, found.national_roaming_data_limit) == (told, told)


@pytest.mark.parametrize("absurd", [-1, 2**63, 10**4299])
def test_absurd_packets_are_null(absurd: int) -> None:
    """A counter below zero or beyond 64 bits counts nothing."""
    found = read.data_session(SIM, WireDataSession(sid="WN1", packets_uploaded=absurd, packets_downloaded=absurd))

    assert (found.packets_up, found.packets_down) == (None, None)
