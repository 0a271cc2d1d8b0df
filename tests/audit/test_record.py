"""What a line of the audit log tells, and what it never does."""

import datetime as dt
import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.record import (
    CHANGED,
    TARGET_FIELDS,
    AuditRecord,
    Changed,
    changes_of,
    named_target,
    read_line,
    write_line,
)
from gateway.audit.shown import HIDDEN, REDACTED, SHOWN, URLS
from gateway.changes import (
    CreateFleet,
    CreateNetworkAccessProfile,
    CreateRatePlan,
    DeleteSim,
    OrderEsimProfile,
    RegisterSim,
    RemoveProfileNetwork,
    SendIpCommand,
    SendSmsCommand,
    UpdateFleet,
    UpdateNetworkAccessProfile,
    UpdateSim,
    Write,
    operation_of,
)
from schema.errors import ProblemCode
from schema.fleet import Fleet
from schema.network import NetworkAccessProfile
from schema.scalars import JSON, BigInt
from schema.sim import Sim
from schema.status import SimStatus, SimTarget
from schema.write import WriteOutcome
from tests.audit.records import NOON, a_record

RECORDS: tuple[type, ...] = get_args(Write)
HOST = "https://hooks.example"

# Characters that stand nowhere else in a line, so that finding one is finding what was to be hidden.
SECRETS = st.text("ÄÖÜßжщ漢字🙂", min_size=4, max_size=40)
TEXTS = st.text(max_size=600)


def line_of(write: Write, before: object = None) -> str:
    """The line for this write."""
    record = a_record(operation=operation_of(write), changes=changes_of(write, before))
    return write_line(record).decode()


def told(write: Write, before: object = None) -> dict[str, Any]:
    """The changes as they stand in the line; Any: values of JSON."""
    changes: dict[str, Any] = json.loads(line_of(write, before))["changes"]  # Any: as above
    return changes


# --- completeness --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_every_field_is_shown_or_redacted_by_choice(kind: Any) -> None:
    """A new field of a write record must be put into exactly one of the tables."""
    for field in kind.__struct_fields__:
        places = [field in SHOWN, field in REDACTED, field in URLS, field == "extra"]

        assert places.count(True) == 1, f"{kind.__name__}.{field} belongs into one table of gateway.audit.shown"


def test_the_tables_name_nothing_else() -> None:
    """What no record has is in no table, and no address is shown whole."""
    fields = {field for kind in RECORDS for field in kind.__struct_fields__}

    assert fields - {"extra"} == SHOWN | REDACTED | URLS
    assert {field for field in fields if field.endswith("_url")} == URLS


