"""WAYSCloud Global SIM: the account and its SIMs: what is asked, and what comes of it."""

from datetime import timedelta

import pytest

from gateway.page import PageRequest
from gateway.provider import OPERATIONS
from gateway.providers.wayscloud import PLATFORMS, GlobalSimSettings, _header
from gateway.providers.wayscloud.inventory import after
from gateway.providers.wayscloud.provider import GlobalSim
from gateway.providers.wayscloud.tests.conftest import MIDNIGHT, NAME, START, YEAR, desk, events, walked
from gateway.secret import Secret
from gateway.upstream.auth import Header
from gateway.where import EventWhere, SessionWhere, SimWhere, UsageWhere
from schema.errors import Denied, NotFound, RateLimited, Unavailable, Unsupported
from schema.status import SimStatus

NOBODY = "8900000000000000000"
NO_PATHS = ["activity", "billing", "../devices/x", "", "123", "8901234567890123456/activity", "٨٩٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦"]
SHORT = "1"
"""Days of a feed that is read to its end."""


# --- the account -----------------------------------------------------------------------------------------------


def test_the_platform_says_what_it_needs() -> None:
    """The documented address and 500 calls a minute; a key is shown nowhere."""
    [platform] = PLATFORMS

    assert platform.base_url == "https://api.wayscloud.services/v1/globalsim"
    assert (platform.limits.calls, platform.limits.window) == (500, 60.0)
    assert "s3cret" not in repr(GlobalSimSettings(name="a", provider=NAME, api_key=Secret("s3cret")))


def test_every_missing_operation_says_why() -> None:
    """No capability that is missing is without a note of its own."""
    missing = {name for name in OPERATIONS if not GlobalSim.supports(name)}

    assert missing
    assert missing <= set(GlobalSim.notes)


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ("wayscloud_globalsim_1_x", "X-API-Key", "wayscloud_globalsim_1_x"),
        ("wayscloud_pat_x", "Authorization", "Bearer wayscloud_pat_x"),
        ("0123456789", "Authorization", "Bearer 0123456789"),
    ],
)
async def test_a_key_goes_where_its_form_belongs(key: str, name: str, value: str) -> None:
    """Keys of the newer form in their own header, personal tokens and older keys as Bearer."""
    assert await Header(Secret(key), _header).headers() == {name: value}


@pytest.mark.parametrize("shape", ["error", "detail", "detail_list", "detail_error", "message"])
async def test_a_wrong_key_is_denied_in_our_words(shape: str) -> None:
    """Whatever the shape of the refusal; neither the key nor the provider's sentence is in it."""
    async with desk(settings={"api_key": Secret("wrong-key")}, errors=shape) as asked:
        with pytest.raises(Denied) as denied:
            await asked.provider.load_sim(asked.iccid(0))

    assert denied.value.message == "the provider does not accept the account's API key"
    assert denied.value.native_code == ("AUTH_FAILED" if "error" in shape else None)


async def test_too_many_calls_say_how_long_to_wait() -> None:
    """The provider's 429 is RATE_LIMITED with its Retry-After."""
    async with desk(rate="1") as asked:
        with pytest.raises(RateLimited) as limited:
            await asked.provider.load_sim(asked.iccid(0))

    assert (limited.value.retry_after, limited.value.native_code) == (60, "RATE_LIMIT_EXCEEDED")


# --- one SIM ---------------------------------------------------------------------------------------------------


async def test_a_sim_in_a_device_is_two_calls() -> None:
    """Its newest event names the device, the device tells the rest."""
    async with desk() as asked:
        index = asked.busiest()
        iccid, device = asked.iccid(index), asked.sims.device_id(index)

        sim = await asked.provider.load_sim(iccid)

        assert sim is not None
        assert (sim.iccid, sim.msisdn, sim.device_id) == (iccid, asked.sims.numbers(index)[1], device)
        assert (sim.status, sim.is_complete) == (SimStatus.ACTIVE, True)
        assert sim.name == sim.device_name == asked.sims.world.sim(index).device_name
        assert asked.asked() == [("sims/activity", {"iccid": iccid, "limit": "1"}), (f"devices/{device}/sim", {})]


