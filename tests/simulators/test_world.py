"""The procedural world: the same from the same seed, quick to start, and its sums fit its sessions."""

import resource
import time
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.providers.supersim.simulator import twilio_simulator
from gateway.simulation.noise import Handles, luhn_digit
from gateway.simulation.operators import OPERATORS
from gateway.simulation.shares import SHARES, share_out
from gateway.simulation.simulator import SimulationOptions
from gateway.simulation.world import World
from tests.simulators.twilio_family import START, Clock, twilio_http

WORLD = World(1300, 11, Clock(), "twilio-supersim")
SIMS = st.integers(0, WORLD.sims - 1)
AGES = st.integers(0, 500 * 86_400)


def ago(seconds: int) -> datetime:
    return START - timedelta(seconds=seconds)


@given(SIMS, st.lists(AGES, min_size=2, max_size=8, unique=True))
@settings(max_examples=150, deadline=None)
def test_usage_is_additive(index: int, ages: list[int]) -> None:
    """Usage over parts of a window adds up to usage over the window, wherever it is cut."""
    cuts = sorted(map(ago, ages))

    parts = [WORLD.usage(index, low, high) for low, high in pairwise(cuts)]
    whole = WORLD.usage(index, cuts[0], cuts[-1])

    assert tuple(map(sum, zip(*parts, strict=True))) == tuple(whole)
    assert all(part.up >= 0 and part.down >= 0 for part in parts)


@given(SIMS, AGES)
@settings(max_examples=150, deadline=None)
def test_usage_fits_the_sessions(index: int, age: int) -> None:
    """Whole sessions add up to the usage; one across the bound counts by its share of time."""
    since = ago(age)
    sessions = WORLD.sessions(index, since, START)
    inside = [session for session in sessions if session.start >= since]
    crossing = [session for session in sessions if session.start < since]

    usage = WORLD.data(index, since, START)
    rest = usage.total - sum(session.up + session.down for session in inside)

    assert len(crossing) <= 1
    assert rest == 0 if not crossing else 0 <= rest <= crossing[0].up + crossing[0].down
    if crossing:
        length = (crossing[0].end or START) - crossing[0].start
        share = ((crossing[0].end or START) - since) / length
        assert rest == pytest.approx((crossing[0].up + crossing[0].down) * share, abs=8)


@given(SIMS, AGES)
@settings(max_examples=100, deadline=None)
def test_networks_and_messages_fit_too(index: int, age: int) -> None:
    """Usage by network adds up to usage; counted messages are those listed; events tell of every session."""
    since = ago(age % (60 * 86_400))
    usage = WORLD.usage(index, since, START)
    split = WORLD.data_by_operator(index, since, START)
    texts = [command for command in WORLD.commands(index, since, START) if command.transport == "sms"]
    events = WORLD.events(index, since, START)

    assert sum(part.total for part in split.values()) == usage.total
    assert usage.sms_to + usage.sms_from == len(texts)
    begun = [session for session in WORLD.sessions(index, since, START) if session.start >= since]
    assert sum(1 for event in events if event.kind == "connection") == len(begun)
    assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)


@given(SIMS)
@settings(max_examples=100, deadline=None)
def test_sessions_are_apart_and_found_again(index: int) -> None:
    """Sessions never overlap, only the newest may be open, and each is found by its number."""
    sessions = WORLD.sessions(index, ago(40 * 86_400), START)

    for newer, older in pairwise(sessions):
        assert older.end is not None
        assert older.end <= newer.start
    for session in sessions[:5]:
        assert WORLD.session(index, session.number) == session
    assert not sessions or WORLD.latest_session(index) == sessions[0]


@given(SIMS)
@settings(max_examples=100, deadline=None)
def test_identities_are_valid_and_lead_back(index: int) -> None:
    """ICCID and IMEI end in their Luhn digit, an EID is 1 modulo 97, and each number finds its SIM."""
    for world in (WORLD, World(1300, 11, Clock(), "cisco-control-center")):
        sim = world.sim(index)

        assert luhn_digit(sim.iccid[:-1]) == sim.iccid[-1]
        assert luhn_digit(sim.imei[:-1]) == sim.imei[-1]
        assert len(sim.imei) == len(sim.imsi) == 15
        assert int(sim.eid) % 97 == 1
        assert world.find_iccid(sim.iccid) == index
        if sim.device_id is not None:
            assert world.find_device(sim.device_id) == index
        if sim.activated_at is not None:
            assert sim.created_at - timedelta(hours=1) <= sim.activated_at <= START


