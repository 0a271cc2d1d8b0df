"""Super SIM's simulator through Twilio's own client, over a socket, judged by Twilio's OpenAPI file."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from twilio.rest import Client
from twilio.rest.supersim.v1 import V1

from gateway.providers.supersim.simulator import twilio_simulator
from gateway.providers.supersim.simulator.sims import registration_code
from gateway.simulation.host import SimulationHost
from gateway.simulation.simulator import SimulationOptions
from gateway.simulation.world import World
from tests.simulators.published import published
from tests.simulators.twilio_family import Clock, JudgedHttpClient, refusal, served

FILE = "twilio_supersim_v1.json"


class Account:
    """A simulated account, its clock, and the official client to it."""

    def __init__(self, url: str, host: SimulationHost, clock: Clock) -> None:
        account = host.simulators["twilio-supersim"].account
        self.http = JudgedHttpClient({"https://supersim.twilio.com": f"{url}/twilio-supersim"}, published(FILE))
        self.host = host
        self.clock = clock
        client = Client(account["account_sid"], account["auth_token"], http_client=self.http)
        self.api: V1 = client.supersim.v1


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    clock = Clock()
    options = SimulationOptions(sims=240, seed=7, now=clock)
    host = SimulationHost({"twilio-supersim": twilio_simulator(options)})
    with served(host) as url:
        made = Account(url, host, clock)
        yield made
        made.http.session.close()


def test_lists_every_sim_over_several_pages(account: Account) -> None:
    """Following the client's paging gives every SIM once."""
    sims = account.api.sims.list(page_size=50)

    assert len(sims) == len({sim.sid for sim in sims}) == 240
    assert {sim.status for sim in sims} == {"new", "ready", "active", "inactive"}
    assert {sim.unique_name for sim in sims} > {"", None}


def test_finds_a_sim_by_sid_name_and_iccid(account: Account) -> None:
    """A SIM is the same by SID, by unique name and through the ICCID filter."""
    sim = next(sim for sim in account.api.sims.list(limit=50) if sim.unique_name)

    assert account.api.sims(sim.sid).fetch().iccid == sim.iccid
    assert account.api.sims(sim.unique_name).fetch().sid == sim.sid
    assert [found.sid for found in account.api.sims.list(iccid=sim.iccid)] == [sim.sid]
    assert account.api.sims.list(iccid="8988307000000000000") == []


def test_filters_sims_by_status_and_fleet(account: Account) -> None:
    """Every row of a filtered list fits the filter, and the parts make the whole."""
    whole = account.api.sims.list()
    fleets = account.api.fleets.list()

    by_status = {word: account.api.sims.list(status=word) for word in ("new", "ready", "active", "inactive")}
    by_fleet = {fleet.sid: account.api.sims.list(fleet=fleet.sid) for fleet in fleets}

    assert sum(map(len, by_status.values())) == len(whole)
    assert sum(map(len, by_fleet.values())) == sum(1 for sim in whole if sim.fleet_sid)
    assert len(account.api.sims.list(fleet="vehicles")) == len(by_fleet[fleets[1].sid])


def test_status_change_passes_through_scheduled(account: Account) -> None:
    """An update of the status is 202, scheduled, and comes true when its time has come."""
    sim = account.api.sims.list(status="active", limit=1)[0]

    asked = account.api.sims(sim.sid).update(status="inactive")
    code = account.http.statuses[-1]
    refused = refusal(account.http, account.api.sims(sim.sid).update, fleet="retail")
    account.clock.tick(seconds=4)

    assert (code, asked.status, refused) == (202, "scheduled", (400, 83009))
    assert account.api.sims(sim.sid).fetch().status == "inactive"


def test_refuses_illegal_transitions(account: Account) -> None:
    """No way back to ready (83010), no activation without a fleet (83007), no word of our own making."""
    active = account.api.sims.list(status="active", limit=1)[0]
    homeless = next(sim for sim in account.api.sims.list(status="new") if sim.fleet_sid is None)

    assert refusal(account.http, account.api.sims(active.sid).update, status="ready") == (400, 83010)
    assert refusal(account.http, account.api.sims(homeless.sid).update, status="active") == (400, 83007)
    assert refusal(account.http, account.api.sims(active.sid).update, status="suspended") == (400, 20001)