def test_a_field_of_no_table_is_redacted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field that somebody forgot cannot leak."""
    monkeypatch.setattr("gateway.audit.shown.SHOWN", frozenset())

    assert told(UpdateSim(sim_id="HS1", name="truck")) == {"name": {"new": HIDDEN}}


@pytest.mark.parametrize("kind", CHANGED, ids=lambda kind: kind.__name__)
def test_former_values_have_the_names_of_the_new(kind: Any) -> None:
    """What an update changes is a field of the thing, except what no provider tells of it."""
    never_told = {"callback_url", "callback_method"}
    for field in set(kind.__struct_fields__) - never_told - {TARGET_FIELDS[kind]}:
        assert hasattr(CHANGED[kind](native_id="x"), field)


# --- what is told --------------------------------------------------------------------------------------------


def test_old_and_new() -> None:
    """Fields that are set, old to new; null is a value, what is not known has no `old`."""
    before = Sim(native_id="HS1", name="truck", status=SimStatus.READY, fleet_id="HF1", extra=JSON({"customer": "a"}))
    write = UpdateSim(
        sim_id="HS1", name=None, status=SimTarget.ACTIVE, callback_method="POST", extra={"customer": "b", "modemID": 7}
    )

    assert told(write, before) == {
        "name": {"old": "truck", "new": None},
        "status": {"old": "READY", "new": "ACTIVE"},
        "callbackMethod": {"new": "POST"},
        "extra.customer": {"old": "a", "new": "b"},
        "extra.modemID": {"new": 7},
    }


def test_a_former_null_is_known_only_of_a_complete_sim() -> None:
    """A row of a list that tells only some fields has null for what it does not tell."""
    write = UpdateSim(sim_id="HS1", name="truck", native_status="ready")
    whole = Sim(native_id="HS1", native_status="new")
    partial = Sim(native_id="HS1", native_status="new", is_complete=False)

    assert told(write, whole)["name"] == {"old": None, "new": "truck"}
    assert told(write, partial) == {"name": {"new": "truck"}, "nativeStatus": {"old": "new", "new": "ready"}}


def test_other_things_have_former_values_too() -> None:
    """Those of a fleet and of a profile; addresses as scheme and host, old and new."""
    fleet = Fleet(native_id="HF1", data_limit=BigInt(1_000_000), sms_commands_url=f"{HOST}/a?token=1")
    update = UpdateFleet(fleet_id="HF1", data_limit=2_000_000, sms_commands_url="https://u:p@new.example:8443/b")

    assert told(update, fleet) == {
        "dataLimit": {"old": 1_000_000, "new": 2_000_000},
        "smsCommandsUrl": {"old": HOST, "new": "https://new.example"},
    }
    profile = NetworkAccessProfile(native_id="HA1", name="old")
    assert told(UpdateNetworkAccessProfile(profile_id="HA1", name="new"), profile) == {
        "name": {"old": "old", "new": "new"}
    }


def test_a_thing_of_another_kind_tells_nothing() -> None:
    """Only what the write changes has former values of it."""
    sim = Sim(native_id="HS1", name="truck", extra=JSON({"dataCoding": 4}))

    assert told(SendSmsCommand(sim_id="HS1", payload="hello", extra={"dataCoding": 0}), sim) == {
        "simId": {"new": "HS1"},
        "payload": {"new": HIDDEN},
        "encoding": {"new": "TEXT"},
        "extra.dataCoding": {"new": 0},
    }


def test_what_makes_or_deletes_a_thing() -> None:
    """What is made has all its fields; what only names its target has no changes."""
    made = CreateNetworkAccessProfile(name="eu", network_ids=("HW1", "HW2"))

    assert told(made) == {"name": {"new": "eu"}, "networkIds": {"new": ["HW1", "HW2"]}}
    assert told(CreateRatePlan(data_limit=1, international_roaming=("data",))) == {
        "dataLimit": {"new": 1},
        "internationalRoaming": {"new": ["data"]},
    }
    assert told(OrderEsimProfile(eid="8904", generate_matching_id=False)) == {
        "eid": {"new": "8904"},
        "generateMatchingId": {"new": False},
    }
    assert told(DeleteSim(sim_id="HS1")) == {}


def test_what_a_write_names() -> None:
    """The id of what is changed stands in the record once, as the target; what is made has none before."""
    assert named_target(UpdateSim(sim_id="HS1", fleet_id="HF1")) == "HS1"
    assert told(UpdateSim(sim_id="HS1", fleet_id="HF1")) == {"fleetId": {"new": "HF1"}}
    assert named_target(RemoveProfileNetwork(profile_id="HA1", network_id="HW1")) == "HA1"
    assert told(RemoveProfileNetwork(profile_id="HA1", network_id="HW1")) == {"networkId": {"new": "HW1"}}
    assert named_target(CreateFleet(network_access_profile_id="HA1")) is None
    assert named_target(SendIpCommand(sim_id="HS1", payload="x", port=1)) is None
    assert told(SendIpCommand(sim_id="HS1", payload="x", port=1))["simId"] == {"new": "HS1"}


# --- what is not told ----------------------------------------------------------------------------------------


@settings(deadline=None)
@given(payload=SECRETS, other=SECRETS)
def test_no_payload_is_told(payload: str, other: str) -> None:
    """A line does not depend on what a command says, nor on a registration code."""
    for one, two in (
        (SendSmsCommand(sim_id="HS1", payload=payload), SendSmsCommand(sim_id="HS1", payload=other)),
        (SendIpCommand(sim_id="HS1", payload=payload, port=1), SendIpCommand(sim_id="HS1", payload=other, port=1)),
        (RegisterSim(iccid="89", registration_code=payload), RegisterSim(iccid="89", registration_code=other)),
    ):
        assert line_of(one) == line_of(two)
        assert not any(payload[start : start + 4] in line_of(one) for start in range(len(payload) - 3))


PLACES = st.sampled_from(
    [
        *(
            f"{HOST}/{{}}",
            f"{HOST}?token={{}}",
            f"{HOST}/#{{}}",
            "https://{}@hooks.example/a",
            "https://u:{}@x.example",
        ),
        *(
            "https://hooks.example:{}/a",
            "{}",
            "{}://hooks.example",
            "/{}",
            "https:///{}",
            "https://[{}]/",
            "https://{}",
        ),
    ]
)


@settings(deadline=None)
@given(secret=SECRETS, place=PLACES)
def test_no_part_of_an_address_but_its_host_is_told(secret: str, place: str) -> None:
    """A path, a query, a user, a port and what is no address are left out; under a provider's own names, too."""
    url = place.format(secret)
    for write in (
        UpdateSim(sim_id="HS1", callback_url=url),
        CreateFleet(network_access_profile_id="HA1", ip_commands_url=url),
        UpdateSim(sim_id="HS1", extra={"sms_url": url}),
        UpdateSim(sim_id="HS1", extra={"voiceUrl": url}),
    ):
        assert not set(secret) & set(line_of(write))