@given(st.integers(0, 2**40 - 1), st.integers(0, 2**40 - 1))
@settings(max_examples=100, deadline=None)
def test_handles_can_be_read_back(first: int, second: int) -> None:
    """An id gives its two numbers back, and only to the place that made it."""
    handle = Handles("HS", 1, "here").encode(first, second)

    assert Handles("HS", 1, "here").decode(handle) == (first, second)
    assert Handles("HS", 2, "here").decode(handle) is None
    assert Handles("HF", 1, "here").decode(handle) is None
    assert Handles("HS", 1, "here").decode(handle.upper()) is None


def test_there_is_some_of_everything() -> None:
    """A small world has every life, SIMs never connected, nameless, without device, with an open session."""
    world = World(40, 1, Clock(), "kore-wireless")
    sims = [world.sim(index) for index in range(40)]
    latest = [world.latest_session(index) for index in range(40)]

    assert {sim.life for sim in sims} == {"inventory", "ready", "active", "suspended", "deactivated", "terminated"}
    assert any(sim.name is None for sim in sims)
    assert any(sim.device_id is None for sim in sims)
    assert None in latest
    assert any(session is not None and session.end is None for session in latest)
    assert {len(operator.mnc) for operator in OPERATORS} == {2, 3}


def test_every_kind_of_event_occurs() -> None:
    """Travelling SIMs change networks, and only then is a previous network named."""
    world = World(60, 1, Clock(), "wayscloud")
    events = [event for index in range(60) for event in world.events(index, START - timedelta(days=90), START)]

    assert {event.kind for event in events} == {
        "connection", "disconnection", "network_change", "location_update", "data_usage",
    }  # fmt: skip
    for event in events:
        assert (event.previous is not None) == (event.kind == "network_change")
        assert event.previous != event.operator


def test_cisco_has_both_lengths_of_iccid() -> None:
    """19 and 20 digits both occur at Cisco, 19 elsewhere."""
    cisco, other = World(30, 1, Clock(), "cisco-control-center"), World(30, 1, Clock(), "wayscloud")

    assert {len(cisco.sim(index).iccid) for index in range(30)} == {19, 20}
    assert {len(other.sim(index).iccid) for index in range(30)} == {19}


def test_totals_are_the_sum_over_all_sims() -> None:
    """The totals by group and network are those of the SIMs, before and after a SIM was blocked."""
    world = World(700, 2, Clock(), "twilio-supersim")
    since = START - timedelta(days=20)

    for blocked in (None, 3, 650):
        if blocked is not None:
            world.block(blocked, START - timedelta(days=10))
        whole = sum(usage.total for usage in world.totals(since, START).values())
        texts = world.message_totals(since, START)

        assert whole == sum(world.data(index, since, START).total for index in range(700))
        each = [world.usage(index, since, START) for index in range(700)]
        assert (texts.sms_to, texts.sms_from) == (sum(u.sms_to for u in each), sum(u.sms_from for u in each))


def test_blocking_ends_the_session_and_unblocking_begins_another() -> None:
    """A blocked SIM's open session ends then; usage stays consistent with what is left."""
    clock = Clock()
    world = World(60, 2, clock, "twilio-supersim")
    latest = {index: world.latest_session(index) for index in range(60)}
    index = next(index for index, session in latest.items() if session and session.end is None)

    world.block(index, clock())
    ended = world.latest_session(index)
    clock.tick(days=9)
    idle = world.data(index, START, clock())
    world.unblock(index, clock())
    clock.tick(days=9)
    sessions = world.sessions(index, START, clock())

    assert ended is not None
    assert ended.end == START
    assert idle.total == 0
    assert (
        sum(each.up + each.down for each in sessions if each.start > START) == world.data(index, START, clock()).total
    )
    assert all(each.start >= START + timedelta(days=9) for each in sessions if each.start >= START)