async def test_a_sim_in_no_device_is_what_its_event_tells() -> None:
    """One call; where it is in its life is not known, and nothing is made up."""
    async with desk() as asked:
        index = next(i for i in asked.everyone if not asked.sims.device_id(i) and events(asked, i))

        sim = await asked.provider.find_sim_by_iccid(asked.iccid(index))

        assert sim is not None
        assert (sim.msisdn, sim.status, sim.native_status) == (asked.sims.numbers(index)[1], SimStatus.UNKNOWN, None)
        assert (sim.name, sim.device_id, sim.is_complete) == (None, None, True)
        assert asked.paths() == ["sims/activity"]


async def test_a_sim_that_was_never_used_is_on_the_bill() -> None:
    """No event names it: its number is on the bill. Where that does not name it either, there is no such SIM."""
    async with desk() as asked:
        unused = next(i for i in asked.everyone if asked.sims.unused(i))

        sim = await asked.provider.load_sim(asked.iccid(unused))
        nobody = await asked.provider.load_sim(NOBODY)

        assert sim is not None
        assert (sim.msisdn, sim.device_id) == (asked.sims.numbers(unused)[1], None)
        assert nobody is None
        assert asked.asked()[1] == ("sims/billing", {**YEAR, "iccid": asked.iccid(unused)})
        assert asked.paths() == ["sims/activity", "sims/billing"] * 2


@pytest.mark.parametrize("iccid", NO_PATHS)
async def test_trap_14_what_is_no_iccid_never_becomes_a_path(iccid: str) -> None:
    """`sims/activity` and `sims/billing` lie beside the SIMs: anything but an ICCID is nobody's, without a call."""
    async with desk(sims=3) as asked:
        assert await asked.provider.load_sim(iccid) is None
        assert await asked.provider.find_sim_by_iccid(iccid) is None
        with pytest.raises(NotFound):
            await asked.provider.list_sessions(SessionWhere(iccid), PageRequest(5))
        with pytest.raises(NotFound):
            await asked.provider.list_events(EventWhere(sim_id=iccid), PageRequest(5))
        with pytest.raises(NotFound):
            await asked.provider.list_usage(UsageWhere(MIDNIGHT, START, sim_id=iccid), PageRequest(5))

        assert asked.arrived() == []


async def test_a_sim_is_found_by_its_device() -> None:
    """One call; an unknown device, or one that would be another path, is none's."""
    async with desk() as asked:
        index = asked.busiest()

        sim = await asked.provider.find_sim_by_device(asked.sims.device_id(index) or "")
        others = [await asked.provider.find_sim_by_device(each) for each in ("x", "..", ".", "", "../sims/billing?x#y")]

        assert sim is not None
        assert sim.iccid == asked.iccid(index)
        assert others == [None] * 5
        assert asked.arrived()[0].status == 200
        assert [request.status for request in asked.arrived()[1:]] == [404, 404]


# --- all SIMs --------------------------------------------------------------------------------------------------


async def test_the_list_is_what_the_bill_and_the_feed_name() -> None:
    """Their union in the order of ICCIDs, each once; the count is told when the feed was read to its end."""
    async with desk(feed_days=SHORT, unbilled="on") as asked:
        page = await asked.provider.list_sims(SimWhere(), PageRequest(500))

        billed = {
            asked.iccid(i) for i in asked.everyone if asked.sims.subscribed(i, START - timedelta(days=365), START)
        }
        seen = {asked.iccid(i) for i in asked.everyone if asked.sims.events(i, MIDNIGHT - timedelta(days=1), START)}
        assert billed - seen
        assert seen - billed
        assert [sim.iccid for sim in page.items] == sorted(billed | seen)
        assert (page.total, page.next, page.is_partial) == (len(page.items), None, False)
        linked = {asked.iccid(i): asked.sims.device_id(i) for i in asked.everyone}
        assert all(sim.device_id == (linked[sim.native_id] if sim.iccid in seen else None) for sim in page.items)
        assert all(sim.msisdn and sim.status is SimStatus.UNKNOWN for sim in page.items)
        assert all(sim.is_complete == (sim.device_id is None) for sim in page.items)
        assert ("sims/billing", YEAR) in asked.asked()
        assert {query["start_date"] for path, query in asked.asked() if path == "sims/activity"} == {"2026-10-21"}