def test_renames_and_moves_a_sim(account: Account) -> None:
    """A name and a fleet change at once with 200; a taken name is 83011, an unknown fleet 83006."""
    one, two = account.api.sims.list(status="active", limit=2)

    changed = account.api.sims(one.sid).update(unique_name="boiler/7", fleet="retail")

    assert (account.http.statuses[-1], changed.unique_name) == (200, "boiler/7")
    assert [sim.sid for sim in account.api.sims.list(fleet="retail") if sim.sid == one.sid] == [one.sid]
    assert refusal(account.http, account.api.sims(two.sid).update, unique_name="boiler/7") == (400, 83011)
    assert refusal(account.http, account.api.sims(two.sid).update, fleet="nowhere") == (400, 83006)


def test_registers_a_sim_from_the_drawer(account: Account) -> None:
    """A card in hand is registered once with its code: 201, then 83003; a wrong code is 83002."""
    world = World(240, 7, account.clock, "twilio-supersim")
    iccid = world.identities.iccid(300)

    wrong = refusal(account.http, account.api.sims.create, iccid=iccid, registration_code="0000000000")
    made = account.api.sims.create(iccid=iccid, registration_code=registration_code(iccid))
    again = refusal(account.http, account.api.sims.create, iccid=iccid, registration_code=registration_code(iccid))

    assert (made.status, made.fleet_sid, wrong, again) == ("new", None, (400, 83002), (400, 83003))
    assert account.api.sims(made.sid).fetch().iccid == iccid


def test_has_billing_periods_and_addresses(account: Account) -> None:
    """A connected SIM has periods one after the other and an address; one never connected has neither."""
    sims = account.api.sims.list(status="active")
    periods = [account.api.sims(sim.sid).billing_periods.list() for sim in sims[:20]]
    addresses = [account.api.sims(sim.sid).sim_ip_addresses.list() for sim in sims[:20]]

    filled = [each for each in periods if len(each) > 2]
    assert filled
    assert all(new.start_time == old.end_time for each in filled for new, old in pairwise(each[:-1]))
    assert {address.ip_address_version for each in addresses for address in each} == {"IPv4", "IPv6"}
    assert [] in addresses


def test_fleets_are_created_and_changed(account: Account) -> None:
    """A fleet needs a profile, takes the create parameters' defaults, and changes its limit and name."""
    profile = account.api.network_access_profiles("europe").fetch()

    made = account.api.fleets.create(network_access_profile="europe", unique_name="night-shift")
    changed = account.api.fleets(made.sid).update(data_limit=77, sms_commands_url="https://hooks.example.com/x")

    assert (made.data_limit, made.data_enabled, made.sms_commands_enabled) == (1000, True, True)
    assert (changed.data_limit, account.api.fleets("night-shift").fetch().data_limit) == (77, 77)
    assert made.sid in {fleet.sid for fleet in account.api.fleets.list(network_access_profile=profile.sid)}
    assert any(not fleet.data_enabled for fleet in account.api.fleets.list())


def test_networks_keep_their_leading_zeros(account: Account) -> None:
    """Networks are found by country and codes, and an MNC is a string."""
    norway = account.api.networks.list(iso_country="NO")
    found = account.api.networks.list(mcc="334", mnc="020")

    assert {code["mnc"] for network in norway for code in network.identifiers} == {"01", "02"}
    assert [network.friendly_name for network in found] == ["Telcel"]
    assert account.api.networks(found[0].sid).fetch().iso_country == "MX"


def test_profiles_take_and_lose_networks(account: Account) -> None:
    """A profile's networks are added and removed; their country is lower case there, as published."""
    telcel = account.api.networks.list(mcc="334")[0]
    telia = account.api.networks.list(mcc="240")[0]
    made = account.api.network_access_profiles.create(unique_name="two", networks=[telcel.sid, telia.sid])
    inside = account.api.network_access_profiles(made.sid).networks

    named = account.api.network_access_profiles(made.sid).update(unique_name="one-and-a-half")
    inside(telia.sid).delete()
    inside.create(network=telia.sid)
    inside(telcel.sid).delete()

    assert named.unique_name == "one-and-a-half"
    assert [(network.sid, network.iso_country) for network in inside.list()] == [(telia.sid, "se")]
    assert inside(telia.sid).fetch().friendly_name == "Telia"
    assert refusal(account.http, inside(telcel.sid).fetch) == (404, 20404)
    assert len(account.api.network_access_profiles.list()) == 4