def test_other_addresses_and_secrets_in_extra() -> None:
    """An address is one by its looks; what sounds like a secret and what is nested is not told at all."""
    given = {"where": f"{HOST}/a?t=1", "apiKey": "k", "accessToken": "t", "messageText": "m", "custom": {"a": ["b"]}}

    assert told(UpdateSim(sim_id="HS1", extra={**given, "gone": None, "plain": "a/b"})) == {
        "extra.where": {"new": HOST},
        "extra.apiKey": {"new": HIDDEN},
        "extra.accessToken": {"new": HIDDEN},
        "extra.messageText": {"new": HIDDEN},
        "extra.custom": {"new": HIDDEN},
        "extra.gone": {"new": None},
        "extra.plain": {"new": "a/b"},
    }
    assert told(UpdateFleet(fleet_id="HF1", sms_commands_url=None)) == {"smsCommandsUrl": {"new": None}}
    assert told(UpdateSim(sim_id="HS1", callback_url="")) == {"callbackUrl": {"new": ""}}
    assert told(UpdateSim(sim_id="HS1", callback_url="https://[2001:db8::1]:8/x")) == {
        "callbackUrl": {"new": "https://[2001:db8::1]"}
    }


# --- as a line -----------------------------------------------------------------------------------------------

NAMES = st.none() | st.text(max_size=500)
VALUES = (
    st.none() | st.booleans() | TEXTS | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
)


@settings(deadline=None)
@given(name=TEXTS, extra=st.dictionaries(TEXTS, VALUES, max_size=120), caller=TEXTS, native_code=NAMES)
def test_a_line_is_read_back(name: str, extra: dict[str, Any], caller: str, native_code: str | None) -> None:
    """Whatever is in it, a record is one line that is read back as it was written."""
    changes = changes_of(UpdateSim(sim_id="HS1", name=name, extra=extra))
    line = write_line(a_record(caller=caller, changes=changes, native_code=native_code))

    again = read_line(line)

    assert line.count(b"\n") == 1
    assert len(line) < 1_000_000
    assert write_line(again) == line
    assert again.changes == changes


def test_what_is_very_long_is_cut() -> None:
    """A text, a list, a number and the names in `extra` have a bearable length, and say what is left out of them."""
    many = CreateNetworkAccessProfile(name="n" * 600, network_ids=tuple(map(str, range(150))))
    extra = {str(number): number for number in range(150)}

    assert told(many)["name"]["new"] == "n" * 500 + "[100 more]"
    assert told(many)["networkIds"]["new"] == [*map(str, range(100)), "[50 more]"]
    assert told(UpdateSim(sim_id="HS1", extra={"a": 2**63, "b": -(2**63) + 1})) == {
        "extra.a": {"new": "[too large]"},
        "extra.b": {"new": -(2**63) + 1},
    }
    assert len(told(UpdateSim(sim_id="HS1", extra=extra))) == 100  # no provider has as many names


def test_a_text_that_utf8_cannot_write() -> None:
    """Half a surrogate pair, which JSON can carry, spoils no line."""
    half = "\ud800"
    changes = changes_of(UpdateSim(sim_id="HS1", name=half, extra={half: half}))

    again = read_line(write_line(a_record(caller=half, changes=changes)))

    assert again.caller == "?"
    assert again.changes == {"name": Changed(new="?"), "extra.?": Changed(new="?")}


def test_the_line() -> None:
    """Every field is in it, in words of JSON, the time in UTC."""
    record = AuditRecord(
        at=NOON.astimezone(dt.timezone(dt.timedelta(hours=2))),
        write="w1",
        caller="dashboard",
        job="j1",
        account="eu",
        operation="update_sim",
        target="HS1",
        changes={"name": Changed(new="truck")},
        outcome=WriteOutcome.REFUSED,
        code=ProblemCode.DENIED,
        native_code="20404",
        request_id="RQ1",
    )

    assert json.loads(write_line(record)) == {
        "at": "2026-11-21T12:00:00.250000Z",
        "write": "w1",
        "caller": "dashboard",
        "job": "j1",
        "account": "eu",
        "operation": "update_sim",
        "target": "HS1",
        "changes": {"name": {"new": "truck"}},
        "outcome": "REFUSED",
        "code": "DENIED",
        "nativeCode": "20404",
        "requestId": "RQ1",
    }
    assert json.loads(write_line(a_record()))["nativeCode"] is None