async def test_a_long_feed_is_read_five_pages_far() -> None:
    """Six calls at most, whatever the account does; then the list does not claim to be everything."""
    async with desk(sims=300) as asked:
        page = await asked.provider.list_sims(SimWhere(), PageRequest(100))

        assert (len(page.items), page.total, page.is_partial) == (100, None, True)
        assert not any(sim.is_complete for sim in page.items)
        queries = [query for path, query in asked.asked() if path == "sims/activity"]
        assert [(query["limit"], query["offset"]) for query in queries] == [("100", str(n * 100)) for n in range(5)]
        assert asked.paths().count("sims/billing") == 1
        assert len(asked.arrived()) == 6


@pytest.mark.parametrize("sims", [12, 35, 300])
async def test_every_sim_with_a_subscription_in_the_year_is_listed(sims: int) -> None:
    """However short the feed falls: also those that never were in use, and those that are no more."""
    async with desk(sims=sims) as asked:
        page = await asked.provider.list_sims(SimWhere(), PageRequest(500))

        assert [sim.native_id for sim in page.items] == sorted(asked.iccid(i) for i in asked.everyone)
        assert (page.next, page.broken) == (None, None)


async def test_what_a_partial_list_lacks_can_be_loaded() -> None:
    """A SIM without a subscription, whose events are not among the newest: absence from the list proves nothing."""
    async with desk(sims=300, unbilled="on") as asked:
        whole = await asked.provider.list_sims(SimWhere(), PageRequest(500))

        assert (whole.next, whole.total, whole.broken, whole.is_partial) == (None, None, None, True)
        listed = {sim.iccid for sim in whole.items}
        missing = next(asked.iccid(i) for i in asked.everyone if asked.iccid(i) not in listed and events(asked, i))
        assert await asked.provider.load_sim(missing) is not None


async def test_a_sim_that_is_no_more_can_still_be_loaded() -> None:
    """Its last event may be long ago and the month's bill without it: the year's names it, whichever end is meant."""
    async with desk(sims=300, settings={"end_date_inclusive": False}, end_date="exclusive") as asked:
        month = MIDNIGHT.replace(day=1)
        ended = [i for i in asked.everyone if not asked.sims.subscribed(i, month, START) and not events(asked, i)]

        sim = await asked.provider.load_sim(asked.iccid(ended[0]))

        assert sim is not None
        assert sim.iccid == asked.iccid(ended[0])
        assert asked.asked()[-1] == ("sims/billing", {**YEAR, "end_date": "2026-11-21", "iccid": sim.iccid})


async def test_a_walk_meets_every_sim_once() -> None:
    """In small pages as in one large one."""
    async with desk(feed_days=SHORT) as asked:
        whole = await asked.provider.list_sims(SimWhere(), PageRequest(500))
        rows = await walked(asked.provider.list_sims, SimWhere(), 7)

        assert [sim.iccid for sim in rows] == [sim.iccid for sim in whole.items]


def test_a_sim_that_goes_between_two_pages_moves_no_other() -> None:
    """A page goes on behind the last ICCID, not at a number of rows."""
    first, token = after(["1", "2", "3", "4"], None, 2)

    assert (first, token) == (["1", "2"], "2")
    assert after(["1", "3", "4"], token, 2) == (["3", "4"], None)
    assert after(["0", "1", "2", "3", "4", "5"], token, 2) == (["3", "4"], "4")


