"""Programmable Wireless's simulator through Twilio's own client, over a socket, judged by Twilio's OpenAPI file."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from twilio.rest import Client
from twilio.rest.wireless.v1 import V1

from gateway.providers.wireless.simulator import twilio_simulator
from gateway.simulation.host import SimulationHost
from gateway.simulation.simulator import SimulationOptions
from tests.simulators.published import published
from tests.simulators.twilio_family import Clock, JudgedHttpClient, refusal, served

FILE = "twilio_wireless_v1.json"


class Account:
    """A simulated account, its clock, and the official client to it."""

    def __init__(self, url: str, host: SimulationHost, clock: Clock) -> None:
        account = host.simulators["twilio-wireless"].account
        self.http = JudgedHttpClient({"https://wireless.twilio.com": f"{url}/twilio-wireless"}, published(FILE))
        self.clock = clock
        client = Client(account["account_sid"], account["auth_token"], http_client=self.http)
        self.api: V1 = client.wireless.v1

    def raw(self, key: str) -> list[dict[str, object]]:
        """The rows of the last page, before the client touched them."""
        rows: list[dict[str, object]] = json.loads(self.http._test_only_last_response.text)[key]
        return rows


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    clock = Clock()
    host = SimulationHost({"twilio-wireless": twilio_simulator(SimulationOptions(sims=240, seed=7, now=clock))})
    with served(host) as url:
        made = Account(url, host, clock)
        yield made
        made.http.session.close()


def test_lists_and_filters_sims(account: Account) -> None:
    """Pages give every SIM once; each filter's rows fit it."""
    sims = account.api.sims.list(page_size=50)
    one = next(sim for sim in sims if sim.unique_name and sim.e_id)

    assert len(sims) == len({sim.sid for sim in sims}) == 240
    assert {sim.status for sim in sims} == {"new", "ready", "active", "suspended", "deactivated", "canceled"}
    assert [sim.sid for sim in account.api.sims.list(iccid=one.iccid)] == [one.sid]
    assert [sim.sid for sim in account.api.sims.list(e_id=one.e_id)] == [one.sid]
    assert account.api.sims(one.unique_name).fetch().sid == one.sid
    assert {sim.status for sim in account.api.sims.list(status="suspended")} == {"suspended"}
    with_plan = account.api.sims.list(rate_plan="sensors")
    assert len(with_plan) == sum(1 for sim in sims if sim.rate_plan_sid == with_plan[0].rate_plan_sid)
    assert len(account.api.sims.list(sim_registration_code=one.iccid[:-11:-1])) == 1


def test_suspending_takes_a_while(account: Account) -> None:
    """The answer is 200 with a status that is on its way; a second change meanwhile is 33010."""
    sim = account.api.sims.list(status="active", limit=1)[0]

    asked = account.api.sims(sim.sid).update(status="suspended")
    busy = refusal(account.http, account.api.sims(sim.sid).update, status="active")
    account.clock.tick(seconds=3)
    done = account.api.sims(sim.sid).fetch().status

    assert asked.status in {"updating", "scheduled"}
    assert (busy, done) == ((400, 33010), "suspended")


def test_deactivated_becomes_canceled_after_72_hours(account: Account) -> None:
    """The word leads to the end: 72 hours later the SIM is canceled, and final."""
    sim = account.api.sims.list(status="active", limit=1)[0]
    account.api.sims(sim.sid).update(status="deactivated")
    account.clock.tick(seconds=3, hours=71)
    before = account.api.sims(sim.sid).fetch().status
    account.clock.tick(hours=1)

    assert (before, account.api.sims(sim.sid).fetch().status) == ("deactivated", "canceled")
    assert refusal(account.http, account.api.sims(sim.sid).update, status="active") == (400, 33105)


def test_deletes_a_sim_never_used(account: Account) -> None:
    """A new SIM may be deleted and is then not found; an active one may not."""
    sim = account.api.sims.list(status="new", limit=1)[0]
    active = account.api.sims.list(status="active", limit=1)[0]

    assert account.api.sims(sim.sid).delete()
    assert refusal(account.http, account.api.sims(sim.sid).fetch) == (404, 20404)
    assert refusal(account.http, account.api.sims(active.sid).delete) == (400, 33105)


