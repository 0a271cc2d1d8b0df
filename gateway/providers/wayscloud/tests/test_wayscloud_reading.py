"""WAYSCloud Global SIM: what published answers, and odd ones, are read as."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from gateway.providers.wayscloud import read
from gateway.providers.wayscloud.refusal import read_refusal
from gateway.providers.wayscloud.tests.conftest import published
from gateway.providers.wayscloud.wire import (
    WireActivity,
    WireBill,
    WireBillLine,
    WireDevice,
    WireEvent,
    WireNetwork,
    WireSession,
    WireSessions,
)
from schema.errors import Denied, RateLimited
from schema.event import SimEventType
from schema.network import NetworkRef
from schema.scalars import JSON
from schema.session import RadioAccess
from schema.status import SimStatus
from schema.usage import Money
from tests.answers import wire

ICCID = "8901234567890123456"
MB = 1_000_000
SPAN = datetime(2025, 11, 1, tzinfo=UTC), datetime(2025, 11, 6, tzinfo=UTC)
NORWAY = NetworkRef(mcc="242", mnc="01", name="Telenor Norway", country="NO")
SWEDEN = NetworkRef(mcc="240", mnc="01", name="Telia Sweden", country="SE")


def test_the_published_session() -> None:
    """Every value of the sample arrives: bytes of float megabytes, the code split, the country from its own code."""
    session = read.session(published("sim_sessions.json", WireSessions).sessions[0], ICCID, MB)

    assert (session.native_id, session.sim_id) == (f"{ICCID}/ses_abc123", ICCID)
    assert session.started_at == datetime(2025, 11, 5, 8, tzinfo=UTC)
    assert session.ended_at == datetime(2025, 11, 5, 10, 30, tzinfo=UTC)
    assert (session.active, session.duration) == (False, 9000)
    assert (session.bytes_up, session.bytes_down, session.bytes_total) == (2_500_000, 45_300_000, 47_800_000)
    assert session.network == NORWAY
    assert (session.radio_access, session.native_radio_access) == (RadioAccess.LTE_4G, "4G")
    assert session.ip_address == "10.123.45.67"
    assert (session.packets_up, session.imei, session.apn) == (None, None, None)


@pytest.mark.parametrize(
    "end", [{}, {"end_time": None, "duration_seconds": None}, {"end_time": None, "duration_seconds": 77}]
)
def test_a_session_without_an_end_is_open(end: dict[str, object]) -> None:
    """In each form an open session may have, none of which is documented; its duration is not known yet."""
    session = read.session(wire(WireSession, session_id="s", start_time="2025-11-05T08:00:00Z", **end), ICCID, MB)

    assert (session.active, session.ended_at, session.duration) == (True, None, None)


def test_trap_09_what_is_empty_or_absurd_is_null() -> None:
    """Empty objects and texts, negative and endless numbers tell nothing, and are not zero."""
    odd = {"upload_mb": -1, "download_mb": 1e300, "total_mb": None}
    session = read.session(
        wire(
            WireSession, session_id="s", end_time="soon", duration_seconds=-5, network={}, data_usage=odd, ip_address=""
        ),
        ICCID,
        MB,
    )

    assert (session.bytes_up, session.bytes_down, session.bytes_total) == (None, None, None)
    assert (session.started_at, session.ended_at, session.duration, session.network) == (None, None, None, None)
    assert session.active is False
    assert session.ip_address is None
    assert read.session(wire(WireSession, session_id="s", data_usage={"total_mb": 0}), ICCID, MB).bytes_total == 0


@pytest.mark.parametrize(
    ("code", "mcc", "mnc"),
    [
        ("24201", "242", "01"),
        ("310260", "310", "260"),
        ("334020", "334", "020"),
        ("242", None, None),
        ("x4201", None, None),
    ],
)
def test_trap_10_a_network_code_is_split_behind_three_digits(code: str, mcc: str | None, mnc: str | None) -> None:
    """The MNC is the rest, two or three digits with its zeros; what is no such code is null."""
    found = read.network(wire(WireNetwork, network_code=code, operator="X"))

    assert found == NetworkRef(mcc=mcc, mnc=mnc, name="X")


@pytest.mark.parametrize(
    ("country", "alpha_2"),
    [
        ({"country": "Norway"}, "NO"),
        ({"country": "Sweden", "country_code": "NO"}, "NO"),
        ({"country": "United Kingdom", "country_code": "?"}, "GB"),
        ({"country": "Atlantis"}, None),
    ],
)
def test_trap_10_countries_are_spelled_out(country: dict[str, str], alpha_2: str | None) -> None:
    """Only sessions carry a code; elsewhere the English name is read, and one that is none is null."""
    assert (read.network(wire(WireNetwork, operator="X", **country)) or NetworkRef()).country == alpha_2


def test_the_published_activity() -> None:
    """A connection with its details, a threshold without a network, a change with two."""
    connection, threshold, change = (
        read.event(each, ICCID) for each in published("sim_activity.json", WireActivity).activity
    )

    assert connection is not None
    assert (connection.type, connection.native_type) == (SimEventType.CONNECTED, "connection")
    assert (connection.native_id, connection.sim_id, connection.network) == ("evt_abc123", ICCID, NORWAY)
    assert connection.details == JSON({"network_type": "4G", "signal_strength": -65})
    assert threshold is not None
    assert (threshold.type, threshold.network) == (SimEventType.USAGE_THRESHOLD, None)
    assert threshold.details == JSON({"current_usage_mb": 870.5, "period": "current_month"})
    assert change is not None


def test_trap_14_a_network_change_has_no_network() -> None:
    """It has a previous and a current one: the current one is where it happened."""
    change = read.event(published("sim_activity.json", WireActivity).activity[2], ICCID)

    assert change is not None
    assert (change.type, change.network, change.previous_network) == (SimEventType.NETWORK_CHANGED, SWEDEN, NORWAY)


def test_the_published_feed() -> None:
    """The feed says whose an event is and where, and no more."""
    [event, _] = (read.event(each, None) for each in published("all_activity.json", WireActivity).activity)

    assert event is not None
    assert (event.sim_id, event.details) == (ICCID, None)
    assert event.network == NetworkRef(name="Telenor Norway", country="NO")


def test_an_event_of_a_new_type_is_unknown_and_one_without_a_time_is_none() -> None:
    """The native word is kept; an event that cannot say when it happened cannot be told."""
    event = read.event(wire(WireEvent, event_type="sim_swap", timestamp="2025-11-05T08:00:00Z", details={}), ICCID)

    assert event is not None
    assert (event.type, event.native_type, event.details) == (SimEventType.UNKNOWN, "sim_swap", None)
    assert read.event(wire(WireEvent, event_id="e", timestamp="yesterday"), ICCID) is None


def test_the_published_device() -> None:
    """The SIM of a device: its name is the device's, its own network stands without a session."""
    sim = read.sim_in_device(published("device_sim.json", WireDevice))

    assert sim is not None
    assert (sim.native_id, sim.iccid, sim.msisdn) == (ICCID, ICCID, "+4791234567")
    assert (sim.status, sim.native_status) == (SimStatus.ACTIVE, "active")
    assert (sim.device_id, sim.device_name, sim.name) == (
        "iot_dev_abc123",
        "Temperature Sensor 01",
        "Temperature Sensor 01",
    )
    assert sim.current_network == NetworkRef(name="Telenor Norway", country="NO")
    assert sim.extra == JSON({"data_usage_mb": 125.4, "linked_at": "2025-10-15T10:00:00Z"})
    assert (sim.created_at, sim.activated_at, sim.is_complete) == (None, None, True)