async def test_a_condition_on_status_takes_a_call_for_each_known_device() -> None:
    """At most 20 rows, each with the status its device tells; a SIM in none costs nothing and stays UNKNOWN."""
    async with desk(sims=200, status_words="more", feed_days=SHORT) as asked:
        page = await asked.provider.list_sims(SimWhere(status=frozenset({SimStatus.ACTIVE})), PageRequest(500))

        assert len(page.items) == 20
        assert page.next == page.items[-1].iccid
        assert all(sim.is_complete for sim in page.items if sim.device_id)
        assert not any(sim.native_status or sim.name for sim in page.items if not sim.device_id)
        index = {asked.iccid(i): i for i in asked.everyone}
        for sim in (sim for sim in page.items if sim.device_id):
            assert sim.native_status == asked.sims.status(index[sim.native_id], more=True)
        words = {sim.native_status: sim.status for sim in page.items}
        assert words.pop("active") is SimStatus.ACTIVE
        assert {None, "inactive"} <= set(words) <= {None, "suspended", "inactive"}
        assert set(words.values()) == {SimStatus.UNKNOWN}
        devices = [path for path in asked.paths() if path.startswith("devices/")]
        assert len(devices) == sum(sim.device_id is not None for sim in page.items)


async def test_a_condition_on_name_finds_the_name_of_the_device() -> None:
    """On whichever page the SIM is: 20 at a time, each page a gathering and at most a call for each of its SIMs."""
    async with desk(sims=40) as asked:
        index = asked.busiest()
        where = SimWhere(name=asked.sims.world.sim(index).device_name)

        first = await asked.provider.list_sims(where, PageRequest(500))
        calls = len(asked.arrived())
        rows = await walked(asked.provider.list_sims, where, 500)

        assert (len(first.items), len(rows), first.total) == (20, 40, None)
        assert calls <= 6 + 20
        assert [sim.iccid for sim in rows if where.matches(sim)] == [asked.iccid(index)]


async def test_a_condition_does_not_look_for_devices() -> None:
    """A SIM whose device the feed was too long to name stays UNKNOWN and nameless; by itself it can be loaded."""
    async with desk(sims=300, settings={"calls": 10_000}) as asked:
        rows = await walked(asked.provider.list_sims, SimWhere(status=frozenset({SimStatus.UNKNOWN})), 500)

        unseen = [sim for sim in rows if sim.device_id is None]
        assert {(sim.status, sim.name, sim.is_complete) for sim in unseen} == {(SimStatus.UNKNOWN, None, False)}
        devices = [path for path in asked.paths() if path.startswith("devices/")]
        assert len(devices) == len(rows) - len(unseen)
        assert set(asked.paths()) == {"sims/billing", "sims/activity", *devices}
        assert not any("iccid" in query for _, query in asked.asked())

        linked = {asked.iccid(i) for i in asked.everyone if asked.sims.device_id(i) and events(asked, i)}
        hidden = next(sim.native_id for sim in unseen if sim.native_id in linked)
        told = await asked.provider.load_sim(hidden)
        assert told is not None
        assert (told.status, told.name is None) == (SimStatus.ACTIVE, False)


async def test_a_filter_that_cannot_be_applied_fails_the_page() -> None:
    """One failing device is not a SIM of unknown status: the page fails, and its other calls end."""
    async with desk(feed_days=SHORT) as asked:
        asked.host.fault(NAME, "status", "503", path="/v1/globalsim/devices/")

        with pytest.raises(Unavailable):
            await asked.provider.list_sims(SimWhere(name="x"), PageRequest(50))


@pytest.mark.parametrize("where", [SimWhere(fleet_id="f"), SimWhere(rate_plan_id="p")])
async def test_what_cannot_be_said_of_sims_is_not_asked(where: SimWhere) -> None:
    """There are no fleets and no rate plans."""
    async with desk(sims=3) as asked:
        with pytest.raises(Unsupported):
            await asked.provider.list_sims(where, PageRequest(5))

        assert asked.arrived() == []


async def test_a_status_that_no_word_means_is_met_nowhere() -> None:
    """No SIM here can be known to be suspended: an empty page without a call."""
    async with desk(sims=3) as asked:
        page = await asked.provider.list_sims(SimWhere(status=frozenset({SimStatus.SUSPENDED})), PageRequest(5))

        assert (page.items, page.total, asked.arrived()) == ([], 0, [])
