"""Changes of SIMs become orders in their account's own terms, or everything that is wrong with them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from gateway.changes import DeleteSim, RegisterSim, UpdateSim
from schema.errors import ProblemCode
from schema.iccid import luhn_digit
from schema.inputs import HttpMethod, RegisterSimInput, SimDeletion, UpdateSimInput
from schema.status import SimTarget
from tests.writes.inputs_desk import id_of, mistakes, order, told

ICCID = "8988307000006549823"
SIM = id_of("Sim", "HS1")


def registered(iccid: str = ICCID, code: str = "0123456789", account: str = "north") -> RegisterSimInput:
    return RegisterSimInput(account=account, iccid=iccid, registration_code=code)


def test_what_is_left_out_stays_left_out():
    """Only what was given is in the change; the rest is neither set nor cleared."""
    made = order(UpdateSimInput(id=SIM, name="pump"))

    assert made.account == "north"
    assert made.write == UpdateSim(sim_id="HS1", name="pump")
    assert made.write.status is UNSET


def test_null_clears():
    """Null takes a name, a fleet and a rate plan away."""
    made = order(UpdateSimInput(id=SIM, name=None, fleet_id=None, rate_plan_id=None))

    assert made.write == UpdateSim(sim_id="HS1", name=None, fleet_id=None, rate_plan_id=None)


def test_everything_at_once():
    """Each field of the input is the field of the change that it is named after, in native ids."""
    made = order(
        UpdateSimInput(
            id=SIM,
            name="pump",
            status=SimTarget.ACTIVE,
            fleet_id=id_of("Fleet", "HF1"),
            rate_plan_id=id_of("RatePlan", "WP1"),
            callback_url="https://hooks.example.com/",
            callback_method=HttpMethod.GET,
            extra={"resetStatus": "resetting"},
            await_settled=2,
        )
    )

    assert made.settle == 2.0
    assert made.write == UpdateSim(
        sim_id="HS1",
        name="pump",
        status=SimTarget.ACTIVE,
        fleet_id="HF1",
        rate_plan_id="WP1",
        callback_url="https://hooks.example.com/",
        callback_method="GET",
        extra={"resetStatus": "resetting"},
    )


def test_native_status_stands_alone():
    """The provider's own word is handed on as it is."""
    assert order(UpdateSimInput(id=SIM, native_status="TEST_READY")).write == UpdateSim(
        sim_id="HS1", native_status="TEST_READY"
    )


@pytest.mark.parametrize(
    ("given", "code", "path", "word"),
    [
        ({"id": "nonsense", "name": "x"}, "INVALID", "input.id", "'nonsense' is not an id"),
        ({"id": id_of("Fleet"), "name": "x"}, "INVALID", "input.id", "a Fleet, not of a Sim"),
        ({"id": id_of("Sim", account="west"), "name": "x"}, "NOT_FOUND", "input.id", "no account 'west'"),
        ({"fleet_id": id_of("Fleet", account="south")}, "INVALID", "input.fleetId", "of account 'south'"),
        ({"rate_plan_id": id_of("Fleet")}, "INVALID", "input.ratePlanId", "a Fleet, not of a RatePlan"),
        ({"status": None, "name": "x"}, "INVALID", "input.status", "cannot be cleared"),
        ({"native_status": None, "name": "x"}, "INVALID", "input.nativeStatus", "cannot be cleared"),
        ({"native_status": ""}, "INVALID", "input.nativeStatus", "must not be empty"),
        ({"native_status": "ready", "status": SimTarget.READY}, "INVALID", "input.nativeStatus", "not both"),
        ({}, "INVALID", "input", "nothing to change"),
        ({"callback_url": "https://hooks.example.com/"}, "INVALID", "input", "nothing to change"),
        ({"extra": {}}, "INVALID", "input", "nothing to change"),
        ({"extra": ["x"], "name": "x"}, "INVALID", "input.extra", "must be an object"),
        (
            {"extra": {"commands_callback_url": "http://10.0.0.1"}},
            "INVALID",
            "input.extra.commands_callback_url",
            "https",
        ),
        ({"extra": {"callbackUrl": "https://10.0.0.1"}}, "INVALID", "input.extra.callbackUrl", "private"),
        ({"name": "a\nb"}, "INVALID", "input.name", "no control characters"),
        ({"name": ""}, "INVALID", "input.name", "null clears it"),
        ({"name": "x", "callback_url": "http://hooks.example.com"}, "INVALID", "input.callbackUrl", "https"),
        ({"name": "x", "await_settled": -1.0}, "INVALID", "input.awaitSettled", "0 or more"),
        ({"name": "x", "await_settled": float("nan")}, "INVALID", "input.awaitSettled", "0 or more"),
        ({"name": "x", "await_settled": float("inf")}, "INVALID", "input.awaitSettled", "0 or more"),
        ({"name": "x", "idempotency_key": ""}, "INVALID", "input.idempotencyKey", "1 to 200"),
        ({"name": "x", "idempotency_key": "k" * 201}, "INVALID", "input.idempotencyKey", "1 to 200"),
    ],
)
def test_each_mistake_names_its_field(given: dict[str, object], code: str, path: str, word: str):
    """What is wrong is told with its code, its path in the input and what is allowed."""
    [(told_code, told_path, message)] = told(UpdateSimInput(**{"id": SIM, **given}))

    assert (told_code, told_path) == (code, path)
    assert message.startswith(path.removeprefix("input.") + ":")
    assert word in message