def test_texts_go_from_queued_to_delivered(account: Account) -> None:
    """A text to an active SIM is queued, sent, delivered by the clock, and heads the list."""
    sim = sim_in_fleet(account, "vehicles")

    made = account.api.sms_commands.create(sim=sim, payload="reboot")
    account.clock.tick(seconds=1)
    sent = account.api.sms_commands(made.sid).fetch().status
    account.clock.tick(seconds=2)

    assert (made.status, sent, account.api.sms_commands(made.sid).fetch().status) == ("queued", "sent", "delivered")
    assert account.api.sms_commands.list(limit=1)[0].sid == made.sid
    assert refusal(account.http, account.api.sms_commands.create, sim=sim, payload="x" * 161) == (400, 20001)
    assert refusal(account.http, account.api.sms_commands.create, sim="HS" + "0" * 32, payload="x") == (400, 83005)


def test_texts_are_listed_by_sim_status_and_direction(account: Account) -> None:
    """Every filter holds, and all pages together have each command once."""
    texts = account.api.sms_commands.list(page_size=1000)
    back = account.api.sms_commands.list(direction="from_sim", status="received", page_size=1000)
    busy = texts[-1].sim_sid

    mine = account.api.sms_commands.list(sim=busy)

    assert len({text.sid for text in texts}) == len(texts) > 500
    assert len(back) == sum(1 for text in texts if text.direction == "from_sim")
    assert [text.sid for text in mine] == [text.sid for text in texts if text.sim_sid == busy]
    assert [text.date_created for text in texts] == sorted((text.date_created for text in texts), reverse=True)


def test_ip_commands_need_an_attached_device(account: Account) -> None:
    """An attached device is sent to; one that is not fails at once; one without data is 83400."""
    made = {}
    for sim in account.api.sims.list(status="active", fleet="vehicles"):
        command = account.api.ip_commands.create(sim=sim.sid, payload="aGk=", payload_type="binary", device_port=53)
        account.clock.tick(seconds=1)
        made[account.api.ip_commands(command.sid).fetch().status] = command
    silent = account.api.sims.list(status="active", fleet="sms-only", limit=1)[0]

    assert made.keys() == {"sent", "failed"}
    assert account.api.ip_commands.list(sim_iccid=made["sent"].sim_iccid, limit=1)[0].payload_type == "binary"
    assert refusal(account.http, account.api.ip_commands.create, sim=silent.sid, payload="x", device_port=1) == (
        400,
        83400,
    )
    assert account.api.ip_commands.list(direction="from_sim", limit=1)[0].payload_type == "binary"


def test_usage_groups_add_up(account: Account) -> None:
    """By SIM, by fleet, by network, by country and by day: always the same total."""
    window = {"start_time": datetime(2026, 11, 1, tzinfo=UTC), "end_time": datetime(2026, 11, 20, tzinfo=UTC)}
    whole = account.api.usage_records.list(**window)[0].data_total

    sums = {
        group: sum(row.data_total for row in account.api.usage_records.list(group=group, page_size=1000, **window))
        for group in ("sim", "fleet", "network", "isoCountry")
    }
    days = account.api.usage_records.list(granularity="day", **window)

    assert set(sums.values()) == {whole, sum(day.data_total for day in days)} == {whole}
    assert [day.period["start_time"] for day in days] == sorted((d.period["start_time"] for d in days), reverse=True)


def test_usage_filters_name_what_they_filter(account: Account) -> None:
    """A row's ids are null unless filtered or grouped by; filters of one fleet add up to that fleet."""
    window = {"start_time": datetime(2026, 11, 1, tzinfo=UTC), "end_time": datetime(2026, 11, 20, tzinfo=UTC)}
    fleet = account.api.fleets("vehicles").fetch()
    whole = account.api.usage_records.list(fleet=fleet.sid, **window)[0]
    rows = account.api.usage_records.list(fleet=fleet.sid, group="sim", **window)

    one = account.api.usage_records.list(sim=rows[0].sim_sid, **window)[0]

    assert (whole.fleet_sid, whole.sim_sid, one.sim_sid) == (fleet.sid, None, rows[0].sim_sid)
    assert sum(row.data_total for row in rows) == whole.data_total
    assert one.data_total == rows[0].data_total == one.data_upload + one.data_download