def test_a_number_has_its_plus_sign_or_is_none() -> None:
    """E.164, also should the provider leave the plus out; text that is no number is null."""
    for written, number in (("4791234567", "+4791234567"), ("+47 912", None), ("", None)):
        sim = read.sim_in_device(wire(WireDevice, device_id="d", sim={"iccid": ICCID, "msisdn": written}))
        assert sim is not None
        assert sim.msisdn == number


@pytest.mark.parametrize("word", ["suspended", "Active", "deactivated", ""])
def test_trap_11_another_status_is_unknown(word: str) -> None:
    """`active` is the only word any source has: no meaning is guessed, the word is kept."""
    sim = read.sim_in_device(wire(WireDevice, device_id="d", sim={"iccid": ICCID, "status": word}))

    assert sim is not None
    assert (sim.status, sim.native_status) == (SimStatus.UNKNOWN, word or None)


@pytest.mark.parametrize("sim", [None, {}, {"iccid": "../billing"}])
def test_a_device_without_a_sim_is_none(sim: dict[str, str] | None) -> None:
    """No SIM, or one whose ICCID is no number."""
    assert read.sim_in_device(wire(WireDevice, device_id="d", sim=sim)) is None


def test_the_published_bill() -> None:
    """The account's sum and each SIM's line, in the currency of the summary; subscriptions apart from data."""
    bill = published("billing.json", WireBill)
    whole = read.billed_account(bill, SPAN, MB)
    first = read.billed_sim(bill, SPAN, MB)(bill.by_sim[0])

    assert (whole.period_start, whole.period_end) == SPAN
    assert (whole.bytes_total, whole.bytes_up, whole.bytes_down) == (812_300_000, None, None)
    assert whole.costs == [Money(amount=Decimal("40.56"), currency="EUR")]
    assert whole.fees == [Money(amount=Decimal("84.0"), currency="EUR")]
    assert (first.sim_id, first.bytes_total) == (ICCID, 125_400_000)
    assert first.costs == [Money(amount=Decimal("6.27"), currency="EUR")]
    assert first.fees == [Money(amount=Decimal("2.0"), currency="EUR")]