def test_a_made_up_id_makes_no_long_message():
    """Whatever is written into an id, a message stays a line."""
    long = "x" * 10_000
    ids = [id_of(long), id_of("Sim", account=long), long]

    for each in ids:
        [(_, _, message)] = told(UpdateSimInput(id=each, name="x"))
        assert len(message) < 200


def test_all_mistakes_are_told_together():
    """One look is enough to mend an input."""
    wrong = UpdateSimInput(
        id=SIM,
        name="\0",
        status=SimTarget.ACTIVE,
        native_status="active",
        fleet_id="?",
        rate_plan_id=id_of("RatePlan", account="south"),
        callback_url="ftp://x",
        await_settled=-1,
        idempotency_key="",
    )

    assert [path for _, path, _ in told(wrong)] == [
        "input.nativeStatus",
        "input.name",
        "input.fleetId",
        "input.ratePlanId",
        "input.callbackUrl",
        "input.idempotencyKey",
        "input.awaitSettled",
    ]


def test_private_addresses_where_they_are_allowed():
    """A configuration may let addresses of the inside through, in fields and among the provider's own names."""
    wanted = UpdateSimInput(id=SIM, callback_url="http://10.0.0.1/", extra={"sms_url": "http://localhost:8080"})

    assert order(wanted, allow_private=True).write.callback_url == "http://10.0.0.1/"
    assert len(mistakes(wanted)) == 2


def test_a_sim_is_registered_by_its_card():
    """Account, ICCID and registration code are the order."""
    made = order(registered())

    assert made.account == "north"
    assert made.write == RegisterSim(iccid=ICCID, registration_code="0123456789")
    assert made.warnings == ()


@pytest.mark.parametrize(
    ("wanted", "code", "path"),
    [
        (registered(account="west"), "NOT_FOUND", "input.account"),
        (registered(iccid="1" * 17), "INVALID", "input.iccid"),
        (registered(iccid="1" * 23), "INVALID", "input.iccid"),
        (registered(iccid="8988307000006549823\n"), "INVALID", "input.iccid"),
        (registered(iccid="٨" * 19), "INVALID", "input.iccid"),
        (registered(code="123456789"), "INVALID", "input.registrationCode"),
        (registered(code="12345678901"), "INVALID", "input.registrationCode"),
        (registered(code="12345 6789"), "INVALID", "input.registrationCode"),
        (registered(code="1234567890\n"), "INVALID", "input.registrationCode"),
    ],
)
def test_a_card_that_cannot_be(wanted: RegisterSimInput, code: str, path: str):
    """An ICCID has 18 to 22 digits, a registration code ten; an account must be one of the caller's."""
    assert [(told_code, told_path) for told_code, told_path, _ in told(wanted)] == [(code, path)]


def test_a_registration_code_is_never_repeated():
    """A code is a secret, also a wrong one."""
    assert "98765" not in " ".join(error.message for error in mistakes(registered(code="98765")))