def test_money_lags_a_day(account: Account) -> None:
    """Nothing is billed for the last 24 hours, and amounts come as numbers and as strings."""
    now = account.clock().replace(minute=0, second=0)
    fresh = account.api.usage_records.list(granularity="hour", start_time=now - timedelta(hours=20), end_time=now)
    days = {"start_time": datetime(2026, 9, 1, tzinfo=UTC), "end_time": datetime(2026, 11, 1, tzinfo=UTC)}
    old = account.api.usage_records.list(granularity="day", page_size=100, **days)

    assert {float(row.data_total_billed) for row in fresh} == {0.0}
    raw = json.loads(account.http._test_only_last_response.text)["usage_records"]
    assert len(old) == 61
    assert {type(row["data_total_billed"]) for row in raw} == {str, float, type(None)}
    assert {row.billed_unit for row in old} == {"USD", None}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"group": "sim", "days": 32}, 83603),
        ({"granularity": "hour", "days": 32}, 83604),
        ({"granularity": "day", "days": 93}, 83604),
        ({"granularity": "day", "days": 3, "hours": 1}, 83601),
        ({"granularity": "hour", "days": 3, "minutes": 1}, 83602),
        ({"days": 600}, 83605),
        ({"days": -1}, 83600),
        ({"days": 1, "sim": "nobody"}, 83600),
    ],
)
def test_usage_windows_have_limits(account: Account, asked: dict[str, object], code: int) -> None:
    """Each window the provider cannot answer has its own code."""
    spans = {name: asked.pop(name) for name in ("days", "hours", "minutes") if name in asked}
    end = datetime(2026, 11, 20, tzinfo=UTC)
    start = end - timedelta(**spans)  # type: ignore[arg-type]  # numbers, by the table above

    assert refusal(account.http, account.api.usage_records.list, start_time=start, end_time=end, **asked) == (400, code)


def test_an_esim_order_becomes_a_sim(account: Account) -> None:
    """A profile is new, then reserving, then available with a new SIM."""
    made = account.api.esim_profiles.create(generate_matching_id=True)
    account.clock.tick(seconds=2)
    middle = account.api.esim_profiles(made.sid).fetch()
    account.clock.tick(seconds=2)
    done = account.api.esim_profiles(made.sid).fetch()

    assert (made.status, middle.status, done.status) == ("new", "reserving", "available")
    assert (made.sim_sid, account.api.sims(done.sim_sid).fetch().status) == (None, "new")
    assert account.api.esim_profiles.list(sim_sid=done.sim_sid)[0].sid == made.sid
    assert account.api.esim_profiles.list(eid=account.api.esim_profiles.list(status="installed", limit=1)[0].eid)
    assert refusal(account.http, account.api.esim_profiles.create) == (400, 20002)


def test_settings_updates_have_a_hyphen(account: Account) -> None:
    """All four statuses occur, in-progress among them, and the filters hold."""
    updates = account.api.settings_updates.list()
    running = account.api.settings_updates.list(status="in-progress")

    assert {update.status for update in updates} == {"scheduled", "in-progress", "successful", "failed"}
    assert {update.status for update in running} == {"in-progress"}
    assert {u.sim_sid for u in account.api.settings_updates.list(sim=running[0].sim_sid)} == {running[0].sim_sid}


def test_every_operation_was_tried(account: Account) -> None:
    """Together, the tests of this file have had every published operation answered (run the whole file)."""
    missing = set(published(FILE).operations) - set(account.http.operations)
    if len(account.http.operations) < 100:
        pytest.skip("not the whole file was run")

    assert missing == set()


def sim_in_fleet(account: Account, fleet: str) -> str:
    """The SID of an active SIM of this fleet."""
    sid: str = account.api.sims.list(status="active", fleet=fleet, limit=1)[0].sid
    return sid
