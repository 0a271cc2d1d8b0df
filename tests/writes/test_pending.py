"""What takes its time is PENDING until it is done; and what a wanted status is called over there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.cache.options import CacheOptions
from tests.waiting import until, until_true
from tests.world import FORGETFUL, World
from tests.writes.site import SUPERSIM, Payload, Site, a_site

WIRELESS, CISCO = "twilio-wireless", "cisco-control-center"
SLOW, QUICK = "600", "1"
"""Seconds that a change takes over there: longer than any test, or soon over."""
DELAY = {CISCO: "edit_seconds"}
"""What the switch for that is called where it is not `settle`."""

UPDATE = """mutation($input: UpdateSimInput!) { updateSim(input: $input) {
  outcome problems { code message path } plan { operation consequence }
  sim { id status nativeStatus name fleet { id } } } }"""
STATUS = "query($id: ID!) { sim(by: {id: $id}) { status nativeStatus } }"


@asynccontextmanager
async def a_gateway(
    name: str, seconds: str = SLOW, cache: CacheOptions = FORGETFUL, **switches: str
) -> AsyncIterator[tuple[Site, World]]:
    """`seconds` is how long the provider takes for a change."""
    given = {DELAY.get(name, "settle"): seconds, **switches}
    async with a_site([name], switches=given) as site, site.gateway(cache=cache) as world:
        yield site, world


async def a_sim(site: Site, world: World, status: str = "ACTIVE") -> str:
    """One of this status. What its type forbids a provider may refuse, as no test here depends on it."""
    query = f"{{ sims(first: 50, filter: {{status: [{status}]}}) {{ nodes {{ id }} }} }}"
    [first, *_] = (await world.data(query))["sims"]["nodes"]
    site.host.clear()
    return str(first["id"])


async def update(world: World, sim: str, **given: object) -> Payload:
    told: Payload = (await world.data(UPDATE, {"input": {"id": sim, **given}}))["updateSim"]
    return told


async def status_of(world: World, sim: str) -> str:
    return str((await world.data(STATUS, {"id": sim}))["sim"]["status"])


# --- the end of it -------------------------------------------------------------------------------------------

RUNNING = {
    SUPERSIM: {"scheduled"},
    "kore-supersim": {"scheduled"},
    WIRELESS: {"updating", "scheduled"},
    "kore-wireless": {"updating", "scheduled"},
}
"""What is said there of a SIM whose change is running."""


@pytest.mark.parametrize("name", RUNNING)
async def test_under_way(name: str):
    """A change that has only begun is PENDING, its SIM is shown as it is, and later reads show the same."""
    async with a_gateway(name) as (site, world):
        sim = await a_sim(site, world)

        payload = await update(world, sim, status="SUSPENDED")

        assert (payload["outcome"], payload["problems"]) == ("PENDING", [])
        assert payload["sim"]["status"] == "PENDING"
        assert payload["sim"]["nativeStatus"] in RUNNING[name]
        assert await status_of(world, sim) == "PENDING"
        assert len(site.writes(name)) == 1


@pytest.mark.parametrize("word", ["updating", "scheduled"])
async def test_both_words_of_wireless(word: str):
    """Programmable Wireless answers 200 with either word while a change is running: both are PENDING."""
    async with a_gateway(WIRELESS, changing_word=word) as (site, world):
        payload = await update(world, await a_sim(site, world), status="SUSPENDED")

        assert payload["outcome"] == "PENDING"
        assert payload["sim"]["nativeStatus"] == word
        assert [each.status for each in site.writes(WIRELESS)] == [200]


@pytest.mark.parametrize("name", [SUPERSIM, WIRELESS, CISCO])
async def test_awaiting_the_end(name: str):
    """Who waits for the end is told APPLIED and shown the new status; it was sent once."""
    async with a_gateway(name, QUICK) as (site, world):
        sim = await a_sim(site, world)

        payload = await update(world, sim, status="SUSPENDED", awaitSettled=40)

        assert (payload["outcome"], payload["problems"]) == ("APPLIED", [])
        assert payload["sim"]["status"] == "SUSPENDED"
        assert await status_of(world, sim) == "SUSPENDED"
        assert len(site.writes(name)) == 1


@pytest.mark.parametrize("name", [SUPERSIM, WIRELESS, CISCO])
async def test_not_waiting_long_enough(name: str):
    """Who does not wait long enough is told PENDING; it was sent once."""
    async with a_gateway(name) as (site, world):
        payload = await update(world, await a_sim(site, world), status="SUSPENDED", awaitSettled=1)

        assert (payload["outcome"], payload["problems"]) == ("PENDING", [])
        assert len(site.writes(name)) == 1


@pytest.mark.parametrize("name", [SUPERSIM, WIRELESS, CISCO])
async def test_not_waiting_at_all(name: str):
    """Who does not wait is told PENDING at once, and a later read shows the end."""
    async with a_gateway(name, QUICK) as (site, world):
        sim = await a_sim(site, world)

        payload = await update(world, sim, status="SUSPENDED")

        assert payload["outcome"] == "PENDING"

        async def is_suspended() -> bool:
            return await status_of(world, sim) == "SUSPENDED"

        await until_true(is_suspended)


@pytest.mark.parametrize(("seconds", "outcome"), [(SLOW, "PENDING"), (QUICK, "APPLIED")])
async def test_another_fleet_that_takes_its_time(seconds: str, outcome: str):
    """A move to another fleet that is answered with 202 is PENDING, and its end can be waited for."""
    async with a_gateway(SUPERSIM, seconds, fleet_change="202") as (site, world):
        sim = await a_sim(site, world)
        fleets = (await world.data("{ fleets(first: 50) { nodes { id } } }"))["fleets"]["nodes"]
        now = (await world.data("query($id: ID!) { sim(by: {id: $id}) { fleet { id } } }", {"id": sim}))["sim"]["fleet"]
        other = next(each["id"] for each in fleets if each != now)

        payload = await update(world, sim, fleetId=other, awaitSettled=1 if seconds == SLOW else 40)

        assert payload["outcome"] == outcome
        assert payload["sim"]["fleet"]["id"] == (now["id"] if seconds == SLOW else other)


async def test_others_see_it_while_somebody_waits():
    """While one waits for the end, others are shown that a change is running, not what was remembered."""
    async with a_gateway(SUPERSIM, "2", CacheOptions()) as (site, world):
        sim = await a_sim(site, world)
        assert await status_of(world, sim) == "ACTIVE"
        waiting = asyncio.create_task(update(world, sim, status="SUSPENDED", awaitSettled=50))
        seen = []
        while not waiting.done():
            seen.append(await status_of(world, sim))
            await asyncio.sleep(0.05)

        assert "PENDING" in seen
        assert (await waiting)["outcome"] == "APPLIED"
        assert await status_of(world, sim) == "SUSPENDED"


# --- Cisco ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "answered"), [("0", 200), (SLOW, 202)])
async def test_cisco_is_read_back(seconds: str, answered: int):
    """Control Center answers a change with the ICCID only: the SIM is read, and shown as it is."""
    async with a_gateway(CISCO, seconds) as (site, world):
        sim = await a_sim(site, world)

        payload = await update(world, sim, status="SUSPENDED")

        assert [(each.method, each.status) for each in site.host.requests(CISCO)][:2] == [
            ("PUT", answered),
            ("GET", 200),
        ]
        expected = ("APPLIED", "SUSPENDED", "DEACTIVATED") if answered == 200 else ("PENDING", "ACTIVE", "ACTIVATED")
        assert (payload["outcome"], payload["sim"]["status"], payload["sim"]["nativeStatus"]) == expected


async def test_cisco_cannot_be_read_back():
    """Where Control Center took a change and cannot be read afterwards, that is PENDING and why, not APPLIED."""
    async with a_gateway(CISCO, "0") as (site, world):
        sim = await a_sim(site, world)
        site.host.latency[CISCO] = 0.5
        changing = asyncio.create_task(update(world, sim, status="SUSPENDED"))
        await until(lambda: len(site.writes(CISCO)) == 1)
        site.host.fault(CISCO, "status", 403)

        payload = await changing

        assert payload["outcome"] == "PENDING"
        assert [each["code"] for each in payload["problems"]] == ["DENIED"]
        assert len(site.writes(CISCO)) == 1


# --- words ---------------------------------------------------------------------------------------------------

BLOCKED = {
    SUPERSIM: "Status=inactive",
    "kore-supersim": "Status=inactive",
    WIRELESS: "Status=suspended",
    "kore-wireless": "Status=suspended",
    CISCO: '"status":"DEACTIVATED"',
}
"""What is sent for SUSPENDED."""


@pytest.mark.parametrize("name", BLOCKED)
async def test_suspended(name: str):
    """A canonical SUSPENDED is sent as the word for a stop that can be taken back, and as nothing else."""
    async with a_gateway(name) as (site, world):
        payload = await update(world, await a_sim(site, world), status="SUSPENDED")

        assert payload["outcome"] == "PENDING"
        [sent] = site.writes(name)
        assert BLOCKED[name] in sent.body.replace(" ", "")
        assert name == CISCO or "deactivated" not in sent.body


@pytest.mark.parametrize("name", RUNNING)
async def test_nothing_else_deactivates(name: str):
    """No canonical status but DEACTIVATED itself ever sends Twilio or KORE the word of which there is no way back."""
    async with a_gateway(name) as (site, world):
        asked = [("INVENTORY", "READY"), ("INVENTORY", "SUSPENDED"), ("INVENTORY", "ACTIVE"), ("ACTIVE", "READY")]
        asked += [("ACTIVE", "ACTIVE"), ("ACTIVE", "TERMINATED"), ("ACTIVE", "SUSPENDED")]
        for now, status in asked:
            await update(world, await a_sim(site, world, now), status=status)
            assert not [each for each in site.writes(name) if "deactivated" in each.body.lower()]


@pytest.mark.parametrize(
    ("name", "given", "consequence"),
    [
        (SUPERSIM, {"status": "ACTIVE"}, "charged from then on"),
        (SUPERSIM, {"status": "READY"}, "after 250 KB"),
        (WIRELESS, {"status": "ACTIVE"}, "charged from then on"),
        (WIRELESS, {"status": "SUSPENDED"}, "free for 3 months"),
        (WIRELESS, {"status": "DEACTIVATED"}, "canceled after 72 hours, for good"),
        ("kore-wireless", {"nativeStatus": "deactivated"}, "canceled after 72 hours, for good"),
        (CISCO, {"status": "ACTIVE"}, "charged from then on"),
        (CISCO, {"nativeStatus": "PURGED"}, "no way back"),
    ],
    ids=str,
)
async def test_a_dry_run_tells_what_follows(name: str, given: dict[str, Any], consequence: str):
    """A dry run names the call and what is known to follow from it, shows the SIM as it is, and sends nothing."""
    async with a_gateway(name) as (site, world):
        sim = await a_sim(site, world)

        payload = await update(world, sim, **given, dryRun=True)

        assert payload["outcome"] == "DRY_RUN"
        [call] = payload["plan"]
        assert call["operation"] == "update_sim"
        assert consequence in call["consequence"]
        assert (payload["sim"]["id"], payload["sim"]["status"]) == (sim, "ACTIVE")
        assert site.writes(name) == []


async def test_a_dry_run_without_consequences():
    """Of a new name nothing more is known to follow than it says."""
    async with a_gateway(SUPERSIM) as (site, world):
        payload = await update(world, await a_sim(site, world), name="renamed", dryRun=True)

        assert payload["plan"] == [{"operation": "update_sim", "consequence": None}]
        assert site.writes() == []


async def test_a_dry_run_refuses_what_cannot_be_said():
    """A dry run of what a provider has no word for is refused as the change itself would be."""
    async with a_gateway(SUPERSIM) as (site, world):
        payload = await update(world, await a_sim(site, world), status="TERMINATED", dryRun=True)

        assert payload["outcome"] == "REFUSED"
        assert [(each["code"], each["path"]) for each in payload["problems"]] == [("UNSUPPORTED", ["input", "status"])]
        assert payload["plan"] is None
        assert site.writes() == []