@given(st.text("0123456789", min_size=19, max_size=19), st.sampled_from("0123456789"))
def test_a_wrong_check_digit_is_only_warned_about(digits: str, last: str):
    """Providers do not all keep check digits right: the SIM is registered, and the warning says what it should be."""
    made = order(registered(iccid=digits + last))

    assert made.write.iccid == digits + last
    assert bool(made.warnings) is (last != luhn_digit(digits))
    for warning in made.warnings:
        assert (warning.code, warning.path, warning.account) == (ProblemCode.INVALID, ["input", "iccid"], "north")
        assert luhn_digit(digits) in warning.message
        assert "stands in no way" in warning.message


def test_a_check_digit_that_may_be_left_out_is_not_judged():
    """Of 19 digits nobody can say whether the last is a check digit."""
    assert order(registered(iccid="8" * 19)).warnings == ()


def test_a_deletion_names_a_sim():
    """Only a SIM's id deletes a SIM."""
    assert order(SimDeletion(id=SIM)).write == DeleteSim(sim_id="HS1")
    assert [path for _, path, _ in told(SimDeletion(id=id_of("RatePlan")))] == ["input.id"]


def test_without_a_key_each_order_is_another_one():
    """Only an idempotency key gives an order a name."""
    assert order(UpdateSimInput(id=SIM, name="x")).id is None
    assert order(UpdateSimInput(id=SIM, name="x", idempotency_key=None)).id is None


def test_a_key_is_its_callers_own():
    """The same key of the same caller is the same order, whatever is asked under it; another caller's is another."""
    first = order(UpdateSimInput(id=SIM, name="x", idempotency_key="k"))
    again = order(UpdateSimInput(id=SIM, name="y", idempotency_key="k"))
    other = order(UpdateSimInput(id=SIM, name="x", idempotency_key="k"), caller="bob")

    assert first.id is not None
    assert first.id.startswith("key:")
    assert first.id == again.id
    assert first.id != other.id
    split = order(SimDeletion(id=SIM, idempotency_key="b"), caller="a")
    elsewhere = order(SimDeletion(id=SIM, idempotency_key="ab"), caller="")
    assert split.id != elsewhere.id


CHANGES = [
    {"name": "x"},
    {"name": None},
    {"status": SimTarget.READY},
    {"native_status": "ready"},
    {"fleet_id": id_of("Fleet")},
    {"rate_plan_id": id_of("RatePlan")},
    {"name": "x", "callback_url": "https://hooks.example.com/"},
    {"name": "x", "callback_method": HttpMethod.GET},
    {"extra": {"a": 1, "b": 2}},
    {"name": "x", "id": id_of("Sim", "HS2")},
    {"name": "x", "id": id_of("Sim", "HS1", "south")},
]


def test_a_fingerprint_is_of_all_that_is_asked():
    """Two inputs that differ in anything that is sent, or in where it is sent, have different fingerprints."""
    prints = {order(UpdateSimInput(**{"id": SIM, **each})).fingerprint for each in CHANGES}

    assert len(prints) == len(CHANGES)


@pytest.mark.parametrize("change", CHANGES)
def test_a_fingerprint_leaves_out_how_it_is_asked(change: dict[str, object]):
    """The key, how long to wait, and whether it is a dry run are not what is asked."""
    plain = {"id": SIM, **change}

    assert (
        order(UpdateSimInput(**plain)).fingerprint
        == order(UpdateSimInput(**plain, idempotency_key="k", await_settled=3.0, dry_run=True)).fingerprint
    )


def test_a_fingerprint_does_not_see_the_order_of_names():
    """JSON objects have no order."""
    one, other = {"a": 1, "b": {"c": 1, "d": 2}}, {"b": {"d": 2, "c": 1}, "a": 1}

    assert (
        order(UpdateSimInput(id=SIM, extra=one)).fingerprint == order(UpdateSimInput(id=SIM, extra=other)).fingerprint
    )


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_ordered_can_be_kept(change: dict[str, object]):
    """A write that is written down and read back is the same write."""
    write = order(UpdateSimInput(**{"id": SIM, **change})).write

    assert msgspec.json.decode(msgspec.json.encode(write), type=UpdateSim) == write