def test_refuses_what_cannot_be_combined(account: Account) -> None:
    """Codes 33104, 33105, 33108, 33119, 33120 and 33121 each have their case."""
    active = account.api.sims.list(status="active", limit=1)[0].sid
    bare = next(sim.sid for sim in account.api.sims.list(status="new") if sim.rate_plan_sid is None)
    update = account.api.sims(active).update

    assert refusal(account.http, account.api.sims(bare).update, status="active") == (400, 33104)
    assert refusal(account.http, update, status="ready") == (400, 33105)
    assert refusal(account.http, update, rate_plan="none-such") == (400, 33108)
    assert refusal(account.http, update, status="suspended", rate_plan="") == (400, 33121)
    assert refusal(account.http, update, status="suspended", reset_status="resetting") == (400, 33121)
    assert refusal(account.http, account.api.sims(bare).update, reset_status="resetting") == (400, 33119)
    assert update(reset_status="resetting").reset_status == "resetting"
    assert refusal(account.http, update, reset_status="resetting") == (400, 33120)
    assert refusal(account.http, update, status="canceled") == (400, 33101)


def test_renames_and_changes_the_plan(account: Account) -> None:
    """Names, plan and URLs change at once."""
    sim = account.api.sims.list(status="active", limit=1)[0]
    plan = account.api.rate_plans.create(friendly_name="Night", international_roaming=["data"], data_limit=5)

    changed = account.api.sims(sim.sid).update(
        unique_name="lift-9", friendly_name="Lift", rate_plan=plan.sid, commands_callback_url="https://x.example/c"
    )

    assert (changed.unique_name, changed.friendly_name, changed.rate_plan_sid) == ("lift-9", "Lift", plan.sid)
    assert account.api.sims("lift-9").fetch().commands_callback_url == "https://x.example/c"
    assert refusal(account.http, account.api.rate_plans(plan.sid).delete) == (400, 33101)


def test_rate_plans_change_their_names_only(account: Account) -> None:
    """A plan is created, renamed, found by its unique name and deleted when no SIM has it."""
    made = account.api.rate_plans.create(unique_name="tiny", data_metering="quota-1", messaging_enabled=False)
    account.api.rate_plans(made.sid).update(friendly_name="Tiny")

    found = account.api.rate_plans("tiny").fetch()

    assert (found.friendly_name, found.data_metering, found.data_limit) == ("Tiny", "quota-1", 1000)
    assert account.api.rate_plans(made.sid).delete()
    assert made.sid not in {plan.sid for plan in account.api.rate_plans.list()}
    assert refusal(account.http, account.api.rate_plans(made.sid).fetch) == (404, 20404)


def test_sessions_are_newest_first_and_thirty_days_deep(account: Account) -> None:
    """Sessions cover 30 days, newest first, some open, and show every awkward form of a place."""
    rows: list[dict[str, object]] = []
    for sim in account.api.sims.list(status="active")[:60]:
        sessions = account.api.sims(sim.sid).data_sessions.list(page_size=1000)
        assert [each.start for each in sessions] == sorted((each.start for each in sessions), reverse=True)
        assert all(each.end is None or each.end > account.clock() - timedelta(days=30) for each in sessions)
        assert [each for each in sessions[1:] if each.end is None] == []
        rows += account.raw("data_sessions")

    assert any(row["end"] is None for row in rows)
    assert {} in [row["cell_location_estimate"] for row in rows]
    assert {"lat": 0, "lon": 0} in [row["cell_location_estimate"] for row in rows]
    assert any(row["operator_name"] == row["cell_id"] == "" for row in rows)
    assert {len(str(row["operator_country"])) for row in rows} == {3}
    assert {"LTE", "3G", "2G", "LTE-M", "NB-IoT"} <= {row["radio_link"] for row in rows}
    assert any(str(row["operator_mnc"]).startswith("0") for row in rows)