@pytest.mark.parametrize(
    ("amount", "told"),
    [("6.27", Decimal("6.27")), (0, Decimal(0)), (None, None), ("soon", None), (-1, None), ("NaN", None)],
)
def test_trap_08_money_is_a_number_or_text_in_a_currency_or_none(amount: object, told: Decimal | None) -> None:
    """Both are exact; what is no amount is null, and so is the currency of a bill that names none."""
    record = read.billed_sim(wire(WireBill, by_sim=[]), SPAN, MB)(wire(WireBillLine, iccid=ICCID, data_cost=amount))

    assert record.costs == (None if told is None else [Money(amount=told, currency=None)])


def test_a_megabyte_is_as_configured() -> None:
    """No source says whether it is 10^6 or 2^20 bytes."""
    bill = published("billing.json", WireBill)

    assert read.billed_account(bill, SPAN, 1_048_576).bytes_total == round(812.3 * 1_048_576)


ERROR = {"code": "INVALID_PARAMETER", "message": "secret words", "details": {"field": "limit"}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": ERROR}, "INVALID_PARAMETER"),
        ({"detail": {"error": ERROR}}, "INVALID_PARAMETER"),
        ({"detail": "secret words"}, None),
        ({"detail": [{"loc": ["query", "limit"], "msg": "secret words", "type": "value_error"}]}, None),
        ({"message": "secret words"}, None),
        ({"error": "secret words"}, None),
        ({"error": {"code": "secret words"}}, None),
        ({"error": {"code": 7}}, None),
        (["secret words"], None),
    ],
)
def test_an_error_of_any_shape_is_a_code_and_our_words(body: object, code: str | None) -> None:
    """The provider's own sentences are never passed on, wherever they stand."""
    refusal = read_refusal(422, msgspec.json.encode(body))

    assert (refusal.code, refusal.message, refusal.error) == (code, "the provider finds a parameter invalid", None)


@pytest.mark.parametrize("body", [b"Unauthorized", b"", b"\xff", b"<html>", b"[" * 100_000])
def test_plain_text_and_rubbish_are_our_words_alone(body: bytes) -> None:
    """What cannot be read says nothing, and breaks nothing."""
    refusal = read_refusal(401, body)

    assert (refusal.code, refusal.message) == (None, "the provider does not accept the account's API key")


def test_the_published_refusals() -> None:
    """A wrong key is Denied whatever the status; an unheard-of code comes through with the status's words."""
    assert read_refusal(401, (published_bytes("auth_failed.json"))).error is Denied
    assert read_refusal(400, published_bytes("invalid_parameter.json")).code == "INVALID_PARAMETER"
    assert read_refusal(503, b'{"error": {"code": "RATE_LIMIT_EXCEEDED"}}').error is RateLimited
    novel = read_refusal(400, b'{"error": {"code": "OUT_OF_SIMS"}}')
    assert (novel.code, novel.message) == ("OUT_OF_SIMS", "the provider finds the request wrong")


def published_bytes(name: str) -> bytes:
    return bytes(published(name, msgspec.Raw))