def test_the_same_seed_is_the_same_world() -> None:
    """Seed, provider and clock decide everything."""
    one, two = World(90, 4, Clock(), "wayscloud"), World(90, 4, Clock(), "wayscloud")
    other = World(90, 5, Clock(), "wayscloud")
    week = START - timedelta(days=7)

    assert [one.sim(i) for i in range(90)] == [two.sim(i) for i in range(90)]
    assert [one.sessions(i, week, START) for i in range(90)] == [two.sessions(i, week, START) for i in range(90)]
    assert not {one.sim(i).iccid for i in range(90)} & {other.sim(i).iccid for i in range(90)}


def test_the_past_does_not_change_as_time_goes_by() -> None:
    """A closed session stays as it was, and an open one only grows."""
    clock = Clock()
    world = World(90, 4, clock, "wayscloud")
    before = {index: world.sessions(index, START - timedelta(days=5), START) for index in range(90)}
    clock.tick(hours=2)

    for index, sessions in before.items():
        later = {session.number: session for session in world.sessions(index, START - timedelta(days=5), clock())}
        for session in sessions:
            now = later[session.number]
            assert now == session if session.end else (now.up >= session.up and now.start == session.start)


def test_all_commands_are_those_of_the_sims_newest_first() -> None:
    """The book of all commands has each SIM's commands once, by time, and opens at any place."""
    world = World(700, 2, Clock(), "twilio-supersim")
    since = START - timedelta(days=12)
    book = world.all_commands(since, START)
    everything = [command for _, command in book.read(0)]

    each = {(c.index, c.number) for index in range(700) for c in world.commands(index, since, START)}
    tail = [command for _, command in book.read(len(book) - 7)]

    assert {(command.index, command.number) for command in everything} == each
    assert len(everything) == len(each)
    assert [c.at for c in everything] == sorted((c.at for c in everything), reverse=True)
    assert tail == everything[-len(tail) :]


@pytest.mark.parametrize("sims", [250, 1000, 200_000])
def test_every_provider_gets_its_share(sims: int) -> None:
    """The shares add up, and 250 SIMs leave nobody with fewer than twenty."""
    shares = share_out(sims)

    assert sum(shares.values()) == sims
    assert shares.keys() == SHARES.keys()
    assert min(shares.values()) >= 20


async def test_a_thousand_sims_a_page_are_quick() -> None:
    """Of 200,000 SIMs, a page of 1,000 or of their usage over 31 days takes well under a second of work."""
    sims = share_out(200_000)["twilio-supersim"]
    simulator = twilio_simulator(SimulationOptions(sims=sims, seed=1, now=Clock()))
    spent = {}
    async with twilio_http(simulator) as client:
        for path in ("Sims?", "UsageRecords?Group=sim&StartTime=2026-10-21T00:00:00Z&EndTime=2026-11-20T11:00:00Z&"):
            began = time.process_time()
            answer = (await client.get(f"/v1/{path}PageSize=1000")).json()
            spent[answer["meta"]["key"]] = time.process_time() - began
            assert len(answer[answer["meta"]["key"]]) == 1000

    assert max(spent.values()) < 1.5


def test_two_hundred_thousand_sims_cost_little() -> None:
    """All worlds start at once, a page of a thousand SIMs' usage is quick, and memory stays far below a gigabyte."""
    began = time.process_time()
    worlds = [World(count, 1, lambda: datetime.now(UTC), name) for name, count in share_out(200_000).items()]
    now = datetime.now(UTC)
    month = now - timedelta(days=31)
    usage = [world.data(index, month, now) for world in worlds for index in range(1000)]
    totals = [world.totals(month, now) for world in worlds]
    commands = [len(list(islice(world.all_commands(month, now).read(10_000), 1000))) for world in worlds]
    spent = time.process_time() - began

    assert any(each.total for each in usage)
    assert all(totals)
    assert commands == [1000] * 6
    assert spent < 15
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1024 * 1024