def test_usage_of_a_sim_adds_up(account: Account) -> None:
    """Hours add up to days and days to the whole; places add up to the total; both ends are inclusive."""
    window = {"start": datetime(2026, 11, 10, tzinfo=UTC), "end": datetime(2026, 11, 12, 23, 59, 59, tzinfo=UTC)}
    for sim in account.api.sims.list(status="active")[:10]:
        usage = account.api.sims(sim.sid).usage_records
        whole = usage.list(**window)[0].data
        days = [row.data for row in usage.list(granularity="daily", **window)]
        hours = [row.data for row in usage.list(granularity="hourly", page_size=100, **window)]

        if not whole:
            assert days == hours == []
            continue
        assert sum(day["total"] for day in days) == sum(hour["total"] for hour in hours) == whole["total"]
        places = [whole["home"], whole["national_roaming"], *whole["international_roaming"]]
        assert sum(place["total"] for place in places) == whole["total"] == whole["upload"] + whole["download"]


def test_usage_of_the_account_is_that_of_its_sims(account: Account) -> None:
    """The account's record is the sum over its SIMs; a SIM without usage has a record of empty objects."""
    window = {"start": datetime(2026, 11, 1, tzinfo=UTC), "end": datetime(2026, 11, 9, 23, 59, 59, tzinfo=UTC)}
    whole = account.api.usage_records.list(**window)[0]
    records = [account.api.sims(sim.sid).usage_records.list(**window)[0] for sim in account.api.sims.list()]

    empty = [record for record in records if record.data == record.commands == record.period == {}]

    assert empty
    assert sum(record.data.get("total", 0) for record in records) == whole.data["total"]
    assert sum(record.commands.get("total", 0) for record in records) == whole.commands["total"]


def test_commands_are_sent_read_and_deleted(account: Account) -> None:
    """A command is queued, then delivered, then gone when deleted."""
    sim = account.api.sims.list(status="active", rate_plan="standard", limit=1)[0].sid

    made = account.api.commands.create(command="aGk=", sim=sim, command_mode="binary")
    quiet = account.api.commands.create(command="hi", sim=sim, delivery_receipt_requested=False)
    account.clock.tick(seconds=3)

    assert (made.status, account.api.commands(made.sid).fetch().status) == ("queued", "delivered")
    assert account.api.commands(quiet.sid).fetch().status == "sent"
    assert {command.sid for command in account.api.commands.list(sim=sim, limit=2)} == {made.sid, quiet.sid}
    assert account.api.commands(made.sid).delete()
    assert refusal(account.http, account.api.commands(made.sid).fetch) == (404, 20404)
    assert made.sid not in {command.sid for command in account.api.commands.list(sim=sim)}


def test_commands_have_limits(account: Account) -> None:
    """Too long, unheard-of SIM, no SIM, a plan without messages: 33111, 33107, 33102, 33203."""
    sim = account.api.sims.list(status="active", rate_plan="standard", limit=1)[0].sid
    mute = account.api.sims.list(status="active", rate_plan="quiet", limit=1)[0].sid
    send = account.api.commands.create

    assert refusal(account.http, send, command="x" * 161, sim=sim) == (400, 33111)
    assert refusal(account.http, send, command="x" * 126, sim=sim, include_sid="start") == (400, 33111)
    assert refusal(account.http, send, command="x", sim="nobody") == (400, 33107)
    assert refusal(account.http, send, command="x") == (400, 33102)
    assert refusal(account.http, send, command="x", sim=mute) == (400, 33203)


def test_commands_filters_hold(account: Account) -> None:
    """Status, direction and transport each choose what they say, over all pages."""
    everything = account.api.commands.list(page_size=1000)
    oldest = min(command.date_created for command in everything)

    for name, words in {"direction": ("to_sim", "from_sim"), "transport": ("sms", "ip")}.items():
        parts = [account.api.commands.list(page_size=1000, **{name: word}) for word in words]
        assert sum(map(len, parts)) == len(everything)
    assert {c.status for c in account.api.commands.list(status="failed")} == {"failed"}
    assert oldest > account.clock() - timedelta(days=30, seconds=1)


def test_bad_paging_is_33103(account: Account) -> None:
    """A page size outside 1 to 1000 is the provider's own error."""
    assert refusal(account.http, account.api.sims.page, page_size=1001) == (400, 33103)
    assert refusal(account.http, account.api.sims.page, page_size=0) == (400, 33103)


def test_every_operation_was_tried(account: Account) -> None:
    """Together, the tests of this file have had every published operation answered (run the whole file)."""
    missing = set(published(FILE).operations) - set(account.http.operations)
    if len(account.http.operations) < 100:
        pytest.skip("not the whole file was run")

    assert missing == set()
